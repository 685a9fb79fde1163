// Package measure builds the servers, starts each fresh for each measurement,
// and has `rightnow bench` load it. It needs Linux, as the load does.
package measure

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rightnow/bench/results"
)

// Plan is what is measured, of which servers.
type Plan struct {
	Servers      []Server // ours first
	Measurements []Measurement
	Reps         int // of each measurement that says nothing else
}

// Measurement is one kind of run. Each run has a fresh server, but for
// Allocations, which has none.
type Measurement struct {
	Name, Title string
	Mode        string   // of `rightnow bench`
	N           int      // connections
	Wanted      int      // connections, where the limit of open files allows fewer, else 0
	Bursts      []int    // of a broadcast
	Args        []string // further flags of `rightnow bench`
	GoBenchmark []string // arguments of `go test`, in place of a server and a load
	Variants    []Variant
	Servers     []string // nil: all
	Reps        int      // 0: the plan's
}

// Variant is one of the ways to run a measurement; they are run in turn.
type Variant struct {
	Name string
	Args []string // added to the measurement's
}

// Size says how much is measured.
type Size struct {
	Small, Medium, Large, Storm int // connections
	Reps, Pairs                 int
	Rest                        string // before memory is read

	PerSmall, PerMedium, PerLarge int // messages of a broadcast to each receiver
	BurstSmall, BurstMedium       int
	Echoers, Requests             int
	Room, ChatSeconds             int
	Polls                         int    // messages to each polling client
	DeadMessages, DeadBytes       int    // beside a reader that is dead
	Operations                    string // of the Go benchmark
}

// Full is what docs/performance.md shows; it takes about twenty minutes.
func Full() Size {
	return Size{
		Small: 1000, Medium: 5000, Large: 19_900, Storm: 10_000, Reps: 3, Pairs: 5, Rest: "2s",
		PerSmall: 400, PerMedium: 80, PerLarge: 20, BurstSmall: 50, BurstMedium: 40,
		Echoers: 64, Requests: 120_000, Room: 20, ChatSeconds: 6, Polls: 100,
		DeadMessages: 40, Operations: "1000x",
	}
}

// Quick shows that all of it works. Its numbers mean nothing.
func Quick() Size {
	return Size{
		Small: 40, Medium: 60, Large: 80, Storm: 50, Reps: 1, Pairs: 1, Rest: "100ms",
		PerSmall: 20, PerMedium: 20, PerLarge: 10, BurstSmall: 10, BurstMedium: 5,
		Echoers: 8, Requests: 400, Room: 20, ChatSeconds: 1, Polls: 5,
		DeadMessages: 5, Operations: "20x",
	}
}

// spareFiles are those of a process that are no connections.
const spareFiles = 100

// Make makes the plan for processes that may have so many open files.
func Make(size Size, openFiles int) Plan {
	bounded := func(m Measurement) Measurement {
		if most := max(1, openFiles-spareFiles); m.N > most {
			m.N, m.Wanted = most, m.N
		}
		return m
	}
	p := Plan{Servers: Servers(), Reps: size.Reps}
	for _, m := range slices.Concat(idle(size), broadcasts(size), others(size)) {
		p.Measurements = append(p.Measurements, bounded(m))
	}
	return p
}

func idle(size Size) []Measurement {
	args := []string{"--wait", size.Rest, "--collect"}
	return []Measurement{
		{Name: results.IdleSmall, Title: "Idle connections", Mode: "idle", N: size.Small, Args: args},
		{Name: results.IdleMedium, Title: "Idle connections", Mode: "idle", N: size.Medium, Args: args},
		{Name: results.IdleLarge, Title: "Idle connections", Mode: "idle", N: size.Large, Args: args},
	}
}

func broadcasts(size Size) []Measurement {
	broadcast := func(name string, n, messages int, bursts ...int) Measurement {
		return Measurement{Name: name, Title: "Broadcast to all", Mode: "broadcast", N: n, Bursts: bursts,
			Args: []string{"--wait", "200ms", "--messages", strconv.Itoa(messages)}}
	}
	return []Measurement{
		broadcast(results.BroadcastSmall, size.Small, size.PerSmall, 1, size.BurstSmall),
		broadcast(results.BroadcastMedium, size.Medium, size.PerMedium, 1, size.BurstMedium),
		broadcast(results.BroadcastLarge, size.Large, size.PerLarge, 1),
	}
}

