package measure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"rightnow/bench/results"
)

// Runner measures. Its fields are set before Run and stay.
type Runner struct {
	Root  string       // of the repository
	Build []string     // builds the load generator; nil: it is there
	Load  []string     // the load generator: a program and its first arguments
	Pin   *results.Pin // nil: nothing is pinned
	Out   io.Writer    // gets the lines of results.jsonl
	Log   io.Writer    // gets a line for each step, for people

	Patience time.Duration // until a server listens
	Settle   time.Duration // from there to the load
	Limit    time.Duration // of one measurement
}

// ErrNoServer says that there is nothing to measure.
var ErrNoServer = errors.New("no server could be built")

// Run builds the load and the servers and measures them, one after the other in
// each repetition, and writes what came of it to Out. A server that fails is
// written too and keeps nothing else from being measured. The error is of the
// load's building, of Out, of ctx, or ErrNoServer.
func (r *Runner) Run(ctx context.Context, plan Plan, about results.Run) error {
	if r.Build != nil {
		fmt.Fprintln(r.Log, "building the load")
		if err := run(ctx, r.Root, r.Build); err != nil {
			return fmt.Errorf("%s: %w", strings.Join(r.Build, " "), err)
		}
	}
	about.Servers = nil
	for _, s := range plan.Servers {
		about.Servers = append(about.Servers, r.prepare(ctx, s))
	}
	plan.Servers = slices.DeleteFunc(slices.Clone(plan.Servers), func(s Server) bool {
		return slices.ContainsFunc(about.Servers, func(known results.Server) bool { return known.Name == s.Name && known.Problem != "" })
	})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if len(plan.Servers) == 0 {
		return ErrNoServer
	}
	about.Pin, about.Reps, about.Planned = r.Pin, plan.Reps, r.planned(plan)
	if err := results.WriteRun(r.Out, about); err != nil {
		return err
	}
	return r.rounds(ctx, plan)
}

// prepare builds a server and tells about it.
func (r *Runner) prepare(ctx context.Context, s Server) results.Server {
	about := results.Server{Name: s.Name, Title: s.Title, About: s.About, Command: r.serverCommand(s, "$PORT")}
	fmt.Fprintf(r.Log, "building %s\n", s.Name)
	err := s.build(func(args []string) error { return run(ctx, r.Root, args) })
	if err != nil {
		about.Problem = err.Error()
		fmt.Fprintf(r.Log, "left out %s: %v\n", s.Name, err)
		return about
	}
	if s.Versions != nil {
		about.Versions = s.Versions(r.Root)
	}
	return about
}

func (r *Runner) planned(plan Plan) (all []results.Planned) {
	for _, m := range plan.Measurements {
		p := results.Planned{Name: m.Name, Title: m.Title, Mode: m.Mode, N: m.N, Wanted: m.Wanted, Bursts: m.Bursts, Reps: plan.reps(m)}
		for _, s := range plan.Servers {
			if m.takesPart(s) {
				p.Servers = append(p.Servers, s.Name)
			}
		}
		p.Command = strings.Join(r.loadArgs(m, Variant{}, "$PORT", "$PID"), " ")
		if m.GoBenchmark != nil {
			p.Command = strings.Join(goTest(m), " ")
		}
		all = append(all, p)
	}
	return all
}

// step is one run of one server.
type step struct {
	server      Server
	measurement Measurement
	variant     Variant
	rep         int
}

// steps are all runs, interleaved: what changes on the machine in the course of
// time changes for all servers alike.
func steps(plan Plan) (all []step) {
	most := 0
	for _, m := range plan.Measurements {
		most = max(most, plan.reps(m))
	}
	for rep := range most {
		for _, m := range plan.Measurements {
			if rep >= plan.reps(m) {
				continue
			}
			variants := slices.Clone(m.variants())
			if rep%2 == 1 {
				slices.Reverse(variants) // so that no variant is always the first
			}
			for _, s := range plan.Servers {
				for _, v := range variants {
					if m.takesPart(s) {
						all = append(all, step{s, m, v, rep})
					}
				}
			}
		}
	}
	return all
}

func (r *Runner) rounds(ctx context.Context, plan Plan) error {
	all := steps(plan)
	began := time.Now()
	for i, s := range all {
		m := r.measure(ctx, s)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := results.WriteMeasurement(r.Out, m); err != nil {
			return err
		}
		outcome := fmt.Sprintf("%.1f s", m.Seconds)
		if m.Error != "" {
			outcome = "failed: " + m.Error
		}
		what := strings.Join(strings.Fields(m.Name+" "+m.Variant+" "+m.Server), " ")
		fmt.Fprintf(r.Log, "%s %d/%d  %s, repetition %d: %s\n", time.Since(began).Round(time.Second), i+1, len(all), what, m.Rep+1, outcome)
	}
	return nil
}

