package report

import (
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sizes, in points.
const (
	sheetWidth = 640
	barHeight  = 11
	rowGap     = 7
	panelTitle = 20
	panelGap   = 16
	titles     = 46 // of a sheet
	legends    = 24
)

// Where the eye sees the middle of a text; draw.YCenter counts what hangs
// below the line.
const (
	nameCenter   = draw.YCenter - 0.1
	numberCenter = draw.YCenter + 0.1
)

// drawPanels lays panels out in columns. bars name the bars of a row, where it
// has several: the first is in the server's color, the second in a paler one.
func drawPanels(title, subtitle string, panels []panel, columns int, bars []string) ([]byte, error) {
	perRow := max(1, len(bars))
	most := 0
	for _, p := range panels {
		most = max(most, len(p.rows))
	}
	panelHeight := vg.Length(panelTitle + most*(perRow*barHeight+rowGap))
	lines := (len(panels) + columns - 1) / columns
	height := 2*margin + titles + vg.Length(lines)*panelHeight + vg.Length(max(0, lines-1))*panelGap
	if len(bars) > 0 {
		height += legends
	}
	s := newSheet(sheetWidth, height, title, subtitle)
	if len(bars) > 0 {
		s.legend([]swatch{{ink, bars[0]}, {paler(ink), bars[1]}})
	}
	width := (s.free.Max.X - s.free.Min.X - vg.Length(columns-1)*panelGap) / vg.Length(columns)
	for i, p := range panels {
		left := s.free.Min.X + vg.Length(i%columns)*(width+panelGap)
		top := s.free.Max.Y - vg.Length(i/columns)*(panelHeight+panelGap)
		area := s.free
		area.Rectangle = vg.Rectangle{Min: vg.Point{X: left, Y: top - panelHeight}, Max: vg.Point{X: left + width, Y: top}}
		if err := drawPanel(area, p, perRow); err != nil {
			return nil, err
		}
	}
	return s.bytes()
}

// drawPanel draws the title, and below it the bars with their numbers.
func drawPanel(area draw.Canvas, p panel, perRow int) error {
	area.FillText(textStyle(11, ink, true), vg.Point{X: area.Min.X, Y: area.Max.Y - 11}, p.title)
	area.Max.Y -= panelTitle
	chart := plot.New()
	chart.BackgroundColor = nil
	chart.HideX()
	names := make([]string, len(p.rows))
	for i, r := range p.rows {
		at := len(p.rows) - 1 - i // ours on top
		names[at] = r.server.Title
		if err := addRow(chart, r, float64(at), perRow); err != nil {
			return err
		}
	}
	chart.NominalY(names...)
	chart.Y.LineStyle = draw.LineStyle{Color: edge, Width: 1}
	chart.Y.Padding = 0
	chart.Y.Tick.Length, chart.Y.Tick.LineStyle = 9, draw.LineStyle{Color: paper, Width: 1} // unseen: room for a font that is wider
	chart.Y.Tick.Label = textStyle(10, ink, false)
	chart.Y.Tick.Label.XAlign, chart.Y.Tick.Label.YAlign = draw.XRight, nameCenter
	chart.Y.Min, chart.Y.Max = -0.5, float64(len(p.rows))-0.5
	chart.X.Min = 0
	chart.Draw(area)
	return nil
}

// addRow adds the bars of a server, and behind each its number.
func addRow(chart *plot.Plot, r row, at float64, perRow int) error {
	if len(r.values) < perRow {
		return addLabel(chart, 0, at, 0, r.note)
	}
	for i, value := range r.values {
		bar, err := plotter.NewBarChart(plotter.Values{value}, barHeight)
		if err != nil {
			return err
		}
		bar.Horizontal = true
		bar.XMin = at
		bar.Offset = barHeight * (vg.Length(perRow-1)/2 - vg.Length(i))
		bar.LineStyle.Width = 0
		bar.Color = colorOf(r.server.Name)
		if i > 0 {
			bar.Color = paler(colorOf(r.server.Name))
		}
		chart.Add(bar)
		if err := addLabel(chart, value, at, bar.Offset, number(value)); err != nil {
			return err
		}
	}
	return nil
}

func addLabel(chart *plot.Plot, x, y float64, offset vg.Length, text string) error {
	label, err := plotter.NewLabels(plotter.XYLabels{XYs: plotter.XYs{{X: x, Y: y}}, Labels: []string{text}})
	if err != nil {
		return err
	}
	label.TextStyle[0] = textStyle(9.5, faint, false)
	label.TextStyle[0].YAlign = numberCenter
	label.Offset = vg.Point{X: 4, Y: offset}
	chart.Add(label)
	return nil
}

// drawLines draws a line for each server over the number of connections, which
// is on a logarithmic scale.
func drawLines(title, subtitle string, lines []line) ([]byte, error) {
	s := newSheet(sheetWidth, 320, title, subtitle)
	entries, ticks := []swatch{}, []plot.Tick{}
	chart := plot.New()
	chart.BackgroundColor = nil
	horizontal := plotter.NewGrid()
	horizontal.Vertical.Width = 0
	horizontal.Horizontal = draw.LineStyle{Color: grid, Width: 1}
	chart.Add(horizontal)
	for _, l := range slices.Backward(lines) { // so that ours is drawn over the others
		if err := addLine(chart, l); err != nil {
			return nil, err
		}
	}
	for _, l := range lines {
		entries = append(entries, swatch{colorOf(l.server.Name), l.server.Title})
		for _, n := range l.n {
			if !slices.ContainsFunc(ticks, func(t plot.Tick) bool { return t.Value == n }) {
				ticks = append(ticks, plot.Tick{Value: n, Label: exact(n)})
			}
		}
	}
	s.legend(entries)
	axis(&chart.X, "connections")
	axis(&chart.Y, "µs of CPU for a delivery")
	if len(ticks) > 0 {
		chart.X.Scale = plot.LogScale{}
		chart.X.Tick.Marker = plot.ConstantTicks(ticks)
		if chart.X.Min == chart.X.Max { // of one number there is no logarithmic range
			chart.X.Min, chart.X.Max = chart.X.Min/2, chart.X.Max*2
		}
	}
	chart.Y.Min = 0
	chart.Y.Max = math.Max(1, chart.Y.Max*1.1)
	chart.Y.Tick.Marker = plot.ConstantTicks(evenTicks(chart.Y.Max))
	chart.Draw(s.free)
	return s.bytes()
}

func addLine(chart *plot.Plot, l line) error {
	points := plotter.XYs{}
	for i := range l.n {
		points = append(points, plotter.XY{X: l.n[i], Y: l.cpu[i]})
	}
	path, dots, err := plotter.NewLinePoints(points)
	if err != nil {
		return err
	}
	path.LineStyle = draw.LineStyle{Color: colorOf(l.server.Name), Width: 2}
	dots.GlyphStyle = draw.GlyphStyle{Color: colorOf(l.server.Name), Radius: 3, Shape: draw.CircleGlyph{}}
	chart.Add(path, dots)
	return nil
}

func axis(a *plot.Axis, name string) {
	style := textStyle(10, faint, false)
	a.Label.Text = name
	a.Label.TextStyle.Font, a.Label.TextStyle.Color = style.Font, style.Color
	a.Tick.Label.Font, a.Tick.Label.Color = style.Font, ink
	a.LineStyle = draw.LineStyle{Color: edge, Width: 1}
	a.Tick.LineStyle = a.LineStyle
}

// evenTicks are about five from 0 to most, at round numbers.
func evenTicks(most float64) (ticks []plot.Tick) {
	step := math.Pow(10, math.Floor(math.Log10(most)))
	for _, part := range []float64{10, 5, 2} {
		if most/(step/part) <= 7 {
			step /= part
			break
		}
	}
	for at := 0.0; at <= most; at += step {
		ticks = append(ticks, plot.Tick{Value: at, Label: exact(at)})
	}
	return ticks
}
