package siowire

import (
	"bytes"
	"encoding/json"
	"testing"
)

// FuzzDecode asserts that Decode never panics, keeps to its limits, and that
// what it accepted comes out the same after encoding and decoding again.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`0`, `0{"token":1}`, `0/foo?x=1,{"a":1}`, `1/admin,`, `2["a",1]`, `2/chat,7["a",{"b":[null,true]}]`, `2`, `2[1]`,
		`312[{"ok":true}]`, `4{"message":"no"}`, `51-["b",{"_placeholder":true,"num":0}]`, `610-/n,9[{"num":9,"_placeholder":true}]`,
		`2["\u0063onnect"]`, `218446744073709551616[]`, `50x1-["a"]`, `2["a",[[[[[[]]]]]]]`, `2[ "a" , 1 ] `,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		lim := Limits{MaxAttachments: 3, MaxNamespace: 50, MaxDepth: 20, MaxArgs: 10}
		p, err := Decode(text, &lim)
		if err != nil {
			return
		}
		checkPacket(t, p, &lim)
		again := AppendPacket(nil, p.Type, p.Namespace, p.AckID, p.HasAck, p.Attachments, p.Data)
		q, err := Decode(again, &lim)
		if err != nil {
			t.Fatalf("%q was accepted, its encoding %q is not: %v", text, again, err)
		}
		if q.Type != p.Type || q.Namespace != p.Namespace || q.AckID != p.AckID || q.HasAck != p.HasAck ||
			q.Attachments != p.Attachments || !bytes.Equal(q.Data, p.Data) {
			t.Fatalf("%q became %q", text, again)
		}
	})
}

func checkPacket(t *testing.T, p Packet, lim *Limits) {
	t.Helper()
	if p.Namespace == "" || p.Namespace[0] != '/' || len(p.Namespace) > lim.MaxNamespace {
		t.Fatalf("namespace %q", p.Namespace)
	}
	if p.Type.Binary() != (p.Attachments > 0) || p.Attachments > lim.MaxAttachments {
		t.Fatalf("%v with %d attachments", p.Type, p.Attachments)
	}
	if p.Data == nil {
		return
	}
	elems := Elements(nil, p.Data)
	var want []json.RawMessage
	if p.Data[0] == '[' && json.Unmarshal(p.Data, &want) != nil || len(elems) != len(want) || len(elems) > lim.MaxArgs {
		t.Fatalf("%s has %d elements, not %d", p.Data, len(want), len(elems))
	}
	for i := range want {
		if !bytes.Equal(elems[i], want[i]) {
			t.Fatalf("element %d of %s is %s", i, p.Data, elems[i])
		}
	}
	if (p.Type == Event || p.Type == BinaryEvent) && Reserved(EventName(p.Data)) {
		t.Fatalf("reserved name in %s", p.Data)
	}
}

// FuzzJSON compares the checker, the splitter of strings and the writer of
// strings to encoding/json.
func FuzzJSON(f *testing.F) {
	for _, s := range jsonVectors {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		checkValid(t, data)
		checkUnquote(t, data)
		Elements(nil, data) // invalid JSON must not panic
		EventName(data)

		var back string
		if err := json.Unmarshal(AppendString(nil, string(data)), &back); err != nil {
			t.Fatal(err)
		}
		if want := string(bytes.ToValidUTF8(data, nil)); len(want) == len(data) && back != want {
			t.Fatalf("%q came back as %q", data, back)
		}
	})
}

// FuzzPlaceholders compares the scanner to the slow one.
func FuzzPlaceholders(f *testing.F) {
	for _, s := range placeholderVectors {
		f.Add([]byte(s), 3)
	}
	f.Fuzz(func(t *testing.T, data []byte, count int) {
		got, err := Placeholders(nil, data, count) // invalid JSON must not panic
		if Valid(data, 1000) == nil {
			checkPlaceholders(t, data, count)
		}
		for _, p := range got {
			if err != nil || p.Num < 0 || p.Num >= count || data[p.Start] != '{' && Valid(data, 1000) == nil {
				t.Fatalf("%q: %v", data, got)
			}
		}
	})
}
