package main

import (
	"reflect"
	"slices"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"rightnow/socketio"
	"rightnow/socketio/sioclient"
	"rightnow/socketio/siotest"
)

// painter is a page without a browser.
type painter struct {
	*sioclient.Socket
	t      *testing.T
	pieces []piece
	pens   []string
	people int
}

func paint(t *testing.T, n *siotest.Network) *painter {
	p := &painter{Socket: n.Client(nil).Of("/"), t: t}
	seen := make(chan struct{}, 1)
	p.On("board", func(all []piece) {
		p.pieces = all
		select {
		case seen <- struct{}{}:
		default: // it has come back
		}
	})
	p.On("draw", func(one piece, faded int) { p.pieces = slices.Delete(append(p.pieces, one), 0, faded) })
	p.On("pen", func(id string, _, _ int) { p.pens = append(p.pens, id) })
	p.On("left", func(id string) { p.pens = slices.DeleteFunc(p.pens, func(of string) bool { return of == id }) })
	p.On("people", func(n int) { p.people = n })
	p.Connect()
	<-seen // while the transport changes, that takes some time
	synctest.Wait()
	return p
}

func (p *painter) draw(one piece) {
	p.t.Helper()
	if answer, err := p.EmitWithAck(p.t.Context(), "draw", one); err != nil || answer.Len() > 0 {
		p.t.Error(err)
	}
	synctest.Wait()
}

func line(points ...int) piece { return piece{Colour: 1, Width: 8, Points: points} }

func TestEverybodySeesTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		io := socketio.New(nil)
		hang(io)
		n := siotest.New(t, io)
		ann, ben := paint(t, n), paint(t, n)
		ann.draw(line(0, 0, width, height))
		ben.draw(line(5, 5))
		cem := paint(t, n)
		want := []piece{line(0, 0, width, height), line(5, 5)}
		for _, p := range []*painter{ann, ben, cem} {
			if !reflect.DeepEqual(p.pieces, want) || p.people != 3 {
				t.Errorf("one of %d sees %v", p.people, p.pieces)
			}
		}

		ben.Emit("pen", 1, 2)
		synctest.Wait()
		if !slices.Equal(ann.pens, []string{ben.ID()}) || len(ben.pens) != 0 {
			t.Errorf("Ann sees the pens of %q, Ben of %q", ann.pens, ben.pens)
		}
		ben.Disconnect()
		synctest.Wait()
		if len(ann.pens) != 0 || ann.people != 2 {
			t.Errorf("after Ben has left Ann sees %q of %d", ann.pens, ann.people)
		}
		cem.Emit("wipe")
		synctest.Wait()
		if len(ann.pieces) != 0 || len(cem.pieces) != 0 {
			t.Errorf("after the wipe there is %v", ann.pieces)
		}
	})
}

func TestBoundedMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		io := socketio.New(nil)
		b := hang(io)
		n := siotest.New(t, io)
		ann := paint(t, n)
		long := line(make([]int, 2*maxPoints)...)
		for i := range 3*maxDrawn/maxPoints + 1 {
			long.Width = 1 + i%thickest
			ann.draw(long)
		}
		ann.draw(line(7, 7))
		if b.drawn > maxDrawn || len(b.pieces) != 1+maxDrawn/long.size() {
			t.Errorf("%d in %d pieces", b.drawn, len(b.pieces))
		}
		if ben := paint(t, n); !reflect.DeepEqual(ann.pieces, b.pieces) || !reflect.DeepEqual(ben.pieces, b.pieces) {
			t.Errorf("the board has %d pieces, Ann's %d, Ben's %d", len(b.pieces), len(ann.pieces), len(ben.pieces))
		}
	})
}

// TestDots sees that very many very small pieces don't keep newcomers out.
func TestDots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		io := socketio.New(nil)
		b := hang(io)
		for i := range 3_000 {
			if err := b.draw(line(i%width, 0)); err != nil {
				t.Fatal(err)
			}
		}
		if len(b.pieces) != maxDrawn/line(0, 0).size() {
			t.Errorf("%d dots", len(b.pieces))
		}
		if ann := paint(t, siotest.New(t, io)); !ann.Connected() || !reflect.DeepEqual(ann.pieces, b.pieces) {
			t.Errorf("Ann sees %d of %d dots", len(ann.pieces), len(b.pieces))
		}
	})
}

func TestWhatCannotBeDrawn(t *testing.T) {
	b := hang(socketio.New(nil))
	for _, p := range []piece{
		{}, line(), line(1), line(0, height+1), line(width+1, 0), line(-1, 0), line(make([]int, 2*maxPoints+2)...),
		{Colour: colours, Width: 8, Points: []int{0, 0}}, {Colour: -1, Width: 8, Points: []int{0, 0}},
		{Width: 0, Points: []int{0, 0}}, {Width: thickest + 1, Points: []int{0, 0}},
	} {
		if b.draw(p) == nil {
			t.Errorf("drew %+v", p)
		}
	}
	if len(b.pieces) != 0 {
		t.Errorf("%v", b.pieces)
	}
}

func TestLibraryIsMissed(t *testing.T) {
	if err := run(t.Context(), "0", fstest.MapFS{}); err == nil {
		t.Error("started without it")
	}
}
