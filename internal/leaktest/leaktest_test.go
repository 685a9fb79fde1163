package leaktest

import (
	"strings"
	"testing"
)

func TestOurs(t *testing.T) {
	if left := ours(); left != "" && !strings.Contains(left, "TestOurs") { // the tests' main one waits in the testing package
		t.Errorf("nothing of ours runs but this test:\n%s", left)
	}
	gate, begun := make(chan struct{}), make(chan struct{})
	go stay(gate, begun) // ends with gate
	<-begun
	if left := ours(); !strings.Contains(left, "leaktest.stay") {
		t.Errorf("a goroutine of ours is not found in\n%s", left)
	}
	close(gate)
}

func stay(gate <-chan struct{}, begun chan<- struct{}) {
	close(begun)
	<-gate
}

func TestLive(t *testing.T) {
	ManyGoroutines()
	before := Live()
	kept := make([]*[64]byte, 1000)
	for i := range kept {
		kept[i] = new([64]byte)
	}
	if after := Live(); after.Objects < before.Objects+900 { // the runtime may have let go of some of its own
		t.Errorf("%d objects before, %d after 1000 more", before.Objects, after.Objects)
	}
	clear(kept)
	if after := Live(); after.Objects > before.Objects+100 {
		t.Errorf("%d objects before, %d after all have gone", before.Objects, after.Objects)
	}
}
