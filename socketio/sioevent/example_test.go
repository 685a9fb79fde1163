package sioevent_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"rightnow/socketio"
	"rightnow/socketio/sioclient"
	"rightnow/socketio/sioevent"
)

// Sum is what somebody wants added.
type Sum struct {
	A int `json:"a"`
	B int `json:"b"`
}

// Both ends import the declarations, so that the compiler checks both.
var (
	Add   = sioevent.DefineCall[Sum, int]("add")
	Added = sioevent.Define[int]("added")
)

func Example() {
	server := socketio.New(nil)
	server.OnConnect(func(s *socketio.Socket) {
		Add.Handle(s, func(_ context.Context, sum Sum) (int, error) {
			return sum.A + sum.B, Added.Emit(server, sum.A+sum.B)
		})
	})
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", server)
	web := httptest.NewServer(mux)
	defer web.Close()
	defer server.Shutdown(context.Background())

	ctx := context.Background()
	heard := make(chan int, 1)
	client, err := sioclient.Dial(ctx, web.URL, nil, func(s *sioclient.Socket) {
		Added.On(s, func(_ context.Context, n int) { heard <- n })
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Client().Close()
	n, err := Add.Call(ctx, client, Sum{2, 3})
	fmt.Println(n, err, <-heard)
	// Output: 5 <nil> 5
}

func ExampleWriteTypeScript() {
	sioevent.WriteTypeScript(os.Stdout, sioevent.Contract{
		ServerToClient: []sioevent.Declaration{Added},
		ClientToServer: []sioevent.Declaration{Add},
	})
	// Output:
	// // Written by sioevent.WriteTypeScript; do not edit.
	//
	// export interface Sum {
	//   a: number;
	//   b: number;
	// }
	//
	// export interface ServerToClientEvents {
	//   added: (data: number) => void;
	// }
	//
	// export interface ClientToServerEvents {
	//   add: (data: Sum, ack: (result: number | { error: string; data?: unknown }) => void) => void;
	// }
}
