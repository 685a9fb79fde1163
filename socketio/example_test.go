package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/coder/websocket"

	"rightnow/socketio"
)

// Message is what the examples send.
type Message struct {
	User string `json:"user"`
	Text string `json:"text"`
}

// The ten-line server. The official client's page needs ClientFiles, or a copy of the client
// from elsewhere.
func Example() {
	io := socketio.New(&socketio.Options{ClientFiles: os.DirFS("node_modules/socket.io/client-dist")})
	io.OnConnect(func(s *socketio.Socket) {
		s.Emit("message", Message{User: "turingbot", Text: "Hello, world!"})
		s.Broadcast().Emit("new connection", s.ID())
		s.On("message", func(m Message) { io.Emit("message", m) })
		s.OnDisconnect(func(socketio.Reason) { io.Emit("lost connection", s.ID()) })
	})
	http.Handle("/socket.io/", io)
	log.Fatal(http.ListenAndServe(":3000", nil))
}

// A handler's results are the acknowledgement, and so is its error.
func ExampleSocket_On() {
	type Doc struct{ Title string }
	type Receipt struct{ Number int }
	server(func(s *socketio.Socket) {
		s.On("save", func(ctx context.Context, d Doc) (Receipt, error) {
			if d.Title == "" {
				return Receipt{}, socketio.Error("a document needs a title")
			}
			return Receipt{Number: 1}, nil
		})
	}).say(
		`421["save",{"title":"Plans"}]`,
		`422["save",{}]`,
		`423["save","not a document"]`,
	).print(3).end()
	// Output:
	// 431[{"Number":1}]
	// 432[{"error":"a document needs a title"}]
	// 433[{"error":"invalid argument 0"}]
}

// Handle is On with the signature checked by the compiler.
func ExampleHandle() {
	server(func(s *socketio.Socket) {
		socketio.Handle(s, "add", func(_ context.Context, terms []int) (sum int, err error) {
			for _, t := range terms {
				sum += t
			}
			return sum, nil
		})
	}).say(`421["add",[1,2,3]]`).print(1).end()
	// Output: 431[6]
}

// Call asks the client. A handler may wait for its own client.
func ExampleCall() {
	server(func(s *socketio.Socket) {
		s.On("greet me", func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
			defer cancel()
			name, err := socketio.Call[string](ctx, s, "what is your name?")
			if err != nil {
				return err
			}
			return s.Emit("hello", name)
		})
	}).say(`42["greet me"]`).print(1).say(`430["Ada"]`).print(1).end()
	// Output:
	// 420["what is your name?"]
	// 42["hello","Ada"]
}

// An Ack acknowledges later, from any goroutine.
func ExampleAck() {
	server(func(s *socketio.Socket) {
		s.On("wake me", func(ack socketio.Ack, ms int) {
			time.AfterFunc(time.Duration(ms)*time.Millisecond, func() { ack("good morning") })
		})
	}).say(`421["wake me",5]`).print(1).end()
	// Output: 431["good morning"]
}

// Targets are immutable: they may be kept and used again.
func ExampleTarget() {
	server(func(s *socketio.Socket) {
		s.Join("news")
		readers := s.Namespace().To("news").Except("muted")
		readers.Emit("headline", "first")
		s.Join("muted")
		readers.Emit("headline", "second")
		s.Leave("muted")
		readers.Volatile().Emit("headline", "third")
	}).print(2).end()
	// Output:
	// 42["headline","first"]
	// 42["headline","third"]
}

// A middleware decides who may join a namespace.
func ExampleNamespace_Use() {
	io := socketio.New(nil)
	io.Of("/admin").Use(func(ctx context.Context, s *socketio.Socket) error {
		var auth struct{ Token string }
		if err := s.Handshake().Auth.Decode(&auth); err != nil || auth.Token != "secret" {
			return socketio.ConnectError{Message: "not authorized", Data: map[string]int{"code": 401}}
		}
		s.SetData("an admin")
		return nil
	})
	open(io).say(`40/admin,{"token":"guess"}`).print(1).end()
	// Output: 44/admin,{"message":"not authorized","data":{"code":401}}
}

