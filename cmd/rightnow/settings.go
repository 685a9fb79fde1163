package main

import (
	"fmt"

	"rightnow/internal/app"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// settingFlags are the program's settings as flags of one command.
type settingFlags struct {
	env   []string
	given map[string]string // the flags that were set, as they were spelled
}

// addSettings gives cmd a flag for each setting. They only remember what was
// given; app.Load decides what is stronger.
func addSettings(cmd *cobra.Command, env []string) *settingFlags {
	f := &settingFlags{env: env, given: map[string]string{}}
	for _, s := range app.Settings(app.Default()) {
		addSetting(cmd, s, f.given)
	}
	cmd.Flags().Var(fileFlag{f.given}, app.ConfigName, "File with settings, in TOML; `rightnow config --example` prints one.")
	_ = cmd.MarkFlagFilename(app.ConfigName, "toml") // fails only for a flag that is not there
	cmd.Flags().BoolP("help", "h", false, "Print this help.")
	cmd.SetHelpFunc(settingsHelp)
	return f
}

// addSetting gives cmd the flag of one setting. One that is true or false needs no
// value to be true, and takes another only after a "=", as flags do everywhere.
func addSetting(cmd *cobra.Command, s app.Setting, given map[string]string) {
	flag := cmd.Flags().VarPF(&settingFlag{s, given}, s.Name, "", s.Help)
	if s.IsSwitch() {
		flag.NoOptDefVal = "true"
	}
}

func (f *settingFlags) load() (*app.Loaded, error) {
	return app.Load(app.Sources{Flags: f.given, Env: f.env})
}

// settingFlag is a setting that also remembers what Set was given. Its own
// value is thrown away; it is there to refuse nonsense.
type settingFlag struct {
	app.Setting
	given map[string]string
}

func (f *settingFlag) Set(text string) error {
	if err := f.Setting.Set(text); err != nil {
		return err
	}
	f.given[f.Name] = text
	return nil
}

// fileFlag is the flag that names the file. It is none of the settings, as it
// cannot stand in the file.
type fileFlag struct{ given map[string]string }

func (f fileFlag) Set(name string) error { f.given[app.ConfigName] = name; return nil }
func (f fileFlag) String() string        { return f.given[app.ConfigName] }
func (f fileFlag) Type() string          { return "file" }

// settingsHelp is the help of a command with settings: they stand in groups,
// in the order of the table, which the flags of cobra's own help do not.
func settingsHelp(cmd *cobra.Command, _ []string) {
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "%s\n\nUsage:\n  %s\n", cmd.Long, cmd.UseLine())
	if cmd.HasExample() {
		fmt.Fprintf(out, "\nExamples:\n%s\n", cmd.Example)
	}
	_ = app.WriteHelp(out) // nobody is left to tell
	fmt.Fprintf(out, "\nConfiguration file and help:\n")
	cmd.LocalFlags().VisitAll(func(flag *pflag.Flag) {
		if _, isSetting := flag.Value.(*settingFlag); !isSetting {
			fmt.Fprintf(out, "  --%-14s %s\n", flag.Name, flag.Usage)
		}
	})
	fmt.Fprintf(out, `
Each setting has one name in three places, the first is the strongest:
  flag          --ping-timeout 30s
  environment   %s=30s
  file          ping-timeout = "30s"
Lists have commas in a flag and a variable, and are arrays in the file.
`, app.EnvName("ping-timeout"))
}
