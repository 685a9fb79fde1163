package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"time"

	"rightnow/internal/loadgen/target"

	"github.com/spf13/cobra"
)

func benchServerCommand(env []string) *cobra.Command {
	var host string
	var port int
	var untilEOF bool
	cmd := &cobra.Command{
		Use:   "server [flags]",
		Short: "The server that the others measure",
		Long: "The library with its defaults, and the events that the other modes ask for. Any server\n" +
			"that has them can be measured too:\n\n" +
			"  bench:broadcast COUNT, BYTES  emits COUNT \"message\" events with a text of BYTES to all\n" +
			"  echo ARGS…                    acknowledges with the same arguments\n" +
			"  join ROOM                     joins the room\n" +
			"  say ROOM, TEXT                emits \"message\" with the text to the room, sender included\n\n" +
			"SIGUSR2 has it collect garbage and give memory back. It prints its address and serves\n" +
			"until Ctrl-C.",
		Example: "  rightnow bench server --port 3000 &\n" +
			"  rightnow bench broadcast http://localhost:3000 --pid $!",
		Args:                  noArgs,
		DisableFlagsInUseLine: true,
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().StringVar(&host, "host", "127.0.0.1", "Address to listen on.")
	cmd.Flags().IntVar(&port, "port", -1, "Port to listen on; 0 is any free one. Default: the variable PORT, else 0.")
	cmd.Flags().Lookup("port").DefValue = "0" // what is printed
	cmd.Flags().BoolVar(&untilEOF, "stdin", false, "Serve until standard input ends, and leave Ctrl-C to whoever holds its other end.")
	cmd.Flags().BoolP("help", "h", false, "Print this help.")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if port < 0 {
			var err error
			if port, err = envPort(env); err != nil {
				return usageError{err}
			}
		}
		ctx, release := benchServerLife(cmd, untilEOF)
		defer release()
		return serveBench(ctx, net.JoinHostPort(host, strconv.Itoa(port)), cmd.OutOrStdout())
	}
	return cmd
}

// envPort is the port that the environment names, 0 when it names none.
func envPort(env []string) (int, error) {
	for _, entry := range env {
		text, found := strings.CutPrefix(entry, "PORT=")
		if !found || text == "" {
			continue
		}
		port, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			return 0, fmt.Errorf("PORT: %q is no port", text)
		}
		return int(port), nil
	}
	return 0, nil
}

// benchServerLife is a context that ends when the server is to.
func benchServerLife(cmd *cobra.Command, untilEOF bool) (_ context.Context, release func()) {
	if !untilEOF {
		return untilSignal(cmd.Context(), cmd.ErrOrStderr())
	}
	signal.Ignore(os.Interrupt)
	ctx, cancel := context.WithCancel(cmd.Context())
	go func() { // ends with standard input, or with the process
		_, _ = io.Copy(io.Discard, cmd.InOrStdin())
		cancel()
	}()
	return ctx, cancel
}

const benchServerLine = "Listening on http://"

func serveBench(ctx context.Context, address string, stdout io.Writer) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	target.Collect(ctx)
	fmt.Fprintf(stdout, "%s%s\n", benchServerLine, listener.Addr())
	return target.Serve(ctx, listener)
}

// benchServer is `rightnow bench server` as a child process. It ends with this one
// in every case: the kernel closes the pipe that its standard input is.
type benchServer struct {
	cmd   *exec.Cmd
	stdin io.Closer
	url   string
}

// startTime is how long a server may take to say that it listens.
const startTime = 10 * time.Second

// startBenchServer starts one and waits until it listens.
func startBenchServer(ctx context.Context, stderr io.Writer) (*benchServer, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start a server to measure: %w", err)
	}
	cmd := exec.Command(self, "bench", "server", "--port", "0", "--stdin")
	cmd.Args[0] = os.Args[0] // as this process was called
	cmd.Stderr = stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start a server to measure: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("start a server to measure: %w", err)
	}
	s := &benchServer{cmd: cmd, stdin: stdin}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	stopWatch := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() }) // so that the reading ends
	line, err := bufio.NewReader(stdout).ReadString('\n')
	stopWatch()
	address, found := strings.CutPrefix(strings.TrimSpace(line), benchServerLine)
	if err != nil || !found {
		s.stop()
		return nil, errors.New("start a server to measure: it did not say where it listens")
	}
	s.url = "http://" + address
	return s, nil
}

func (s *benchServer) pid() int { return s.cmd.Process.Pid }

// stop ends the process. Its clients are gone already, so there is nothing to wait for.
func (s *benchServer) stop() {
	_ = s.stdin.Close()
	timer := time.AfterFunc(time.Second, func() { _ = s.cmd.Process.Kill() })
	defer timer.Stop()
	_ = s.cmd.Wait() // how it ended tells nothing about what was measured
}
