//go:build race

package netpoll

import "syscall"

func sysEpollWait(epfd uintptr, events []syscall.EpollEvent) int {
	n, err := syscall.EpollWait(int(epfd), events, 0)
	if err != nil {
		return 0
	}
	return n
}
