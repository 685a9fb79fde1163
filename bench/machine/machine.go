// Package machine tells what the measurements run on.
package machine

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"rightnow/bench/results"
)

// Facts are what is known of this machine; what is not known stays empty.
func Facts(openFiles int) results.Machine {
	release, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	kernel, _, _ := strings.Cut(strings.TrimSpace(string(release)), "-") // what follows is the distribution's
	memory, _ := strconv.ParseInt(strings.TrimSuffix(field("/proc/meminfo", "MemTotal"), " kB"), 10, 64)
	return results.Machine{
		CPU:       field("/proc/cpuinfo", "model name"),
		Cores:     runtime.NumCPU(),
		Memory:    memory << 10,
		Kernel:    kernel,
		OpenFiles: openFiles,
	}
}

// field is what stands behind "key:" in a file, the first time.
func field(file, key string) string {
	text, _ := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		name, value, found := strings.Cut(line, ":")
		if found && strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// RaiseOpenFiles lets this process, and those that it starts, have as many open
// files as it may, and returns how many.
func RaiseOpenFiles() (int, error) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("machine: open files: %w", err)
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("machine: open files: %w", err)
	}
	const enough = 1 << 20 // what a number of connections is compared with
	return int(min(limit.Max, enough)), nil
}

// CanPin tells whether servers and load can have a CPU each.
func CanPin() bool {
	_, err := exec.LookPath("taskset")
	return err == nil && runtime.NumCPU() >= 2
}
