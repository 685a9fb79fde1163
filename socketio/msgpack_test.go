package socketio_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"rightnow/socketio"
)

// packed is a message of MessagePack, in hex.
func packed(t *testing.T, s string) message {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return message{binary: b, isBin: true}
}

// What is no packet of MessagePack closes the connection, text among it.
//
// checklist: 197, 198
func TestO197WhatIsNoMessagePackCloses(t *testing.T) {
	const nsp, event = "a36e7370 a12f", "a464617461 91a165" // nsp "/", data ["e"]
	transports(t, func(t *testing.T, connect func(*harness) *client) {
		h := serve(t, &socketio.Options{Parser: socketio.MessagePack()})
		events := make(chan bool, 1)
		h.io.OnConnect(func(s *socketio.Socket) { s.OnAny(func(*socketio.Event) { events <- true }) })
		for name, m := range map[string]message{
			"good":                 packed(t, "83 a474797065 02 "+nsp+event),
			"text":                 {text: `2["e"]`},
			"type":                 packed(t, "83 a474797065 05 "+nsp+event),
			"type of text":         packed(t, "83 a474797065 a132 "+nsp+event),
			"namespace of no text": packed(t, "83 a474797065 02 a36e7370 07 "+event),
			"nil id":               packed(t, "84 a474797065 02 "+nsp+"a26964 c0"+event),
			"id of text":           packed(t, "84 a474797065 02 "+nsp+"a26964 a178"+event),
			"data of no list":      packed(t, "83 a474797065 02 "+nsp+"a464617461 81a16501"),
			"reserved name":        packed(t, "83 a474797065 02 "+nsp+"a464617461 91aa646973636f6e6e656374"),
			"nil for CONNECT":      packed(t, "83 a474797065 00 a36e7370 a22f61 a464617461 c0"),
			"DISCONNECT with data": packed(t, "83 a474797065 01 "+nsp+event),
		} {
			c := connect(h)
			c.writeBinary(packed(t, "82 a474797065 00 "+nsp).binary)
			if got := c.read(); !strings.HasPrefix(got, "<83a474797065") || strings.Contains(got, "d40000") {
				t.Fatalf("joined by %s", got) // three keys, and none that is undefined: 195
			}
			c.send(m) // over polling the answer may be that the session is gone
			if name == "good" {
				receive(t, events)
				c.close()
				continue
			}
			c.wantClosed()
			if len(events) > 0 {
				t.Errorf("%s: an event came", name)
			}
		}
	})
}
