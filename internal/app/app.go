package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"

	"rightnow/internal/chat"
	"rightnow/internal/chat/chatio"
	"rightnow/internal/chat/sqlite"
	"rightnow/internal/web"
	"rightnow/socketio"
)

// Version is the program's, as `rightnow version` prints it and CHANGELOG.md
// names it.
const Version = "0.1.0"

// Main is the program: everything wired, listening, and not yet serving. Its
// life is Open, Run once, Close. Addr may be called by anyone at any time.
type Main struct {
	// Fixed by Open.
	cfg      Config
	log      *slog.Logger
	listener net.Listener
	store    *sqlite.Store
	chat     *chat.Service
	io       *socketio.Server
	live     live
	admin    admin
	http     *http.Server

	stopping atomic.Bool // readiness fails from the first moment of stopping
	storeOK  checkOnce   // whether the store answers, for readiness
	fresh    freshConns
}

// Open listens, opens the data file and wires the parts together. Its errors
// are one line each that says what can be done about them. The caller must
// Close what it got.
func Open(ctx context.Context, cfg *Config, log *slog.Logger) (*Main, error) {
	m := &Main{cfg: *cfg, log: log}
	if err := m.open(ctx); err != nil {
		m.Close()
		return nil, err
	}
	return m, nil
}

// open listens first: a second program on the same port then says so, instead
// of waiting for a data file that the first one holds.
func (m *Main) open(ctx context.Context) (err error) {
	if m.listener, err = net.Listen("tcp", m.cfg.Address()); err != nil {
		return listenError(&m.cfg, err)
	}
	if m.store, err = sqlite.Open(ctx, m.cfg.Data); err != nil {
		return err
	}
	m.io = socketio.New(m.socketOptions())
	m.chat, err = chat.New(ctx, m.chatOptions())
	if err != nil {
		return err
	}
	if err := m.openLive(ctx); err != nil {
		return err
	}
	if err := m.openAdmin(); err != nil {
		return err
	}
	m.admit(m.io, chatio.New(m.doorOptions()))
	m.http = m.httpServer()
	return nil
}

func listenError(cfg *Config, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("port %d is in use: stop the program that has it, or choose another with --port", cfg.Port)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("port %d needs more rights than this user has: choose one above 1023 with --port", cfg.Port)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%s is no address of this machine: choose another with --host", cfg.Host)
	}
	return fmt.Errorf("cannot listen on %s: %w", cfg.Address(), err)
}

// Addr is what the program listens on, with the port that port 0 became.
func (m *Main) Addr() *net.TCPAddr { return m.listener.Addr().(*net.TCPAddr) }

// Built tells whether the page's libraries are in the program.
func (m *Main) Built() bool { return web.Built() }

// Run serves until ctx ends and then stops in good order, see stop. It returns
// nil when everything that was under way could be finished.
func (m *Main) Run(ctx context.Context) error {
	feeding, quiet := context.WithCancel(ctx)
	defer quiet()
	m.runLive(feeding)
	served := make(chan error, 1)
	go func() { served <- m.http.Serve(m.listener) }() // ends when stop shuts m.http down
	var err error
	select {
	case <-ctx.Done():
	case err = <-served:
		err = fmt.Errorf("cannot accept connections: %w", err)
		served <- http.ErrServerClosed
	}
	quiet()
	err = errors.Join(err, m.stop())
	<-served
	return err
}

// Close gives back what Open took. After Run there is only the store left.
func (m *Main) Close() error {
	if m.http != nil {
		m.http.Close()
	}
	if m.listener != nil {
		m.listener.Close() // Run has done so, but there may have been no Run
	}
	var errs []error
	if m.chat != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		errs = append(errs, m.io.Shutdown(ctx), m.chat.Close(ctx), m.closeLive(ctx))
		m.admin.close()
	}
	if m.store != nil {
		errs = append(errs, m.store.Close())
	}
	return errors.Join(errs...)
}
