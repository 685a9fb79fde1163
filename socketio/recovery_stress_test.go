package socketio_test

import (
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// restless is a client whose connection is cut again and again. It knows what it has seen as the
// official client does: by the offset of the last event.
type restless struct {
	*client
	h      *harness
	id     identity
	offset string
	next   int // the event that has to come

	recovered, anew int
	wrong           []string
}

// Clients are cut off at random for a minute, while a hundred events a second are broadcast: each
// sees every event once and in order, or is told that it was not recovered.
//
// checklist: 169
func TestManyAreCutOffAgainAndAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := recovers(t, nil)
		const clients, events = 200, 6000
		end := make(chan struct{})
		all := make([]*restless, clients)
		var done sync.WaitGroup
		for i := range all {
			r := &restless{h: h}
			all[i] = r
			done.Go(func() { r.live(rand.New(rand.NewPCG(1, uint64(i))), end) })
		}
		synctest.Wait()
		for i := range events {
			h.io.Emit("n", i)
			time.Sleep(10 * time.Millisecond)
		}
		close(end)
		done.Wait()
		recovered, anew := 0, 0
		for i, r := range all {
			if len(r.wrong) > 0 {
				t.Errorf("client %d: %s", i, strings.Join(r.wrong, "; "))
			}
			recovered += r.recovered
			anew += r.anew
		}
		if recovered < clients || anew > clients {
			t.Errorf("%d came back as they were, %d joined anew", recovered, anew)
		}
	})
}

// live connects, reads for a while, is cut off, stays away for a while, until end.
func (r *restless) live(random *rand.Rand, end <-chan struct{}) {
	for over := false; !over; {
		r.client = r.h.websocket()
		r.write("0" + comeBackIfKnown(r.id.PID, r.offset))
		cut := time.AfterFunc(time.Duration(random.IntN(5000))*time.Millisecond, r.cut)
		r.read()
		cut.Stop()
		r.cut()
		select {
		case <-end:
			over = true
		case <-time.After(time.Duration(random.IntN(2000)) * time.Millisecond):
		}
	}
}

func comeBackIfKnown(pid, offset string) string {
	if pid == "" {
		return ""
	}
	return comeBack(pid, offset)
}

// read takes what comes until the connection is cut.
func (r *restless) read() {
	for {
		m, err := r.receive(r.t.Context())
		if err != nil {
			return
		}
		if data, ok := strings.CutPrefix(m.text, "0"); ok {
			r.welcome(data)
		} else {
			r.take(m.text)
		}
	}
}

func (r *restless) welcome(data string) {
	var id identity
	if err := json.Unmarshal([]byte(data), &id); err != nil {
		r.wrong = append(r.wrong, "welcomed with "+data)
	}
	if id == r.id {
		r.recovered++
		return
	}
	r.anew++
	r.id, r.offset, r.next = id, "", -1
}

// take reads an event of the form 2["n",7,"offset"]. There are a million of them.
func (r *restless) take(text string) {
	rest, ok := strings.CutPrefix(text, `2["n",`)
	number, offset, _ := strings.Cut(rest, `,"`)
	offset, end := strings.CutSuffix(offset, `"]`)
	n, err := strconv.Atoi(number)
	if !ok || !end || err != nil || offset == "" {
		r.wrong = append(r.wrong, "got "+text)
		return
	}
	if r.next >= 0 && n != r.next {
		r.wrong = append(r.wrong, "got "+strconv.Itoa(n)+" where "+strconv.Itoa(r.next)+" was due")
	}
	r.offset, r.next = offset, n+1
}
