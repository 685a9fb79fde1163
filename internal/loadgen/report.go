package loadgen

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A Row is one line of a table.
type Row struct{ Name, Value string }

// WriteTable writes a result for people: its title and its rows.
func WriteTable(w io.Writer, r Result) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", r.Title())
	rows := r.Rows()
	width := 0
	for _, row := range rows {
		width = max(width, utf8.RuneCountInString(row.Name))
	}
	for _, row := range rows {
		fmt.Fprintf(&b, "  %s%s  %s\n", row.Name, strings.Repeat(" ", width-utf8.RuneCountInString(row.Name)), row.Value)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (h *Head) title(format string, args ...any) string {
	text := h.Phase + ": " + fmt.Sprintf(format, args...)
	if h.Interrupted {
		text += " (interrupted)"
	}
	return text
}

// Title implements Result.
func (r *IdleResult) Title() string {
	return r.title("%s clients over %s", grouped(r.N), r.Transport)
}

// Rows implements Result.
func (r *IdleResult) Rows() []Row {
	rows := []Row{{"connects", grouped(int(r.ConnectsPerS)) + " a second"}}
	if m := r.Memory; m != nil {
		rows = append(rows,
			Row{"server's CPU", fmt.Sprintf("%.0f µs a connect", m.CPUPerConn)},
			Row{"server's memory", fmt.Sprintf("%s bytes a connection, and %s before the first", grouped(int(m.RSSPerConn)), megabytes(m.RSSBase))})
		if m.CollectedPerConn != 0 {
			rows = append(rows, Row{"after collecting", grouped(int(m.CollectedPerConn)) + " bytes a connection"})
		}
		rows = append(rows, Row{"kernel's slab", grouped(int(m.SlabPerConn)) + " bytes a connection, both ends"})
	}
	return rows
}

// Title implements Result.
func (r *BroadcastResult) Title() string {
	text := r.title("%s clients, %d at a time, %s bytes", grouped(r.N), r.Burst, grouped(r.Bytes))
	if r.Dead > 0 {
		text += fmt.Sprintf(", beside %s dead ones", grouped(r.Dead))
	}
	return text
}

// Rows implements Result.
func (r *BroadcastResult) Rows() []Row {
	return append([]Row{{"deliveries", grouped(r.Deliveries)}}, r.Traffic.rows("deliveries")...)
}

// Title implements Result.
func (r *EchoResult) Title() string {
	return r.title("%s clients, each with one request under way, %s bytes", grouped(r.N), grouped(r.Bytes))
}

// Rows implements Result.
func (r *EchoResult) Rows() []Row {
	return append([]Row{{"requests", grouped(r.Requests)}}, r.Traffic.rows("requests")...)
}

// Title implements Result.
func (r *ChatResult) Title() string {
	return r.title("%s clients in rooms of %d, each says %v a second", grouped(r.N), r.Room, r.SayPerS)
}

// Rows implements Result.
func (r *ChatResult) Rows() []Row {
	return append([]Row{{"said", grouped(r.Said)}, {"deliveries", grouped(r.Deliveries)}}, r.Traffic.rows("deliveries")...)
}

// Title implements Result.
func (r *StormResult) Title() string {
	if r.AtOnce == 0 {
		return r.title("%s clients cut off come back, all at once", grouped(r.N))
	}
	return r.title("%s clients cut off come back, %s at a time", grouped(r.N), grouped(r.AtOnce))
}

// Rows implements Result.
func (r *StormResult) Rows() []Row {
	rows := []Row{{"back", grouped(int(r.ReconnectsPer)) + " a second"}}
	if h := r.Handshakes; h != nil {
		rows = append(rows,
			Row{"server's CPU", fmt.Sprintf("%.0f µs a handshake, the closing before it included", h.CPUPerHandshake)},
			Row{"server's memory", megabytes(h.RSSEnd)})
	}
	return append(rows, Row{"until served", r.Latency.String()})
}

func (t *Traffic) rows(noun string) []Row {
	rows := []Row{{"rate", grouped(int(t.PerS)) + " a second"}}
	if c := t.Cost; c != nil {
		rows = append(rows,
			Row{"server's CPU", fmt.Sprintf("%.2f s a million %s, %.0f %% of it in the kernel", c.CPUPerMillion, noun, 100*c.SysShare)},
			Row{"", fmt.Sprintf("%.2f CPUs busy, %.1f context switches a thousand", c.ServerBusy, c.SwitchesPer1000)},
			Row{"server's memory", megabytes(c.RSSEnd)})
	}
	return append(rows,
		Row{"generator", fmt.Sprintf("%.2f CPUs busy", t.LoadBusy)},
		Row{"latency", t.Latency.String()})
}

// String shows the percentiles in a line.
func (l *Latency) String() string {
	return fmt.Sprintf("50 %% %s, 90 %% %s, 99 %% %s, 99.9 %% %s, all %s",
		micros(l.P50), micros(l.P90), micros(l.P99), micros(l.P999), micros(l.Max))
}

func micros(us float64) string { return short(time.Duration(us * float64(time.Microsecond))) }

// short shows a duration to three digits.
func short(d time.Duration) string {
	unit, name := time.Microsecond, "µs"
	switch {
	case d >= time.Second:
		unit, name = time.Second, "s"
	case d >= time.Millisecond:
		unit, name = time.Millisecond, "ms"
	}
	digits := math.Pow10(2 - int(math.Log10(max(float64(d)/float64(unit), 1))))
	return strconv.FormatFloat(math.Round(digits*float64(d)/float64(unit))/digits, 'f', -1, 64) + " " + name
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// grouped shows a number with a comma after each three digits.
func grouped(n int) string {
	text := strconv.Itoa(n)
	first := 0
	if n < 0 {
		first = 1
	}
	for i := len(text) - 3; i > first; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// WriteHistogram draws the latencies as bars of text, width columns at most.
func WriteHistogram(w io.Writer, h *Histogram, width int) error {
	bars := h.Bars()
	most := int64(0)
	for _, bar := range bars {
		most = max(most, bar.Count)
	}
	var b strings.Builder
	below := int64(0)
	for _, bar := range bars {
		below += bar.Count
		fmt.Fprintf(&b, "  %10s  %13s  %6.2f %%  %s\n", "to "+short(bar.To), grouped(int(bar.Count)),
			100*float64(below)/float64(h.Count()), blocks(bar.Count, most, width))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// blocks is a bar for n of most, drawn to an eighth of a column. What is there is
// seen.
func blocks(n, most int64, width int) string {
	const eighths = " ▏▎▍▌▋▊▉"
	length := int(n * int64(width) * 8 / max(most, 1))
	if n > 0 {
		length = max(length, 1)
	}
	bar := strings.Repeat("█", length/8)
	if part := length % 8; part > 0 {
		bar += string([]rune(eighths)[part])
	}
	return bar
}