// measure makes one run and tells how it went.
func (r *Runner) measure(ctx context.Context, s step) results.Measurement {
	m := results.Measurement{Name: s.measurement.Name, Variant: s.variant.Name, Server: s.server.Name, Rep: s.rep,
		At: time.Now().UTC().Truncate(time.Second), LoadAverage: loadAverage()}
	began := time.Now()
	limit, cancel := context.WithTimeoutCause(ctx, r.Limit, fmt.Errorf("not done after %v", r.Limit))
	defer cancel()
	var err error
	if s.measurement.GoBenchmark != nil {
		m.Phases, err = r.goBenchmark(limit, s, &m)
	} else {
		m.Phases, err = r.underLoad(limit, s, &m)
	}
	if err != nil {
		m.Error = strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	m.Seconds = time.Since(began).Seconds()
	return m
}

// underLoad starts the server, loads it, and ends it.
func (r *Runner) underLoad(ctx context.Context, s step, m *results.Measurement) ([]results.Phase, error) {
	free, err := freePort()
	if err != nil {
		return nil, err
	}
	port := strconv.Itoa(free)
	m.ServerCommand = r.serverCommand(s.server, port)
	server, err := start(r.Root, r.serverEnv(port), r.pinned(func(p *results.Pin) string { return p.Server }, s.server.Start))
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	defer server.kill()
	if err := server.listening(ctx, free, r.Patience); err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	select { // until it has done what it does at its start
	case <-time.After(r.Settle):
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	args := r.loadArgs(s.measurement, s.variant, port, strconv.Itoa(server.pid()))
	m.LoadCommand = strings.Join(args, " ")
	load, err := start(r.Root, nil, args)
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	failed := load.finish(ctx)
	phases, err := results.ParsePhases(load.stdout.bytes())
	return phases, errors.Join(fate(server, failed), err, missing(s.measurement, phases, failed))
}

// fate says why a load failed: often because the server had ended.
func fate(server *process, failed error) error {
	if failed == nil {
		return nil
	}
	select {
	case <-server.ended:
		return fmt.Errorf("load: %w; the server ended: %s, %s", failed, server.cmd.ProcessState, server.stderr.lastLine())
	default:
		return fmt.Errorf("load: %w", failed)
	}
}

// missing wants what was asked for to be there when the load says that all went
// well.
func missing(m Measurement, phases []results.Phase, failed error) error {
	if failed != nil || slices.ContainsFunc(phases, func(p results.Phase) bool { return p.Name == m.Mode }) {
		return nil
	}
	return fmt.Errorf("the load said nothing of %q", m.Mode)
}

func (r *Runner) goBenchmark(ctx context.Context, s step, m *results.Measurement) ([]results.Phase, error) {
	args := goTest(s.measurement)
	m.LoadCommand = strings.Join(args, " ")
	p, err := start(r.Root, nil, args)
	if err != nil {
		return nil, err
	}
	if err := p.finish(ctx); err != nil {
		return nil, err
	}
	return parseBenchmarks(s.measurement.Name, p.stdout.bytes())
}

func goTest(m Measurement) []string { return slices.Concat([]string{"go", "test"}, m.GoBenchmark) }

func (r *Runner) pinned(cpu func(*results.Pin) string, args []string) []string {
	if r.Pin == nil {
		return args
	}
	return slices.Concat([]string{"taskset", "-c", cpu(r.Pin)}, args)
}

// serverEnv is what a server finds in its environment.
func (r *Runner) serverEnv(port string) []string {
	env := []string{"PORT=" + port}
	if r.Pin != nil {
		env = append(env, "GOMAXPROCS=1")
	}
	return env
}

func (r *Runner) serverCommand(s Server, port string) string {
	args := r.pinned(func(p *results.Pin) string { return p.Server }, s.Start)
	return strings.Join(slices.Concat(r.serverEnv(port), args), " ")
}

func (r *Runner) loadArgs(m Measurement, v Variant, port, pid string) []string {
	address := []string{m.Mode, "http://127.0.0.1:" + port, "--pid", pid, "--json", "--quiet"}
	return r.pinned(func(p *results.Pin) string { return p.Load }, slices.Concat(r.Load, address, m.flags(v)))
}

// loadAverage is the machine's over the last minute, 0 where it is not known.
func loadAverage() float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), " ")
	average, _ := strconv.ParseFloat(first, 64)
	return average
}
