package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"rightnow/internal/loadgen"
)

// screen shows a run: tables and histograms on stdout, how far it is on stderr.
type screen struct {
	stdout io.Writer
	stderr io.Writer // nil: progress is not shown
	quiet  bool
	err    error // the first of stdout
	drawn  bool  // a line of progress stands on stderr
}

const (
	histogramColumns = 40
	barColumns       = 24
)

func newScreen(stdout, stderr io.Writer, quiet bool) *screen {
	s := &screen{stdout: stdout, quiet: quiet}
	if !quiet && isTerminal(stderr) {
		s.stderr = stderr
	}
	return s
}

// isTerminal takes any character device for one: what is drawn to /dev/null harms
// nobody.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// failed keeps the first error.
func (s *screen) failed(err error) {
	if s.err == nil {
		s.err = err
	}
}

// table prints a phase that has ended.
func (s *screen) table(r loadgen.Result) {
	s.clear()
	s.failed(loadgen.WriteTable(s.stdout, r))
	if h := r.Histogram(); h != nil && h.Count() > 0 && !s.quiet {
		s.failed(loadgen.WriteHistogram(s.stdout, h, histogramColumns))
	}
	_, err := fmt.Fprintln(s.stdout)
	s.failed(err)
}

// progress draws how far a phase is over what was drawn before.
func (s *screen) progress(p loadgen.Progress) {
	if s.stderr == nil {
		return
	}
	s.drawn = true
	fmt.Fprintf(s.stderr, "\r\x1b[K%s", progressLine(p))
}

// clear takes the line of progress away.
func (s *screen) clear() {
	if s.drawn {
		fmt.Fprint(s.stderr, "\r\x1b[K")
		s.drawn = false
	}
}

func progressLine(p loadgen.Progress) string {
	share := float64(p.Done) / float64(max(p.Total, 1))
	full := int(share * barColumns)
	line := fmt.Sprintf("%s [%s%s] %3.0f %%  %d of %d %s", p.Phase,
		strings.Repeat("#", full), strings.Repeat(".", barColumns-full), 100*share, p.Done, p.Total, p.Noun)
	if share > 0.05 && share < 1 {
		left := time.Duration(float64(p.Spent) * (1 - share) / share)
		line += fmt.Sprintf(", %v left", left.Round(100*time.Millisecond))
	}
	return line
}
