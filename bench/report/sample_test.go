package report

import (
	"fmt"
	"time"

	"rightnow/bench/results"
)

// cost is what a server of the sample needs: microseconds for a lone delivery
// to few and to many, in a burst, for an echo, in a room; bytes for a connection; latencies.
type cost struct {
	server, title                      string
	few, some, many, burst, echo, room float64
	bytes, p50, p99                    float64
}

func costs() []cost {
	return []cost{
		{server: results.Ours, title: "Right Now", few: 5.1, some: 6.9, many: 8.2, burst: 0.42, echo: 8.4, room: 11.2, bytes: 4870, p50: 15_100, p99: 38_900},
		{server: results.Node, title: "Node", few: 11.7, some: 15.9, many: 19.4, burst: 10.6, echo: 18.7, room: 21.2, bytes: 14_009, p50: 43_200, p99: 89_700},
		{server: results.Floor, title: "C and epoll", few: 4.85, some: 5.85, many: 6.9, burst: 5.3, echo: 6.8, room: 9.1, bytes: 17, p50: 15_200, p99: 36_600},
		{server: "gorilla", title: "gorilla, bare", few: 7.15, some: 9.25, many: 10.4, burst: 7.8, echo: 10.5, room: 13, bytes: 8510, p50: 23_050, p99: 59_700},
		{server: "gws", title: "gws, bare", few: 6.8, some: 7.95, many: 9.3, burst: 6.5, echo: 10, room: 13.3, bytes: 8808, p50: 21_860, p99: 47_000},
		{server: "coder", title: "coder, bare", few: 9.85, some: 10.9, many: 12.2, burst: 9.5, echo: 9.83, room: 13.5, bytes: 16_977, p50: 27_360, p99: 77_300},
	}
}

// sample is a whole set of invented numbers, all runs of which went well.
func sample() *results.Set {
	all := []string{}
	set := &results.Set{Run: results.Run{
		Started: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), Reps: 3,
		Machine: results.Machine{CPU: "A CPU", Cores: 2, Memory: 24 << 30, Kernel: "6.1", OpenFiles: 20_000},
		Pin:     &results.Pin{Server: "0", Load: "1"},
	}}
	for _, c := range costs() {
		all = append(all, c.server)
		set.Run.Servers = append(set.Run.Servers, results.Server{Name: c.server, Title: c.title, About: "a server", Command: "bin/" + c.server, Versions: []string{"go1.26"}})
	}
	two := []string{results.Ours, results.Node}
	set.Run.Planned = []results.Planned{
		{Name: results.IdleSmall, Title: "Idle", Mode: "idle", N: 1000, Servers: all, Reps: 3},
		{Name: results.IdleMedium, Title: "Idle", Mode: "idle", N: 5000, Servers: all, Reps: 3},
		{Name: results.IdleLarge, Title: "Idle", Mode: "idle", N: 19_900, Servers: all, Reps: 3},
		{Name: results.BroadcastSmall, Title: "Broadcast", Mode: "broadcast", N: 1000, Bursts: []int{1, 50}, Servers: all, Reps: 3},
		{Name: results.BroadcastMedium, Title: "Broadcast", Mode: "broadcast", N: 5000, Bursts: []int{1, 40}, Servers: all, Reps: 3},
		{Name: results.BroadcastLarge, Title: "Broadcast", Mode: "broadcast", N: 19_900, Bursts: []int{1}, Servers: all, Reps: 3},
		{Name: results.Echo, Title: "Echo", Mode: "echo", N: 64, Servers: all, Reps: 3},
		{Name: results.Chat, Title: "Rooms of 20", Mode: "chat", N: 1000, Servers: all, Reps: 3},
		{Name: results.Polling, Title: "Polling", Mode: "polling", N: 1000, Bursts: []int{1}, Servers: two, Reps: 3},
		{Name: results.Dead, Title: "Dead", Mode: "broadcast", N: 5000, Bursts: []int{1}, Servers: two[:1], Reps: 5},
		{Name: results.Storm, Title: "Storm", Mode: "storm", N: 10_000, Servers: two, Reps: 3},
		{Name: results.Allocations, Title: "Allocations", Servers: two[:1], Reps: 1, Command: "go test"},
	}
	for rep := range 3 {
		wobble := 1 + 0.1*float64((rep*2)%3-1) // one run at the value, one below, one above
		for _, c := range costs() {
			set.Measurements = append(set.Measurements, c.runs(rep, wobble)...)
		}
	}
	for rep := range 5 {
		for variant, p99 := range map[string]float64{results.WithoutDead: 40_000, results.WithDead: 42_000 + 1000*float64(rep)} {
			set.Measurements = append(set.Measurements, results.Measurement{Name: results.Dead, Variant: variant, Server: results.Ours, Rep: rep,
				Phases: []results.Phase{{Name: "broadcast", Values: map[string]float64{"burst": 1, results.P99: p99}}}})
		}
	}
	set.Measurements = append(set.Measurements, results.Measurement{Name: results.Allocations, Server: results.Ours, Phases: []results.Phase{
		{Name: results.Allocations, Values: map[string]float64{"n": 1, "allocs_per_op": 8, "bytes_per_op": 662}},
		{Name: results.Allocations, Values: map[string]float64{"n": 1000, "allocs_per_op": 8, "bytes_per_op": 876}}}})
	return set
}

