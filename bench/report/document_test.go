package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"rightnow/bench/results"
)

// page writes the report of a set and returns its text.
func page(t *testing.T, set *results.Set) string {
	t.Helper()
	folder := t.TempDir()
	if err := Write(set, folder, []string{"a server that speaks another language."}); err != nil {
		t.Fatal(err)
	}
	return read(t, filepath.Join(folder, "performance.md"))
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// has wants each of the parts in the text, and counts it.
func has(t *testing.T, text string, parts map[string]int) {
	t.Helper()
	for part, want := range parts {
		if got := strings.Count(text, part); got != want {
			t.Errorf("%q is there %d times, want %d", part, got, want)
		}
	}
}

func TestPage(t *testing.T) {
	text := page(t, sample())
	has(t, text, map[string]int{
		"Of 16 targets 15 are met and 1 missed.": 1,
		"| CPU per delivery, lone broadcast, n=1000 | ≤ 1.3 × the C floor | 1.05 × the C floor | met by 19 % |": 1,
		"| CPU per delivery, polling clients | ≤ 0.5 × Node | 0.53 × Node | **missed** by 6 % |":                1,
		"| Right Now | 5.10 (4.59–5.61) | 0.44 | 1.05 |":                                                        1,
		"| 1 | 40.0 | 42.0 | 1.05 |": 1,
		"| median |  |  | 1.10 |":    1,
		"| 1,000 | 8 | 876 |":        1,
		"A CPU, 2 cores, 24.0 GiB of memory, Linux 6.1, at most 20,000 open files a process.": 1,
		"held to CPU 0 and the load to CPU 1":                                                 1,
		"Left out: a server that speaks another language.":                                    1,
		"## What failed\n\nNothing.":                                                          1,
		unwritten:                                                                             2,
		"bursts of 50":                                                                        2, // a target and a table
	})
	for _, chart := range regexp.MustCompile(`\(performance/(\w+\.svg)\)`).FindAllStringSubmatch(text, -1) {
		if drawings()[chart[1]] == nil {
			t.Errorf("the page shows %s, which nobody draws", chart[1])
		}
	}
	has(t, text, map[string]int{"](performance/": len(drawings())})
}

// TestOursComesFirst in every table of servers.
func TestOursComesFirst(t *testing.T) {
	tables := regexp.MustCompile(`(?m)^\| server \|.*\n\|[-:|]+\|\n\| ([^|]+) \|`).FindAllStringSubmatch(page(t, sample()), -1)
	if len(tables) != 13 { // of the servers themselves, and of all measurements but the pairs and the allocations
		t.Errorf("%d tables", len(tables))
	}
	for _, table := range tables {
		if !strings.HasPrefix(table[1], "Right Now") {
			t.Errorf("%s comes first", table[1])
		}
	}
}

func TestFailuresAreShown(t *testing.T) {
	set := without(sample(), results.Echo, results.Node, "load: exit status 1: 3 connections were closed")
	set.Measurements = append(set.Measurements, results.Measurement{Name: results.Chat, Server: "gws", Rep: 3, Error: "not done after 4m0s"})
	set.Run.Planned[7].Reps = 4 // chat
	set.Run.Servers[3].Problem = "go build: exit status 1:\n no network"
	set.Run.Pin = nil
	text := page(t, set)
	has(t, text, map[string]int{
		"| Node (0 of 3 runs) | failed: load: exit status 1: 3 connections were closed |":   1,
		"not measured (node: failed: load: exit status 1: 3 connections were closed)":       1,
		"- echo, node, repetition 2: load: exit status 1: 3 connections were closed":        1,
		"| gws, bare (3 of 4 runs) | 13.3":                                                  1,
		"- chat, gws, repetition 4: not done after 4m0s":                                    1,
		"- Left out: gorilla, bare could not be built: go build: exit status 1: no network": 1,
		"**Nothing was pinned**": 1,
		"Of 16 targets 14 are met and 1 missed; 1 could not be measured.":                                1,
		"| CPU per echo with acknowledgement | ≤ 1.5 × the C floor | 1.24 × the C floor | met by 18 % |": 1,
		"## What failed\n\nNothing.": 0,
	})
}

func TestFewerConnectionsThanWantedAreSaid(t *testing.T) {
	set := sample()
	set.Run.Planned[2].N, set.Run.Planned[2].Wanted = 900, 19_900
	has(t, page(t, set), map[string]int{"n=900 (19,900 were wanted, a process may not have so many open files)": 1})
}

func TestWhatPeopleWroteStays(t *testing.T) {
	folder := t.TempDir()
	name := filepath.Join(folder, "performance.md")
	if err := Write(sample(), folder, nil); err != nil {
		t.Fatal(err)
	}
	written := "Here is why.\n\n## With a heading\n\n| a | table |\n|---|---|\n"
	text := strings.Replace(read(t, name), unwritten, written, 1)
	text = strings.Replace(text, "Of 16 targets", "Of a million targets", 1)
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Write(sample(), folder, nil); err != nil {
		t.Fatal(err)
	}
	has(t, read(t, name), map[string]int{written: 1, unwritten: 1, "Of 16 targets": 1, "a million": 0,
		"## What remains, and why\n\n<!-- by hand: what remains -->\n" + written + "<!-- end by hand -->\n": 1})
}

func TestNothingIsWrittenOverAnUnclearPage(t *testing.T) {
	for name, old := range map[string]string{
		"unknown part": "<!-- by hand: notes -->\nprecious\n<!-- end by hand -->\n",
		"never ends":   "<!-- by hand: what remains -->\nprecious\n",
	} {
		folder := t.TempDir()
		file := filepath.Join(folder, "performance.md")
		if err := os.WriteFile(file, []byte(old), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := Write(sample(), folder, nil); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", name, err)
		}
		if got := read(t, file); got != old {
			t.Errorf("%s: the page is now\n%s", name, got)
		}
		if _, err := os.Stat(filepath.Join(folder, "performance")); err == nil {
			t.Errorf("%s: charts were drawn", name)
		}
	}
}

// texts are those of an SVG in the order in which they are drawn; they fail the
// test when it is no XML.
func texts(t *testing.T, picture []byte) (all []string) {
	t.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(picture))
	inside := false
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			inside = token.Name.Local == "text"
		case xml.EndElement:
			inside = false
		case xml.CharData:
			if inside {
				all = append(all, string(token))
			}
		}
	}
}

