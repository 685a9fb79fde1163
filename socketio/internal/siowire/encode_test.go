package siowire

import (
	"encoding/json"
	"math"
	"testing"
)

func TestAppendPacket(t *testing.T) {
	tests := []struct {
		want        string
		typ         Type
		nsp         string
		id          uint64
		has         bool
		attachments int
		data        string
	}{
		{`0{"sid":"x"}`, Connect, "/", 0, false, 0, `{"sid":"x"}`},
		{`0/foo,{"sid":"x"}`, Connect, "/foo", 0, false, 0, `{"sid":"x"}`},
		{`1`, Disconnect, "/", 0, false, 0, ``},
		{`1/foo,`, Disconnect, "/foo", 0, false, 0, ``},
		{`2["a"]`, Event, "", 0, false, 0, `["a"]`},
		{`20["a"]`, Event, "/", 0, true, 0, `["a"]`},
		{`2/foo,18446744073709551615["a"]`, Event, "/foo", math.MaxUint64, true, 0, `["a"]`},
		{`37[]`, Ack, "/", 7, true, 3, `[]`},
		{`4/x,{"message":"Invalid namespace"}`, ConnectError, "/x", 0, false, 0, `{"message":"Invalid namespace"}`},
		{`51-["b"]`, BinaryEvent, "/", 0, false, 1, `["b"]`},
		{`510-/foo,3["b"]`, BinaryEvent, "/foo", 3, true, 10, `["b"]`},
		{`61-5[]`, BinaryAck, "/", 5, true, 1, `[]`},
	}
	for _, tt := range tests {
		got := string(AppendPacket(nil, tt.typ, tt.nsp, tt.id, tt.has, tt.attachments, []byte(tt.data)))
		if got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

func TestAppendEvent(t *testing.T) {
	tests := []struct{ event, args, offset, want string }{
		{"a", ``, "", `["a"]`},
		{"a", `[]`, "", `["a"]`},
		{"a", ` [ ] `, "", `["a"]`},
		{"a", `[1,"b"]`, "", `["a",1,"b"]`},
		{"a", "[ 1 ]\n", "", `["a",1]`},
		{"a", `[1]`, "Q84.0", `["a",1,"Q84.0"]`},
		{"a", ``, "Q84", `["a","Q84"]`},
		{"<b>&\"\u2028é", ``, "", "[\"<b>&\\\"\u2028é\"]"},
	}
	for _, tt := range tests {
		if got := string(AppendEvent(nil, tt.event, []byte(tt.args), tt.offset)); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
	got := string(AppendEvent(AppendPacket(nil, BinaryEvent, "/n", 4, true, 2, nil), "a", []byte(`[1]`), ""))
	if want := `52-/n,4["a",1]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestAppendString has what JSON.stringify of Node 20 printed.
func TestAppendString(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", `""`},
		{"hello", `"hello"`},
		{"a\"b\\c/d", `"a\"b\\c/d"`},
		{"\b\t\n\f\r", `"\b\t\n\f\r"`},
		{"\x00\x01\x0b\x1f", `"\u0000\u0001\u000b\u001f"`},
		{"<script>&'", `"<script>&'"`},
		{"\x7f\u0080\u2028\u2029é😀", "\"\x7f\u0080\u2028\u2029é😀\""},
		{"a\xffb\xc3", "\"a\ufffdb\ufffd\""},
	}
	for _, tt := range tests {
		got := string(AppendString(nil, tt.in))
		if got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.in, got, tt.want)
		}
		if err := Valid([]byte(got), 0); err != nil {
			t.Errorf("%q: %v", tt.in, err)
		}
	}
}

// TestAppendNumber has what JSON.stringify of Node 20 printed.
func TestAppendNumber(t *testing.T) {
	tests := []struct {
		in   float64
		want string
	}{
		{0, "0"}, {math.Copysign(0, -1), "0"}, {1, "1"}, {-1.5, "-1.5"}, {0.1, "0.1"}, {1e20, "100000000000000000000"}, {1e21, "1e+21"},
		{-1e21, "-1e+21"}, {1e-6, "0.000001"}, {1e-7, "1e-7"}, {1.25e-7, "1.25e-7"}, {1e-10, "1e-10"}, {1e-100, "1e-100"}, {5e-324, "5e-324"},
		{math.MaxFloat64, "1.7976931348623157e+308"}, {1 << 53, "9007199254740992"}, {123456789012345680000, "123456789012345680000"},
		{math.NaN(), "null"}, {math.Inf(1), "null"}, {math.Inf(-1), "null"},
	}
	for _, tt := range tests {
		if got := string(AppendNumber(nil, tt.in)); got != tt.want {
			t.Errorf("%v: got %s, want %s", tt.in, got, tt.want)
		}
	}
}

func TestTypeNames(t *testing.T) {
	for typ := Connect; typ <= BinaryAck; typ++ {
		if typ.String() == "unknown" {
			t.Errorf("type %d has no name", typ)
		}
		if typ.Binary() != (typ >= BinaryEvent) {
			t.Errorf("%v: binary %v", typ, typ.Binary())
		}
	}
	if Type(7).String() != "unknown" {
		t.Error("type 7 has a name")
	}
}

func TestUnquoteAgreesWithStandardLibrary(t *testing.T) {
	for _, in := range jsonVectors {
		checkUnquote(t, []byte(in))
	}
}

func checkUnquote(t *testing.T, data []byte) {
	t.Helper()
	var want string
	if data = trimSpace(data); Valid(data, 0) != nil || data[0] != '"' || json.Unmarshal(data, &want) != nil {
		return
	}
	if got := string(appendUnquoted(nil, data)); got != want {
		t.Errorf("%s: got %q, want %q", data, got, want)
	}
}
