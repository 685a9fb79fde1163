package loadgen

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// A poll is what a client on long-polling has besides its main connection, on
// which a GET always waits: a connection for POSTs, opened with the first one.
type poll struct {
	posts conn
	get   []byte // the request that polls
	post  []byte // the head of a request that sends, up to the length

	kept  bool   // posts has been answered before: the server may close it when it likes
	busy  bool   // an answer to body is outstanding
	again bool   // body has been sent for the second time
	body  []byte // what the POST under way carries
	next  []byte // what the next one will: packets and their separators
}

func openRequest(host, path string) []byte {
	return fmt.Appendf(nil, "GET %s?EIO=4&transport=polling HTTP/1.1\r\nHost: %s\r\n\r\n", path, host)
}

var (
	sidStart = []byte(`"sid":"`)
	errSid   = errors.New("an open packet without a good sid")
)

// opened makes the requests of a session from its open packet.
func (s *swarm) opened(c *client, p []byte) bool {
	_, rest, _ := bytes.Cut(p, sidStart)
	sid, _, ok := bytes.Cut(rest, []byte{'"'})
	if !ok || len(sid) == 0 || bytes.ContainsFunc(sid, func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' }) {
		s.fail(c, fmt.Errorf("%w: %s", errSid, quote(p)))
		return false
	}
	line := fmt.Sprintf("%s?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: %s\r\n", s.o.Path, sid, s.host)
	c.poll.get = fmt.Appendf(c.poll.get[:0], "GET %s\r\n", line)
	c.poll.post = fmt.Appendf(c.poll.post[:0], "POST %sContent-Type: text/plain;charset=UTF-8\r\nContent-Length: ", line)
	return true
}

// readPoll handles what has come for the GET that waits, and polls again.
func (s *swarm) readPoll(c *client) {
	r, ok, err := s.answer(&c.main)
	if err != nil {
		s.fail(c, err)
		return
	}
	if !ok {
		return
	}
	for rest, more := r.body, true; more; {
		var p []byte
		p, rest, more = bytes.Cut(rest, packetSeparator)
		s.packet(c, p)
		if !c.main.open {
			return
		}
	}
	c.main.keep(s.loop, nil)
	if r.closes {
		c.main.close(s.loop)
		s.dial(c, &c.main, c.poll.get)
		return
	}
	s.write(c, c.poll.get)
}

// answer is the whole HTTP answer that has come on k. It is not ok for a part.
func (s *swarm) answer(k *conn) (r response, ok bool, err error) {
	data, err := k.receive(s.loop)
	if err != nil || data == nil {
		return response{}, false, err
	}
	s.received = s.loop.now()
	r, n, err := parseResponse(data)
	switch {
	case err != nil:
		return response{}, false, err
	case n == 0:
		k.keep(s.loop, data)
		return response{}, false, nil
	case r.status != 200:
		return response{}, false, fmt.Errorf("status %d: %s", r.status, quote(r.body))
	case n < len(data):
		return response{}, false, fmt.Errorf("more than one answer to a request: %s", quote(data[n:]))
	}
	return r, true, nil
}

// sendPost sends text with a POST, now or when the one under way is answered.
func (s *swarm) sendPost(c *client, text []byte) {
	p := c.poll
	if !p.busy {
		p.body = append(p.body[:0], text...)
		s.startPost(c)
		return
	}
	if len(p.next)+len(text) > maxUnsent {
		s.fail(c, errUnsent)
		return
	}
	if len(p.next) > 0 {
		p.next = append(p.next, packetSeparator...)
	}
	p.next = append(p.next, text...)
}

// startPost sends the body of the client.
func (s *swarm) startPost(c *client) {
	p := c.poll
	p.busy = true
	b := strconv.AppendInt(append(s.scratch[:0], p.post...), int64(len(p.body)), 10)
	b = append(append(b, "\r\n\r\n"...), p.body...)
	s.scratch = b
	if !p.posts.open {
		p.kept = false
		s.dial(c, &p.posts, b)
		return
	}
	if err := p.posts.write(b); err != nil {
		s.postFailed(c, err)
	}
}

// postFailed sends the body once more when the server has closed a connection
// that it had kept open for long enough. So does a browser.
func (s *swarm) postFailed(c *client, err error) {
	p := c.poll
	closed := (err == errEnded || err == errReset) && len(p.posts.in) == 0
	p.posts.close(s.loop)
	switch {
	case closed && !p.busy:
	case closed && p.kept && !p.again:
		p.again = true
		s.startPost(c)
	default:
		s.fail(c, err)
	}
}

// readPosts handles the answer to a POST, and sends what has waited for it.
func (s *swarm) readPosts(c *client) {
	p := c.poll
	r, ok, err := s.answer(&p.posts)
	if err != nil {
		s.postFailed(c, err)
		return
	}
	if !ok {
		return
	}
	p.posts.keep(s.loop, nil)
	p.kept, p.busy, p.again = true, false, false
	if r.closes {
		p.posts.close(s.loop)
	}
	if len(p.next) > 0 {
		p.body, p.next = p.next, p.body[:0]
		s.startPost(c)
	}
}
