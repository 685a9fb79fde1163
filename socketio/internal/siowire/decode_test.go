package siowire

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	tests := []struct {
		text string
		want Packet
	}{
		{`0`, Packet{Type: Connect, Namespace: "/"}},
		{`0{"token":1}`, Packet{Type: Connect, Namespace: "/", Data: []byte(`{"token":1}`)}},
		{`0/foo,`, Packet{Type: Connect, Namespace: "/foo"}},
		{`0/foo`, Packet{Type: Connect, Namespace: "/foo"}},
		{`0/,{}`, Packet{Type: Connect, Namespace: "/", Data: []byte(`{}`)}},
		{`0/foo?x=1&y,{"a":1}`, Packet{Type: Connect, Namespace: "/foo?x=1&y", Data: []byte(`{"a":1}`)}},
		{`05{"a":1}`, Packet{Type: Connect, Namespace: "/", AckID: 5, HasAck: true, Data: []byte(`{"a":1}`)}},
		{`1`, Packet{Type: Disconnect, Namespace: "/"}},
		{`1/admin,`, Packet{Type: Disconnect, Namespace: "/admin"}},
		{`2["a",1]`, Packet{Type: Event, Namespace: "/", Data: []byte(`["a",1]`)}},
		{`27["a"]`, Packet{Type: Event, Namespace: "/", AckID: 7, HasAck: true, Data: []byte(`["a"]`)}},
		{`2/a/b,007["a"]`, Packet{Type: Event, Namespace: "/a/b", AckID: 7, HasAck: true, Data: []byte(`["a"]`)}},
		{`218446744073709551615["a"]`, Packet{Type: Event, Namespace: "/", AckID: 1<<64 - 1, HasAck: true, Data: []byte(`["a"]`)}},
		{`29007199254740993["a"]`, Packet{Type: Event, Namespace: "/", AckID: 1<<53 + 1, HasAck: true, Data: []byte(`["a"]`)}},
		{`2`, Packet{Type: Event, Namespace: "/"}},
		{`2[1,"numeric name"]`, Packet{Type: Event, Namespace: "/", Data: []byte(`[1,"numeric name"]`)}},
		{`2[-1.5e3]`, Packet{Type: Event, Namespace: "/", Data: []byte(`[-1.5e3]`)}},
		{"2 [ \"a\" , 1 ]\n", Packet{Type: Event, Namespace: "/", Data: []byte(`[ "a" , 1 ]`)}},
		{`2["error"]`, Packet{Type: Event, Namespace: "/", Data: []byte(`["error"]`)}},
		{`2["connection"]`, Packet{Type: Event, Namespace: "/", Data: []byte(`["connection"]`)}},
		{`2["message"]`, Packet{Type: Event, Namespace: "/", Data: []byte(`["message"]`)}},
		{`2["a",{"_placeholder":true,"num":5}]`, Packet{Type: Event, Namespace: "/", Data: []byte(`["a",{"_placeholder":true,"num":5}]`)}},
		{`312[]`, Packet{Type: Ack, Namespace: "/", AckID: 12, HasAck: true, Data: []byte(`[]`)}},
		{`3/n,12["x"]`, Packet{Type: Ack, Namespace: "/n", AckID: 12, HasAck: true, Data: []byte(`["x"]`)}},
		{`3[]`, Packet{Type: Ack, Namespace: "/", Data: []byte(`[]`)}},
		{`3`, Packet{Type: Ack, Namespace: "/"}},
		{`4{"message":"no"}`, Packet{Type: ConnectError, Namespace: "/", Data: []byte(`{"message":"no"}`)}},
		{`4`, Packet{Type: ConnectError, Namespace: "/"}},
		{`4"no"`, Packet{Type: ConnectError, Namespace: "/", Data: []byte(`"no"`)}},
		{`51-["b",{"_placeholder":true,"num":0}]`, Packet{Type: BinaryEvent, Namespace: "/", Attachments: 1, Data: []byte(`["b",{"_placeholder":true,"num":0}]`)}},
		{`510-/n,3["b"]`, Packet{Type: BinaryEvent, Namespace: "/n", Attachments: 10, AckID: 3, HasAck: true, Data: []byte(`["b"]`)}},
		{`52-["b",{"a":[{"num":1,"_placeholder":true}]},{"_placeholder":true,"num":1}]`, Packet{Type: BinaryEvent, Namespace: "/", Attachments: 2, Data: []byte(`["b",{"a":[{"num":1,"_placeholder":true}]},{"_placeholder":true,"num":1}]`)}},
		{`61-5[{"_placeholder":true,"num":0}]`, Packet{Type: BinaryAck, Namespace: "/", Attachments: 1, AckID: 5, HasAck: true, Data: []byte(`[{"_placeholder":true,"num":0}]`)}},
		{`51-`, Packet{Type: BinaryEvent, Namespace: "/", Attachments: 1}},
		{`50-["a",1]`, Packet{Type: Event, Namespace: "/", Data: []byte(`["a",1]`)}},
		{`60-/n,7[1]`, Packet{Type: Ack, Namespace: "/n", AckID: 7, HasAck: true, Data: []byte(`[1]`)}},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			got, err := Decode([]byte(tt.text), nil)
			if err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	tests := []struct{ text, reason string }{
		{``, "unknown type"},
		{`7["a"]`, "unknown type"},
		{`a`, "unknown type"},
		{`-1`, "unknown type"},
		{`0[]`, "invalid payload"},
		{`0"x"`, "invalid payload"},
		{`0null`, "invalid payload"},
		{`0{`, "JSON"},
		{`0foo,`, "invalid payload"},
		{`0{"a":1}{}`, "more than one value"},
		{`1{"a":1}`, "invalid payload"},
		{`1[]`, "invalid payload"},
		{`1null`, "invalid payload"},
		{`2{}`, "invalid payload"},
		{`2[]`, "without a name"},
		{`2[ ]`, "without a name"},
		{`2[null]`, "neither string nor number"},
		{`2[true]`, "neither string nor number"},
		{`2[{"toString":"foo"}]`, "neither string nor number"},
		{`2[["a"]]`, "neither string nor number"},
		{`2["a"`, "JSON"},
		{`2["a",]`, "JSON"},
		{`2["a"]x`, "JSON"},
		{`2["a",NaN]`, "JSON"},
		{`2["a",'b']`, "JSON"},
		{"2[\"a\nb\"]", "control character"},
		{"2[\"\xff\"]", "no UTF-8"},
		{"2/\xff,[\"a\"]", "no UTF-8"},
		{`2"a"`, "invalid payload"},
		{`2 `, "white space"},
		{`2["connect"]`, "reserved"},
		{`2["connect_error"]`, "reserved"},
		{`2["disconnect"]`, "reserved"},
		{`2["disconnecting"]`, "reserved"},
		{`2["newListener"]`, "reserved"},
		{`2["removeListener"]`, "reserved"},
		{`2["\u0063onnect"]`, "reserved"},
		{`218446744073709551616["a"]`, "ack id"},
		{`2000000000000000000001["a"]`, "ack id"},
		{`2` + strings.Repeat("9", 1e6), "ack id"},
		{`3{"a":1}`, "invalid payload"},
		{`31"a"`, "invalid payload"},
		{`4[]`, "invalid payload"},
		{`5["a"]`, "number of attachments"},
		{`5-["a"]`, "number of attachments"},
		{`500-["a"]`, "number of attachments"},
		{`501-["a"]`, "number of attachments"},
		{`51e0-["a"]`, "number of attachments"},
		{`5 1-["a"]`, "number of attachments"},
		{`50x1-["a"]`, "number of attachments"},
		{`51.5-["a"]`, "number of attachments"},
		{`51`, "number of attachments"},
		{`5-1-["a"]`, "number of attachments"},
		{`511-["a"]`, "more than 10 attachments"},
		{`51000000-["a"]`, "more than 10 attachments"},
		{`599999999999999999999999-["a"]`, "more than 10 attachments"},
		{`51-["a",{"_placeholder":true,"num":1}]`, "illegal attachment"},
		{`51-["a",{"_placeholder":true,"num":-1}]`, "illegal attachment"},
		{`51-["a",{"_placeholder":true,"num":"0"}]`, "illegal attachment"},
		{`51-["a",{"_placeholder":true,"num":0.5}]`, "illegal attachment"},
		{`51-["a",{"_placeholder":true,"num":1e99}]`, "illegal attachment"},
		{`51-["a",{"_placeholder":true,"num":1e999}]`, "illegal attachment"},
		{`51-["a",{"_placeholder":true}]`, "illegal attachment"},
		{`51-["a",{"_placeholder":true,"num":"splice"}]`, "illegal attachment"},
		{`61-1[{"_placeholder":true,"num":null}]`, "illegal attachment"},
		{`51-[{"_placeholder":true,"num":0}]`, "neither string nor number"},
		{`0/` + strings.Repeat("n", 2000), "namespace too long"},
		{`2["a",` + strings.Repeat("[", 600) + strings.Repeat("]", 600) + `]`, "nested too deep"},
		{`2[` + strings.Repeat("0,", 4096) + `0]`, "too many elements"},
	}
	for _, tt := range tests {
		t.Run(tt.text[:min(len(tt.text), 40)], func(t *testing.T) {
			p, err := Decode([]byte(tt.text), nil)
			var broken *PacketError
			if !errors.As(err, &broken) {
				t.Fatalf("got %+v, error %v", p, err)
			}
			if !strings.Contains(err.Error(), tt.reason) {
				t.Errorf("error %q does not say %q", err, tt.reason)
			}
		})
	}
}

