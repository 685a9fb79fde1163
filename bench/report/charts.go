package report

import (
	"fmt"
	"slices"

	"rightnow/bench/results"
)

// drawings are the charts of the page, by their file names.
func drawings() map[string]func(*results.Set) ([]byte, error) {
	return map[string]func(*results.Set) ([]byte, error){
		"cpu.svg":     cpuChart,
		"memory.svg":  memoryChart,
		"latency.svg": latencyChart,
		"growth.svg":  growthChart,
	}
}

// panel is a small bar chart: a row for each server, ours first.
type panel struct {
	title string
	rows  []row
}

type row struct {
	server results.Server
	values []float64 // one bar each; none when missing says why
	note   string    // stands in place of the bars
}

// panelOf has a bar for each key.
func panelOf(set *results.Set, title, measurement string, scale float64, keys ...results.Key) panel {
	p := panel{title: title}
	planned, _ := set.PlannedAs(measurement)
	for _, s := range set.Run.Servers {
		if !slices.Contains(planned.Servers, s.Name) {
			continue
		}
		r := row{server: s}
		for _, k := range keys {
			value, err := set.Median(s.Name, k)
			if err != nil {
				r.note = "not measured"
				break
			}
			r.values = append(r.values, value*scale)
		}
		p.rows = append(p.rows, r)
	}
	return p
}

// traffic is a panel of a phase with traffic, nil when it was not planned.
func traffic(set *results.Set, measurement string, burst int, scale float64, fields ...string) []panel {
	p, planned := set.PlannedAs(measurement)
	if !planned {
		return nil
	}
	if burst > 1 {
		burst = p.LongestBurst()
	}
	keys := []results.Key{}
	for _, field := range fields {
		keys = append(keys, results.Key{Measurement: measurement, Phase: p.Mode, Burst: burst, Field: field})
	}
	return []panel{panelOf(set, trafficTitle(p, burst), measurement, scale, keys...)}
}

func trafficTitle(p results.Planned, burst int) string {
	n := count(p.N)
	switch {
	case p.Name == results.Echo:
		return "Echo with acknowledgement, " + n + " clients"
	case p.Name == results.Chat:
		return "Rooms, everybody talking, " + n + " clients"
	case p.Name == results.Polling:
		return "Lone messages to " + n + " that poll"
	case burst > 1:
		return fmt.Sprintf("Bursts of %d to %s", burst, n)
	}
	return "Lone messages to " + n
}

// many stands for the longest burst of a measurement.
const many = 2

func cpuChart(set *results.Set) ([]byte, error) {
	panels := slices.Concat(
		traffic(set, results.BroadcastSmall, 1, 1, results.CPU),
		traffic(set, results.BroadcastSmall, many, 1, results.CPU),
		traffic(set, results.BroadcastMedium, 1, 1, results.CPU),
		traffic(set, results.BroadcastMedium, many, 1, results.CPU),
		traffic(set, results.Echo, 0, 1, results.CPU),
		traffic(set, results.Chat, 0, 1, results.CPU),
	)
	return drawPanels("CPU time of the server for one delivery, or one echo",
		"microseconds, user and system; shorter is better", panels, 2, nil)
}

func memoryChart(set *results.Set) ([]byte, error) {
	panels := []panel{}
	for _, name := range []string{results.IdleSmall, results.IdleMedium, results.IdleLarge} {
		if p, planned := set.PlannedAs(name); planned {
			title := count(p.N) + " connections"
			panels = append(panels, panelOf(set, title, name, 1, results.Key{Measurement: name, Phase: "idle", Field: results.RSSPerConn}))
		}
	}
	return drawPanels("Memory of the server for one idle connection",
		"bytes, resident, before any forced collection; shorter is better", panels, 3, nil)
}

func latencyChart(set *results.Set) ([]byte, error) {
	const fromMicroseconds = 0.001
	panels := slices.Concat(
		traffic(set, results.BroadcastSmall, 1, fromMicroseconds, results.P50, results.P99),
		traffic(set, results.BroadcastMedium, 1, fromMicroseconds, results.P50, results.P99),
		traffic(set, results.Echo, 0, fromMicroseconds, results.P50, results.P99),
		traffic(set, results.Chat, 0, fromMicroseconds, results.P50, results.P99),
	)
	return drawPanels("Latency until a message is there, or an echo is back",
		"milliseconds; shorter is better", panels, 2, []string{"median (p50)", "99th percentile (p99)"})
}

// line is one server's in a chart of lines.
type line struct {
	server results.Server
	n, cpu []float64
}

func growthChart(set *results.Set) ([]byte, error) {
	lines := []line{}
	for _, s := range set.Run.Servers {
		l := line{server: s}
		for _, name := range []string{results.BroadcastSmall, results.BroadcastMedium, results.BroadcastLarge} {
			p, planned := set.PlannedAs(name)
			if !planned {
				continue
			}
			cpu, err := set.Median(s.Name, results.Key{Measurement: name, Phase: "broadcast", Burst: 1, Field: results.CPU})
			if err == nil {
				l.n, l.cpu = append(l.n, float64(p.N)), append(l.cpu, cpu)
			}
		}
		if len(l.n) > 0 {
			lines = append(lines, l)
		}
	}
	return drawLines("CPU time of the server for one delivery, by the number of connections",
		"microseconds, user and system, lone broadcasts to all; lower is better", lines)
}
