package main

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"rightnow/bench/results"
)

// TestOnlyAWholeRunIsPublished: what measures less leaves docs/ alone.
func TestOnlyAWholeRunIsPublished(t *testing.T) {
	for command, want := range map[string][2]string{
		"":                          {"bench/results.jsonl", "docs"},
		"--report":                  {"bench/results.jsonl", "docs"},
		"--limit 1m --load-cpu 3":   {"bench/results.jsonl", "docs"},
		"--quick":                   {"bin/bench/results.jsonl", "bin/bench/report"},
		"--only echo":               {"bin/bench/results.jsonl", "bin/bench/report"},
		"--servers ours,node":       {"bin/bench/results.jsonl", "bin/bench/report"},
		"--reps 1":                  {"bin/bench/results.jsonl", "bin/bench/report"},
		"--reps 1 --report":         {"bin/bench/results.jsonl", "bin/bench/report"},
		"--reps 1 --out /elsewhere": {"bin/bench/results.jsonl", "/elsewhere"},
	} {
		o, err := parse(strings.Fields(command))
		if err != nil {
			t.Fatal(err)
		}
		if raw, folder := o.places(); raw != want[0] || folder != want[1] {
			t.Errorf("%q: %s, %s", command, raw, folder)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, command := range []string{"echo", "--reps -1", "--reps many", "--unknown"} {
		if _, err := parse(strings.Fields(command)); err == nil {
			t.Errorf("took %q", command)
		}
	}
}

func TestNames(t *testing.T) {
	if got := names("echo, chat,"); !reflect.DeepEqual(got, []string{"echo", "chat"}) {
		t.Errorf("%q", got)
	}
	if got := names(""); len(got) != 0 {
		t.Errorf("%q", got)
	}
}

func TestReportOfWhatWasMeasured(t *testing.T) {
	folder := t.TempDir()
	raw := filepath.Join(folder, "results.jsonl")
	var log bytes.Buffer
	if err := write(raw, folder, &log); err == nil {
		t.Error("a report of nothing")
	}
	file, err := os.Create(raw)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	run := results.Run{Started: time.Now(), Servers: []results.Server{{Name: results.Ours, Title: "Right Now"}},
		Planned: []results.Planned{{Name: results.Echo, Title: "Echo", Mode: "echo", N: 64, Servers: []string{results.Ours}, Reps: 1}}}
	if err := results.WriteRun(file, run); err != nil {
		t.Fatal(err)
	}
	if err := results.WriteMeasurement(file, results.Measurement{Name: results.Echo, Server: results.Ours, Error: "lost"}); err != nil {
		t.Fatal(err)
	}
	if err := write(raw, folder, &log); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(folder, "performance.md")); err != nil {
		t.Error(err)
	}
	if !strings.Contains(log.String(), "Of 2 targets 0 are met and 0 missed; 2 could not be measured. Failed runs: 1.") {
		t.Error(log.String())
	}
}
