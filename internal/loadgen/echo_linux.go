package loadgen

import (
	"errors"
	"fmt"
	"strings"
)

// echoes warms up with a tenth of the requests, and then measures.
func (s *swarm) echoes() error {
	if _, err := s.echo("warming up", max(len(s.live), s.o.Requests/10)); err != nil {
		return err
	}
	return tell(s.o, func() (*EchoResult, error) { return s.echo("echo", s.o.Requests) })
}

var errUnasked = errors.New("an acknowledgement that nobody waits for")

// echo has each client send a request, and the next one when that is acknowledged,
// until there were so many in all.
func (s *swarm) echo(name string, requests int) (*EchoResult, error) {
	// All requests have the same id: a client has only one outstanding.
	request := newPacket(fmt.Sprintf(`420["%s","%s"]`, s.o.Event, strings.Repeat("x", s.o.Bytes)))
	sent, answered := 0, 0
	ask := func(c *client) {
		if sent < requests {
			sent++
			c.count = 1
			c.at = s.loop.now()
			s.send(c, request)
		}
	}
	s.begin(goal{phase: name, noun: "requests acknowledged", have: &answered, total: requests})
	w, err := s.start()
	if err != nil {
		return nil, err
	}
	s.onAck = func(c *client) {
		if c.count != 1 {
			s.fail(c, errUnasked)
			return
		}
		c.count = 0
		answered++
		w.add(c.at)
		ask(c)
	}
	defer s.ignore()
	for i := range s.live {
		s.live[i].count = 0
		ask(&s.live[i])
	}
	stopped := s.await(requests)
	r := &EchoResult{Head: Head{string(Echo), len(s.live), stopped != nil}, Bytes: s.o.Bytes, Requests: answered}
	if r.Traffic, err = w.stop(answered); stopped != nil {
		err = stopped
	}
	return r, err
}

// settle waits until the server has handled what clients have sent: events of one
// client are handled in their order, so the last of them is one to acknowledge.
func (s *swarm) settle(name string, clients []client) error {
	answered := 0
	s.begin(goal{phase: name, noun: "clients acknowledged", have: &answered, total: len(clients)})
	s.onAck = func(*client) { answered++ }
	defer s.ignore()
	for i := range clients {
		s.send(&clients[i], settlePacket)
	}
	return s.await(len(clients))
}

var settlePacket = newPacket(`420["echo"]`)
