package socketio

import "testing"

// A session is taken by one who comes back, and by nobody as long as its socket has it.
//
// checklist: 175
func TestTake(t *testing.T) {
	n := New(&Options{ConnectionStateRecovery: &RecoveryOptions{}}).Of("/")
	r := n.recovery
	s := &Socket{id: "ann", nsp: n}
	k := r.newSession(s)
	r.open(k, s, r.journal.Head())
	again := &Socket{id: "ann", nsp: n}
	if r.take(k, again) {
		t.Error("taken from its socket")
	}
	n.srv.hold(n) // as the socket does
	r.leave(k, []string{"ann"}, nil)
	n.srv.release(n)
	if !r.take(k, again) || r.take(k, again) || r.take(k, nil) || r.away != 0 || !r.keeps(k) {
		t.Errorf("not taken once; %d are away", r.away)
	}
	r.drop(k)
	if r.keeps(k) || n.held != 0 {
		t.Errorf("held %d times", n.held)
	}
}
