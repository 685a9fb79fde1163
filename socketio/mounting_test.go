package socketio_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"rightnow/engineio/eioclient"
	"rightnow/socketio"
	"rightnow/socketio/sioclient"
	"rightnow/socketio/siotest"
)

// ways are the transports that a client may begin with, and change between.
var ways = map[string][]eioclient.Transport{
	"polling":   {eioclient.Polling},
	"websocket": {eioclient.WebSocket},
	"upgrading": {eioclient.Polling, eioclient.WebSocket},
}

// checklist: 193
func TestAnotherPath(t *testing.T) {
	for way, transports := range ways {
		for _, stripped := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, stripped %v", way, stripped), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					srv := socketio.New(&socketio.Options{ClientFiles: fstest.MapFS{"socket.io.js": {Data: []byte("js")}}})
					srv.OnConnect(func(s *socketio.Socket) {
						s.On("where", func() string { return s.Handshake().URL })
					})
					mux := http.NewServeMux()
					if stripped {
						mux.Handle("/deep/rt/", http.StripPrefix("/deep/rt", srv))
					} else {
						mux.Handle("/deep/rt/", srv)
					}
					n := siotest.NewHandler(t, mux, srv.Shutdown)
					s := n.Dial(&sioclient.Options{Path: "/deep/rt/", Transports: transports})
					answer, err := s.EmitWithAck(context.Background(), "where")
					var url string
					if err != nil || answer.Decode(0, &url) != nil || !strings.Contains(url, "transport="+string(transports[0])) {
						t.Errorf("%q, %v", url, err)
					}
					res, err := n.HTTPClient().Get(siotest.URL + "/deep/rt/socket.io.js")
					if err != nil {
						t.Fatal(err)
					}
					defer res.Body.Close()
					if js, err := io.ReadAll(res.Body); err != nil || string(js) != "js" {
						t.Errorf("the client: %d %q, %v", res.StatusCode, js, err)
					}
				})
			})
		}
	}
}

// The options of HTTP reach the layer below.
//
// checklist: 189, 190, 191
func TestHTTPOptions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := socketio.New(&socketio.Options{
			Cookie:  &http.Cookie{},
			Origins: []string{"https://app.example"},
			Headers: func(h http.Header, _ *http.Request, initial bool) { h.Set("X-Initial", fmt.Sprint(initial)) },
		})
		n := siotest.New(t, srv)
		client := n.HTTPClient()
		ask := func(method, query string) *http.Response {
			t.Helper()
			req, err := http.NewRequest(method, siotest.URL+"/socket.io/?"+query, strings.NewReader(""))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Origin", "https://app.example")
			res, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if got := res.Header.Get("Access-Control-Allow-Origin"); got != "https://app.example" {
				t.Errorf("%s %s: allowed to %q", method, query, got)
			}
			return res
		}
		open := ask("GET", "EIO=4&transport=polling")
		cookies := open.Cookies()
		if len(cookies) != 1 {
			t.Fatalf("cookies %v", cookies)
		}
		c := cookies[0]
		if c.Name != "io" || len(c.Value) != 20 || c.Path != "/" || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
			t.Errorf("cookie %v", c)
		}
		if got := open.Header.Get("X-Initial"); got != "true" {
			t.Errorf("handshake: initial %s", got)
		}
		for query, status := range map[string]int{"transport=polling&sid=" + c.Value: 200, "transport=polling&sid=x": 400} {
			later := ask("POST", query)
			if later.StatusCode != status || len(later.Cookies()) != 0 || later.Header.Get("X-Initial") != "false" {
				t.Errorf("%s: %+v", query, later)
			}
		}
		if res := ask("OPTIONS", "EIO=4&transport=polling"); res.StatusCode != 204 {
			t.Errorf("preflight: %d", res.StatusCode)
		}
	})
}
