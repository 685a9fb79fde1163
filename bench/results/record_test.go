package results

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestWhatIsWrittenIsRead(t *testing.T) {
	run := Run{Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Machine: Machine{CPU: "one", Cores: 2}, Pin: &Pin{"0", "1"}, Reps: 3,
		Servers: []Server{{Name: Ours, Versions: []string{"go1"}}}, Planned: []Planned{{Name: Echo, N: 64, Bursts: []int{1}}}}
	measurements := []Measurement{
		{Name: Echo, Server: Ours, Rep: 1, LoadAverage: 0.25, Phases: []Phase{{"echo", map[string]float64{CPU: 7.5, "n": 64}}}},
		{Name: Echo, Server: Node, Error: "load: exit status 1"},
	}
	var file bytes.Buffer
	if err := WriteRun(&file, run); err != nil {
		t.Fatal(err)
	}
	for _, m := range measurements {
		if err := WriteMeasurement(&file, m); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(file.String(), "\n"); n != 3 {
		t.Errorf("%d lines", n)
	}
	set, err := Read(&file)
	if err != nil || !reflect.DeepEqual(set, &Set{run, measurements}) {
		t.Errorf("%+v, %v", set, err)
	}
	if failures := set.Failures(); len(failures) != 1 || failures[0].Server != Node {
		t.Errorf("failures: %+v", failures)
	}
	if all := set.LoadAverages(); !reflect.DeepEqual(all, []float64{0, 0.25}) {
		t.Errorf("load averages %v", all)
	}
}

func TestReadRefuses(t *testing.T) {
	const run = `{"run":{"started":"2026-01-02T03:04:05Z"}}` + "\n"
	for name, test := range map[string]struct{ file, want string }{
		"nothing":           {"", "nothing was measured"},
		"no JSON":           {run + "oops\n", "line 2"},
		"cut short":         {run + `{"measurement":{"name":"ec`, "line 2"},
		"no run first":      {`{"measurement":{"name":"echo"}}`, "line 1 is no run"},
		"two runs":          {run + run, "line 2 is no measurement"},
		"phase without one": {run + `{"measurement":{"phases":[{"n":1}]}}`, `no "phase"`},
	} {
		if set, err := Read(strings.NewReader(test.file)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %+v, %v", name, set, err)
		}
	}
}

func TestParsePhases(t *testing.T) {
	phases, err := ParsePhases([]byte(`{"phase":"idle","n":5,"transport":"websocket"}` + "\n\n" + `{"phase":"echo","n":5,"p50_us":1.5}`))
	want := []Phase{{"idle", map[string]float64{"n": 5}}, {"echo", map[string]float64{"n": 5, "p50_us": 1.5}}}
	if err != nil || !reflect.DeepEqual(phases, want) {
		t.Errorf("%v, %v", phases, err)
	}
	phases, err = ParsePhases([]byte(`{"phase":"idle","n":5}` + "\n" + "a word\n"))
	if err == nil || !strings.Contains(err.Error(), `"a word\n"`) || len(phases) != 1 {
		t.Errorf("%v, %v", phases, err)
	}
}

func FuzzParsePhases(f *testing.F) {
	f.Add([]byte(`{"phase":"idle","n":5,"x":null}` + "\n"))
	f.Add([]byte(`{"phase":1}`))
	f.Add([]byte("[]\n{}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		phases, err := ParsePhases(text)
		if err != nil {
			return
		}
		var again []byte
		for _, p := range phases {
			line, err := p.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			again = append(append(again, line...), '\n')
		}
		if second, err := ParsePhases(again); err != nil || !reflect.DeepEqual(second, phases) {
			t.Errorf("%v became %v, %v", phases, second, err)
		}
	})
}
