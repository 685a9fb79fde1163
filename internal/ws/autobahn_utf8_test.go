package ws

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

const kosme = "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5"

// edges are the byte sequences of sections 6.5 to 6.23. Each is text in whole
// or a refused one; Autobahn's numbers stand beside.
var edges = []struct {
	section string
	valid   bool
	texts   []string
}{
	{"6.5", true, []string{
		"hello$world", "hello¢world", "hello€world", "hello\xf0\xa4\xad\xa2world", kosme, "", "\xf0\x9f\x98\x80", "日本語"}},
	{"6.7 first of its length", true, []string{"\x00", "\xc2\x80", "\xe0\xa0\x80", "\xf0\x90\x80\x80"}},
	{"6.8 first of its length", false, []string{"\xf8\x88\x80\x80\x80", "\xfc\x84\x80\x80\x80\x80"}},
	{"6.9 last of its length", true, []string{"\x7f", "\xdf\xbf", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf"}},
	{"6.10 last of its length", false, []string{"\xf7\xbf\xbf\xbf", "\xfb\xbf\xbf\xbf\xbf", "\xfd\xbf\xbf\xbf\xbf\xbf"}},
	{"6.11 borders", true, []string{"\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbd", "\xf4\x8f\xbf\xbf"}},
	{"6.11.5 border", false, []string{"\xf4\x90\x80\x80"}},
	{"6.12 continuation bytes", false, append(prefixes("\x80\xbf\x80\xbf\x80\xbf\x80"), "\xbf", span(0x80, 0xbf, ""))},
	{"6.13 lonely start bytes", false, []string{
		span(0xc0, 0xdf, " "), span(0xe0, 0xef, " "), span(0xf0, 0xf7, " "), span(0xf8, 0xfb, " "), span(0xfc, 0xfd, " ")}},
	{"6.14 last byte missing", false, incomplete},
	{"6.15 last bytes missing", false, []string{strings.Join(incomplete, "")}},
	{"6.16 impossible bytes", false, []string{"\xfe", "\xff", "\xfe\xfe\xff\xff"}},
	{"6.17 overlong slash", false, []string{
		"\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xf8\x80\x80\x80\xaf", "\xfc\x80\x80\x80\x80\xaf"}},
	{"6.18 longest overlong", false, []string{
		"\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xf8\x87\xbf\xbf\xbf", "\xfc\x83\xbf\xbf\xbf\xbf"}},
	{"6.19 overlong NUL", false, []string{
		"\xc0\x80", "\xe0\x80\x80", "\xf0\x80\x80\x80", "\xf8\x80\x80\x80\x80", "\xfc\x80\x80\x80\x80\x80"}},
	{"6.20 surrogates", false, []string{
		"\xed\xa0\x80", "\xed\xad\xbf", "\xed\xae\x80", "\xed\xaf\xbf", "\xed\xb0\x80", "\xed\xbe\x80", "\xed\xbf\xbf"}},
	{"6.21 pairs of surrogates", false, []string{
		"\xed\xa0\x80\xed\xb0\x80", "\xed\xa0\x80\xed\xbf\xbf", "\xed\xad\xbf\xed\xb0\x80", "\xed\xad\xbf\xed\xbf\xbf",
		"\xed\xae\x80\xed\xb0\x80", "\xed\xae\x80\xed\xbf\xbf", "\xed\xaf\xbf\xed\xb0\x80", "\xed\xaf\xbf\xed\xbf\xbf"}},
	{"6.22 non-characters", true, nonCharacters()},
	{"6.23 specials", true, []string{
		"\xef\xbf\xb9", "\xef\xbf\xba", "\xef\xbf\xbb", "\xef\xbf\xbc", "\xef\xbf\xbd", "\xef\xbf\xbe", "\xef\xbf\xbf"}},
}

var incomplete = []string{
	"\xc0", "\xe0\x80", "\xf0\x80\x80", "\xf8\x80\x80\x80", "\xfc\x80\x80\x80\x80",
	"\xdf", "\xef\xbf", "\xf7\xbf\xbf", "\xfb\xbf\xbf\xbf", "\xfd\xbf\xbf\xbf\xbf",
}

func prefixes(s string) (all []string) {
	for i := range len(s) {
		all = append(all, s[:i+1])
	}
	return all
}

func span(from, to byte, after string) string {
	var b strings.Builder
	for c := int(from); c <= int(to); c++ {
		b.WriteByte(byte(c))
		b.WriteString(after)
	}
	return b.String()
}

// nonCharacters are U+FFFE, U+FFFF and their likes in all planes.
func nonCharacters() (all []string) {
	for plane := rune(0); plane <= 16; plane++ {
		all = append(all, string(plane<<16|0xfffe), string(plane<<16|0xffff))
	}
	return all
}

func textVector(name, s string, valid bool, send []byte) vector {
	if valid {
		return vector{name, send, []frame{text(s)}, 0}
	}
	return vector{name, send, nil, 1007}
}

func TestAutobahn6Text(t *testing.T) {
	greeting := "Hello-µ@ßöäüàá-UTF-8!!"
	bad := kosme + "\xed\xa0\x80edited"
	vectors := []vector{
		{"6.1.1", raw(0x81, ""), []frame{text("")}, 0},
		{"6.1.2", join(raw(0x01, ""), raw(0x00, ""), raw(0x80, "")), []frame{text("")}, 0},
		{"6.1.3", join(raw(0x01, ""), raw(0x00, "middle"), raw(0x80, "")), []frame{text("middle")}, 0},
		textVector("6.2.1", greeting, true, raw(0x81, greeting)),
		{"6.2.2", join(raw(0x01, greeting[:12]), raw(0x80, greeting[12:])), []frame{text(greeting)}, 0},
		textVector("6.2.3", greeting, true, fragments(1, greeting, 1)),
		textVector("6.2.4", kosme, true, fragments(1, kosme, 1)),
		textVector("6.3.1", bad, false, raw(0x81, bad)),
		textVector("6.3.2", bad, false, fragments(1, bad, 1)),
	}
	for i, s := range prefixes(kosme) {
		vectors = append(vectors, textVector(fmt.Sprintf("6.6.%d", i+1), s, utf8.ValidString(s), raw(0x81, s)))
	}
	runAll(t, vectors)
}

// TestAutobahn6Edges sends each edge alone, between other text, and cut into
// fragments of one byte.
func TestAutobahn6Edges(t *testing.T) {
	for _, e := range edges {
		for i, s := range e.texts {
			name := fmt.Sprintf("%s/%d", e.section, i+1)
			framed := "text before, " + s + " and after, to fill a word"
			runAll(t, []vector{
				textVector(name, s, e.valid, raw(0x81, s)),
				textVector(name+" framed", framed, e.valid, raw(0x81, framed)),
				textVector(name+" cut", s, e.valid, fragments(1, s, 1)),
			})
		}
	}
}

// TestAutobahn6FailFast wants the refusal before the message is whole: as soon
// as the text cannot become valid any more.
func TestAutobahn6FailFast(t *testing.T) {
	bad := kosme + "\xf4\x90"
	whole := raw(0x81, bad+"\x80\x80edited")
	for name, send := range map[string][]byte{
		"6.4.1": join(raw(0x01, kosme), raw(0x00, "\xf4\x90\x80\x80")),
		"6.4.2": join(raw(0x01, kosme+"\xf4"), raw(0x00, "\x90")),
		"6.4.3": whole[:len(whole)-6],
		"6.4.4": whole[:len(whole)-8],
	} {
		vector{name, send, nil, 1007}.run(t)
	}
}

// TestValidText compares with utf8.Valid for every cut of every edge.
func TestValidText(t *testing.T) {
	for _, e := range edges {
		for _, s := range e.texts {
			for a := range len(s) + 1 {
				for b := a; b <= len(s); b++ {
					p := []byte(s)
					valid, ok := 0, true
					for _, end := range []int{a, b, len(s)} {
						if ok {
							valid, ok = validText(p[:end], valid)
						}
					}
					if got := ok && valid == len(p); got != e.valid {
						t.Errorf("%q cut at %d and %d: %v", s, a, b, got)
					}
				}
			}
		}
	}
}
