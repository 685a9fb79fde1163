package socketio

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
)

// guard calls f, and makes an error of a panic in it. It is the only place where the package
// calls functions of the application.
func (s *Socket) guard(where string, f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Where: where, Value: v, Stack: debug.Stack()}
		}
	}()
	return f()
}

// report tells of something that went wrong on behalf of this client.
func (s *Socket) report(err error) {
	s.mu.Lock()
	var hooks []*func(error)
	if s.hooks != nil {
		hooks = s.hooks.errors
	}
	s.mu.Unlock()
	for _, f := range hooks {
		if p := s.guard("OnError", func() error { (*f)(err); return nil }); p != nil {
			s.conn.srv.log(s, p)
		}
	}
	s.conn.srv.report(s, err)
}

// report tells Options.OnError and the log. socket may be nil.
func (s *Server) report(socket *Socket, err error) {
	s.log(socket, err)
	f := s.opts.OnError
	if f == nil {
		return
	}
	if p := socket.guard("Options.OnError", func() error { f(socket, err); return nil }); p != nil {
		s.log(socket, p)
	}
}

// log writes panics, which are errors of the program, as errors, and all else at debug level.
func (s *Server) log(socket *Socket, err error) {
	level := slog.LevelDebug
	var attrs []slog.Attr
	if p := (*PanicError)(nil); errors.As(err, &p) {
		level = slog.LevelError
		attrs = append(attrs, slog.String("stack", string(p.Stack)))
	}
	ctx := context.Background()
	if !s.opts.Logger.Enabled(ctx, level) {
		return
	}
	if socket != nil {
		attrs = append(attrs, slog.String("socket", socket.id), slog.String("namespace", socket.nsp.name))
	}
	s.opts.Logger.LogAttrs(ctx, level, err.Error(), attrs...)
}
