package main

import (
	"rightnow/internal/app"

	"github.com/spf13/cobra"
)

func configCommand(env []string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config [settings]",
		Short: "Print the configuration that serve would have",
		Long: "Print the configuration that serve would have with the same flags, environment and\n" +
			"file: a file that gives the same again, with the place that each value came from.\n" +
			"With --example it is every setting with its explanation, commented out.",
		Example: "  rightnow config --example > rightnow.toml\n" +
			"  rightnow config --config rightnow.toml --port 8080",
		Args:                  noArgs,
		DisableFlagsInUseLine: true,
	}
	settings := addSettings(cmd, env)
	example := cmd.Flags().Bool("example", false, "Print an example instead, with every setting explained.")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *example {
			return app.WriteExample(cmd.OutOrStdout())
		}
		loaded, err := settings.load()
		if err != nil {
			return err
		}
		for _, warning := range loaded.Warnings {
			cmd.PrintErrln("rightnow: " + warning)
		}
		return loaded.WriteFile(cmd.OutOrStdout())
	}
	return cmd
}
