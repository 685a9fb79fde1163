package main

import (
	"slices"
	"sync"

	"rightnow/socketio"
)

const (
	width, height = 1600, 1000 // of the board, in its own units
	colours       = 6
	thickest      = 40
	maxPoints     = 500    // of one piece
	maxDrawn      = 20_000 // size of all pieces: what a newcomer is sent, and what it costs us
)

// piece is a part of a line, as it is drawn: the next one begins where it ends.
type piece struct {
	Colour int   `json:"colour"` // number of a colour of the page
	Width  int   `json:"width"`
	Points []int `json:"points"` // x, y, x, y, …
}

// fits tells whether a piece is one that the page could have drawn.
func (p piece) fits() bool {
	ok := p.Colour >= 0 && p.Colour < colours && p.Width > 0 && p.Width <= thickest
	ok = ok && len(p.Points) > 0 && len(p.Points)%2 == 0 && len(p.Points) <= 2*maxPoints
	for i, at := range p.Points {
		ok = ok && at >= 0 && at <= []int{width, height}[i%2]
	}
	return ok
}

// size is what a piece takes, as if it were points.
func (p piece) size() int { return 10 + len(p.Points)/2 }

// board is what is drawn. All methods may be called concurrently.
//
// Everybody has the same pieces in the same order, the author's own included: so what covers what is the same for all. There is room
// for so much; then the oldest pieces fade from all boards.
type board struct {
	io *socketio.Server

	// mu is held while something is emitted, which only queues it: so nobody gets a piece twice, or misses one.
	mu     sync.Mutex // guards following
	pieces []piece    // the oldest first
	drawn  int        // their size
}

// hang puts a board up for everybody who connects to io.
func hang(io *socketio.Server) *board {
	b := &board{io: io, pieces: []piece{}}
	io.OnConnect(func(s *socketio.Socket) {
		s.On("draw", b.draw)
		s.On("wipe", b.wipe)
		// Where somebody's pen is counts only now: whoever is not ready for it goes without.
		s.On("pen", func(x, y int) { s.Broadcast().Volatile().Emit("pen", s.ID(), x, y) })
		s.OnDisconnect(func(socketio.Reason) {
			io.Emit("left", s.ID())
			io.Emit("people", io.SocketsCount())
		})
		b.greet(s)
	})
	return b
}

// greet shows somebody new what has been drawn.
func (b *board) greet(s *socketio.Socket) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s.Emit("board", b.pieces)
	b.io.Emit("people", b.io.SocketsCount())
}

// draw adds a piece, and removes the oldest ones when there is too much.
func (b *board) draw(p piece) error {
	if !p.fits() {
		return socketio.Error("that cannot be drawn")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pieces = append(b.pieces, p)
	b.drawn += p.size()
	faded := 0
	for b.drawn > maxDrawn {
		b.drawn -= b.pieces[faded].size()
		faded++
	}
	b.pieces = slices.Delete(b.pieces, 0, faded)
	b.io.Emit("draw", p, faded)
	return nil
}

// wipe removes all pieces.
func (b *board) wipe() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pieces, b.drawn = []piece{}, 0
	b.io.Emit("board", b.pieces)
}
