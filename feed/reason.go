package feed

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"
)

// maxReason bounds a reason in bytes.
const maxReason = 200

// reasonOf says in a plain sentence why a connection ended.
func reasonOf(err error) string {
	var (
		status *StatusError
		panics *panicError
		name   *net.DNSError
		cert   *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &status):
		return status.Reason
	case errors.As(err, &panics):
		return "A defect of this program; its log says more."
	case errors.Is(err, errStall):
		return "Nothing has come for too long."
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "The connection was cut."
	case errors.Is(err, io.EOF):
		return "The server ended the connection."
	case errors.As(err, &name):
		return "The server's name cannot be looked up: " + name.Name
	case errors.Is(err, syscall.ECONNREFUSED):
		return "Nothing answers at the server's address."
	case errors.As(err, &cert):
		return "The server's certificate is not valid."
	case isTimeout(err):
		return "The server did not answer in time."
	}
	return "The connection failed: " + plain(err)
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}

// plain is the text of an error without the address that was asked.
func plain(err error) string {
	var asked *url.Error
	if errors.As(err, &asked) {
		err = asked.Err
	}
	text, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "feed: "), "\n")
	if len(text) > maxReason {
		text = strings.ToValidUTF8(text[:maxReason], "") + "…"
	}
	return text
}
