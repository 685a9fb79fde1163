package results

import (
	"fmt"
	"math"
	"slices"
)

// The servers that targets speak of.
const (
	Ours  = "ours"
	Node  = "node"
	Floor = "floor" // C and epoll: what the kernel asks for
)

// The measurements that targets speak of, by the role they play; how many
// connections each has is in the Run.
const (
	IdleSmall       = "idle-small"
	IdleMedium      = "idle-medium"
	IdleLarge       = "idle-large"
	BroadcastSmall  = "broadcast-small"
	BroadcastMedium = "broadcast-medium"
	BroadcastLarge  = "broadcast-large"
	Echo            = "echo"
	Chat            = "chat"
	Polling         = "polling"
	Dead            = "dead" // in the variants WithDead and WithoutDead
	Storm           = "storm"
	Allocations     = "allocations" // of ours, by a Go benchmark
)

// The variants of Dead.
const (
	WithDead    = "with"
	WithoutDead = "without"
)

// Fields that more than one package asks for.
const (
	CPU        = "cpu_s_per_million"
	P50        = "p50_us"
	P99        = "p99_us"
	RSSPerConn = "rss_per_conn"
)

// Target is a figure to reach: what is measured must not be above Limit.
type Target struct {
	What  string
	Limit float64
	Unit  string // stands behind the numbers

	needs    []string // the measurements that it looks at
	measured func(*Set) (float64, error)
}

// Verdict is a target with what was measured, or with Err, a *Missing.
type Verdict struct {
	Target
	Value float64
	Err   error
}

// Met tells whether the target was measured and reached.
func (v Verdict) Met() bool { return v.Err == nil && v.Value <= v.Limit }

// Over is by what share of the limit the value lies above it, below it when
// negative; infinite above a limit of 0.
func (v Verdict) Over() float64 {
	if v.Value == v.Limit {
		return 0
	}
	return (v.Value - v.Limit) / v.Limit
}

// Check holds the medians against the targets: those whose measurements were
// planned.
func Check(s *Set) (verdicts []Verdict) {
	for _, t := range targets(s) {
		if slices.ContainsFunc(t.needs, func(name string) bool { _, planned := s.PlannedAs(name); return !planned }) {
			continue
		}
		value, err := t.measured(s)
		verdicts = append(verdicts, Verdict{Target: t, Value: value, Err: err})
	}
	return verdicts
}

// targets are the figures to reach. Their texts have the numbers of
// connections that were planned.
func targets(s *Set) (all []Target) {
	for _, name := range []string{BroadcastSmall, BroadcastMedium} {
		p, _ := s.PlannedAs(name)
		lone := Key{Measurement: name, Phase: "broadcast", Burst: 1, Field: CPU}
		what := fmt.Sprintf("CPU per delivery, lone broadcast, n=%d", p.N)
		all = append(all, ratio(what, 1.3, Floor, lone), ratio(what, 0.55, Node, lone))
	}
	for _, name := range []string{BroadcastSmall, BroadcastMedium} {
		p, _ := s.PlannedAs(name)
		burst := Key{Measurement: name, Phase: "broadcast", Burst: p.LongestBurst(), Field: CPU}
		all = append(all, ratio(fmt.Sprintf("CPU per delivery, bursts of %d, n=%d", burst.Burst, p.N), 0.08, Node, burst))
	}
	echo := Key{Measurement: Echo, Phase: "echo", Field: CPU}
	chat := Key{Measurement: Chat, Phase: "chat", Field: CPU}
	polling := Key{Measurement: Polling, Phase: "polling", Field: CPU}
	all = append(all,
		ratio("CPU per echo with acknowledgement", 1.5, Floor, echo),
		ratio("CPU per echo with acknowledgement", 0.55, Node, echo),
		ratio("CPU per delivery, everybody talking in rooms", 0.6, Node, chat))
	all = append(all, memory(s)...)
	return append(all,
		Target{"allocations for each recipient of a broadcast", 0, "", []string{Allocations}, allocationsPerRecipient},
		latency(s), growth(s), deadReader(s),
		ratio("CPU per delivery, polling clients", 0.5, Node, polling))
}

