package engineio

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestLaneOrder: nothing is lost, repeated or reordered while connections go to and fro between net/http and the short way,
// for their age or because something else comes on them.
func TestLaneOrder(t *testing.T) {
	const clients, messages = 20, 1000
	o := &Options{PingInterval: 5 * time.Millisecond, PingTimeout: time.Minute}
	realtime(t, o, func(r *rig) {
		var all sync.WaitGroup
		for i := range clients {
			p, session := r.open()
			all.Go(func() {
				for n := range messages {
					for n%100 == 99 && p.Buffered() > 1000 && p.Reason() == "" {
						time.Sleep(time.Millisecond) // the client is behind
					}
					p.say(TextFrame(fmt.Append(nil, n)))
				}
			})
			all.Go(func() {
				c := r.dial()
				defer c.Close()
				var got []string
				answers := bufio.NewReader(c)
				for n := 0; len(got) < messages; n++ {
					header := []string{}
					if i%2 == 1 && n%50 == 49 {
						header = append(header, fmt.Sprint("X-Other: ", n))
					}
					io.WriteString(c, rawRequest("GET", session, header...))
					res, err := http.ReadResponse(answers, nil)
					if err != nil {
						t.Errorf("client %d, poll %d: %v", i, n, err)
						return
					}
					body, _ := io.ReadAll(res.Body)
					if res.StatusCode != 200 {
						t.Errorf("client %d, poll %d: %d %q, ended by %q", i, n, res.StatusCode, body, p.Reason())
						return
					}
					for packet := range strings.SplitSeq(string(body), "\x1e") {
						if packet == "2" {
							r.try("POST", session, strings.NewReader("3"))
						} else {
							got = append(got, strings.TrimPrefix(packet, "4"))
						}
					}
				}
				for n, m := range got {
					if m != fmt.Sprint(n) {
						t.Errorf("client %d: message %d is %q", i, n, m)
						return
					}
				}
			})
		}
		all.Wait()
	})
}
