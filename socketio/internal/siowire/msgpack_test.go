package siowire

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The bytes are those that socket.io-msgpack-parser 3.0.2 makes of the same packets, but for the order
// of the keys, which means nothing.
//
// checklist: 195
func TestMsgpackBytes(t *testing.T) {
	for name, c := range map[string]struct {
		packet Packet
		blobs  [][]byte
		want   string
	}{
		"CONNECT": {
			packet: Packet{Type: Connect, Namespace: "/", Data: []byte(`{"sid":"x"}`)},
			want:   "83 a474797065 00 a464617461 81a3736964a178 a36e7370 a12f",
		},
		"DISCONNECT": {
			packet: Packet{Type: Disconnect, Namespace: "/a"},
			want:   "82 a474797065 01 a36e7370 a22f61",
		},
		"EVENT": {
			packet: Packet{Type: Event, Namespace: "/", AckID: 300, HasAck: true, Data: []byte(`["e",-1,-33,1.5,true,false,null]`)},
			want:   "84 a474797065 02 a464617461 97 a165 ff d0df cb3ff8000000000000 c3 c2 c0 a36e7370 a12f a26964 cd012c",
		},
		"binary EVENT": {
			packet: Packet{Type: BinaryEvent, Namespace: "/", Attachments: 2, Data: []byte(`["e",{"_placeholder":true,"num":1},[{"num":0,"_placeholder":true}]]`)},
			blobs:  [][]byte{{1, 2}, {}},
			want:   "83 a474797065 02 a464617461 93 a165 c400 91 c4020102 a36e7370 a12f",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := AppendMsgpack(nil, c.packet, c.blobs)
			if err != nil {
				t.Fatal(err)
			}
			if want := unhex(t, c.want); !bytes.Equal(got, want) {
				t.Errorf("got  %x\nwant %x", got, want)
			}
		})
	}
}