// runs are one repetition of a server.
func (c cost) runs(rep int, wobble float64) (all []results.Measurement) {
	add := func(name string, phases ...results.Phase) {
		all = append(all, results.Measurement{Name: name, Server: c.server, Rep: rep, LoadAverage: 0.5, Phases: phases})
	}
	idle := results.Phase{Name: "idle", Values: map[string]float64{results.RSSPerConn: c.bytes * wobble, "collected_per_conn": c.bytes * 0.9,
		"slab_per_conn": 9800, "cpu_us_per_conn": 40, "connects_per_s": 12_345}}
	phase := func(name string, burst, cpu, slower float64) results.Phase {
		return results.Phase{Name: name, Values: map[string]float64{"burst": burst, results.CPU: cpu * wobble, "per_s": 1e6 / cpu,
			results.P50: c.p50 * slower, results.P99: c.p99 * slower * wobble, "max_us": 2 * c.p99 * slower, "sys_share": 0.9, "switches_per_1000": 3.4}}
	}
	add(results.IdleSmall, idle)
	add(results.IdleMedium, idle)
	add(results.IdleLarge, idle)
	add(results.BroadcastSmall, idle, phase("broadcast", 1, c.few, 0.2), phase("broadcast", 50, c.burst, 2))
	add(results.BroadcastMedium, idle, phase("broadcast", 1, c.some, 1), phase("broadcast", 40, c.burst, 8))
	add(results.BroadcastLarge, idle, phase("broadcast", 1, c.many, 4))
	add(results.Echo, phase("echo", 0, c.echo, 0.03))
	add(results.Chat, phase("chat", 0, c.room, 0.02))
	if c.server == results.Ours || c.server == results.Node {
		add(results.Polling, phase("polling", 1, 3*c.room, 1))
		add(results.Storm, results.Phase{Name: "storm", Values: map[string]float64{"cpu_us_per_handshake": 20 * c.few, "reconnects_per_s": 2000,
			results.P50: 1e6, results.P99: 2e6, "max_us": 3e6}})
	}
	return all
}

// without removes the measurements of a server that have a name, and puts a
// failed one in their place.
func without(set *results.Set, name, server, reason string) *results.Set {
	left := []results.Measurement{}
	for _, m := range set.Measurements {
		if m.Name == name && m.Server == server {
			m.Phases, m.Error = nil, fmt.Sprint(reason)
		}
		left = append(left, m)
	}
	set.Measurements = left
	return set
}
