package loadgen

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// pollServer is a server for one client on long-polling, in the order of a script:
// it holds the polls back until there is something to say.
type pollServer struct {
	t     *testing.T
	polls chan string      // the bodies of the answers to polls
	posts func(n int) bool // what becomes of the nth POST: true answers and keeps, false closes unanswered
	after string           // a header of the answers to POSTs

	mu     sync.Mutex // guards following
	bodies []string   // of the POSTs that were answered
	tries  int
}

func (s *pollServer) serve(p *peer) {
	for {
		method, body, ok := p.request()
		switch {
		case !ok:
			return
		case method == "POST":
			if !s.post(p, body) {
				return
			}
		default:
			reply, more := <-s.polls
			if !more {
				p.drain()
				return
			}
			p.say(answer(reply))
		}
	}
}

func (s *pollServer) post(p *peer, body string) bool {
	s.mu.Lock()
	n := s.tries
	s.tries++
	ok := s.posts == nil || s.posts(n)
	if ok {
		s.bodies = append(s.bodies, body)
	}
	s.mu.Unlock()
	if !ok {
		return false
	}
	p.say("HTTP/1.1 200 OK\r\n" + s.after + "Content-Length: 2\r\n\r\nok")
	s.answerTo(body)
	return true
}

// answerTo lets the next poll be answered as the packets of a POST want it.
func (s *pollServer) answerTo(body string) {
	var replies []string
	for packet := range strings.SplitSeq(body, "\x1e") {
		switch {
		case packet == "40":
			replies = append(replies, `40{"sid":"x"}`, "2") // a ping comes along
		case strings.HasPrefix(packet, `42["bench:broadcast",`):
			var count, size int
			if _, err := fmt.Sscanf(packet, `42["bench:broadcast",%d,%d]`, &count, &size); err != nil {
				s.t.Errorf("the client sent %q", packet)
			}
			for range count {
				replies = append(replies, "6", `42["message","x"]`)
			}
		case packet == "3":
		default:
			s.t.Errorf("the client sent %q", packet)
		}
	}
	if len(replies) > 0 {
		s.polls <- strings.Join(replies, "\x1e")
	}
}

// runPolling runs rounds of two messages for one client.
func runPolling(t *testing.T, s *pollServer, rounds int) error {
	t.Helper()
	s.t = t
	s.polls = make(chan string, 100)
	s.polls <- openPacket
	url := startScript(t, s.serve)
	defer close(s.polls)
	results, err := run(t, url, Polling, func(o *Options) { o.Connections = 1; o.Messages = 2 * rounds; o.Bursts = []int{2} })
	if err != nil {
		return err
	}
	wantCount(t, "deliveries", only[*BroadcastResult](t, results).Deliveries, 2*rounds)
	return nil
}

func TestPolling(t *testing.T) {
	for name, s := range map[string]*pollServer{
		"kept":                    {},
		"closed after each":       {after: "Connection: close\r\n"},
		"closed when it was idle": {posts: func(n int) bool { return n%2 == 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			if err := runPolling(t, s, 3); err != nil {
				t.Fatal(err)
			}
			const one, two = `42["bench:broadcast",1,100]`, `42["bench:broadcast",2,100]`
			got := strings.Split(strings.Join(s.bodies, "\x1e"), "\x1e")
			want := slices.Concat([]string{"40", "3"}, slices.Repeat([]string{one}, 6), slices.Repeat([]string{two}, 3))
			if !slices.Equal(got, want) {
				t.Errorf("the client sent\n%q, want\n%q", got, want)
			}
		})
	}
}

func TestPollingFaults(t *testing.T) {
	// The first GETs are answered with a session, what follows them is not.
	served := func(sessions int, reply func(*peer, string)) func(*peer) {
		return func(p *peer) {
			for gets := 0; ; {
				method, body, ok := p.request()
				switch {
				case !ok:
					return
				case method == "POST":
					reply(p, body)
				case gets == sessions:
					p.drain()
				default:
					gets++
					p.say(answer(openPacket))
				}
			}
		}
	}
	for name, test := range map[string]struct {
		script func(*peer)
		want   string
	}{
		"a POST is refused": {served(1, func(p *peer, _ string) { p.say("HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}") }),
			`client 0 failed in its CONNECT: status 400: "{}"`},
		"a POST is cut off": {served(1, func(p *peer, _ string) { p.Close() }),
			"client 0 failed in its CONNECT: "},
		"a second session": {served(2, func(*peer, string) {}), "client 0 failed in its CONNECT: a second session"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := run(t, startScript(t, test.script), Polling, func(o *Options) { o.Connections = 1 })
			wantError(t, err, "connecting: 0 of 1 clients served when ", test.want)
		})
	}
}