// Data that goes through MessagePack and back is the same.
func TestMsgpackRoundTrip(t *testing.T) {
	long := func(n int) string { return `"` + strings.Repeat("x", n) + `"` }
	many := func(n int) string { return "[" + strings.Repeat("0,", n-1) + "0]" }
	members := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"%d":%d`, i, i)
		}
		return "{" + b.String()[1:] + "}"
	}
	for _, data := range []string{
		`["a"]`, `["e",{}]`, `["e",[],[[]],{"a":{"b":[1,{"c":null}]}}]`,
		`["e",0,127,128,255,256,65535,65536,4294967295,4294967296,9007199254740993,18446744073709551615]`,
		`["e",-1,-32,-33,-128,-129,-32768,-32769,-2147483648,-2147483649,-9223372036854775808]`,
		`["e",0.1,-1.5,1e+21,1e-7]`, `["e","\"\\\n\u0001ü😀"]`,
		`["e",` + long(31) + `,` + long(32) + `,` + long(255) + `,` + long(256) + `,` + long(65535) + `,` + long(65536) + `]`,
		`["e",` + many(15) + `,` + many(16) + `,` + many(65535) + `,` + many(65536) + `]`,
		`["e",` + members(15) + `,` + members(16) + `,` + members(300) + `]`,
		`["e",` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `]`,
		`["e",{"_placeholder":true,"num":0}]`, // data: nothing is attached
	} {
		p := Packet{Type: Event, Namespace: "/chat", AckID: 1 << 40, HasAck: true, Data: []byte(data)}
		b, err := AppendMsgpack(nil, p, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, blobs, err := DecodeMsgpack(b)
		if err != nil || len(blobs) > 0 {
			t.Fatalf("%.80s: %d blobs, %v", data, len(blobs), err)
		}
		if !reflect.DeepEqual(got, p) {
			t.Errorf("%.80s came back as %.80s", data, got.Data)
		}
	}
}

// checklist: 196
func TestMsgpackOfJavaScript(t *testing.T) {
	for name, c := range map[string]struct{ data, want string }{
		"undefined":           {"92 a165 d40000", `["e",null]`},
		"undefined member":    {"92 a165 82a161d40000a16201", `["e",{"b":1}]`},
		"Date":                {"92 a165 d700 0000019b76daa800", `["e","2026-01-01T00:00:00.000Z"]`},
		"Date before 1970":    {"92 a165 d700 ffffffffffffffff", `["e","1969-12-31T23:59:59.999Z"]`},
		"Date that is none":   {"92 a165 d700 7fffffffffffffff", `["e",null]`},
		"timestamp 32":        {"92 a165 d6ff 00000001", `["e","1970-01-01T00:00:01.000Z"]`},
		"timestamp 64":        {"92 a165 d7ff 0000000400000001", `["e","1970-01-01T00:00:01.000Z"]`},
		"timestamp 96":        {"92 a165 c70cff 00000000 0000000000000001", `["e","1970-01-01T00:00:01.000Z"]`},
		"float 32":            {"92 a165 ca3fc00000", `["e",1.5]`},
		"not a number":        {"92 a165 cb7ff8000000000000", `["e",null]`},
		"minus zero":          {"92 a165 cb8000000000000000", `["e",0]`},
		"text that is none":   {"92 a165 a2c328", "[\"e\",\"\ufffd(\"]"},
		"wide forms of small": {"dc0002 d90165 df00000001 da000161 cf0000000000000001", `["e",{"a":1}]`},
	} {
		t.Run(name, func(t *testing.T) {
			b := append(unhex(t, "83 a474797065 02 a36e7370 a12f a464617461"), unhex(t, c.data)...)
			p, _, err := DecodeMsgpack(b)
			if err != nil || string(p.Data) != c.want {
				t.Errorf("got %s, %v; want %s", p.Data, err, c.want)
			}
		})
	}
}

func TestMsgpackBlobs(t *testing.T) {
	b := unhex(t, "85 a474797065 02 a7 6f7074696f6e73 81a8 636f6d7072657373 c3 a36e7370 a12f a26964 d40000 a464617461 93 a165 c4020102 c7030001 0203")
	p, blobs, err := DecodeMsgpack(b)
	want := `["e",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`
	if err != nil || string(p.Data) != want || p.HasAck || p.Attachments != 2 {
		t.Fatalf("got %+v with %s, %v", p, p.Data, err)
	}
	clear(b)
	if !reflect.DeepEqual(blobs, [][]byte{{1, 2}, {1, 2, 3}}) {
		t.Errorf("blobs %x", blobs)
	}
}

// checklist: 198
func TestMsgpackThatIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ b, data string }{
		"nothing":                  {},
		"no map":                   {b: "93 00 00 00"},
		"no type":                  {b: "81 a36e7370 a12f"},
		"binary type":              {b: "82 a474797065 05 a36e7370 a12f"},
		"type of text":             {b: "82 a474797065 a132 a36e7370 a12f"},
		"huge type":                {b: "82 a474797065 cf0000000100000002 a36e7370 a12f"},
		"namespace of no text":     {b: "82 a474797065 00 a36e7370 01"},
		"nil id":                   {b: "83 a474797065 01 a36e7370 a12f a26964 c0"},
		"negative id":              {b: "83 a474797065 01 a36e7370 a12f a26964 ff"},
		"bytes behind":             {b: "82 a474797065 01 a36e7370 a12f 00"},
		"cut":                      {b: "82 a474797065 01 a36e7370 a2"},
		"data twice":               {b: "84 a474797065 02 a36e7370 a12f a464617461 91a165 a464617461 91a165"},
		"array longer than bytes":  {data: "dd ffffffff a165"},
		"map longer than bytes":    {data: "92 a165 df ffffffff"},
		"string longer than bytes": {data: "92 a165 db ffffffff 61"},
		"bytes longer than bytes":  {data: "92 a165 c6 ffffffff 61"},
		"key of no text":           {data: "92 a165 81 01 01"},
		"unknown extension":        {data: "92 a165 d405 01"},
		"unused byte":              {data: "92 a165 c1"},
		"too deep":                 {data: "92 a165 " + strings.Repeat("91", 600) + "c0"},
		"a false attachment":       {data: "93 a165 82ac5f706c616365686f6c646572c3a36e756d00 c40101"},
	} {
		t.Run(name, func(t *testing.T) {
			b := unhex(t, c.b)
			if c.data != "" {
				b = append(unhex(t, "83 a474797065 02 a36e7370 a12f a464617461"), unhex(t, c.data)...)
			}
			p, _, err := DecodeMsgpack(b)
			var wrong *PacketError
			if !errors.As(err, &wrong) {
				t.Errorf("got %+v with %s, %v", p, p.Data, err)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		packet Packet
		ok     bool
	}{
		"event":                  {Packet{Type: Event, Namespace: "/", Data: []byte(`["e"]`)}, true},
		"connect":                {Packet{Type: Connect, Namespace: "/a"}, true},
		"connect with auth":      {Packet{Type: Connect, Namespace: "/a", Data: []byte(`{}`)}, true},
		"attachments":            {Packet{Type: BinaryEvent, Namespace: "/", Attachments: 1, Data: []byte(`["e",{"_placeholder":true,"num":0}]`)}, true},
		"no namespace":           {Packet{Type: Event, Data: []byte(`["e"]`)}, false},
		"namespace of no slash":  {Packet{Type: Event, Namespace: "a", Data: []byte(`["e"]`)}, false},
		"long namespace":         {Packet{Type: Connect, Namespace: "/" + strings.Repeat("a", 2000)}, false},
		"namespace of no text":   {Packet{Type: Connect, Namespace: "/\xff"}, false},
		"unknown type":           {Packet{Type: 9, Namespace: "/"}, false},
		"event of nothing":       {Packet{Type: Event, Namespace: "/"}, false},
		"event without a name":   {Packet{Type: Event, Namespace: "/", Data: []byte(`[]`)}, false},
		"reserved name":          {Packet{Type: Event, Namespace: "/", Data: []byte(`["disconnect"]`)}, false},
		"bad JSON":               {Packet{Type: Event, Namespace: "/", Data: []byte(`["e"`)}, false},
		"connect with an array":  {Packet{Type: Connect, Namespace: "/", Data: []byte(`[]`)}, false},
		"disconnect with data":   {Packet{Type: Disconnect, Namespace: "/", Data: []byte(`{}`)}, false},
		"too many attachments":   {Packet{Type: BinaryEvent, Namespace: "/", Attachments: 11, Data: []byte(`["e"]`)}, false},
		"attachment too few":     {Packet{Type: BinaryEvent, Namespace: "/", Attachments: 1, Data: []byte(`["e",{"_placeholder":true,"num":1}]`)}, false},
		"attachments to CONNECT": {Packet{Type: Connect, Namespace: "/", Attachments: 1}, false},
	} {
		if err := Check(&c.packet, nil); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is read and passes is written and read again as the same.
func FuzzMsgpack(f *testing.F) {
	for _, s := range []string{
		"83a47479706502a36e7370a12fa46461746192a165d40000",
		"84a47479706502a36e7370a12fa2696405a46461746193a165c40101c7010001",
		"82a47479706500a36e7370a22f61",
		"83a47479706502a36e7370a12fa46461746192a16582a16101a162cb3ff8000000000000",
		"83a47479706502a36e7370a12fa46461746192a165d7000000019b76da9000",
	} {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, blobs, err := DecodeMsgpack(b)
		if err != nil {
			return
		}
		if len(blobs) > 0 {
			switch p.Type {
			case Event:
				p.Type = BinaryEvent
			case Ack:
				p.Type = BinaryAck
			}
		}
		if Check(&p, nil) != nil {
			return
		}
		again, err := AppendMsgpack(nil, p, blobs)
		if err != nil {
			t.Fatalf("%s: %v", p.Data, err)
		}
		q, second, err := DecodeMsgpack(again)
		if err != nil {
			t.Fatalf("%x of %s: %v", again, p.Data, err)
		}
		p.Type = p.Type.Plain()
		if len(blobs) == 0 && len(second) == 0 {
			blobs, second = nil, nil
		}
		if !reflect.DeepEqual(p, q) || !reflect.DeepEqual(blobs, second) {
			t.Fatalf("%+v with %s and %x\nbecame %+v with %s and %x", p, p.Data, blobs, q, q.Data, second)
		}
	})
}
