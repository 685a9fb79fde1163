package browser

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go/http3"

	"rightnow/engineio"
	"rightnow/engineio/eiowebtransport"
	"rightnow/socketio"
)

// TestWebTransport: the official client in a browser, with a certificate that it knows by its hash.
//
// checklist: 199, 200
func TestWebTransport(t *testing.T) {
	server := serveWebTransport(t)
	browser := launch(t, "disable-quic")
	t.Run("from the start", func(t *testing.T) {
		w := server.visit(t, browser)
		w.connect(server, `transports: ["webtransport"]`)
		w.until("it is connected", `socket.connected`)
		w.over("webtransport")
		w.talk()
	})
	for name, transports := range map[string]string{
		"from polling": `["polling", "webtransport"]`,
		// The client gives WebTransport a start of 200 ms: on a busy machine WebSocket wins all the same.
		"from polling, beside the rest": `["polling", "websocket", "webtransport"]`,
	} {
		t.Run(name, func(t *testing.T) {
			w := server.visit(t, browser)
			w.connect(server, `transports: `+transports)
			w.until("it is upgraded", `upgrades.length > 0`)
			to := eval[string](w.window, `upgrades.join()`)
			if !strings.Contains(transports, `"`+to+`"`) {
				t.Fatalf("upgraded to %s", to)
			}
			w.over(to)
			w.until("nothing is lost on the way, nor comes twice", `heard.length === 200`)
			if got := eval[bool](w.window, `heard.every((n, i) => n === i)`); !got {
				t.Errorf("out of order: %v", eval[[]int](w.window, `heard`))
			}
			w.talk()
		})
	}
	t.Run("the server closes", func(t *testing.T) {
		w := server.visit(t, browser)
		w.connect(server, `transports: ["webtransport"], reconnectionDelay: 10`)
		w.until("it is connected", `heard.length === 100`)
		first := eval[string](w.window, `socket.id`)
		for session := range server.io.Engine().Sessions() {
			session.Close(engineio.ReasonForcedClose)
		}
		// An error rather than a close where the browser sees the end of the request's other direction first, which quic-go
		// may put into the packet before the close.
		w.until("the client hears of it", `/^transport (close|error)$/.test(reasons[0])`)
		w.until("it comes back", `socket.connected && socket.id !== `+quote(first))
		eval[any](w.window, `socket.emit("disconnect me"), null`)
		w.until("it is told to stay away", `reasons[1] === "io server disconnect"`)
	})
	t.Run("another origin", func(t *testing.T) {
		w := server.visitAt(t, browser, "http://localhost:"+server.port)
		w.connect(server, `transports: ["webtransport"], reconnection: false`)
		w.until("it is refused", `failures.length === 1`)
	})
	if n := server.io.Engine().Stats().Upgraded; n != 2 {
		t.Errorf("%d upgrades", n)
	}
}

// wtServer serves a page and Socket.IO over TCP, and WebTransport on the same port over UDP.
type wtServer struct {
	io   *socketio.Server
	port string
	hash []byte // of the certificate
}

// serveWebTransport serves until the end of the test.
func serveWebTransport(t *testing.T) *wtServer {
	t.Helper()
	tcp, udp := samePort(t)
	s := &wtServer{port: strconv.Itoa(tcp.Addr().(*net.TCPAddr).Port)}
	s.io = socketio.New(&socketio.Options{
		Transports:  []engineio.Transport{engineio.Polling, engineio.WebSocket, engineio.WebTransport},
		Origins:     []string{"http://127.0.0.1:" + s.port}, // the page's: a WebTransport is always https
		ClientFiles: os.DirFS(filepath.Join(root(t), "test/node_modules/socket.io-client/dist")),
	})
	s.io.OnConnect(greet)
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", s.io)
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, wtPage) })
	plain := &http.Server{Handler: mux}
	cert := shortLived(t)
	hash := sha256.Sum256(cert.Certificate[0])
	s.hash = hash[:]
	quick := &eiowebtransport.Server{
		Engine: s.io.Engine(),
		H3:     &http3.Server{TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}}},
	}
	ended := make(chan error, 2)
	go func() { ended <- plain.Serve(tcp) }() // ends with Close
	go func() { ended <- quick.Serve(udp) }() // ends with Close
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.io.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		plain.Close()
		quick.Close()
		for range 2 {
			if err := <-ended; err != http.ErrServerClosed {
				t.Error(err)
			}
		}
		udp.Close()
	})
	return s
}

