package results

import (
	"errors"
	"reflect"
	"testing"
)

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{3}, 3},
		{[]float64{5, 1}, 3},
		{[]float64{9, 1, 2}, 2},
		{[]float64{1, 100, 2, 4}, 3},
		{[]float64{2, 2, 7, 1, 9}, 2},
	} {
		if got := median(test.values); got != test.want {
			t.Errorf("%v of %v", got, test.values)
		}
	}
	values := []float64{3, 1, 2}
	if median(values); !reflect.DeepEqual(values, []float64{3, 1, 2}) {
		t.Error("the values were sorted where they lie")
	}
}

// echoes is a set with a server's CPU values of echo, one a repetition.
func echoes(values map[string][]float64) *Set {
	set := &Set{}
	for server, all := range values {
		for rep, value := range all {
			set.Measurements = append(set.Measurements, Measurement{Name: Echo, Server: server, Rep: rep,
				Phases: []Phase{{"idle", map[string]float64{CPU: 1000}}, {"echo", map[string]float64{CPU: value}}}})
		}
	}
	return set
}

var echoCPU = Key{Measurement: Echo, Phase: "echo", Field: CPU}

func TestRatioIsOfMedians(t *testing.T) {
	set := echoes(map[string][]float64{Ours: {4, 8, 5}, Node: {20, 1, 10}})
	if got, err := set.Ratio(Ours, Node, echoCPU); got != 0.5 || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	if got := set.Values(Ours, echoCPU); !reflect.DeepEqual(got, []float64{4, 8, 5}) {
		t.Errorf("%v", got)
	}
}

func TestBurstsAreKeptApart(t *testing.T) {
	set := &Set{Measurements: []Measurement{{Name: BroadcastSmall, Server: Ours, Phases: []Phase{
		{"idle", map[string]float64{"n": 1000}},
		{"broadcast", map[string]float64{"burst": 1, CPU: 5}},
		{"broadcast", map[string]float64{"burst": 50, CPU: 0.3}},
	}}}}
	for burst, want := range map[int]float64{1: 5, 50: 0.3} {
		got, err := set.Median(Ours, Key{Measurement: BroadcastSmall, Phase: "broadcast", Burst: burst, Field: CPU})
		if got != want || err != nil {
			t.Errorf("bursts of %d: %v, %v", burst, got, err)
		}
	}
}

func TestMissingSaysWhy(t *testing.T) {
	set := echoes(map[string][]float64{Ours: {4}, "zero": {0}})
	set.Run.Servers = []Server{{Name: "unbuilt", Problem: "cc: not found"}}
	set.Measurements = append(set.Measurements, Measurement{Name: Echo, Server: Node, Error: "load: exit status 1"})
	for server, want := range map[string]string{
		"unbuilt":  "unbuilt: could not be built",
		Node:       "node: failed: load: exit status 1",
		"stranger": "stranger: not measured",
		"zero":     "zero: cpu_s_per_million is 0",
	} {
		_, err := set.Ratio(Ours, server, echoCPU)
		if missing := new(Missing); !errors.As(err, &missing) || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	unsaid := Key{Measurement: Echo, Phase: "echo", Field: "p50_us"}
	if _, err := set.Median(Ours, unsaid); err == nil || err.Error() != "ours: the load said no p50_us" {
		t.Error(err)
	}
}

func TestAFailedRunDoesNotSpoilTheOthers(t *testing.T) {
	set := echoes(map[string][]float64{Ours: {4, 6}})
	set.Measurements = append(set.Measurements, Measurement{Name: Echo, Server: Ours, Rep: 2, Error: "lost"})
	if got, err := set.Median(Ours, echoCPU); got != 5 || err != nil {
		t.Errorf("%v, %v", got, err)
	}
}

func TestPairs(t *testing.T) {
	set := &Set{}
	add := func(variant string, rep int, p99 float64) {
		set.Measurements = append(set.Measurements, Measurement{Name: Dead, Variant: variant, Server: Ours, Rep: rep,
			Phases: []Phase{{"broadcast", map[string]float64{P99: p99}}}})
	}
	key := Key{Measurement: Dead, Phase: "broadcast", Field: P99}
	if _, err := set.PairRatio(Ours, key, WithDead, WithoutDead); err == nil {
		t.Error("a ratio of nothing")
	}
	add(WithoutDead, 0, 10)
	add(WithDead, 0, 11)
	add(WithDead, 1, 30) // the second pair was measured the other way round
	add(WithoutDead, 1, 20)
	add(WithoutDead, 2, 40) // its partner failed
	add(WithoutDead, 3, 10)
	add(WithDead, 3, 90)
	want := [][2]float64{{11, 10}, {30, 20}, {90, 10}}
	if got := set.Pairs(Ours, key, WithDead, WithoutDead); !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
	// The median of 1.1, 1.5 and 9, which is not the ratio of the medians.
	if got, err := set.PairRatio(Ours, key, WithDead, WithoutDead); got != 1.5 || err != nil {
		t.Errorf("%v, %v", got, err)
	}
}