func TestCharts(t *testing.T) {
	wants := map[string]map[string]int{
		"cpu.svg":     {"Right Now": 6, "coder, bare": 6, "Bursts of 50 to 1,000": 1, "5.10": 1, "0.42": 2},
		"memory.svg":  {"Right Now": 3, "19,900 connections": 1, "4,870": 3},
		"latency.svg": {"Right Now": 4, "99th percentile (p99)": 1, "38.9": 1},
		"growth.svg":  {"Right Now": 1, "1,000": 1, "19,900": 1, "connections": 1},
	}
	for name, draw := range drawings() {
		first, err := draw(sample())
		if err != nil {
			t.Fatal(err)
		}
		second, err := draw(sample())
		if err != nil || !bytes.Equal(first, second) {
			t.Errorf("%s: two pictures of the same numbers differ (%v)", name, err)
		}
		drawn := strings.Join(texts(t, first), "\n")
		for text, want := range wants[name] {
			if got := strings.Count("\n"+drawn+"\n", "\n"+text+"\n"); got < want {
				t.Errorf("%s: %q is there %d times, want %d", name, text, got, want)
			}
		}
		if !bytes.Contains(first, []byte("fill:#FFFFFF")) {
			t.Errorf("%s has no background of its own", name)
		}
	}
}

func TestChartsOfLessThanEverything(t *testing.T) {
	partial := sample()
	partial.Run.Planned = partial.Run.Planned[6:7] // echo
	for name, set := range map[string]*results.Set{
		"one measurement": partial,
		"one size":        {Run: results.Run{Servers: sample().Run.Servers, Planned: sample().Run.Planned[3:4]}, Measurements: sample().Measurements},
		"nothing":         {Run: results.Run{Servers: sample().Run.Servers}},
		"a failure":       without(sample(), results.BroadcastSmall, results.Ours, "lost"),
	} {
		for chart, draw := range drawings() {
			picture, err := draw(set)
			if err != nil {
				t.Errorf("%s, %s: %v", chart, name, err)
				continue
			}
			drawn := strings.Join(texts(t, picture), "\n")
			if name == "a failure" && chart == "cpu.svg" && !strings.Contains(drawn, "not measured") {
				t.Errorf("%s does not show %s", chart, name)
			}
		}
	}
}

func TestNumbers(t *testing.T) {
	for value, want := range map[float64]string{
		0: "0", 0.0004: "0.000", 0.0416: "0.042", 0.0997: "0.10", 0.55: "0.55", 1.234: "1.23", 9.994: "9.99", 9.996: "10.0", 18.67: "18.7",
		99.94: "99.9", 99.96: "100", 5499.6: "5,500", 1_234_567: "1,234,567", -12.34: "-12.3", -4321: "-4,321",
	} {
		if got := number(value); got != want {
			t.Errorf("%v is shown as %s, want %s", value, got, want)
		}
	}
	for value, want := range map[float64]string{0.08: "0.08", 1.3: "1.3", 5500: "5,500", 0: "0", 19_900: "19,900"} {
		if got := exact(value); got != want {
			t.Errorf("%v is shown as %s, want %s", value, got, want)
		}
	}
}