// samePort listens on a port that is free for both.
func samePort(t *testing.T) (net.Listener, net.PacketConn) {
	t.Helper()
	for range 20 {
		tcp, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if udp, err := net.ListenPacket("udp", tcp.Addr().String()); err == nil {
			return tcp, udp
		}
		tcp.Close()
	}
	t.Fatal("no port is free for TCP and UDP")
	return nil, nil
}

// shortLived makes a certificate of the kind that browsers take by its hash: ECDSA, for less than two weeks.
func shortLived(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(10 * 24 * time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// greet counts to 200 while the transport changes, and echoes.
func greet(s *socketio.Socket) {
	for n := range 100 {
		s.Emit("count", n)
	}
	s.On("go on", func() {
		for n := range 100 {
			s.Emit("count", 100+n)
		}
	})
	s.On("echo", func(text string, data []byte, ack socketio.Ack) { ack(text, data) })
	s.On("nothing", func() []byte { return []byte{} })
	s.On("disconnect me", func() { s.Disconnect(false) })
}

// wtPage is a page with the client, which does what the test asks for.
const wtPage = `<!doctype html><title>WebTransport</title><script src="/socket.io/socket.io.js"></script><script>
addEventListener("unhandledrejection", (event) => { // the client waits for the end of a refused one, not for its beginning
	if (event.reason instanceof WebTransportError) event.preventDefault();
});
const heard = [], upgrades = [], reasons = [], failures = [];
const note = (text) => document.body.append(text, "\n");
let socket;
function connect(url, hash, options) {
	const webtransport = { serverCertificateHashes: [{ algorithm: "sha-256", value: new Uint8Array(hash) }] };
	socket = io(url, { ...options, transportOptions: { webtransport } });
	socket.on("count", (n) => heard.push(n));
	socket.on("disconnect", (reason) => (reasons.push(reason), note(reason)));
	socket.on("connect_error", (err) => (failures.push(err.message), note(err.message)));
	socket.io.on("open", () => socket.io.engine.on("upgrade", (transport) => { upgrades.push(transport.name); socket.emit("go on"); }));
}
async function echo(text, data) {
	const [back, bytes] = await new Promise((resolve) => socket.emit("echo", text, data, (...all) => resolve(all)));
	return back === text && new Uint8Array(bytes).join() === data.join();
}
</script><body></body>`

// wtWindow is a window with that page.
type wtWindow struct{ *window }

func (s *wtServer) visit(t *testing.T, browser context.Context) wtWindow {
	t.Helper()
	return s.visitAt(t, browser, "http://127.0.0.1:"+s.port)
}

func (s *wtServer) visitAt(t *testing.T, browser context.Context, url string) wtWindow {
	t.Helper()
	w := wtWindow{open(t, newPerson(t, browser), url+"/")}
	w.until("the page is ready", `typeof io === "function"`)
	return w
}

// connect makes the page's socket.
func (w wtWindow) connect(s *wtServer, options string) {
	w.t.Helper()
	hash := make([]int, len(s.hash))
	for i, b := range s.hash {
		hash[i] = int(b)
	}
	eval[any](w.window, `connect("http://127.0.0.1:`+s.port+`", `+quote(hash)+`, {`+options+`}), null`)
}

// over wants the transport.
func (w wtWindow) over(transport string) {
	w.t.Helper()
	if got := eval[string](w.window, `socket.io.engine.transport.name`); got != transport {
		w.t.Errorf("over %s, not %s", got, transport)
	}
}

// talk sends texts and bytes of all sizes and wants them back; and no bytes, which the client can read but not send.
func (w wtWindow) talk() {
	w.t.Helper()
	eval[any](w.window, `Promise.all([0, 1, 100, 130, 5000, 70000, 300000].map((n) =>
		echo("é".repeat(n), new Uint8Array(Math.max(n, 1)).fill(n)))).then((all) => globalThis.returned = all.filter(Boolean).length), null`)
	w.until("all comes back", `returned === 7`)
	eval[any](w.window, `socket.emit("nothing", (bytes) => globalThis.nothing = bytes), null`)
	w.until("nothing comes too", `nothing.byteLength === 0`)
	eval[any](w.window, `socket.disconnect(), null`)
}
