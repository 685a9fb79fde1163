// Package app makes one program of the parts: it reads the configuration,
// wires the chat, its store, the Socket.IO server and the page together, and
// runs them until it is told to stop.
//
//	             ┌────────────────────────── http.Server ──────────────────────────┐
//	/socket.io/ ─┤ socketio.Server ─ doors ─ chatio ─ chat.Service ─ chat/sqlite   │
//	/           ─┤ web.Handler                             │                       │
//	/healthz    ─┤ Health                                  └─ broadcaster ─ io.To  │
//	/readyz     ─┤                                                                 │
//	             └─────────────────────────────────────────────────────────────────┘
//
// It is the only package that sees all others, and only cmd/rightnow (and
// tests) see it. Whatever can be chosen is in [Config]; the table in
// settings.go is the one place where a setting has its name, its help and its
// bounds, and flags, environment variables, the file and the help text are
// all made from it.
package app
