package report

import (
	"errors"
	"fmt"
	"slices"

	"rightnow/bench/results"
)

// section is a table with its heading.
type section struct{ Title, Text string }

// column is one of a table of servers.
type column struct {
	head string
	cell func(server string) (string, error)
}

// tables are all tables of measurements, in the order of the plan.
func tables(set *results.Set) (all []section) {
	for _, p := range set.Run.Planned {
		switch {
		case p.Name == results.Allocations:
			all = append(all, section{p.Title + " (`" + p.Command + "`)", allocationTable(set)})
		case p.Name == results.Dead:
			all = append(all, section{heading(p, 0), pairTable(set, p)})
		case p.Mode == "idle":
			all = append(all, section{heading(p, 0), serverTable(set, p, idleColumns(set, p))})
		case p.Mode == "storm":
			all = append(all, section{heading(p, 0), serverTable(set, p, stormColumns(set, p))})
		case len(p.Bursts) > 0:
			for _, burst := range p.Bursts {
				all = append(all, section{heading(p, burst), serverTable(set, p, trafficColumns(set, p, burst))})
			}
		default:
			all = append(all, section{heading(p, 0), serverTable(set, p, trafficColumns(set, p, 0))})
		}
	}
	return all
}

// heading says what is in a table.
func heading(p results.Planned, burst int) string {
	text := fmt.Sprintf("%s, n=%s", p.Title, count(p.N))
	switch {
	case burst == 1:
		text += ", lone messages"
	case burst > 1:
		text += fmt.Sprintf(", bursts of %d", burst)
	}
	if p.Wanted > 0 {
		text += fmt.Sprintf(" (%s were wanted, a process may not have so many open files)", count(p.Wanted))
	}
	return text
}

// serverTable has a row for each server. What could not be measured says why.
func serverTable(set *results.Set, p results.Planned, columns []column) string {
	head := []string{"server"}
	for _, c := range columns {
		head = append(head, c.head)
	}
	rows := [][]string{}
	for _, s := range set.Run.Servers {
		if !slices.Contains(p.Servers, s.Name) {
			continue
		}
		rows = append(rows, serverRow(set, p, s, columns))
	}
	return table(head, rows)
}

func serverRow(set *results.Set, p results.Planned, s results.Server, columns []column) []string {
	row := []string{s.Title}
	if good, all := runs(set, p.Name, s.Name); good < p.Reps {
		row[0] += fmt.Sprintf(" (%d of %d runs)", good, max(all, p.Reps))
	}
	for i, c := range columns {
		text, err := c.cell(s.Name)
		if missing := new(results.Missing); i == 0 && errors.As(err, &missing) { // the first number is what the table is about
			return append(row, missing.Reason)
		}
		if err != nil {
			text = "–"
		}
		row = append(row, text)
	}
	return row
}

// runs counts a server's runs of a measurement, and those that went well.
func runs(set *results.Set, measurement, server string) (good, all int) {
	for _, m := range set.Measurements {
		if m.Name == measurement && m.Server == server {
			all++
			if m.Error == "" {
				good++
			}
		}
	}
	return good, all
}

// plain is a column of medians.
func plain(set *results.Set, k results.Key, head string, show func(float64) string) column {
	return column{head, func(server string) (string, error) {
		value, err := set.Median(server, k)
		return show(value), err
	}}
}

// spread is a column of medians with the lowest and the highest value.
func spread(set *results.Set, k results.Key, head string) column {
	return column{head, func(server string) (string, error) {
		value, err := set.Median(server, k)
		if err != nil {
			return "", err
		}
		values := set.Values(server, k)
		if len(values) == 1 {
			return number(value), nil
		}
		return fmt.Sprintf("%s (%s–%s)", number(value), number(slices.Min(values)), number(slices.Max(values))), nil
	}}
}

// times is a column of ratios to another server.
func times(set *results.Set, k results.Key, over, head string) column {
	return column{head, func(server string) (string, error) {
		value, err := set.Ratio(server, over, k)
		if missing := new(results.Missing); errors.As(err, &missing) {
			return "–", nil
		}
		return number(value), err
	}}
}

