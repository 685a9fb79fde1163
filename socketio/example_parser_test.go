package socketio_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"

	"rightnow/socketio"
	"rightnow/socketio/sioclient"
)

// plain is a parser of one's own: each packet is an object in JSON, and its binary values follow as they are.
type plain struct{}

// plainPacket is the object.
type plainPacket struct {
	Type      socketio.PacketType `json:"type"`
	Namespace string              `json:"nsp"`
	ID        *uint64             `json:"id,omitempty"`
	Data      json.RawMessage     `json:"data,omitempty"`
	Blobs     int                 `json:"blobs,omitempty"` // how many follow
}

func (plain) Encode(p *socketio.Packet) ([]socketio.WireMessage, error) {
	out := plainPacket{Type: p.Type, Namespace: p.Namespace, Data: p.Data, Blobs: len(p.Blobs)}
	if p.HasID {
		out.ID = &p.ID
	}
	text, err := json.Marshal(out)
	if err != nil {
		return nil, err
	}
	messages := []socketio.WireMessage{{Data: text}}
	for _, b := range p.Blobs {
		messages = append(messages, socketio.WireMessage{Data: b, Binary: true})
	}
	return messages, nil
}

func (plain) NewDecoder() socketio.Decoder { return &plainDecoder{} }

// plainDecoder remembers a packet whose binary values are still to come.
type plainDecoder struct {
	partial *socketio.Packet
	due     int
}

const maxBlobs = 10 // what is not bounded here a client may make grow

func (d *plainDecoder) Decode(data []byte, binary bool) (*socketio.Packet, error) {
	if binary {
		if d.due == 0 {
			return nil, errors.New("a binary value that belongs to nothing")
		}
		d.partial.Blobs = append(d.partial.Blobs, append([]byte(nil), data...)) // data is valid only until Decode returns
		return d.complete(d.partial, d.due-1)
	}
	var in plainPacket
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, err
	}
	if d.due > 0 || in.Blobs < 0 || in.Blobs > maxBlobs {
		return nil, errors.New("too many binary values, or too few")
	}
	p := &socketio.Packet{Type: in.Type, Namespace: in.Namespace, Data: in.Data}
	if in.ID != nil {
		p.ID, p.HasID = *in.ID, true
	}
	return d.complete(p, in.Blobs)
}

// complete returns the packet once nothing more is due.
func (d *plainDecoder) complete(p *socketio.Packet, due int) (*socketio.Packet, error) {
	if d.partial, d.due = p, due; due > 0 {
		return nil, nil
	}
	d.partial = nil
	return p, nil
}

// A parser of one's own, on both sides.
func ExampleParser() {
	io := socketio.New(&socketio.Options{Parser: plain{}})
	io.OnConnect(func(s *socketio.Socket) {
		s.On("reverse", func(b []byte) []byte { return []byte{b[1], b[0]} })
	})
	web := httptest.NewServer(io)
	defer web.Close()
	defer io.Shutdown(context.Background())

	s, err := sioclient.Dial(context.Background(), web.URL, &sioclient.Options{Parser: plain{}})
	if err != nil {
		panic(err)
	}
	defer s.Client().Close()
	answer, err := s.EmitWithAck(context.Background(), "reverse", []byte{1, 2})
	var got []byte
	fmt.Println(answer.Decode(0, &got), got, err)
	// Output: <nil> [2 1] <nil>
}
