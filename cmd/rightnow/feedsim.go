package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"rightnow/feed/replay"
	"rightnow/internal/app"
	"rightnow/internal/feedsim"

	"github.com/spf13/cobra"
)

func feedsimCommand() *cobra.Command {
	var port int
	var file string
	var speed float64
	cmd := &cobra.Command{
		Use:   "feedsim",
		Short: "Serve local fakes of the networks that posts come from",
		Long: "Serve faithful fakes of the networks that live posts come from, on one port of this machine,\n" +
			"playing a file of invented posts: for trying and testing without a network or a key. It prints\n" +
			"the settings that lead `rightnow serve` and `rightnow feed` to it, as a shell takes them; other keys\n" +
			"than those are refused.",
		Example: "  rightnow feedsim --port 3100 > sim.env          # in one terminal\n" +
			"  . ./sim.env; rightnow feed --source bluesky coffee   # in another",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case port < 0 || port > 65535:
				return usageError{fmt.Errorf("--port: %d is no port", port)}
			case !(speed > 0 && speed <= 1000):
				return usageError{errors.New("--speed: from more than 0 to 1000")}
			}
			played, err := app.ReplayFile(file)
			if err != nil {
				return usageError{fmt.Errorf("--replay: %w", err)}
			}
			ctx, release := untilSignal(cmd.Context(), cmd.ErrOrStderr())
			defer release()
			return serveFeedsim(ctx, port, played, speed, cmd.OutOrStdout())
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().IntVar(&port, "port", 3100, "Port of 127.0.0.1 to listen on; 0 takes any free one.")
	cmd.Flags().StringVar(&file, "replay", "", "File to play; none is the one that comes with the program.")
	cmd.Flags().Float64Var(&speed, "speed", 1, "How many times as fast it is played.")
	cmd.Flags().BoolP("help", "h", false, "Print this help.")
	return cmd
}

// serveFeedsim serves until ctx ends.
func serveFeedsim(ctx context.Context, port int, file *replay.File, speed float64, stdout io.Writer) error {
	signal.Ignore(syscall.SIGPIPE) // it goes on when nobody reads its settings
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return err
	}
	stage := feedsim.NewStage(file, speed)
	server := &http.Server{Handler: stage, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }() // ends with Close
	fmt.Fprint(stdout, feedsimSettings(listener.Addr().String(), stage.Sources()))
	select {
	case <-ctx.Done():
		server.Close()
		<-served
		return nil
	case err := <-served:
		return err
	}
}

// feedsimSettings are those with which the sources find the fakes.
func feedsimSettings(address string, sources []string) string {
	base := "http://" + address
	text := "# Fakes of the networks that posts come from, on " + address + ". All people and posts are invented.\n" +
		"export " + app.EnvName("feed") + "=" + strings.Join(sources, ",") + "\n"
	for _, s := range []struct{ source, name, value string }{
		{"bluesky", "bluesky-url", base},
		{"bluesky", "bluesky-api-url", base},
		{"wikimedia", "wikimedia-url", base},
		{"wikimedia", "wikimedia-contact", "nobody@feedsim.example"},
		{"wikimedia", "wikimedia-sites", "en.wiki.example"},
		{"mastodon", "mastodon-url", base},
		{"mastodon", "mastodon-token", feedsim.MastodonToken},
		{"rss", "rss-feeds", base + feedsim.FeedPath},
		{"rss", "rss-private", "true"},
		{"x", "x-url", base},
		{"x", "x-token", feedsim.XToken},
	} {
		if slices.Contains(sources, s.source) {
			text += "export " + app.EnvName(s.name) + "=" + s.value + "\n"
		}
	}
	return text + "# That is all: rightnow serve, or rightnow feed coffee\n"
}
