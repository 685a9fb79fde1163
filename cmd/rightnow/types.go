package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// typesFlags are the flags of the command.
type typesFlags struct {
	contract string
	out      string
}

func typesCommand() *cobra.Command {
	f := &typesFlags{}
	cmd := &cobra.Command{
		Use:   "types [PACKAGE]",
		Short: "Write the TypeScript declarations of an application's events",
		Long: "Write the TypeScript declarations of the events that a Go package declares with sioevent, for the\n" +
			"browser's side: the package has a variable of the type sioevent.Contract. PACKAGE is an import path or a\n" +
			"folder, this one if it is left out; it cannot be a main package. It is compiled, so go must be installed.",
		Example: "  rightnow types ./events > events.d.ts\n" +
			"  //go:generate rightnow types --out events.d.ts",
		Args:                  atMostOne,
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			pkg := "."
			if len(args) > 0 {
				pkg = args[0]
			}
			return f.run(cmd, pkg)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.contract, "contract", "Contract", "Name of the variable.")
	flags.StringVarP(&f.out, "out", "o", "", "File to write; standard output if it is left out.")
	flags.BoolP("help", "h", false, "Print this help.")
	return cmd
}

// atMostOne wants one argument or none.
func atMostOne(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usageError{fmt.Errorf("one package at most, and there are %d; see `%s --help`", len(args), cmd.CommandPath())}
	}
	return nil
}

func (f *typesFlags) run(cmd *cobra.Command, pkg string) error {
	if !token.IsIdentifier(f.contract) || !token.IsExported(f.contract) {
		return usageError{fmt.Errorf("--contract: %q is no exported name; see `%s --help`", f.contract, cmd.CommandPath())}
	}
	text, err := declarations(cmd.Context(), pkg, f.contract)
	if err != nil {
		return err
	}
	if f.out == "" {
		_, err = cmd.OutOrStdout().Write(text)
		return err
	}
	return os.WriteFile(f.out, text, 0o644)
}

// writer is the program that writes the declarations of a package.
const writer = `package main

import (
	"fmt"
	"os"

	declared %q
	"rightnow/socketio/sioevent"
)

func main() {
	if err := sioevent.WriteTypeScript(os.Stdout, declared.%s); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
`

// writerFolder is where go believes that the program stands: inside of the package's own folder, so that
// internal packages may be asked too.
const writerFolder = "rightnow-types"

// declarations runs the writer of a package.
func declarations(ctx context.Context, pkg, contract string) ([]byte, error) {
	found, err := runTool(ctx, "go", "list", "-f", "{{.Name}}\n{{.ImportPath}}\n{{.Dir}}", "--", pkg)
	if err != nil {
		return nil, err
	}
	fields := strings.Split(strings.TrimSpace(string(found)), "\n")
	switch {
	case len(fields) != 3:
		return nil, fmt.Errorf("%s: one package is wanted", pkg)
	case fields[0] == "main":
		return nil, fmt.Errorf("%s is a main package, which nothing can import: put the declarations into one of their own", pkg)
	}
	folder, err := os.MkdirTemp("", writerFolder)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	source, overlay := filepath.Join(folder, "main.go"), filepath.Join(folder, "overlay.json")
	place := filepath.Join(fields[2], writerFolder, "main.go")
	listing, err := json.Marshal(map[string]any{"Replace": map[string]string{place: source}})
	if err == nil {
		err = os.WriteFile(overlay, listing, 0o600)
	}
	if err == nil {
		err = os.WriteFile(source, fmt.Appendf(nil, writer, fields[1], contract), 0o600)
	}
	if err != nil {
		return nil, err
	}
	return runTool(ctx, "go", "run", "-overlay", overlay, place)
}

// runTool runs a program and returns what it prints; what it complains of is the error.
func runTool(ctx context.Context, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil, errors.New(strings.TrimSpace(complaint.String()))
	}
	return out, err
}
