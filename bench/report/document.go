// Package report makes docs/performance.md and its charts of what was measured.
package report

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"rightnow/bench/results"
)

//go:embed performance.md.tmpl
var pageText string

// What stands in a part that nobody has written yet.
const unwritten = "*To be written.*\n"

// Write writes performance.md in folder, and its charts in the folder
// performance beside it. The parts of the page that people wrote stay.
func Write(set *results.Set, folder string, leftOut []string) error {
	page := filepath.Join(folder, "performance.md")
	old, err := os.ReadFile(page)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	kept, err := handwritten(string(old))
	if err != nil {
		return fmt.Errorf("report: %s: %w", page, err)
	}
	text, err := render(set, leftOut, kept)
	if err != nil {
		return fmt.Errorf("report: %s: %w", page, err)
	}
	charts := filepath.Join(folder, "performance")
	if err := os.MkdirAll(charts, 0o755); err != nil {
		return err
	}
	for name, draw := range drawings() {
		picture, err := draw(set)
		if err != nil {
			return fmt.Errorf("report: %s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(charts, name), picture, 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(page, []byte(text), 0o644)
}

// server is a row of the page's table of servers.
type server struct{ Title, About, Versions string }

// view is what the template shows.
type view struct {
	Date, Summary, Targets, Method, Failures string
	Servers                                  []server
	LeftOut, Commands                        []string
	Tables                                   []section
}

// render makes the page. All of kept must have a place in it.
func render(set *results.Set, leftOut []string, kept map[string]string) (string, error) {
	placed := map[string]bool{}
	hand := func(name string) string {
		placed[name] = true
		if kept[name] == "" {
			return byHand(name, unwritten)
		}
		return byHand(name, kept[name])
	}
	page, err := template.New("performance.md").Funcs(template.FuncMap{"hand": hand}).Parse(pageText)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	if err := page.Execute(&text, viewOf(set, leftOut)); err != nil {
		return "", err
	}
	for name := range kept {
		if !placed[name] {
			return "", fmt.Errorf("the part %q by hand has no place in the new page", name)
		}
	}
	return text.String(), nil
}

func viewOf(set *results.Set, leftOut []string) view {
	v := view{
		Date:     set.Run.Started.Format("2 January 2006"),
		Summary:  Summary(set),
		Targets:  Targets(set),
		Method:   method(set),
		Failures: failures(set),
		Tables:   tables(set),
	}
	for _, s := range set.Run.Servers {
		if s.Problem != "" {
			v.LeftOut = append(v.LeftOut, s.Title+" could not be built: "+oneLine(s.Problem))
			continue
		}
		v.Servers = append(v.Servers, server{s.Title, s.About, strings.Join(s.Versions, ", ")})
		v.Commands = append(v.Commands, s.Command)
	}
	v.LeftOut = append(v.LeftOut, leftOut...)
	for _, p := range set.Run.Planned {
		v.Commands = append(v.Commands, p.Command)
	}
	return v
}

// Summary says in a sentence how many targets are met.
func Summary(set *results.Set) string {
	verdicts := results.Check(set)
	met, missed, unknown := 0, 0, 0
	for _, v := range verdicts {
		switch {
		case v.Err != nil:
			unknown++
		case v.Met():
			met++
		default:
			missed++
		}
	}
	text := fmt.Sprintf("Of %d targets %d are met and %d missed", len(verdicts), met, missed)
	if unknown > 0 {
		text += fmt.Sprintf("; %d could not be measured", unknown)
	}
	return text
}

// Targets is a table of the targets and what was measured.
func Targets(set *results.Set) string {
	rows := [][]string{}
	for _, v := range results.Check(set) {
		unit := strings.TrimRight(" "+v.Unit, " ")
		row := []string{v.What, "≤ " + exact(v.Limit) + unit}
		if v.Err != nil {
			row = append(row, "–", "not measured ("+oneLine(v.Err.Error())+")")
		} else {
			row = append(row, number(v.Value)+unit, judgement(v))
		}
		rows = append(rows, row)
	}
	return table([]string{"what", "target", "measured", ""}, rows)
}

// judgement says by how much a target was met or missed.
func judgement(v results.Verdict) string {
	word := "**missed**"
	if v.Met() {
		word = "met"
	}
	over := math.Abs(v.Over())
	if over == 0 || math.IsInf(over, 0) {
		return word
	}
	return word + " by " + percent(over)
}

// method says where and how it was measured.
func method(set *results.Set) string {
	run := set.Run
	lines := []string{
		fmt.Sprintf("%s, %d cores, %s GiB of memory, Linux %s, at most %s open files a process.", run.Machine.CPU, run.Machine.Cores,
			number(float64(run.Machine.Memory)/(1<<30)), run.Machine.Kernel, count(run.Machine.OpenFiles)),
		fmt.Sprintf("Repetitions of everything, where a table says nothing else: %d. They are interleaved: in each, every measurement takes the servers in turn. "+
			"Each run has a freshly started server.", run.Reps),
	}
	if run.Pin != nil {
		lines = append(lines, fmt.Sprintf("The server was held to CPU %s and the load to CPU %s; Go's servers had GOMAXPROCS=1.", run.Pin.Server, run.Pin.Load))
	} else {
		lines = append(lines, "**Nothing was pinned**: servers and load shared the CPUs as the kernel liked, so the numbers scatter.")
	}
	if all := set.LoadAverages(); len(all) > 0 {
		lines = append(lines, fmt.Sprintf("The machine's load average in the minute before a run was %s to %s, in the median %s; the measurement itself makes for most of it.",
			number(all[0]), number(all[len(all)-1]), number(all[len(all)/2])))
	}
	return "- " + strings.Join(lines, "\n- ")
}

func failures(set *results.Set) string {
	lines := []string{}
	for _, m := range set.Failures() {
		what := strings.Join(strings.Fields(m.Name+" "+m.Variant+" "+m.Server), ", ")
		lines = append(lines, fmt.Sprintf("- %s, repetition %d: %s", what, m.Rep+1, oneLine(m.Error)))
	}
	if len(lines) == 0 {
		return "Nothing."
	}
	return strings.Join(lines, "\n")
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