// ratio is a target of our median over another server's.
func ratio(what string, limit float64, over string, k Key) Target {
	unit := map[string]string{Node: "× Node", Floor: "× the C floor"}[over]
	return Target{what, limit, unit, []string{k.Measurement}, func(s *Set) (float64, error) { return s.Ratio(Ours, over, k) }}
}

func memory(s *Set) []Target {
	p, _ := s.PlannedAs(IdleLarge)
	what := fmt.Sprintf("memory of an idle connection, n=%d", p.N)
	each := Key{Measurement: IdleLarge, Phase: "idle", Field: RSSPerConn}
	return []Target{
		{what, 5500, "bytes", []string{IdleLarge}, func(s *Set) (float64, error) { return s.Median(Ours, each) }},
		ratio(what, 0.4, Node, each),
	}
}

func latency(s *Set) Target {
	p, _ := s.PlannedAs(BroadcastMedium)
	return ratio(fmt.Sprintf("p99 latency of a lone broadcast, n=%d", p.N), 0.7, Node,
		Key{Measurement: BroadcastMedium, Phase: "broadcast", Burst: 1, Field: P99})
}

// growth compares how much dearer a delivery becomes when there are many
// connections with how much dearer it becomes for the floor.
func growth(s *Set) Target {
	small, _ := s.PlannedAs(BroadcastSmall)
	large, _ := s.PlannedAs(BroadcastLarge)
	what := fmt.Sprintf("growth of CPU per delivery from n=%d to n=%d", small.N, large.N)
	return Target{what, 1.15, "× the C floor's growth", []string{BroadcastSmall, BroadcastLarge}, func(s *Set) (float64, error) {
		few, err := s.Ratio(Ours, Floor, Key{Measurement: BroadcastSmall, Phase: "broadcast", Burst: 1, Field: CPU})
		if err != nil {
			return 0, err
		}
		many, err := s.Ratio(Ours, Floor, Key{Measurement: BroadcastLarge, Phase: "broadcast", Burst: 1, Field: CPU})
		if err != nil {
			return 0, err
		}
		if few == 0 {
			return 0, &Missing{Ours, CPU + " is 0"}
		}
		return many / few, nil
	}}
}

func deadReader(s *Set) Target {
	p, _ := s.PlannedAs(Dead)
	what := fmt.Sprintf("p99 latency of the others beside a dead reader, n=%d", p.N)
	return Target{what, 1.3, "× without it", []string{Dead}, func(s *Set) (float64, error) {
		return s.PairRatio(Ours, Key{Measurement: Dead, Phase: "broadcast", Field: P99}, WithDead, WithoutDead)
	}}
}

// allocationsPerRecipient is the slope between the fewest and the most
// recipients of the benchmark, in hundredths: a pool that is filled again once
// in a while is no allocation for each.
func allocationsPerRecipient(s *Set) (float64, error) {
	var few, many *Phase
	for _, m := range s.Measurements {
		if m.Name != Allocations {
			continue
		}
		for i := range m.Phases {
			p := &m.Phases[i]
			if few == nil || p.Values["n"] < few.Values["n"] {
				few = p
			}
			if many == nil || p.Values["n"] > many.Values["n"] {
				many = p
			}
		}
	}
	if few == nil || few.Values["n"] == many.Values["n"] {
		return 0, s.whyMissing(Ours, Key{Measurement: Allocations, Field: "allocs_per_op"})
	}
	slope := (many.Values["allocs_per_op"] - few.Values["allocs_per_op"]) / (many.Values["n"] - few.Values["n"])
	return math.Round(100*slope) / 100, nil
}

// LongestBurst is the largest of the bursts, 0 without any.
func (p Planned) LongestBurst() (longest int) {
	for _, b := range p.Bursts {
		longest = max(longest, b)
	}
	return longest
}
