//go:build unix

package netpoll

import (
	"io"
	"net"
	"os"
	"syscall"
)

// Raw returns the file descriptor's side of nc, nil if nc is anything but a
// plain socket. Only the very types of net count: a type that embeds one of
// them may have a Read or Write of its own, which must not be passed by.
func Raw(nc net.Conn) syscall.RawConn {
	var sc syscall.Conn
	switch nc := nc.(type) {
	case *net.TCPConn:
		sc = nc
	case *net.UnixConn:
		sc = nc
	default:
		return nil
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// Read reads once without waiting; again says that there is nothing to read.
// The descriptor must be in non-blocking mode, as those of net are.
func Read(fd uintptr, p []byte) (n int, again bool, err error) {
	for {
		n, err = sysRead(fd, p)
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			return 0, true, nil
		case err != nil:
			return 0, false, os.NewSyscallError("read", err)
		case n == 0:
			return 0, false, io.EOF
		}
		return n, false, nil
	}
}

// Write writes once without waiting; again says that the kernel is full. The
// descriptor must be in non-blocking mode.
func Write(fd uintptr, p []byte) (n int, again bool, err error) {
	for {
		n, err = sysWrite(fd, p)
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			return 0, true, nil
		case err != nil:
			return 0, false, os.NewSyscallError("write", err)
		}
		return n, false, nil
	}
}
