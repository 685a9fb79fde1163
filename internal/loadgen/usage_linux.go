package loadgen

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A usage is what the kernel says of a process, since its start, and of the machine.
type usage struct {
	rss       int64   // bytes resident
	slab      int64   // bytes of kernel slab, of the whole machine
	cpu       float64 // seconds
	user, sys float64 // the same, divided; in steps of 10 ms
	switches  int64   // context switches, voluntary and not
}

// usage reads that of the server; it is empty without its process id.
func (s *swarm) usage() (usage, error) {
	if s.o.PID == 0 {
		return usage{}, nil
	}
	u, err := readUsage(s.o.PID)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) {
		err = fmt.Errorf("there is no process %d (--pid)", s.o.PID)
	}
	return u, err
}

func readUsage(pid int) (u usage, err error) {
	dir := fmt.Sprintf("/proc/%d/", pid)
	status, err := os.ReadFile(dir + "status")
	if err != nil {
		return usage{}, err
	}
	u.rss = field(status, "VmRSS:") << 10
	if u.cpu, err = cpuTime(pid); err != nil {
		return usage{}, err
	}
	if u.user, u.sys, err = cpuTicks(dir + "stat"); err != nil {
		return usage{}, err
	}
	tasks, err := os.ReadDir(dir + "task")
	if err != nil {
		return usage{}, err
	}
	for _, task := range tasks {
		status, err := os.ReadFile(dir + "task/" + task.Name() + "/status")
		if err != nil {
			continue // a thread that has just ended
		}
		u.switches += field(status, "voluntary_ctxt_switches:") + field(status, "nonvoluntary_ctxt_switches:")
	}
	memory, err := os.ReadFile("/proc/meminfo")
	u.slab = field(memory, "Slab:") << 10
	return u, err
}

// cpuTime is the CPU time of a process in seconds, to the nanosecond: of the clock
// that clock_getcpuclockid(3) names.
func cpuTime(pid int) (float64, error) {
	const processClock = 2 // CPUCLOCK_SCHED
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^pid)<<3|processClock, &t); err != nil {
		return 0, fmt.Errorf("CPU time of process %d: %w", pid, err)
	}
	return float64(t.Nano()) / 1e9, nil
}

// ownTime is the CPU time of this process in seconds.
func ownTime() float64 {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t) // every Linux has it
	return float64(t.Nano()) / 1e9
}

// cpuTicks reads fields 14 and 15 of a stat file, in seconds.
func cpuTicks(name string) (user, sys float64, err error) {
	const perSecond = 100 // USER_HZ, the same on all of Go's Linux ports
	text, err := os.ReadFile(name)
	if err != nil {
		return 0, 0, err
	}
	// The command's name, which may hold anything, ends with the last parenthesis.
	f := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(f) < 13 {
		return 0, 0, fmt.Errorf("%s: %d fields after the name", name, len(f))
	}
	user, err = strconv.ParseFloat(f[11], 64)
	if err == nil {
		sys, err = strconv.ParseFloat(f[12], 64)
	}
	return user / perSecond, sys / perSecond, err
}

// field is the number in the line of text that starts with key, or 0.
func field(text []byte, key string) int64 {
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == key {
			n, _ := strconv.ParseInt(f[1], 10, 64) // the kernel writes numbers there
			return n
		}
	}
	return 0
}