func others(size Size) []Measurement {
	number := strconv.Itoa
	return []Measurement{
		{Name: results.Echo, Title: "Echo with acknowledgement, one outstanding for each client", Mode: "echo", N: size.Echoers,
			Args: []string{"--wait", "100ms", "--requests", number(size.Requests)}},
		{Name: results.Chat, Title: fmt.Sprintf("Rooms of %d, everybody says one thing a second", size.Room), Mode: "chat", N: size.Small,
			Args: []string{"--wait", "200ms", "--room", number(size.Room), "--say", "1", "--duration", number(size.ChatSeconds) + "s"}},
		{Name: results.Polling, Title: "Broadcast to polling clients", Mode: "polling", N: size.Small, Bursts: []int{1},
			Args: []string{"--wait", "200ms", "--messages", number(size.Polls)}, Servers: []string{results.Ours, results.Node}},
		{Name: results.Dead, Title: "Broadcast beside a reader that is dead", Mode: "broadcast", N: size.Medium, Bursts: []int{1},
			Args:     []string{"--wait", "200ms", "--messages", number(size.DeadMessages)},
			Variants: []Variant{{Name: results.WithoutDead}, {Name: results.WithDead, Args: []string{"--dead", "1"}}},
			Servers:  []string{results.Ours}, Reps: size.Pairs},
		{Name: results.Storm, Title: "All are cut off at once and come back", Mode: "storm", N: size.Storm,
			Args: []string{"--wait", "200ms"}, Servers: []string{results.Ours, results.Node}},
		{Name: results.Allocations, Title: "Allocations of a broadcast", Servers: []string{results.Ours}, Reps: 1,
			GoBenchmark: []string{"-run=^$", "-bench=^BenchmarkBroadcast$/^net=tcp$", "-benchmem", "-benchtime=" + size.Operations, "./socketio"}},
	}
}

// Select keeps the measurements and servers that are named; no name keeps all.
// "broadcast" names all whose name begins with "broadcast-".
func (p *Plan) Select(measurements, servers []string) error {
	err := keep(&p.Measurements, measurements, "measurement", func(m Measurement, name string) bool {
		return m.Name == name || strings.HasPrefix(m.Name, name+"-")
	}, func(m Measurement) string { return m.Name })
	if err != nil {
		return err
	}
	return keep(&p.Servers, servers, "server", func(s Server, name string) bool { return s.Name == name },
		func(s Server) string { return s.Name })
}

// keep keeps those of all that one of the names is meant to name.
func keep[T any](all *[]T, names []string, what string, named func(T, string) bool, nameOf func(T) string) error {
	for _, name := range names {
		if !slices.ContainsFunc(*all, func(t T) bool { return named(t, name) }) {
			known := []string{}
			for _, t := range *all {
				known = append(known, nameOf(t))
			}
			return fmt.Errorf("there is no %s %q, only %s", what, name, strings.Join(known, ", "))
		}
	}
	if len(names) > 0 {
		*all = slices.DeleteFunc(*all, func(t T) bool {
			return !slices.ContainsFunc(names, func(name string) bool { return named(t, name) })
		})
	}
	return nil
}

// SetReps has every measurement repeated so often.
func (p *Plan) SetReps(reps int) {
	p.Reps = reps
	for i := range p.Measurements {
		p.Measurements[i].Reps = min(p.Measurements[i].Reps, reps)
	}
}

// reps is how often a measurement is repeated.
func (p *Plan) reps(m Measurement) int {
	if m.Reps > 0 {
		return m.Reps
	}
	return p.Reps
}

// takesPart tells whether a measurement is of a server.
func (m Measurement) takesPart(s Server) bool {
	return m.Servers == nil || slices.Contains(m.Servers, s.Name)
}

// variants are the measurement's, at least one without a name.
func (m Measurement) variants() []Variant {
	if len(m.Variants) == 0 {
		return []Variant{{}}
	}
	return m.Variants
}

// flags are the load's, without the server's address.
func (m Measurement) flags(v Variant) []string {
	flags := []string{"--connections", strconv.Itoa(m.N)}
	if len(m.Bursts) > 0 {
		bursts := []string{}
		for _, b := range m.Bursts {
			bursts = append(bursts, strconv.Itoa(b))
		}
		flags = append(flags, "--bursts", strings.Join(bursts, ","))
	}
	return slices.Concat(flags, m.Args, v.Args)
}
