package results

import (
	"math"
	"strings"
	"testing"
)

// flat is a set in which every number of a server is the same.
func flat(values map[string]float64) *Set {
	set := &Set{Run: Run{Planned: []Planned{
		{Name: BroadcastSmall, N: 1000, Bursts: []int{1, 50}},
		{Name: BroadcastMedium, N: 5000, Bursts: []int{1, 40}},
		{Name: BroadcastLarge, N: 19_900, Bursts: []int{1}},
		{Name: IdleLarge, N: 19_900},
		{Name: Echo}, {Name: Chat}, {Name: Polling}, {Name: Allocations},
		{Name: Dead, N: 5000},
	}}}
	modes := map[string]string{BroadcastSmall: "broadcast", BroadcastMedium: "broadcast", BroadcastLarge: "broadcast",
		IdleLarge: "idle", Echo: "echo", Chat: "chat", Polling: "polling"}
	for server, value := range values {
		for name, mode := range modes {
			var phases []Phase
			for _, burst := range []float64{1, 40, 50} {
				phases = append(phases, Phase{mode, map[string]float64{"burst": burst, CPU: value, P99: value, RSSPerConn: value}})
			}
			set.Measurements = append(set.Measurements, Measurement{Name: name, Server: server, Phases: phases})
		}
	}
	return set
}

// with adds what targets look at besides: a dead reader that costs so much,
// allocations for each recipient.
func (s *Set) with(dead, allocations float64) *Set {
	for variant, p99 := range map[string]float64{WithoutDead: 10, WithDead: 10 * dead} {
		s.Measurements = append(s.Measurements, Measurement{Name: Dead, Variant: variant, Server: Ours, Phases: []Phase{{"broadcast", map[string]float64{P99: p99}}}})
	}
	s.Measurements = append(s.Measurements, Measurement{Name: Allocations, Server: Ours, Phases: []Phase{
		{Allocations, map[string]float64{"n": 1, "allocs_per_op": 8}},
		{Allocations, map[string]float64{"n": 1000, "allocs_per_op": 8 + 999*allocations}}}})
	return s
}

const allTargets = 16

func TestEveryTargetCanBeMetAndMissed(t *testing.T) {
	good := Check(flat(map[string]float64{Ours: 1, Node: 100, Floor: 1}).with(1, 0))
	bad := flat(map[string]float64{Ours: 10_000, Node: 1, Floor: 1})
	for i := range bad.Measurements {
		if m := &bad.Measurements[i]; m.Name == BroadcastLarge && m.Server == Ours {
			m.Phases[0].Values[CPU] *= 2 // growth
		}
	}
	missed := Check(bad.with(2, 1))
	unknown := Check(flat(nil))
	if len(good) != allTargets || len(missed) != allTargets || len(unknown) != allTargets {
		t.Fatalf("%d, %d and %d targets", len(good), len(missed), len(unknown))
	}
	for i := range good {
		if !good[i].Met() || good[i].Over() > 0 {
			t.Errorf("not met: %+v", good[i])
		}
		if missed[i].Met() || missed[i].Err != nil || missed[i].Over() <= 0 {
			t.Errorf("not missed: %+v", missed[i])
		}
		if unknown[i].Met() || unknown[i].Err == nil {
			t.Errorf("known: %+v", unknown[i])
		}
	}
}

func TestTargetsOfWhatWasNotPlannedAreLeftOut(t *testing.T) {
	set := flat(map[string]float64{Ours: 1, Node: 100, Floor: 1})
	for planned, want := range map[string]int{Echo: 2, BroadcastSmall: 3, BroadcastLarge: 0, Polling: 1} {
		set.Run.Planned = []Planned{{Name: planned, Bursts: []int{1, 50}}}
		if got := len(Check(set)); got != want {
			t.Errorf("%d targets of %s, want %d", got, planned, want)
		}
	}
}

func TestOver(t *testing.T) {
	for _, test := range []struct {
		value, limit, over float64
		met                bool
	}{
		{1.3, 1.3, 0, true},
		{0.65, 1.3, -0.5, true},
		{1.43, 1.3, 0.1, false},
		{0, 0, 0, true},
		{1, 0, math.Inf(1), false},
	} {
		v := Verdict{Target: Target{Limit: test.limit}, Value: test.value}
		if v.Met() != test.met || math.Abs(v.Over()-test.over) > 1e-9 && v.Over() != test.over {
			t.Errorf("%v of %v: met %v, over by %v", test.value, test.limit, v.Met(), v.Over())
		}
	}
}

func TestGrowthIsBesideTheFloors(t *testing.T) {
	set := flat(map[string]float64{Ours: 5, Floor: 4})
	for i := range set.Measurements {
		if m := &set.Measurements[i]; m.Name == BroadcastLarge {
			m.Phases[0].Values[CPU] *= map[string]float64{Ours: 1.8, Floor: 1.5}[m.Server]
		}
	}
	got, err := growth(set).measured(set)
	if math.Abs(got-1.2) > 1e-9 || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	if what := growth(set).What; !strings.Contains(what, "n=1000 to n=19900") {
		t.Error(what)
	}
}

func TestAllocationsAreASlope(t *testing.T) {
	for _, test := range []struct{ each, want float64 }{{0, 0}, {1, 1}, {0.004, 0}, {0.02, 0.02}} {
		got, err := allocationsPerRecipient((&Set{}).with(1, test.each))
		if got != test.want || err != nil {
			t.Errorf("%v, %v, want %v", got, err, test.want)
		}
	}
}
