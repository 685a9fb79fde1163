//go:build !unix

package ws

import (
	"errors"
	"net"
	"syscall"
)

// rawOf returns nil: here a connection is read and written through net.Conn.
func rawOf(net.Conn) syscall.RawConn { return nil }

func rawRead(uintptr, []byte) (n int, again bool, err error) {
	return 0, false, errors.ErrUnsupported
}

func rawWrite(uintptr, []byte) (n int, again bool, err error) {
	return 0, false, errors.ErrUnsupported
}
