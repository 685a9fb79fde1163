package loadgen

import (
	"fmt"
	"testing"
)

// TestRequests are what the server is sent, to the letter: a mistake here looks
// like one of the server's.
func TestRequests(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{string(upgradeRequest("h:1", "/socket.io/")), "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: h:1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"},
		{string(openRequest("h:1", "/x/")), "GET /x/?EIO=4&transport=polling HTTP/1.1\r\nHost: h:1\r\n\r\n"},
	} {
		if test.got != test.want {
			t.Errorf("got  %q\nwant %q", test.got, test.want)
		}
	}
	accept := fmt.Sprintf("HTTP/1.1 101 x\r\nsec-websocket-accept: %s\r\n\r\n", handshakeAccept)
	if n, err := parseUpgrade([]byte(accept)); err != nil || n != len(accept) {
		t.Errorf("the answer is not taken: %d, %v", n, err)
	}
}
