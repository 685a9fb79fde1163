package measure

import (
	"reflect"
	"strings"
	"testing"

	"rightnow/bench/results"
)

func TestStepsAreInterleaved(t *testing.T) {
	plan := Plan{Reps: 2, Servers: []Server{{Name: "a"}, {Name: "b"}}, Measurements: []Measurement{
		{Name: "x"},
		{Name: "pairs", Servers: []string{"a"}, Reps: 3, Variants: []Variant{{Name: "-"}, {Name: "+"}}},
		{Name: "once", Servers: []string{"b"}, Reps: 1},
	}}
	got := []string{}
	for _, s := range steps(plan) {
		got = append(got, s.measurement.Name+s.variant.Name+s.server.Name)
	}
	want := strings.Fields("xa xb pairs-a pairs+a onceb xa xb pairs+a pairs-a pairs-a pairs+a")
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
}

func TestPlanIsBoundedByOpenFiles(t *testing.T) {
	for _, m := range Make(Full(), 4096).Measurements {
		if m.N > 4096-spareFiles {
			t.Errorf("%s has %d connections", m.Name, m.N)
		}
		if m.Wanted != 0 && m.Wanted <= m.N {
			t.Errorf("%s wanted %d and has %d", m.Name, m.Wanted, m.N)
		}
		if m.Name == results.IdleLarge && (m.N != 3996 || m.Wanted != 19_900) {
			t.Errorf("%+v", m)
		}
		if m.Name == results.IdleSmall && (m.N != 1000 || m.Wanted != 0) {
			t.Errorf("%+v", m)
		}
	}
}

// TestPlanHasWhatTargetsNeed fails when a measurement that a target looks at
// goes by another name.
func TestPlanHasWhatTargetsNeed(t *testing.T) {
	names := map[string]bool{}
	for _, m := range Make(Full(), 1<<20).Measurements {
		if names[m.Name] {
			t.Errorf("%s is there twice", m.Name)
		}
		names[m.Name] = true
	}
	for _, name := range []string{results.IdleSmall, results.IdleMedium, results.IdleLarge, results.BroadcastSmall, results.BroadcastMedium,
		results.BroadcastLarge, results.Echo, results.Chat, results.Polling, results.Dead, results.Storm, results.Allocations} {
		if !names[name] {
			t.Errorf("no %s in the plan", name)
		}
	}
	if servers := Servers(); servers[0].Name != results.Ours {
		t.Errorf("%s comes first", servers[0].Name)
	}
}

func TestSelect(t *testing.T) {
	plan := Make(Full(), 1<<20)
	if err := plan.Select([]string{"broadcast", "echo"}, []string{"node", "ours"}); err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, m := range plan.Measurements {
		got = append(got, m.Name)
	}
	if want := strings.Fields("broadcast-small broadcast-medium broadcast-large echo"); !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
	if len(plan.Servers) != 2 || plan.Servers[0].Name != "ours" {
		t.Errorf("%d servers", len(plan.Servers))
	}
	if err := plan.Select([]string{"idle"}, nil); err == nil || !strings.Contains(err.Error(), `no measurement "idle", only broadcast-small`) {
		t.Error(err)
	}
	if err := plan.Select(nil, []string{"deno"}); err == nil || !strings.Contains(err.Error(), `no server "deno"`) {
		t.Error(err)
	}
}

func TestSetReps(t *testing.T) {
	plan := Make(Full(), 1<<20)
	plan.SetReps(2)
	for _, m := range plan.Measurements {
		want := 2
		if m.Name == results.Allocations {
			want = 1
		}
		if got := plan.reps(m); got != want {
			t.Errorf("%s: %d", m.Name, got)
		}
	}
}

func TestParseBenchmarks(t *testing.T) {
	const text = `goos: linux
BenchmarkBroadcast/net=tcp/n=1-2         	     200	      2491 ns/op	      2491 ns/recipient	     662 B/op	       8 allocs/op
BenchmarkBroadcast/net=tcp/n=1000        	     200	  11921624 ns/op	     876 B/op	      18 allocs/op
BenchmarkEmit-2                          	     200	      11 ns/op	     876 B/op	       8 allocs/op
BenchmarkBroadcast/net=tcp/n=7-2         	     200	      11 ns/op
PASS
`
	got, err := parseBenchmarks("allocations", []byte(text))
	want := []results.Phase{
		{Name: "allocations", Values: map[string]float64{"n": 1, "bytes_per_op": 662, "allocs_per_op": 8}},
		{Name: "allocations", Values: map[string]float64{"n": 1000, "bytes_per_op": 876, "allocs_per_op": 18}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := parseBenchmarks("allocations", []byte("PASS\n")); err == nil {
		t.Error("no benchmark, and no error")
	}
}

func TestTailKeepsTheLastWords(t *testing.T) {
	text := tail{limit: 10}
	for _, part := range []string{"0123456789", "abc\n", "def\n", "\n"} {
		if n, err := text.Write([]byte(part)); n != len(part) || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	if got := string(text.bytes()); got != "9abc\ndef\n\n" {
		t.Errorf("%q", got)
	}
	if got := text.lastLine(); got != "def" {
		t.Errorf("%q", got)
	}
}
