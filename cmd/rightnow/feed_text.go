package main

import (
	"fmt"
	"strings"
	"time"

	"rightnow/feed"
)

// look is how a post is printed.
type look struct {
	source                   string // its title
	color, edited, sensitive bool
	now                      time.Time
}

// The colours of a terminal.
const (
	bold   = "\x1b[1m"
	dim    = "\x1b[2m"
	marked = "\x1b[1;33m"
	plain  = "\x1b[0m"
)

// maxText is how many characters of a post are printed: two or three lines.
const maxText = 280

// paint puts a text in a colour.
func (l *look) paint(color, text string) string {
	if !l.color || text == "" {
		return text
	}
	return color + text + plain
}

// textOf is a post in two or three lines: who and when, what, and where.
func textOf(s *feed.Shown, l *look) string {
	var b strings.Builder
	b.WriteString(l.paint(bold, authorOf(&s.Post)))
	about := []string{l.source, age(l.now.Sub(s.CreatedAt))}
	if s.Author.Bot {
		about = append(about, "bot")
	}
	if l.edited {
		about = append(about, "edited")
	}
	if n := len(s.Media); n > 0 {
		about = append(about, fmt.Sprintf("%d attached", n))
	}
	b.WriteString(l.paint(dim, " · "+strings.Join(about, " · ")))
	b.WriteString("\n  " + l.body(s) + "\n")
	if link := oneLine(s.URL, 500); link != "" {
		b.WriteString("  " + l.paint(dim, link) + "\n")
	}
	return b.String()
}

// body is what a post says, or why that is not shown.
func (l *look) body(s *feed.Shown) string {
	if (s.Sensitive || s.Warning != "") && !l.sensitive {
		why := oneLine(s.Warning, 100)
		if why == "" {
			why = "marked as not for everybody"
		}
		return l.paint(dim, "["+why+"; --sensitive prints it]")
	}
	text := oneLine(s.Text, maxText)
	if s.Warning != "" {
		text = "[" + oneLine(s.Warning, 100) + "] " + text
	}
	for _, tag := range s.Tags {
		if len(s.Matched) > 0 && !strings.Contains(strings.ToLower(text), strings.ToLower(tag)) {
			text += " #" + oneLine(tag, 50) // what matched may be there alone
		}
	}
	return l.highlight(text, s.Matched)
}

// highlight marks what matched.
func (l *look) highlight(text string, words []string) string {
	if !l.color {
		return text
	}
	var b strings.Builder
	from := 0
	for _, span := range feed.Spans(text, words) {
		b.WriteString(text[from:span.From] + l.paint(marked, text[span.From:span.To]))
		from = span.To
	}
	return b.String() + text[from:]
}

// authorOf is a handle, and the name when it says more.
func authorOf(p *feed.Post) string {
	handle, name := oneLine(p.Author.Handle, 80), oneLine(p.Author.Name, 60)
	switch {
	case handle == "" && name == "":
		return oneLine(p.Author.ID, 60)
	case handle == "":
		return name
	case name == "" || strings.EqualFold(name, handle):
		return "@" + handle
	}
	return "@" + handle + " (" + name + ")"
}

// goneText tells that a post is not there any more.
func goneText(what printed, how string, color bool) string {
	l := look{color: color}
	who := what.handle
	if who == "" {
		who = what.author
	}
	return l.paint(dim, fmt.Sprintf("- %s: @%s: %s", how, oneLine(who, 80), oneLine(what.text, 60))) + "\n"
}

// stateText is how a source does.
func stateText(s *feed.SourceStatus) string {
	text := oneLine(s.Title, 60) + ": " + string(s.State.Phase)
	if !s.State.Until.IsZero() {
		text += " until " + s.State.Until.Local().Format("15:04:05")
	}
	if s.State.Reason != "" {
		text += ": " + oneLine(s.State.Reason, 300)
	}
	return text
}

// age is how long ago something was.
func age(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return "now"
	case d < time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}
