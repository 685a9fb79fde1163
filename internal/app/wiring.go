package app

import (
	"cmp"
	"log/slog"
	"net/http"
	"time"

	"rightnow/internal/chat"
	"rightnow/internal/chat/chatio"
	"rightnow/internal/web"
	"rightnow/socketio"
)

// socketPath is where the Socket.IO server answers: the path that official
// clients take when they are told none.
const socketPath = "/socket.io/"

func (m *Main) socketOptions() *socketio.Options {
	return &socketio.Options{
		PingInterval:   m.cfg.PingInterval,
		PingTimeout:    m.cfg.PingTimeout,
		MaxPayload:     int64(m.cfg.MaxPayload),
		QueueLimit:     m.cfg.QueueLimit,
		MaxSessions:    m.cfg.MaxClients,
		Origins:        m.cfg.Origins,
		TrustedProxies: m.cfg.TrustedProxies,
		ClientFiles:    web.ClientFiles(),
		Logger:         m.log,
	}
}

func (m *Main) chatOptions() *chat.Options {
	return &chat.Options{
		Store:        m.store,
		Broadcaster:  chatio.NewBroadcaster(emitter{m.io, m.log}),
		Logger:       m.log,
		NickLength:   m.cfg.MaxNick,
		TextLength:   m.cfg.MaxText,
		MaxPeople:    m.cfg.MaxPeople,
		MaxRooms:     m.cfg.MaxRooms,
		Grace:        m.cfg.Grace,
		NickHold:     m.cfg.NickHold,
		SayBurst:     m.cfg.SayBurst,
		SayEvery:     m.cfg.SayEvery,
		OpenBurst:    m.cfg.OpenBurst,
		OpenEvery:    m.cfg.OpenEvery,
		HistoryPage:  m.cfg.History,
		KeepMessages: m.cfg.Keep,
		KeepFor:      m.cfg.KeepFor,
		FixedLobby:   m.cfg.LobbyWords == LobbyNobody,
		Removed:      m.live.removed.rooms,
		EmptyRoomTTL: cmp.Or(m.cfg.EmptyRoomTTL, -1), // here 0 is never, there the default
	}
}

func (m *Main) doorOptions() *chatio.Options {
	return &chatio.Options{
		Service: m.chat,
		Logger:  m.log,
		Wall:    m.live.door(),
		Burst:   m.cfg.EventBurst,
		Every:   m.cfg.EventEvery,
	}
}

// httpServer bounds what a client can hold without saying anything. There is
// no WriteTimeout and no ReadTimeout: a poll waits for half a minute, and the
// connection of a WebSocket is no longer net/http's.
func (m *Main) httpServer() *http.Server {
	return &http.Server{
		Handler:           m.handler(),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ConnState:         m.fresh.state,
		ErrorLog:          slog.NewLogLogger(m.log.Handler(), slog.LevelDebug),
	}
}

func (m *Main) handler() http.Handler {
	rest := http.NewServeMux()
	rest.HandleFunc("GET /healthz", m.healthy)
	rest.HandleFunc("GET /readyz", m.ready)
	rest.Handle("/", web.Handler(web.Options{SocketPath: socketPath}))
	mux := http.NewServeMux()
	mux.Handle(socketPath, m.io)
	mux.Handle("/", withoutBody(rest))
	m.admin.routes(mux, rest)
	m.live.api.routes(mux)
	return mux
}

// bodyTimeout is how long a body may take that nobody asked for.
const bodyTimeout = 10 * time.Second

// withoutBody is for handlers that read no body. net/http reads it in their
// stead to keep the connection, and would wait for it for ever.
func withoutBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 {
			// A writer without deadlines is none of our server's.
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTimeout))
		}
		next.ServeHTTP(w, r)
	})
}
