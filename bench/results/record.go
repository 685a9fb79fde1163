// Package results is what the measurements said: the lines of results.jsonl,
// medians and ratios of them, and the targets they are held against.
package results

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Run is the first line of a file: what was measured, where and how.
type Run struct {
	Started time.Time `json:"started"`
	Machine Machine   `json:"machine"`
	Pin     *Pin      `json:"pin,omitempty"` // nil: the kernel put the programs where it liked
	Reps    int       `json:"reps"`
	Servers []Server  `json:"servers"` // ours first
	Planned []Planned `json:"planned"`
}

// Machine is what the measurements ran on.
type Machine struct {
	CPU       string `json:"cpu"`
	Cores     int    `json:"cores"`
	Memory    int64  `json:"memory"` // bytes
	Kernel    string `json:"kernel"`
	OpenFiles int    `json:"open_files"` // that one process may have
}

// Pin is the CPUs that the programs were held to, as taskset takes them.
type Pin struct {
	Server string `json:"server"`
	Load   string `json:"load"`
}

// Server is one that was measured, or could not be.
type Server struct {
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	About    string   `json:"about"`
	Command  string   `json:"command"`
	Versions []string `json:"versions,omitempty"`
	Problem  string   `json:"problem,omitempty"` // why it could not be built, and so is in no measurement
}

// Planned is one measurement, of all its servers.
type Planned struct {
	Name    string   `json:"name"`
	Title   string   `json:"title"`
	Mode    string   `json:"mode"`
	N       int      `json:"n"`                 // connections
	Wanted  int      `json:"wanted,omitempty"`  // connections, where the limit of open files allowed fewer
	Bursts  []int    `json:"bursts,omitempty"`  // of a broadcast
	Servers []string `json:"servers"`           // in the order of Run.Servers
	Reps    int      `json:"reps"`              // how often each was measured
	Command string   `json:"command,omitempty"` // of the load
}

// Measurement is one line: one server measured once.
type Measurement struct {
	Name          string    `json:"name"`              // of the Planned
	Variant       string    `json:"variant,omitempty"` // of the same measurement, where it has some
	Server        string    `json:"server"`
	Rep           int       `json:"rep"` // from 0
	At            time.Time `json:"at"`
	LoadAverage   float64   `json:"load_average"` // of the machine, over the minute before
	ServerCommand string    `json:"server_command"`
	LoadCommand   string    `json:"load_command"`
	Seconds       float64   `json:"seconds"` // it all took
	Phases        []Phase   `json:"phases,omitempty"`
	Error         string    `json:"error,omitempty"` // why it failed
}

// Phase is a line of `rightnow bench --json`: a name and numbers.
type Phase struct {
	Name   string
	Values map[string]float64
}

// UnmarshalJSON takes the object as the load prints it. What is neither the
// phase nor a number is passed over.
func (p *Phase) UnmarshalJSON(text []byte) error {
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		return err
	}
	name, ok := object["phase"].(string)
	if !ok {
		return errors.New(`no "phase"`)
	}
	p.Name, p.Values = name, map[string]float64{}
	for key, value := range object {
		if number, ok := value.(float64); ok {
			p.Values[key] = number
		}
	}
	return nil
}

// MarshalJSON gives the object back.
func (p Phase) MarshalJSON() ([]byte, error) {
	object := map[string]any{"phase": p.Name}
	for key, value := range p.Values {
		object[key] = value
	}
	return json.Marshal(object)
}

// ParsePhases reads what a load printed. Lines before a broken one are kept.
func ParsePhases(text []byte) (phases []Phase, err error) {
	for line := range strings.Lines(string(text)) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		var p Phase
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			return phases, fmt.Errorf("results: the load said %.80q: %w", line, err)
		}
		phases = append(phases, p)
	}
	return phases, nil
}

// Set is a whole file.
type Set struct {
	Run          Run
	Measurements []Measurement
}

// line is what stands in a line: one of the two.
type line struct {
	Run         *Run         `json:"run,omitempty"`
	Measurement *Measurement `json:"measurement,omitempty"`
}

// maxLine is how long a line may be; the longest has a few kilobytes.
const maxLine = 1 << 20

// Read reads a file. It must begin with its Run.
func Read(r io.Reader) (*Set, error) {
	set := &Set{}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for number := 1; lines.Scan(); number++ {
		var l line
		err := json.Unmarshal(lines.Bytes(), &l)
		switch {
		case err != nil:
			return nil, fmt.Errorf("results: line %d: %w", number, err)
		case number == 1 && l.Run == nil:
			return nil, errors.New("results: line 1 is no run")
		case number == 1:
			set.Run = *l.Run
		case l.Measurement == nil:
			return nil, fmt.Errorf("results: line %d is no measurement", number)
		default:
			set.Measurements = append(set.Measurements, *l.Measurement)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("results: %w", err)
	}
	if set.Run.Started.IsZero() {
		return nil, errors.New("results: nothing was measured yet")
	}
	return set, nil
}

// WriteRun writes the first line.
func WriteRun(w io.Writer, run Run) error { return json.NewEncoder(w).Encode(line{Run: &run}) }

// WriteMeasurement writes a further line.
func WriteMeasurement(w io.Writer, m Measurement) error {
	return json.NewEncoder(w).Encode(line{Measurement: &m})
}

// PlannedAs finds a measurement by its name.
func (s *Set) PlannedAs(name string) (Planned, bool) {
	i := slices.IndexFunc(s.Run.Planned, func(p Planned) bool { return p.Name == name })
	if i < 0 {
		return Planned{}, false
	}
	return s.Run.Planned[i], true
}

// Failures are the measurements that failed, in the order of time.
func (s *Set) Failures() []Measurement {
	return slices.DeleteFunc(slices.Clone(s.Measurements), func(m Measurement) bool { return m.Error == "" })
}

// LoadAverages are the machine's before each measurement, in ascending order.
func (s *Set) LoadAverages() (all []float64) {
	for _, m := range s.Measurements {
		all = append(all, m.LoadAverage)
	}
	slices.Sort(all)
	return all
}
