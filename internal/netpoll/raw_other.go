//go:build !unix

package netpoll

import (
	"errors"
	"net"
	"syscall"
)

// Raw returns nil: here a connection is read and written through net.Conn.
func Raw(net.Conn) syscall.RawConn { return nil }

func Read(uintptr, []byte) (n int, again bool, err error) {
	return 0, false, errors.ErrUnsupported
}

func Write(uintptr, []byte) (n int, again bool, err error) {
	return 0, false, errors.ErrUnsupported
}
