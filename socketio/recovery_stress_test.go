package socketio_test

import (
	"encoding/json"
	"fmt"
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
	volatile, asked int // of them how many came
	last            int // of these the latest
	wrong           []string
}

const (
	restlessClients = 200
	restlessEvents  = 6000
)

// Clients are cut off at random for a minute, while a hundred events a second are broadcast, and
// among them some that are volatile and some that are to be acknowledged: each client is what it
// was whenever it comes back, and sees every event once and in order; of the others, which are not
// sent again, those that come come where they belong.
//
// checklist: 169
func TestManyAreCutOffAgainAndAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := recovers(t, nil)
		end := make(chan struct{})
		all := make([]*restless, restlessClients)
		var done sync.WaitGroup
		for i := range all {
			r := &restless{h: h, last: -1}
			all[i] = r
			random := rand.New(rand.NewPCG(1, uint64(i)))
			first := 1 + random.IntN(5000)
			if i%10 == 0 {
				first = 1 + random.IntN(9) // before the first event: there is no offset to come back with
			}
			done.Go(func() { r.live(random, time.Duration(first)*time.Millisecond, end) })
		}
		time.Sleep(10 * time.Millisecond)
		for i := range restlessEvents {
			h.io.Emit("n", i)
			switch i % 50 {
			case 10, 20, 30:
				h.io.Volatile().Emit("v", i)
			case 40:
				done.Go(func() { h.io.Timeout(time.Second).EmitWithAck(t.Context(), "a", i) })
			}
			time.Sleep(10 * time.Millisecond)
		}
		close(end)
		done.Wait()
		for i, r := range all {
			if err := r.outcome(); err != nil {
				t.Errorf("client %d: %v", i, err)
			}
		}
	})
}

// outcome judges over what a client has seen.
func (r *restless) outcome() error {
	switch {
	case len(r.wrong) > 0:
		return fmt.Errorf("%s", strings.Join(r.wrong, "; "))
	case r.next != restlessEvents:
		return fmt.Errorf("it has seen events up to %d", r.next)
	case r.anew != 1 || r.recovered < 5:
		return fmt.Errorf("it joined anew %d times and was recovered %d times", r.anew, r.recovered)
	case r.volatile < 50 || r.asked < 20:
		return fmt.Errorf("%d volatile events came, and %d to be acknowledged", r.volatile, r.asked)
	}
	return nil
}

// live connects, reads for a while, is cut off, stays away for a while, until end; and then once more.
func (r *restless) live(random *rand.Rand, first time.Duration, end <-chan struct{}) {
	stay := first
	for over := false; !over; stay = time.Duration(random.IntN(5000)) * time.Millisecond {
		r.visit(stay, false)
		select {
		case <-end:
			over = true
		case <-time.After(time.Duration(random.IntN(2000)) * time.Millisecond):
		}
	}
	r.visit(time.Minute, true)
}

// visit is one connection. The last one ends with the last event.
func (r *restless) visit(stay time.Duration, last bool) {
	r.client = r.h.websocket()
	r.write("0" + comeBackIfKnown(r.id.PID, r.offset))
	cut := time.AfterFunc(stay, r.cut)
	for !last || r.next < restlessEvents {
		m, err := r.receive(r.t.Context())
		if err != nil {
			break
		}
		r.take(m.text)
	}
	cut.Stop()
	r.cut()
}

func comeBackIfKnown(pid, offset string) string {
	if pid == "" {
		return ""
	}
	return comeBack(pid, offset)
}

// take reads what comes. There are a million of them.
func (r *restless) take(text string) {
	switch {
	case strings.HasPrefix(text, "0"):
		r.welcome(text[1:])
	case strings.HasPrefix(text, `2["n",`):
		r.event(text)
	case strings.HasPrefix(text, `2["v",`):
		r.volatile++
		r.between(text, strings.TrimPrefix(text, `2["v",`))
	default:
		id, rest, ok := strings.Cut(strings.TrimPrefix(text, "2"), `["a",`)
		if !ok {
			r.wrong = append(r.wrong, "got "+text)
			return
		}
		r.asked++
		r.between(text, rest)
		r.send(message{text: "3" + id + "[]"}) // it may be cut off by now
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
	r.id = id
}

// event reads an event of the form 2["n",7,"offset"].
func (r *restless) event(text string) {
	number, offset, _ := strings.Cut(strings.TrimPrefix(text, `2["n",`), `,"`)
	offset, end := strings.CutSuffix(offset, `"]`)
	n, err := strconv.Atoi(number)
	switch {
	case !end || err != nil || offset == "":
		r.wrong = append(r.wrong, "got "+text)
	case n != r.next:
		r.wrong = append(r.wrong, "got "+strconv.Itoa(n)+" where "+strconv.Itoa(r.next)+" was due")
	}
	r.offset, r.next = offset, n+1
}

// between reads the rest of what has no offset and is not sent again: the event of that number came before it, the next
// one has not come, and it comes once.
func (r *restless) between(text, rest string) {
	number, ok := strings.CutSuffix(rest, "]")
	n, err := strconv.Atoi(number)
	if !ok || err != nil || n != r.next-1 || n <= r.last {
		r.wrong = append(r.wrong, fmt.Sprintf("got %s where %d was due, behind %d", text, r.next, r.last))
	}
	r.last = n
}
