package app

import (
	"fmt"
	"io"
	"strings"
)

// textWidth is the widest line of help and of comments in the file.
const textWidth = 78

// WriteExample writes a configuration file with every setting explained and
// commented out at its default.
func WriteExample(w io.Writer) error {
	var b strings.Builder
	b.WriteString(wrap("# ", "Configuration of rightnow. Start it with: rightnow serve --config FILE. "+
		"Each setting is also a flag (--ping-timeout) and an environment variable ("+EnvName("ping-timeout")+"); "+
		"a flag is stronger than a variable, a variable stronger than this file."))
	writeSettings(&b, Settings(Default()), func(s *Setting) string {
		return wrap("# ", s.Help) + "# " + s.Name + " = " + s.File() + "\n"
	})
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteFile writes the configuration that was loaded as a file that gives the
// same again, with the origin of each value beside it.
func (l *Loaded) WriteFile(w io.Writer) error {
	var b strings.Builder
	writeSettings(&b, Settings(l.Config), func(s *Setting) string {
		line := s.Name + " = " + s.File()
		if variable, ok := l.Secrets[s.Name]; ok {
			return fmt.Sprintf("%-40s # set by %s\n", line, variable)
		}
		if place, ok := l.Origins[s.Name]; ok {
			return fmt.Sprintf("%-40s # %s\n", line, place)
		}
		return line + "\n"
	})
	_, err := io.WriteString(w, strings.TrimPrefix(b.String(), "\n"))
	return err
}

// WriteHelp writes the settings as flags, for a terminal.
func WriteHelp(w io.Writer) error {
	var b strings.Builder
	writeGroups(&b, Settings(Default()), func(group string) string {
		return "\n" + group + ":\n"
	}, func(s *Setting) string {
		about := s.Help
		if text := s.String(); text != "" {
			about += " Default: " + text + "."
		}
		if s.Alias != "" {
			about += " Also in the variable " + s.Alias + "."
		}
		if s.Secret != "" {
			about += " The variable " + s.Secret + " may have the key itself."
		}
		spelled := " " + s.Type()
		if s.IsSwitch() {
			spelled = "[=" + s.Type() + "]"
		}
		return "  --" + s.Name + spelled + "\n" + wrap("        ", about)
	})
	_, err := io.WriteString(w, b.String())
	return err
}

func writeSettings(b *strings.Builder, settings []Setting, write func(*Setting) string) {
	writeGroups(b, settings, func(group string) string { return "\n# -- " + group + "\n" }, write)
}

func writeGroups(b *strings.Builder, settings []Setting, head func(string) string, write func(*Setting) string) {
	group := ""
	for i := range settings {
		if s := &settings[i]; s.Group != group {
			group = s.Group
			b.WriteString(head(group))
		}
		b.WriteString(write(&settings[i]))
	}
}

// wrap breaks text into lines that begin with indent.
func wrap(indent, text string) string {
	var b strings.Builder
	line := indent
	for word := range strings.FieldsSeq(text) {
		if len(line) > len(indent) && len(line)+len(word) >= textWidth {
			b.WriteString(strings.TrimRight(line, " ") + "\n")
			line = indent
		}
		line += word + " "
	}
	b.WriteString(strings.TrimRight(line, " ") + "\n")
	return b.String()
}
