package report

import (
	"bytes"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"rightnow/bench/results"
)

// The charts have a background of their own, so that they can be read on light
// and dark pages.
var (
	paper = color.RGBA{R: 0xff, G: 0xff, B: 0xff, A: 0xff}
	edge  = color.RGBA{R: 0xd0, G: 0xd7, B: 0xde, A: 0xff}
	ink   = color.RGBA{R: 0x1f, G: 0x23, B: 0x28, A: 0xff}
	faint = color.RGBA{R: 0x59, G: 0x63, B: 0x6e, A: 0xff}
	grid  = color.RGBA{R: 0xea, G: 0xee, B: 0xf2, A: 0xff}
)

// colorOf is a server's color, the same in all charts.
func colorOf(server string) color.RGBA {
	switch server {
	case results.Ours:
		return color.RGBA{R: 0x09, G: 0x69, B: 0xda, A: 0xff}
	case results.Node:
		return color.RGBA{R: 0x2d, G: 0xa4, B: 0x4e, A: 0xff}
	case results.Floor:
		return color.RGBA{R: 0x42, G: 0x4a, B: 0x53, A: 0xff}
	case "gorilla":
		return color.RGBA{R: 0xd4, G: 0xa7, B: 0x2c, A: 0xff}
	case "gws":
		return color.RGBA{R: 0xe1, G: 0x6f, B: 0x24, A: 0xff}
	}
	return color.RGBA{R: 0xa4, G: 0x75, B: 0xf9, A: 0xff}
}

// paler is a color nearer to the paper.
func paler(c color.RGBA) color.RGBA {
	mix := func(x uint8) uint8 { return uint8((int(x)*2 + 0xff*3) / 5) }
	return color.RGBA{R: mix(c.R), G: mix(c.G), B: mix(c.B), A: 0xff}
}

func textStyle(size vg.Length, c color.Color, bold bool) text.Style {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
	if bold {
		f.Weight = 2 // of golang.org/x/image/font
	}
	return text.Style{Color: c, Font: f, Handler: plot.DefaultTextHandler, XAlign: draw.XLeft, YAlign: draw.YBottom}
}

// margin is around a whole chart.
const margin = vg.Length(14)

// sheet is a chart under way: what is free of it shrinks from the top.
type sheet struct {
	svg  *vgsvg.Canvas
	free draw.Canvas
}

// newSheet has a title and a line below it.
func newSheet(width, height vg.Length, title, subtitle string) *sheet {
	s := &sheet{svg: vgsvg.New(width, height)}
	all := draw.New(s.svg)
	all.SetColor(paper)
	all.Fill(all.Rectangle.Path())
	all.StrokeLines(draw.LineStyle{Color: edge, Width: 1}, corners(all.Rectangle))
	s.free = draw.Crop(all, margin, -margin, margin, -margin)
	s.line(textStyle(14, ink, true), title, 20)
	s.line(textStyle(10, faint, false), subtitle, titles-20)
	return s
}

func corners(r vg.Rectangle) []vg.Point {
	return []vg.Point{r.Min, {X: r.Max.X, Y: r.Min.Y}, r.Max, {X: r.Min.X, Y: r.Max.Y}, r.Min}
}

// line writes a line at the top of what is free.
func (s *sheet) line(style text.Style, what string, height vg.Length) {
	s.free.FillText(style, vg.Point{X: s.free.Min.X, Y: s.free.Max.Y - style.Font.Size}, what)
	s.free.Max.Y -= height
}

// swatch is an entry of a legend.
type swatch struct {
	color color.Color
	name  string
}

// legend puts all entries on one line.
func (s *sheet) legend(entries []swatch) {
	const side = 9
	style := textStyle(10, ink, false)
	at := vg.Point{X: s.free.Min.X, Y: s.free.Max.Y - side}
	for _, e := range entries {
		s.free.SetColor(e.color)
		s.free.Fill(vg.Rectangle{Min: at, Max: vg.Point{X: at.X + side, Y: at.Y + side}}.Path())
		at.X += side + 5
		s.free.FillText(style, at, e.name)
		at.X += style.Width(e.name) + 18
	}
	s.free.Max.Y -= legends
}

// bytes are the picture. Where its font is missing, one as wide is taken.
func (s *sheet) bytes() ([]byte, error) {
	var b bytes.Buffer
	if _, err := s.svg.WriteTo(&b); err != nil {
		return nil, err
	}
	return bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans;"),
		[]byte("font-family:Liberation Sans,Arimo,Helvetica,Arial,sans-serif;")), nil
}
