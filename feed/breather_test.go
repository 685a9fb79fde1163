package feed

import (
	"testing"
	"testing/synctest"
	"time"
)

// A burst leaves the processors to others after each row.
func TestBreather(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var row breather
		for range rowLength - 1 {
			row.next()
		}
		if took := time.Since(begin); took != 0 {
			t.Errorf("paused for %v within a row", took)
		}
		row.next()
		if took := time.Since(begin); took != rowPause {
			t.Errorf("paused for %v after a row", took)
		}
		for range 10 * rowLength {
			row.next()
		}
		if took := time.Since(begin); took != 11*rowPause {
			t.Errorf("eleven rows took %v", took)
		}
	})
}
