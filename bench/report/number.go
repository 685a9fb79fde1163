package report

import (
	"math"
	"strconv"
	"strings"
)

// number shows a measured value: three significant digits, and all of those
// before the point.
func number(x float64) string {
	decimals := 0
	switch size := math.Abs(x); {
	case size == 0, size >= 99.95:
	case size >= 9.995:
		decimals = 1
	case size >= 0.0995:
		decimals = 2
	default:
		decimals = 3
	}
	return withCommas(strconv.FormatFloat(x, 'f', decimals, 64))
}

// exact shows a value that was chosen or counted, with all its digits.
func exact(x float64) string { return withCommas(strconv.FormatFloat(x, 'f', -1, 64)) }

// count shows a number of things.
func count(n int) string { return withCommas(strconv.Itoa(n)) }

// percent shows a share.
func percent(x float64) string { return strconv.FormatFloat(100*x, 'f', 0, 64) + " %" }

// milliseconds shows microseconds.
func milliseconds(us float64) string { return number(us / 1000) }

// withCommas puts them between the thousands.
func withCommas(digits string) string {
	whole, fraction, broken := strings.Cut(digits, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if broken {
		whole += "." + fraction
	}
	return sign + whole
}

// table makes a table of Markdown.
func table(head []string, rows [][]string) string {
	var b strings.Builder
	line := func(cells []string) {
		for len(cells) < len(head) {
			cells = append(cells, "")
		}
		b.WriteString("|")
		for _, cell := range cells {
			b.WriteString(" " + strings.NewReplacer("|", `\|`, "\n", " ").Replace(cell) + " |")
		}
		b.WriteString("\n")
	}
	line(head)
	b.WriteString("|---|" + strings.Repeat("--:|", len(head)-1) + "\n")
	for _, row := range rows {
		line(row)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
