package main

import (
	"crypto/rand"
	"slices"
	"sync"

	"rightnow/socketio"
)

const (
	maxLength = 50_000  // characters of the document
	maxID     = 40      // bytes
	maxLog    = 1_000   // changes that are remembered
	maxLogged = 100_000 // bytes in them
	maxKnown  = 10_000  // ids of changes that are remembered, at least so many
)

// change replaces Del characters at At by Ins. Characters are code points: what JavaScript and Go would count differently.
type change struct {
	ID  string `json:"id"` // made by its author, and like no other
	At  int    `json:"at"`
	Del int    `json:"del"`
	Ins string `json:"ins"`
}

// opened is what somebody is told who opens the document: what has changed since the version that he has, or all of it.
type opened struct {
	Epoch   string   `json:"epoch"`
	Version int      `json:"version"`
	Text    *string  `json:"text"` // nil when Changes say it
	Changes []change `json:"changes"`
	Made    bool     `json:"made"` // the change he asked about is in Text
}

// document is the shared text. All methods may be called concurrently.
//
// It works as a repository does that refuses to merge. Every change is made to one version and makes the next. Who sends a
// change to a version that is not the newest any more is refused, has been told of the changes between, moves his own over them,
// and sends it again: that is the page's business, public/replica.mjs. So there is one row of changes, everybody applies it in
// its order, and thus everybody has the same text, whatever the merging is like. And as a version is changed once only, a change
// that is sent twice, because its acknowledgement was lost, is made once.
type document struct {
	io    *socketio.Server
	epoch string // of this document: after a restart the versions begin anew, with the text of the first page that comes back

	// mu is held while something is emitted, which only queues it: so everybody hears of the versions in their order.
	mu      sync.Mutex // guards following
	text    []rune
	version int
	log     []change // the last ones, the newest is that which made version
	logged  int      // bytes in log

	// Ids of the latest changes, for those who come back when log has forgotten theirs; known becomes older when it is full.
	known, older map[string]bool
}

// share has everybody who connects to io write the same document.
func share(io *socketio.Server) *document {
	d := &document{io: io, epoch: rand.Text(), known: map[string]bool{}}
	io.OnConnect(func(s *socketio.Socket) {
		s.On("open", func(ack socketio.Ack, epoch string, version int, sent string) { d.open(s, ack, epoch, version, sent) })
		s.On("edit", d.edit)
		s.OnDisconnect(func(socketio.Reason) { io.Emit("people", io.SocketsCount()) })
		io.Emit("people", io.SocketsCount())
	})
	return d
}

// open tells s what it lacks and, from then on, of every change. sent is the id of a change whose acknowledgement s has missed.
func (d *document) open(s *socketio.Socket, ack socketio.Ack, epoch string, version int, sent string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s.Join("readers")
	o := opened{Epoch: d.epoch, Version: d.version, Changes: []change{}}
	if missed := d.version - version; epoch == d.epoch && missed >= 0 && missed <= len(d.log) {
		o.Changes = d.log[len(d.log)-missed:]
	} else {
		text := string(d.text)
		o.Text, o.Made = &text, d.known[sent] || d.older[sent]
	}
	ack(o) // here, under the lock: no change may come between
}

// edit makes a change to a version, and tells all readers, the author too. It returns false when the version is not the newest.
func (d *document) edit(version int, c change) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if version != d.version {
		return false, nil
	}
	ins := []rune(c.Ins)
	if c.At < 0 || c.Del < 0 || c.At > len(d.text) || c.Del > len(d.text)-c.At || len(c.ID) > maxID {
		return false, socketio.Error("the change does not fit the document")
	}
	if len(d.text)-c.Del+len(ins) > maxLength {
		return false, socketio.Error("the document is full")
	}
	d.text = slices.Replace(d.text, c.At, c.At+c.Del, ins...)
	d.version++
	d.remember(c)
	d.io.To("readers").Emit("change", d.version, c)
	return true, nil
}

// remember keeps a change for those who are away. d.mu must be held.
func (d *document) remember(c change) {
	if len(d.known) >= maxKnown {
		d.known, d.older = map[string]bool{}, d.known
	}
	d.known[c.ID] = true
	d.log = append(d.log, c)
	d.logged += len(c.Ins)
	for len(d.log) > maxLog || d.logged > maxLogged {
		d.logged -= len(d.log[0].Ins)
		d.log = slices.Delete(d.log, 0, 1)
	}
}
