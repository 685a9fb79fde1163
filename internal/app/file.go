package app

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// entry is one line of a configuration file.
type entry struct {
	key   string
	value any
	place string // file:line, for a person
}

// parseFile reads a TOML file into its entries, in the order of the file.
// Whether the keys mean anything is for the caller.
func parseFile(name string, text []byte) ([]entry, error) {
	name = filepath.Base(name)
	var values map[string]any
	if err := toml.Unmarshal(text, &values); err != nil {
		return nil, syntaxError(name, err)
	}
	lines := keyLines(text)
	entries := make([]entry, 0, len(values))
	for key, value := range values {
		entries = append(entries, entry{key, value, fmt.Sprintf("%s:%d", name, lines[key])})
	}
	slices.SortFunc(entries, func(a, b entry) int { return lines[a.key] - lines[b.key] })
	return entries, nil
}

func syntaxError(name string, err error) error {
	var at *toml.DecodeError
	if !errors.As(err, &at) {
		return &ConfigError{Place: name, Err: err}
	}
	line, _ := at.Position()
	reason := strings.TrimPrefix(at.Error(), "toml: ")
	return &ConfigError{Place: fmt.Sprintf("%s:%d", name, line), Err: errors.New(reason)}
}

// keyLines tells the line of each key at the top level of a file that is known
// to parse; a table counts as a key.
func keyLines(text []byte) map[string]int {
	lines := map[string]int{}
	var p unstable.Parser
	p.Reset(text)
	for p.NextExpression() {
		e := p.Expression()
		parts := e.Key()
		if !parts.Next() {
			continue
		}
		key := parts.Node()
		if _, seen := lines[string(key.Data)]; !seen {
			lines[string(key.Data)] = p.Shape(key.Raw).Start.Line
		}
	}
	return lines
}

// Nearest is the name of the setting that was probably meant, or "".
func Nearest(name string) string { return nearest(Settings(Default()), name) }

// nearest is the setting whose name is spelled most like key, or "" when none
// is near enough to be what was meant. Underscores, capitals and missing
// dashes (pingTimeout, ping_timeout) are no difference.
func nearest(settings []Setting, key string) string {
	key = plain(key)
	best, distance := "", max(2, len(key)/3)+1
	for i := range settings {
		if d := editDistance(key, plain(settings[i].Name)); d < distance {
			best, distance = settings[i].Name, d
		}
	}
	return best
}

func plain(name string) string {
	return strings.NewReplacer("-", "", "_", "", ".", "").Replace(strings.ToLower(name))
}

// editDistance is the number of letters to insert, remove, replace or swap
// with their neighbour to make b of a.
func editDistance(a, b string) int {
	before, above, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, above, row = above, row, before
		row[0] = i
		for j := 1; j <= len(b); j++ {
			differ := 1
			if a[i-1] == b[j-1] {
				differ = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+differ)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
