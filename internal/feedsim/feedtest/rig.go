// Package feedtest runs a source against a fake of package feedsim in virtual
// time, for the tests of sources.
package feedtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/feed"
	"rightnow/internal/feedsim"
)

// Fake is what all fakes have.
type Fake interface {
	http.Handler
	Requests() []feedsim.Request
	Faults() []string
	MostOpen() int
}

// Rig is a source at a fake, in a bubble of package synctest.
type Rig struct {
	*testing.T
	Mem    *feedsim.Memory
	Source feed.Source
	Want   feed.Want
	Sink   feedsim.Sink
	Start  time.Time
	Log    Log

	// Path is that of the stream, for Streams; "" is any.
	Path string
	// Beside says that several connections may be open at once.
	Beside bool
	// Token, if not "", is the key that every request has to have in its header and
	// that may stand nowhere else, neither in what is told nor in the log.
	Token string

	fake   Fake
	cancel context.CancelFunc // nil: Run is not running
	ended  chan error
}

// New serves a fake, until End. It is called in a bubble.
func New(t *testing.T, fake Fake, words ...string) *Rig {
	r := &Rig{T: t, fake: fake, Mem: feedsim.Listen(fake), Start: time.Now(), ended: make(chan error, 1)}
	r.Want.Set(feed.Filter{Words: words})
	return r
}

// End stops Run if it still runs, looks for what the fake complains of, and for
// the key where it must not be, and ends the fake.
func (r *Rig) End() {
	defer r.Mem.Close()
	if r.cancel != nil {
		r.Stop()
	}
	for _, fault := range r.fake.Faults() {
		r.Error(fault)
	}
	if n := r.fake.MostOpen(); n > 1 && !r.Beside {
		r.Errorf("%d connections at once", n)
	}
	if r.Token != "" {
		r.lookForToken()
	}
}

func (r *Rig) lookForToken() {
	told := fmt.Sprintf("%s %+v", r.Log.String(), r.Sink.Got())
	for _, q := range r.fake.Requests() {
		told += fmt.Sprint(q.Path, q.Query, q.Body, q.Frames)
		if got := q.Header.Get("Authorization"); got != "Bearer "+r.Token {
			r.Errorf("%s with %q", q.Path, got)
		}
		q.Header.Del("Authorization")
		told += fmt.Sprint(q.Header)
	}
	if strings.Contains(told, r.Token) {
		r.Errorf("the token stands in %s", told)
	}
}

// RunFor runs the source, and lets a time go by.
func (r *Rig) RunFor(d time.Duration) {
	var ctx context.Context
	ctx, r.cancel = context.WithCancel(context.Background())
	go func() { r.ended <- r.Source.Run(ctx, &r.Want, &r.Sink) }() // ends by Stop, or with a *feed.Fatal
	r.Wait(d)
}

// Wait lets the time of the bubble go by.
func (r *Rig) Wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// Stop ends Run and wants it to end within a second.
func (r *Rig) Stop() {
	r.Helper()
	r.cancel()
	r.cancel = nil
	before := time.Now()
	if err := <-r.ended; err != nil {
		r.Errorf("Run: %v", err)
	}
	if took := time.Since(before); took > time.Second {
		r.Errorf("Run ended after %v", took)
	}
}

// Asked are the requests for a path.
func (r *Rig) Asked(path string) (all []feedsim.Request) {
	for _, q := range r.fake.Requests() {
		if q.Path == path {
			all = append(all, q)
		}
	}
	return all
}

// Streams are the requests for the stream.
func (r *Rig) Streams() []feedsim.Request {
	if r.Path == "" {
		return r.fake.Requests()
	}
	return r.Asked(r.Path)
}

// WantPauses compares the pauses before each request for the stream, of which up
// to a quarter is chance.
func (r *Rig) WantPauses(pauses ...time.Duration) {
	r.Helper()
	asked := r.Streams()
	if len(asked) != len(pauses) {
		r.Fatalf("%d requests, want %d", len(asked), len(pauses))
	}
	r.wantPauses(asked, pauses)
}

// WantFirstPauses is WantPauses of the first requests.
func (r *Rig) WantFirstPauses(pauses ...time.Duration) {
	r.Helper()
	asked := r.Streams()
	if len(asked) < len(pauses) {
		r.Fatalf("%d requests, want %d", len(asked), len(pauses))
	}
	r.wantPauses(asked[:len(pauses)], pauses)
}

func (r *Rig) wantPauses(asked []feedsim.Request, pauses []time.Duration) {
	r.Helper()
	last := r.Start
	for i, q := range asked {
		if got := q.At.Sub(last); got < pauses[i] || got > pauses[i]+pauses[i]/4 {
			r.Errorf("request %d came after %v, want %v", i, got, pauses[i])
		}
		last = q.At
	}
}

// WantTexts compares the posts that came.
func (r *Rig) WantTexts(texts ...string) {
	r.Helper()
	if got := fmt.Sprintf("%q", r.Sink.Got().Texts()); got != fmt.Sprintf("%q", texts) {
		r.Errorf("posts %s, want %q", got, texts)
	}
}

// WantPhases compares what the source told of itself.
func (r *Rig) WantPhases(phases string) {
	r.Helper()
	if got := r.Sink.Got().Phases(); got != phases {
		r.Errorf("phases %q, want %q", got, phases)
	}
}

// WantFatal wants the source to have ended for good, and to have said why.
func (r *Rig) WantFatal(reason string) {
	r.Helper()
	var fatal *feed.Fatal
	if err := <-r.ended; !errors.As(err, &fatal) || fatal.Reason != reason {
		r.Errorf("Run: %v", err)
	}
	r.cancel()
	r.cancel = nil
	states := r.Sink.Got().States
	if last := states[len(states)-1]; last.Phase != feed.PhaseFailed || last.Reason != reason {
		r.Errorf("state %+v", last)
	}
}
