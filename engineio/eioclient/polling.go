package eioclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"rightnow/engineio/internal/eiowire"
)

var errEmptyAnswer = errors.New("eioclient: an answer with nothing in it")

// read is the reading goroutine: first is a payload that came with the handshake.
func (c *Conn) read(first []byte) {
	if c.Transport() == Polling {
		if len(first) > 0 && !c.takePayload(first) {
			return
		}
		if !c.poll() {
			return
		}
		if !c.switchOver() {
			return
		}
	}
	c.readWebSocket()
}

// poll reads by GETs until there is a WebSocket to read from. It reports false when the
// session has ended.
func (c *Conn) poll() bool {
	idle := 0 // answers in a row that brought nothing
	for !c.hasCandidate() {
		body, err := c.get(c.ctx)
		if err != nil {
			c.lost(err)
			return false
		}
		if !c.takePayload(body) {
			return false
		}
		if !saysNothing(body) {
			idle = 0
		} else if idle++; idle > freeAnswers && !c.rest(idle-freeAnswers) {
			return false
		}
	}
	return true
}

// What a server that answers every poll at once, with nothing, is given: some polls without a
// pause, as an upgrade takes them, and then one in idlePause, twice and three times that …
const (
	freeAnswers  = 5
	idlePause    = 50 * time.Millisecond
	maxIdlePause = time.Second
)

// saysNothing reports whether a payload has only noops.
func saysNothing(body []byte) bool {
	return len(bytes.Trim(body, "6"+string(rune(eiowire.Separator)))) == 0
}

// rest waits before the next poll. It reports false when the session has ended.
func (c *Conn) rest(times int) bool {
	t := time.NewTimer(min(time.Duration(times)*idlePause, maxIdlePause))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-c.ctx.Done():
		return false
	}
}

// lost ends the session for an error of a transport.
func (c *Conn) lost(err error) {
	reason := ReasonTransportError
	if c.isClosing() {
		reason, err = ReasonClosed, ErrClosed
	}
	c.end(reason, err)
}

// get polls once.
func (c *Conn) get(ctx context.Context) ([]byte, error) {
	response, err := c.request(ctx, http.MethodGet, c.url(Polling), nil)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, refused(response)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, c.opts.MaxMessage+1))
	switch {
	case err != nil:
	case int64(len(body)) > c.opts.MaxMessage:
		err = fmt.Errorf("eioclient: an answer of more than %d bytes", c.opts.MaxMessage)
	case len(body) == 0: // as of a server that has given the request up
		err = errEmptyAnswer
	}
	return body, err
}

// takePayload handles the packets of a payload, and reports whether the session goes on.
func (c *Conn) takePayload(body []byte) bool {
	for more := true; more; {
		var packet []byte
		packet, body, more = eiowire.Cut(body)
		p, err := parseText(packet)
		if err != nil {
			c.end(ReasonParseError, err)
			return false
		}
		if !c.take(p) {
			return false
		}
	}
	return true
}

// post sends packets by a POST.
func (c *Conn) post(packets []eiowire.Packet) error {
	var body []byte
	for i, p := range packets {
		if i > 0 {
			body = append(body, eiowire.Separator)
		}
		if p.Binary {
			body = eiowire.AppendBinary(body, p.Data)
		} else {
			body = eiowire.AppendText(body, p.Type, p.Data)
		}
	}
	ctx, cancel := c.within(c.opts.RequestTimeout)
	defer cancel()
	response, err := c.request(ctx, http.MethodPost, c.url(Polling), bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return refused(response)
	}
	_, err = io.Copy(io.Discard, io.LimitReader(response.Body, maxRefusal)) // lets the connection be used again
	return err
}
