package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"rightnow/feed"
	"rightnow/internal/app"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// feedFlags are the flags of the command besides settings.
type feedFlags struct {
	settings  *settingFlags
	sources   string
	langs     []string
	json      bool
	count     int
	rate      float64
	sensitive bool
	noColor   bool
	verbose   bool
}

func feedCommand(env []string) *cobra.Command {
	f := &feedFlags{}
	cmd := &cobra.Command{
		Use:   "feed [WORDS…]",
		Short: "Print live posts to the terminal",
		Long: "Print live posts that have one of the words, as they come, until Ctrl-C. A word may also be\n" +
			"a \"quoted phrase\" or a #tag, and after -- also -word, which must not be there; without any it\n" +
			"is what the setting feed-words has. How the sources do is told on standard error.\n\n" +
			"Keys of sources stand in files, or in the environment: RIGHTNOW_MASTODON_TOKEN, RIGHTNOW_X_TOKEN.",
		Example: "  rightnow feed coffee '#golang'                  # invented posts: needs no network\n" +
			"  rightnow feed --source bluesky --lang en,de rain\n" +
			"  rightnow feed -- coffee -decaf '\"night train\"'\n" +
			"  rightnow feed --json --count 10 javascript | jq -r .text",
		RunE: func(cmd *cobra.Command, words []string) error { return f.run(cmd, words) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.sources, "source", "", "Where posts come from, as the setting feed: replay, bluesky, wikimedia, mastodon, rss, x.")
	flags.StringSliceVar(&f.langs, "lang", nil, "Languages, such as en or de; none is all.")
	flags.BoolVar(&f.json, "json", false, "Print one JSON object a line.")
	flags.IntVarP(&f.count, "count", "n", 0, "End after so many posts; 0 never does.")
	flags.Float64Var(&f.rate, "rate", 5, "Posts a second at most; of more, the newest are printed.")
	flags.BoolVar(&f.sensitive, "sensitive", false, "Also print what is marked as not for everybody; else its place is.")
	flags.BoolVar(&f.noColor, "no-color", false, "No colours on a terminal; so does the variable NO_COLOR.")
	flags.BoolVar(&f.verbose, "verbose", false, "Tell on standard error what sources do in detail.")
	f.settings = addSourceSettings(cmd, env)
	flags.BoolP("help", "h", false, "Print this help.")
	return cmd
}

// addSourceSettings gives cmd those settings that say how sources are reached.
func addSourceSettings(cmd *cobra.Command, env []string) *settingFlags {
	f := &settingFlags{env: env, given: map[string]string{}}
	for _, s := range app.SourceSettings(app.Default()) {
		addSetting(cmd, s, f.given)
	}
	cmd.Flags().Var(fileFlag{f.given}, app.ConfigName, "File with settings, in TOML.")
	_ = cmd.MarkFlagFilename(app.ConfigName, "toml") // fails only for a flag that is not there
	return f
}

// run prints until it is enough.
func (f *feedFlags) run(cmd *cobra.Command, words []string) error {
	cfg, err := f.load(cmd)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		words = cfg.FeedWords
	}
	log := slog.New(slog.DiscardHandler)
	if f.verbose {
		log = slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	sources, err := app.FeedSources(cfg, log)
	if err != nil {
		return err
	}
	ctx, release := untilSignal(cmd.Context(), cmd.ErrOrStderr())
	defer release()
	signal.Ignore(syscall.SIGPIPE) // a reader that has enough is no failure: writing says so
	return f.print(ctx, sources, words, log, cmd.OutOrStdout(), cmd.ErrOrStderr())
}

// load reads the settings: what --source says goes for the setting feed.
func (f *feedFlags) load(cmd *cobra.Command) (*app.Config, error) {
	switch {
	case f.count < 0:
		return nil, usageError{fmt.Errorf("--count: %d is less than nothing; see `%s --help`", f.count, cmd.CommandPath())}
	case !(f.rate > 0 && f.rate <= 1000):
		return nil, usageError{fmt.Errorf("--rate: from more than 0 to 1000; see `%s --help`", cmd.CommandPath())}
	}
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if flag.Name == "source" {
			f.settings.given["feed"] = f.sources
		}
	})
	loaded, err := f.settings.load()
	if wrong, ok := errors.AsType[*app.ConfigError](err); ok && wrong.Place == "--feed" {
		return nil, &app.ConfigError{Place: "--source", Err: wrong.Err}
	}
	if err != nil {
		return nil, err
	}
	for _, warning := range loaded.Warnings {
		cmd.PrintErrln("rightnow: " + warning)
	}
	if len(loaded.Config.Feed) == 0 {
		return nil, usageError{errors.New("no source is on: name one with --source, such as replay")}
	}
	return loaded.Config, nil
}

// reader is the one owner that the command's router has.
const reader = "reader"

// print runs the router until ctx ends or the printer has enough.
func (f *feedFlags) print(ctx context.Context, sources []feed.Source, words []string, log *slog.Logger, stdout, stderr io.Writer) error {
	ctx, enough := context.WithCancelCause(ctx)
	defer enough(nil)
	p := newFeedPrinter(f, sources, stdout, stderr, enough)
	router := feed.NewRouter(&feed.Options{Sources: sources, Receiver: p, Logger: log, Rate: f.rate, Burst: max(5, int(f.rate)), MaxPhrases: len(words)})
	if _, err := router.Track(reader, feed.Tracking{Words: words, Langs: f.langs, Rate: f.rate, Sensitive: true}); err != nil {
		return wordError(err)
	}
	router.Watch(reader, true)
	err := router.Run(ctx)
	p.close()
	switch cause := context.Cause(ctx); {
	case err != nil:
		return err
	case errors.Is(cause, errEnough) || errors.Is(cause, syscall.EPIPE) || errors.Is(cause, context.Canceled):
		return nil
	default:
		return cause
	}
}

// wordError makes a mistake of the command line of a word that is refused.
func wordError(err error) error {
	if refused, ok := errors.AsType[*feed.PhraseError](err); ok {
		return usageError{fmt.Errorf("%q cannot be tracked: %s", refused.Phrase, refused.Reason)}
	}
	if limit, ok := errors.AsType[*feed.LimitError](err); ok {
		return usageError{errors.New(limit.Reason())}
	}
	return err
}

// colorful tells whether w is a terminal that may get colours.
func colorful(w io.Writer, env []string) bool {
	file, ok := w.(*os.File)
	if !ok || slices.ContainsFunc(env, func(e string) bool {
		return strings.HasPrefix(e, "NO_COLOR=") && e != "NO_COLOR=" || e == "TERM=dumb"
	}) {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
