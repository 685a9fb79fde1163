// Command rightnow is a chat room in the browser: `rightnow serve` starts it.
//
// It exits with 0 when it did what it was asked for, with 1 when it could not,
// and with 2 when it was asked in a wrong way.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"rightnow/internal/app"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func main() {
	os.Exit(run(os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// run is the whole program but for the process around it.
func run(args, env []string, stdout, stderr io.Writer) int {
	root := rootCommand(env)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(context.Background())
	if err == nil {
		return 0
	}
	fmt.Fprintf(stderr, "rightnow: %s\n", printableError(err))
	if isUsage(err) {
		return 2
	}
	return 1
}

func rootCommand(env []string) *cobra.Command {
	root := &cobra.Command{
		Use:   "rightnow",
		Short: "A chat room in the browser",
		Long: "Right Now is a chat room in the browser, over the official Socket.IO client.\n" +
			"Start it with `rightnow serve` and open the page it names.",
		Version:       app.Version,
		Args:          noArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors: true, // run prints them
		SilenceUsage:  true,

		SuggestionsMinimumDistance: 2,
	}
	root.SetVersionTemplate(versionLine() + "\n")
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(serveCommand(env), feedCommand(env), feedsimCommand(), emitCommand(), listenCommand(), typesCommand(), configCommand(env), benchCommand(env), versionCommand())
	return root
}

// usageError is a mistake on the command line.
type usageError struct{ error }

func isUsage(err error) bool {
	var usage usageError
	var config *app.ConfigError
	return errors.As(err, &usage) || errors.As(err, &config)
}

func flagError(cmd *cobra.Command, err error) error {
	hint := "see `" + cmd.CommandPath() + " --help`"
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		if near := app.Nearest(unknown.GetSpecifiedName()); near != "" && cmd.Flags().Lookup(near) != nil {
			hint = "did you mean --" + near + "?"
		}
	}
	return usageError{fmt.Errorf("%w; %s", err, hint)}
}

// noArgs refuses arguments in the words of a command that may have been meant.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	reason := fmt.Errorf("unknown command or argument %q; see `%s --help`", args[0], cmd.CommandPath())
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		reason = fmt.Errorf("unknown command %q; did you mean `%s %s`?", args[0], cmd.CommandPath(), near[0])
	}
	return usageError{reason}
}
