package replay_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"rightnow/feed/replay"
)

const header = `{"replay":1,"title":"T","note":"N","license":"CC0","loop":true,"span_ms":10000,"seed":7,"people":{"did:x":{"handle":"ada.example","name":"Ada"}}}` + "\n"

func mustRead(t *testing.T, text string) *replay.File {
	t.Helper()
	f, err := replay.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestRead(t *testing.T) {
	f := mustRead(t, header+
		`{"t":0,"src":"bluesky","wire":{"a":1}}`+"\n"+
		`{"t":0,"src":"rss","wire":"<feed/>"}`+"\r\n"+
		`{"t":5,"src":"x","do":"beat"}`+"\n"+
		`{"t":9999,"src":"x","do":"quiet"}`+"\n"+
		`{"t":9999,"src":"x","do":"429","for":1500}`+"\n")
	if f.Title != "T" || f.Note != "N" || f.License != "CC0" || !f.Loop || f.Span != 10*time.Second || f.Seed != 7 || f.People["did:x"].Handle != "ada.example" {
		t.Errorf("%+v", f)
	}
	if len(f.Events) != 5 || strings.Join(f.Sources(), " ") != "bluesky rss x" {
		t.Fatalf("%+v", f.Events)
	}
	if e := f.Events[4]; e.Do != replay.TooMany || e.For != 1500*time.Millisecond || e.At != 9999*time.Millisecond {
		t.Errorf("%+v", e)
	}
	if f.Events[3].For != 20*time.Second {
		t.Errorf("%+v", f.Events[3])
	}
}

func TestReadPacked(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	w.Write([]byte(header + `{"t":0,"src":"x","do":"beat"}` + "\n"))
	w.Close()
	if _, err := replay.Read(bytes.NewReader(packed.Bytes())); err != nil {
		t.Error(err)
	}
	if _, err := replay.Read(bytes.NewReader(packed.Bytes()[:packed.Len()-9])); err == nil {
		t.Error("half a file was read")
	}
	packed.Reset()
	w = gzip.NewWriter(&packed)
	w.Write([]byte(header))
	for range replay.MaxBytes/1000 + 1 {
		w.Write([]byte(`{"t":0,"src":"x","wire":"` + strings.Repeat("x", 1000-28) + `"}` + "\n"))
	}
	w.Close()
	_, err := replay.Read(&packed)
	if err == nil || !strings.Contains(err.Error(), "more than 16777216 bytes") {
		t.Errorf("a bomb: %v", err)
	}
}

func TestReadRefuses(t *testing.T) {
	const beat = `{"t":0,"src":"x","do":"beat"}` + "\n"
	for _, test := range []struct{ file, want string }{
		{"", "line 1: the file is empty"},
		{"hello\n", "line 1: it cannot be read: invalid character"},
		{beat, `line 1: it cannot be read: unknown field "t"`},
		{`{"title":"x"}` + "\n", `line 1: it should be the header, and has no "replay":1`},
		{`{"replay":2,"span_ms":1}` + "\n", "line 1: this is version 2 of the format, and only 1 is known"},
		{`{"replay":1,"span_ms":0}` + "\n", "line 1: span_ms is 0 and should be from 1 to 86400000"},
		{`{"replay":1,"span_ms":86400001}` + "\n", "line 1: span_ms is 86400001"},
		{header, "line 2: the file has no events"},
		{header + "\n", "line 2: it cannot be read: EOF"},
		{header + "# comment\n", "line 2: it cannot be read"},
		{header + strings.TrimSpace(beat), "line 2: the file ends within the line"},
		{header + beat + `{"t":-1,"src":"x","do":"beat"}` + "\n", "line 3: t is -1, and span_ms 10000"},
		{header + `{"t":10000,"src":"x","do":"beat"}` + "\n", "line 2: t is 10000, and span_ms 10000"},
		{header + `{"t":1.5,"src":"x","do":"beat"}` + "\n", "line 2: it cannot be read"},
		{header + `{"src":"x","do":"beat"}` + "\n", "line 2: t is missing"},
		{header + `{"t":0,"src":"X","do":"beat"}` + "\n", `line 2: src is "X" and should be a name in small letters`},
		{header + `{"t":0,"do":"beat"}` + "\n", `line 2: src is ""`},
		{header + `{"t":0,"src":"x"}` + "\n", "line 2: it should have either wire or do"},
		{header + `{"t":0,"src":"x","do":"beat","wire":{}}` + "\n", "line 2: it should have either wire or do"},
		{header + `{"t":0,"src":"x","do":"dance"}` + "\n", `line 2: do is "dance" and should be cut, 429, quiet or beat`},
		{header + `{"t":0,"src":"x","do":"beat","for":5}` + "\n", "line 2: for belongs to cut, 429 and quiet"},
		{header + `{"t":0,"src":"x","wire":{},"for":5}` + "\n", "line 2: for belongs to cut, 429 and quiet"},
		{header + `{"t":0,"src":"x","do":"cut","for":0}` + "\n", "line 2: for is 0 and should be from 1"},
		{header + `{"t":0,"src":"x","wire":5}` + "\n", "line 2: wire should be an object, an array or a string"},
		{header + `{"t":0,"src":"x","wire":null}` + "\n", "line 2: "},
		{header + `{"t":0,"src":"x","wire":{"a":"{{time}}"}}` + "\n", "line 2: wire: nothing can be filled in for {{time}}: only now, now_us, seq and loop"},
		{header + `{"t":0,"src":"x","do":"beat","by":1}` + "\n", `line 2: it cannot be read: unknown field "by"`},
		{header + `{"t":0,"src":"x","do":"beat"} {}` + "\n", "line 2: something stands after the object"},
		{header + `{"t":5,"src":"x","do":"beat"}` + "\n" + beat, "line 3: t is 0, and in the line before it is 5"},
		{header + "{\"t\":0,\"src\":\"x\",\"wire\":\"\xff\"}\n", "line 2: it is not UTF-8"},
		{header + beat + `{"t":0,"src":"x","wire":"` + strings.Repeat("x", replay.MaxLine) + "\"}\n", "line 3: it has more than 262144 bytes"},
		{header + strings.Repeat(beat, replay.MaxEvents+1), "line 50002: the file has more than 50000 events"},
	} {
		_, err := replay.Read(strings.NewReader(test.file))
		var syntax *replay.SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(err.Error(), "replay: "+test.want) {
			t.Errorf("%.80q: %v, want %q", test.file, err, test.want)
		}
	}
	if _, err := replay.Read(iotest.ErrReader(errors.New("no disk"))); err == nil || !strings.Contains(err.Error(), "no disk") {
		t.Errorf("%v", err)
	}
}

func TestFill(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 123456789, time.FixedZone("", 3600))
	for _, test := range []struct{ wire, first, second string }{
		{`{"a":"{{now}}"}`, `{"a":"2026-11-22T09:00:00.123Z"}`, `{"a":"2026-11-22T09:00:00.123Z"}`},
		{`{"a":"{{now_us}}"}`, `{"a":1795338000123456}`, `{"a":1795338000123456}`},
		{`{"a":"{{seq}}","b":"x{{seq}}"}`, `{"a":42,"b":"x42"}`, `{"a":42,"b":"x42"}`},
		{`{"a":"k{{loop}}"}`, `{"a":"k"}`, `{"a":"k3"}`},
		{`["{{seq}}","{{seq}}"]`, `[42,42]`, `[42,42]`},
		{`{"a":"{\"b\":\"{{seq}}\"}"}`, `{"a":"{\"b\":\"42\"}"}`, `{"a":"{\"b\":\"42\"}"}`},
		{`{"a":"\"{{seq}}"}`, `{"a":"\"42"}`, `{"a":"\"42"}`},
		{`{"a":"\\","b":"{{seq}}"}`, `{"a":"\\","b":42}`, `{"a":"\\","b":42}`},
		{`{"{{ .Name }}":"{{}} {now}"}`, `{"{{ .Name }}":"{{}} {now}"}`, `{"{{ .Name }}":"{{}} {now}"}`},
		{`"<id>\"{{seq}}\"</id>{{loop}}"`, `<id>"42"</id>`, `<id>"42"</id>3`},
		{`"{bad"`, `{bad`, `{bad`},
	} {
		f := mustRead(t, header+`{"t":0,"src":"x","wire":`+test.wire+"}\n")
		for loop, want := range map[int]string{0: test.first, 3: test.second} {
			if got := string(f.Events[0].Wire.AppendTo(nil, replay.Fill{Now: at, Seq: 42, Loop: loop})); got != want {
				t.Errorf("%s in round %d: %s, want %s", test.wire, loop, got, want)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(header + `{"t":0,"src":"bluesky","wire":{"a":"{{seq}}","b":["{{now_us}}","\"{{now}}\\"]}}` + "\n")
	f.Add(header + `{"t":0,"src":"x","wire":"{bad {{loop}}"}` + "\n" + `{"t":1,"src":"x","do":"cut","for":5}` + "\n")
	f.Add(`{"replay":1,"span_ms":1}` + "\n" + `{"t":0,"src":"x","wire":["\\\"","{{seq}}"]}` + "\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := replay.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		last := time.Duration(0)
		for _, e := range file.Events {
			if e.At < last || e.At >= file.Span || (e.Do == "") != (e.For == 0) && e.Do != replay.Beat {
				t.Errorf("%+v", e)
			}
			last = e.At
		}
		reel := replay.NewReel(file, time.Unix(1e9, 0), 1)
		for range len(file.Events) {
			at, ok := reel.Next()
			if !ok {
				t.Fatal("too few events")
			}
			if m := reel.Take(); !m.At.Equal(at) {
				t.Errorf("%v and %v", m.At, at)
			}
		}
	})
}

// FuzzFill has JSON stay JSON, whatever is filled in.
func FuzzFill(f *testing.F) {
	f.Add(`{"a":"{{seq}}"}`)
	f.Add(`["\"{{seq}}","{{now_us}}\\","\\\\{{now}}"]`)
	f.Fuzz(func(t *testing.T, wire string) {
		if strings.ContainsAny(wire, "\r\n") || !json.Valid([]byte(wire)) || wire == "" || wire[0] != '{' && wire[0] != '[' {
			return
		}
		file, err := replay.Read(strings.NewReader(header + `{"t":0,"src":"x","wire":` + wire + "}\n"))
		if err != nil {
			return
		}
		got := file.Events[0].Wire.AppendTo(nil, replay.Fill{Now: time.Unix(1e9, 0), Seq: 42, Loop: 3})
		if !json.Valid(got) {
			t.Errorf("%s became %s", wire, got)
		}
	})
}