// What a middleware of net/http has found out about the client goes along with its connection.
func ExampleOptions_handshakeValue() {
	type key struct{}
	io := socketio.New(&socketio.Options{
		HandshakeValue: func(r *http.Request) any { return r.Context().Value(key{}) },
	})
	io.OnConnect(func(s *socketio.Socket) {
		user := s.Handshake().Value.(string)
		s.Emit("hello", user)
	})
	signedIn := func(w http.ResponseWriter, r *http.Request) {
		ctx := context.WithValue(r.Context(), key{}, "Ada") // of a cookie, say
		io.ServeHTTP(w, r.WithContext(ctx))
	}
	openBehind(http.HandlerFunc(signedIn), io).say("40").skip(1).print(1).end()
	// Output: 42["hello","Ada"]
}

// Each name that matches becomes a namespace of its own.
func ExampleServer_OfPattern() {
	io := socketio.New(&socketio.Options{CleanupEmptyChildNamespaces: true})
	tenants := io.OfPattern(regexp.MustCompile(`^/tenant-\d+$`))
	tenants.OnConnect(func(s *socketio.Socket) { s.Emit("welcome", s.Namespace().Name()) })
	open(io).say(`40/tenant-7,`).skip(1).print(1).say(`40/tenant-x,`).print(1).end()
	// Output:
	// 42/tenant-7,["welcome","/tenant-7"]
	// 44/tenant-x,{"message":"Invalid namespace"}
}

// A broadcast may ask everybody, and collect what comes in time.
func ExampleNamespace_EmitWithAck() {
	io := socketio.New(nil)
	c := open(io).say("40").skip(1)
	go func() { c.skip(1).say(`430["here"]`) }()
	answers, err := io.Timeout(5*time.Second).EmitWithAck(context.Background(), "roll call")
	for _, a := range answers {
		fmt.Println(string(a.Raw(0)), err)
	}
	c.end()
	// Output: "here" <nil>
}

// conversation is a client for the examples: it says packets and prints what comes.
type conversation struct {
	io   *socketio.Server
	http *httptest.Server
	conn *websocket.Conn
}

// server serves one socket of "/" that connect was called with.
func server(connect func(*socketio.Socket)) conversation {
	io := socketio.New(nil)
	io.OnConnect(connect)
	return open(io).say("40").skip(1)
}

func open(io *socketio.Server) conversation { return openBehind(io, io) }

// openBehind is open with a handler before the server.
func openBehind(front http.Handler, io *socketio.Server) conversation {
	srv := httptest.NewServer(front)
	url := strings.Replace(srv.URL, "http", "ws", 1) + "/?EIO=4&transport=websocket"
	conn, _, err := websocket.Dial(context.Background(), url, nil)
	if err != nil {
		panic(err)
	}
	return conversation{io, srv, conn}.skip(1)
}

func (c conversation) end() {
	c.conn.CloseNow()
	c.io.Shutdown(context.Background())
	c.http.Close()
}

func (c conversation) say(packets ...string) conversation {
	for _, p := range packets {
		if err := c.conn.Write(context.Background(), websocket.MessageText, []byte(p)); err != nil {
			panic(err)
		}
	}
	return c
}

func (c conversation) read() string {
	_, data, err := c.conn.Read(context.Background())
	if err != nil {
		panic(err)
	}
	return string(data)
}

func (c conversation) print(n int) conversation {
	for range n {
		fmt.Println(c.read())
	}
	return c
}

func (c conversation) skip(n int) conversation {
	for range n {
		c.read()
	}
	return c
}

// Each client may send ten events at once and, over time, two a second; who sends more is let go.
func ExampleRateLimit() {
	io := socketio.New(nil)
	io.OnConnect(func(s *socketio.Socket) {
		s.Use(socketio.RateLimit(2, 10))
		s.OnError(func(err error) {
			if errors.Is(err, socketio.ErrRateLimit) {
				s.Disconnect(true)
			}
		})
	})
}
