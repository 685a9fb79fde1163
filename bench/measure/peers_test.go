package measure

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"rightnow/bench/results"
)

// TestPeersKeepTheContract builds each peer but Node, and has three clients
// speak with it.
func TestPeersKeepTheContract(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range Servers() {
		if s.Name == results.Ours || s.Name == results.Node {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			if err := s.build(func(args []string) error { return run(t.Context(), root, args) }); err != nil {
				t.Fatal(err)
			}
			if versions := s.Versions(root); len(versions) == 0 {
				t.Error("no versions are known")
			}
			keepsTheContract(t, startPeer(t, root, s))
		})
	}
}

// startPeer starts a server and returns its address. It ends with the test.
func startPeer(t *testing.T, root string, s Server) string {
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	p, err := start(root, []string{"PORT=" + strconv.Itoa(port)}, s.Start)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	if err := p.listening(t.Context(), port, 30*time.Second); err != nil {
		t.Fatal(err)
	}
	return "127.0.0.1:" + strconv.Itoa(port)
}

func keepsTheContract(t *testing.T, address string) {
	ann, bob, eve := connect(t, address), connect(t, address), connect(t, address)
	long := strings.Repeat("ä", 1000)
	for _, text := range []string{`"x"`, `"` + long + `",{"a":[1,null]}`} {
		ann.send(t, `4217["echo",`+text+`]`)
		ann.wants(t, `4317[`+text+`]`)
	}
	ann.send(t, `420["echo"]`)
	ann.wants(t, `430[]`)
	ann.send(t, `42["bench:broadcast",2,300]`)
	for _, c := range []*peerClient{ann, bob, eve} {
		c.wants(t, `42["message","`+strings.Repeat("x", 300)+`"]`)
		c.wants(t, `42["message","`+strings.Repeat("x", 300)+`"]`)
	}
	for i, c := range []*peerClient{ann, bob, eve} {
		c.send(t, fmt.Sprintf(`42["join","room%d"]`, i/2)) // ann and bob share one
		c.send(t, `421["echo",1]`)
		c.wants(t, `431[1]`)
	}
	bob.send(t, `42["say","room0","hello"]`)
	bob.send(t, `42["say","room1","for eve"]`)
	ann.wants(t, `42["message","hello"]`)
	bob.wants(t, `42["message","hello"]`)
	eve.wants(t, `42["message","for eve"]`)

	// Whoever has left is left out, and what a client sends may come in pieces.
	eve.Close()
	half := textFrame(`42["bench:broadcast",1,5]`)
	ann.write(t, half[:9])
	bob.send(t, `422["echo",2]`)
	bob.wants(t, `432[2]`)
	ann.write(t, slices.Concat(half[9:], textFrame(`42["join","late"]`)))
	ann.wants(t, `42["message","xxxxx"]`)
	bob.wants(t, `42["message","xxxxx"]`)
	ann.send(t, `42["say","late","alone"]`)
	ann.wants(t, `42["message","alone"]`)
}

// peerClient is a Socket.IO client over WebSocket.
type peerClient struct {
	net.Conn
	in *bufio.Reader
}

// connect has the client served.
func connect(t *testing.T, address string) *peerClient {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	c := &peerClient{conn, bufio.NewReader(conn)}
	const key = "bm90IHNvIHJhbmRvbSBrZQ=="
	c.write(t, []byte("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: "+address+
		"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "+key+"\r\n\r\n"))
	answer, err := http.ReadResponse(c.in, nil)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	if got := answer.Header.Get("Sec-WebSocket-Accept"); answer.StatusCode != 101 || got != base64.StdEncoding.EncodeToString(sum[:]) {
		t.Fatalf("status %d, Sec-WebSocket-Accept %q", answer.StatusCode, got)
	}
	if open := c.receive(t); !strings.HasPrefix(open, `0{"sid":"`) {
		t.Fatalf("opened with %s", open)
	}
	c.send(t, "40")
	if connected := c.receive(t); !strings.HasPrefix(connected, `40{"sid":"`) {
		t.Fatalf("connected with %s", connected)
	}
	return c
}

// textFrame is a masked frame of less than 64 KiB.
func textFrame(text string) []byte {
	frame := []byte{0x81}
	if len(text) < 126 {
		frame = append(frame, 0x80|byte(len(text)))
	} else {
		frame = binary.BigEndian.AppendUint16(append(frame, 0x80|126), uint16(len(text)))
	}
	mask := []byte{1, 2, 3, 4}
	frame = append(frame, mask...)
	for i := range len(text) {
		frame = append(frame, text[i]^mask[i%4])
	}
	return frame
}

func (c *peerClient) write(t *testing.T, data []byte) {
	t.Helper()
	if _, err := c.Write(data); err != nil {
		t.Fatal(err)
	}
}

func (c *peerClient) send(t *testing.T, text string) {
	t.Helper()
	c.write(t, textFrame(text))
}

// receive reads one whole text frame.
func (c *peerClient) receive(t *testing.T) string {
	t.Helper()
	head := make([]byte, 2)
	if _, err := io.ReadFull(c.in, head); err != nil {
		t.Fatal(err)
	}
	if head[0] != 0x81 || head[1] > 126 {
		t.Fatalf("a frame that begins with %x", head)
	}
	length := int(head[1])
	if length == 126 {
		if _, err := io.ReadFull(c.in, head); err != nil {
			t.Fatal(err)
		}
		length = int(binary.BigEndian.Uint16(head))
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(c.in, text); err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (c *peerClient) wants(t *testing.T, want string) {
	t.Helper()
	if got := c.receive(t); got != want {
		t.Errorf("received %.80s, want %.80s", got, want)
	}
}
