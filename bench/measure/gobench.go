package measure

import (
	"errors"
	"regexp"
	"strconv"

	"rightnow/bench/results"
)

// benchmarkLine is one of `go test -bench -benchmem` whose name ends with a
// number of recipients: "BenchmarkX/n=20-2   200   4194 ns/op   654 B/op   8 allocs/op".
var benchmarkLine = regexp.MustCompile(`(?m)^Benchmark\S*/n=(\d+)(?:-\d+)?\s+\d+\s.*?\s(\d+) B/op\s+(\d+) allocs/op\s*$`)

// parseBenchmarks makes a phase of each line.
func parseBenchmarks(name string, text []byte) (phases []results.Phase, err error) {
	for _, m := range benchmarkLine.FindAllSubmatch(text, -1) {
		values := map[string]float64{}
		for i, key := range []string{"n", "bytes_per_op", "allocs_per_op"} {
			values[key], err = strconv.ParseFloat(string(m[i+1]), 64)
			if err != nil {
				return nil, err
			}
		}
		phases = append(phases, results.Phase{Name: name, Values: values})
	}
	if len(phases) == 0 {
		return nil, errors.New("go test printed no benchmark")
	}
	return phases, nil
}
