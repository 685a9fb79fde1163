package machine

import (
	"syscall"
	"testing"
)

func TestFacts(t *testing.T) {
	facts := Facts(1234)
	if facts.Cores < 1 || facts.Memory < 1<<20 || facts.Kernel == "" || facts.OpenFiles != 1234 {
		t.Errorf("%+v", facts)
	}
}

func TestRaiseOpenFiles(t *testing.T) {
	n, err := RaiseOpenFiles()
	if err != nil {
		t.Fatal(err)
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if limit.Cur != limit.Max || uint64(n) > limit.Cur {
		t.Errorf("%d of %d, and %d were told", limit.Cur, limit.Max, n)
	}
}