func TestDecodeLimits(t *testing.T) {
	lim := &Limits{MaxAttachments: 2, MaxNamespace: 4, MaxDepth: 3, MaxArgs: 2}
	good := []string{`52-["a"]`, `0/abc`, `2["a",[[0]]]`, `2["a",[0,0,0]]`}
	bad := []string{`53-["a"]`, `0/abcd`, `2["a",[[[0]]]]`, `2["a",0,0]`}
	for i := range good {
		if _, err := Decode([]byte(good[i]), lim); err != nil {
			t.Errorf("%s: %v", good[i], err)
		}
		if _, err := Decode([]byte(bad[i]), lim); err == nil {
			t.Errorf("%s: no error", bad[i])
		}
	}
}

// TestDecodeAliases asserts that the payload is not copied: a session's reader
// relies on one copy at most.
func TestDecodeAliases(t *testing.T) {
	text := []byte(`27["a",1]`)
	p, err := Decode(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	text[4] = 'b'
	if EventName(p.Data) != "b" {
		t.Errorf("data is a copy: %s", p.Data)
	}
}

func TestDecodeDoesNotAllocate(t *testing.T) {
	inputs := []string{
		`27["message",{"text":"hello","list":[1,2,3]}]`,
		`0{"token":"x"}`,
		`51-["image",{"_placeholder":true,"num":0}]`,
		`3200["ok"]`,
	}
	for _, in := range inputs {
		text := []byte(in)
		if n := testing.AllocsPerRun(100, func() {
			if _, err := Decode(text, nil); err != nil {
				t.Error(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", in, n)
		}
	}
}