func trafficColumns(set *results.Set, p results.Planned, burst int) []column {
	key := func(field string) results.Key {
		return results.Key{Measurement: p.Name, Phase: p.Mode, Burst: burst, Field: field}
	}
	what := "deliveries"
	if p.Mode == "echo" {
		what = "echoes"
	}
	columns := []column{
		spread(set, key(results.CPU), "CPU s per million "+what),
		times(set, key(results.CPU), results.Node, "× Node"),
	}
	if slices.Contains(p.Servers, results.Floor) {
		columns = append(columns, times(set, key(results.CPU), results.Floor, "× floor"))
	}
	return append(columns,
		plain(set, key("per_s"), "per second", number),
		plain(set, key(results.P50), "p50 ms", milliseconds),
		plain(set, key(results.P99), "p99 ms", milliseconds),
		plain(set, key("max_us"), "max ms", milliseconds),
		plain(set, key("sys_share"), "in the kernel", percent),
		plain(set, key("switches_per_1000"), "switches per 1,000", number),
		plain(set, key("load_busy"), "load busy", percent))
}

func idleColumns(set *results.Set, p results.Planned) []column {
	key := func(field string) results.Key {
		return results.Key{Measurement: p.Name, Phase: "idle", Field: field}
	}
	return []column{
		spread(set, key(results.RSSPerConn), "bytes for each"),
		times(set, key(results.RSSPerConn), results.Node, "× Node"),
		plain(set, key("collected_per_conn"), "after a collection", number),
		plain(set, key("slab_per_conn"), "kernel, both ends", number),
		plain(set, key("cpu_us_per_conn"), "CPU µs to connect one", number),
		plain(set, key("connects_per_s"), "connects per second", number),
	}
}

func stormColumns(set *results.Set, p results.Planned) []column {
	key := func(field string) results.Key {
		return results.Key{Measurement: p.Name, Phase: "storm", Field: field}
	}
	return []column{
		spread(set, key("cpu_us_per_handshake"), "CPU µs per handshake"),
		times(set, key("cpu_us_per_handshake"), results.Node, "× Node"),
		plain(set, key("reconnects_per_s"), "back per second", number),
		plain(set, key(results.P50), "p50 ms until served", milliseconds),
		plain(set, key(results.P99), "p99 ms until served", milliseconds),
		plain(set, key("max_us"), "max ms", milliseconds),
	}
}

// pairTable has a row for each pair of runs with and without a dead reader.
func pairTable(set *results.Set, p results.Planned) string {
	key := results.Key{Measurement: p.Name, Phase: p.Mode, Field: results.P99}
	rows := [][]string{}
	for i, pair := range set.Pairs(results.Ours, key, results.WithDead, results.WithoutDead) {
		ratio := "–"
		if pair[1] != 0 {
			ratio = number(pair[0] / pair[1])
		}
		rows = append(rows, []string{fmt.Sprint(i + 1), milliseconds(pair[1]), milliseconds(pair[0]), ratio})
	}
	median, err := set.PairRatio(results.Ours, key, results.WithDead, results.WithoutDead)
	if err != nil {
		return err.Error()
	}
	rows = append(rows, []string{"median", "", "", number(median)})
	return table([]string{"pair", "p99 ms of all, nobody dead", "p99 ms of the others, one dead", "ratio"}, rows)
}

func allocationTable(set *results.Set) string {
	rows := [][]string{}
	for _, m := range set.Measurements {
		if m.Name != results.Allocations {
			continue
		}
		if m.Error != "" {
			return "It failed: " + m.Error
		}
		for _, phase := range m.Phases {
			rows = append(rows, []string{exact(phase.Values["n"]), exact(phase.Values["allocs_per_op"]), exact(phase.Values["bytes_per_op"])})
		}
	}
	return table([]string{"recipients", "allocations of one broadcast", "bytes"}, rows)
}
