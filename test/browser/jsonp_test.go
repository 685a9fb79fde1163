package browser

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"rightnow/socketio"
)

// TestJSONP drives the client of Socket.IO 2 in a browser, with the polls that are scripts and the forms.
//
// checklist: 186
func TestJSONP(t *testing.T) {
	browser := launch(t)
	friend, stranger := pageServer(t, http.NotFoundHandler()), pageServer(t, http.NotFoundHandler())
	io := socketio.New(&socketio.Options{AllowEIO3: true, Origins: []string{friend}})
	io.OnConnect(func(s *socketio.Socket) {
		s.On("echo", func(text string, b []byte) { s.Emit("echo", text, b) })
	})
	server := pageServer(t, io)
	t.Cleanup(func() { // before the server ends, which waits for the polls
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		io.Shutdown(ctx)
	})

	for name, test := range map[string]struct {
		page string
		ok   bool
	}{"the own page": {server, true}, "a page that may": {friend, true}, "a page that may not": {stranger, false}} {
		t.Run(name, func(t *testing.T) {
			w := open(t, newPerson(t, browser), test.page)
			w.until("the page is ready", `window.connectTo !== undefined`)
			eval[any](w, fmt.Sprintf(`connectTo(%q); 0`, server))
			if !test.ok {
				w.until("it is refused", `failed`)
				w.until("it has got nothing", `socket.id === undefined && got.length === 0`)
				return
			}
			w.until("all has come back", `got.length === 20`)
			w.until("as it went", `got.every((text, i) => text === i + awkward)`)
			w.until("by scripts and forms", `document.querySelector("script[src*='j=']") !== null && document.querySelector("iframe") !== null`)
		})
	}
}

// pageServer serves a page with the client of Socket.IO 2, and Socket.IO beside it. It returns its address.
func pageServer(t *testing.T, io http.Handler) (url string) {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", io)
	mux.HandleFunc("/client.js", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, filepath.Join(root(t), "test/node_modules/socket.io-client-2/dist/socket.io.js"))
	})
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, jsonpPage)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

const jsonpPage = `<!doctype html><title>JSONP</title><link rel="icon" href="data:,"><script src="/client.js"></script><script>
const got = [], awkward = " a\nb \\n \\\\n \u2028 </" + "script> 😀 &;=+%";
let socket, failed = false;
function connectTo(url) {
	socket = io(url, { transports: ["polling"], forceJSONP: true, reconnection: false });
	socket.on("connect_error", () => { failed = true; });
	socket.on("connect", () => {
		for (let i = 0; i < 20; i++) socket.emit("echo", i + awkward, new Uint8Array([i, 255]).buffer);
	});
	socket.on("echo", (text, bytes) => {
		const data = new Uint8Array(bytes);
		got.push(data.length === 2 && data[0] === got.length && data[1] === 255 ? text : "other bytes");
	});
}
</script>`
