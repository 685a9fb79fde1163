// Command bench measures Right Now beside other servers and writes
// docs/performance.md:
//
//	bench [--only NAMES] [--servers NAMES] [--reps N] [--quick] [--out FOLDER]
//	bench --report [--out FOLDER]
//
// `make bench` starts it in the root of the repository. A run of less than
// everything writes to bin/bench/report, so that docs/performance.md always
// shows one whole run. README.md in this folder tells the rest.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"rightnow/bench/machine"
	"rightnow/bench/measure"
	"rightnow/bench/report"
	"rightnow/bench/results"
)

// options are the command line's.
type options struct {
	only, servers string
	reps          int
	quick         bool
	noPin         bool
	serverCPU     string
	loadCPU       string
	limit         time.Duration
	out           string
	reportOnly    bool
}

func main() {
	runtime.LockOSThread() // what it starts ends with this thread, which is the process's
	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	o, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		os.Exit(2) // flag has told
	}
	if err := bench(stop, o, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parse(args []string) (o options, err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&o.only, "only", "", "measure only these, with commas: broadcast, or broadcast-small, …")
	flags.StringVar(&o.servers, "servers", "", "measure only these servers, with commas")
	flags.IntVar(&o.reps, "reps", 0, "repetitions of everything, at most (0: three, and five of pairs)")
	flags.BoolVar(&o.quick, "quick", false, "few connections, once: shows that all works, the numbers mean nothing")
	flags.BoolVar(&o.noPin, "no-pin", false, "do not hold server and load to a CPU each")
	flags.StringVar(&o.serverCPU, "server-cpu", "0", "CPU of the server, as taskset takes it")
	flags.StringVar(&o.loadCPU, "load-cpu", "1", "CPU of the load")
	flags.DurationVar(&o.limit, "limit", 4*time.Minute, "give up on a single run after this long")
	flags.StringVar(&o.out, "out", "", "folder for performance.md and its charts (default docs, or bin/bench/report for less than everything)")
	flags.BoolVar(&o.reportOnly, "report", false, "measure nothing: write the report of what was measured last")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		err = fmt.Errorf("unknown argument %q", flags.Arg(0))
	case o.reps < 0:
		err = fmt.Errorf("--reps: %d is less than nothing", o.reps)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
	return o, err
}

// whole tells whether everything is measured as often as it should.
func (o options) whole() bool {
	return o.only == "" && o.servers == "" && o.reps == 0 && !o.quick
}

// places are where the results and the report go.
func (o options) places() (raw, folder string) {
	raw, folder = "bench/results.jsonl", "docs"
	if !o.whole() {
		raw, folder = "bin/bench/results.jsonl", "bin/bench/report"
	}
	if o.out != "" {
		folder = o.out
	}
	return raw, folder
}

func bench(ctx context.Context, o options, log io.Writer) error {
	if _, err := os.Stat("bench/peers"); err != nil {
		return errors.New("start it in the root of the repository: make bench")
	}
	raw, folder := o.places()
	if !o.reportOnly {
		if err := measureAll(ctx, o, raw, log); err != nil {
			return err
		}
	}
	return write(raw, folder, log)
}

func measureAll(ctx context.Context, o options, raw string, log io.Writer) error {
	openFiles, err := machine.RaiseOpenFiles()
	if err != nil {
		return err
	}
	size := measure.Full()
	if o.quick {
		size = measure.Quick()
	}
	plan := measure.Make(size, openFiles)
	if err := plan.Select(names(o.only), names(o.servers)); err != nil {
		return err
	}
	if o.reps > 0 {
		plan.SetReps(o.reps)
	}
	if err := os.MkdirAll(filepath.Dir(raw), 0o755); err != nil {
		return err
	}
	out, err := os.Create(raw)
	if err != nil {
		return err
	}
	defer out.Close()
	runner := measure.Runner{Root: ".", Build: measure.BuildLoad(), Load: measure.LoadProgram(), Out: out, Log: log,
		Patience: 20 * time.Second, Settle: 300 * time.Millisecond, Limit: o.limit}
	if !o.noPin && machine.CanPin() {
		runner.Pin = &results.Pin{Server: o.serverCPU, Load: o.loadCPU}
	}
	about := results.Run{Started: time.Now().UTC().Truncate(time.Second), Machine: machine.Facts(openFiles)}
	err = runner.Run(ctx, plan, about)
	return errors.Join(err, out.Close())
}

// write writes the report of the results.
func write(raw, folder string, log io.Writer) error {
	in, err := os.Open(raw)
	if err != nil {
		return err
	}
	defer in.Close()
	set, err := results.Read(in)
	if err != nil {
		return fmt.Errorf("%s: %w", raw, err)
	}
	if err := report.Write(set, folder, measure.LeftOut()); err != nil {
		return err
	}
	fmt.Fprint(log, report.Targets(set))
	fmt.Fprintf(log, "\n%s. Failed runs: %d. The report is %s/performance.md; %s has every line.\n",
		report.Summary(set), len(set.Failures()), folder, raw)
	return nil
}

// names are those between commas.
func names(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}
