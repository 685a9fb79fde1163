package sioclient_test

import (
	"log/slog"
	"testing"
	"time"

	"rightnow/socketio/sioclient"
)

// FuzzServer has a server say whatever: the client may end the connection, and must not panic, nor hang.
func FuzzServer(f *testing.F) {
	for _, seed := range []string{
		`42["x",1]`, `42/,["x"]`, `421["x",{"a":[1,"b"]}]`, `431[1]`, `451-["x",{"_placeholder":true,"num":0}]` + "\x1ebAAAA",
		`44{"message":"no"}`, "41", "6\x1e2\x1e3", "1", "\x1e\x1e", `40{"sid":"again"}`, `42["x"`, "b!", "4\xff",
	} {
		f.Add(opening, seed)
	}
	f.Add("0{}", "")
	f.Fuzz(func(t *testing.T, handshake, said string) {
		ended := make(chan struct{}, 10)
		client := hostile(t, script(handshake+"\x1e"+`40{"sid":"me"}`, said, "1"))
		c := sioclient.New("http://test", &sioclient.Options{
			HTTPClient: client, Transports: pollingOnly, DisableReconnect: true, MaxMessage: 1 << 16,
			ConnectTimeout: time.Second, Logger: slog.New(slog.DiscardHandler),
		})
		s := c.Of("/")
		s.On("x", func(args ...any) []any { return args })
		s.OnConnectError(func(error) { ended <- struct{}{} })
		s.OnDisconnect(func(sioclient.Reason) { ended <- struct{}{} })
		s.Connect()
		select {
		case <-ended:
		case <-time.After(50 * time.Millisecond): // it is still in
		}
		c.Close()
	})
}
