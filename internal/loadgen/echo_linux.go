package loadgen

import (
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

// echo has each client send a request, and the next one when that is acknowledged,
// until there were so many in all.
func (s *swarm) echo(name string, requests int) (*EchoResult, error) {
	asks := s.echoPackets()
	sent, answered := 0, 0
	ask := func(c *client) {
		if sent < requests {
			sent++
			c.count++
			c.waits = true
			c.at = s.loop.now()
			s.send(c, asks[c.count%len(asks)])
		}
	}
	s.begin(goal{phase: name, noun: "requests acknowledged", have: &answered, total: requests})
	w, err := s.start()
	if err != nil {
		return nil, err
	}
	s.onAck = func(c *client, p []byte) {
		if id := byte('0' + c.count%len(asks)); !c.waits || len(p) < 4 || p[2] != id || p[3] != '[' {
			s.fail(c, fmt.Errorf("an acknowledgement that nobody waits for: %s", quote(p)))
			return
		}
		c.waits = false
		answered++
		w.add(c.at)
		ask(c)
	}
	defer s.ignore()
	for i := range s.live {
		ask(&s.live[i])
	}
	stopped := s.await(requests)
	r := &EchoResult{Head: Head{string(Echo), len(s.live), stopped != nil}, Bytes: s.o.Bytes, Requests: answered}
	if r.Traffic, err = w.stop(answered); stopped != nil {
		err = stopped
	}
	return r, err
}

// echoPackets are the requests with the ids 0 to 9. A client takes them in turn: as
// it has one outstanding, no answer is mistaken for another's.
func (s *swarm) echoPackets() (asks [10]packet) {
	text := strings.Repeat("x", s.o.Bytes)
	for id := range asks {
		asks[id] = newPacket(fmt.Sprintf(`42%d["%s","%s"]`, id, s.o.Event, text))
	}
	return asks
}

// settle waits until the server has handled what clients have sent: events of one
// client are handled in their order, so the last of them is one to acknowledge.
func (s *swarm) settle(name string, clients []client) error {
	answered := 0
	s.begin(goal{phase: name, noun: "clients acknowledged", have: &answered, total: len(clients)})
	s.onAck = func(*client, []byte) { answered++ }
	defer s.ignore()
	for i := range clients {
		s.send(&clients[i], settlePacket)
	}
	return s.await(len(clients))
}

var settlePacket = newPacket(`420["echo"]`)
