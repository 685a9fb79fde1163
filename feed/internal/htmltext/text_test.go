package htmltext

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for _, test := range []struct{ name, html, want string }{
		{"plain", "hello", "hello"},
		{"empty", "", ""},
		{"paragraphs", "<p>one</p><p>two</p>", "one\n\ntwo"},
		{"breaks", "a<br>b<br/>c<br />d", "a\nb\nc\nd"},
		{"many breaks", "a<br><br><br><br>b", "a\n\nb"},
		{"nothing before or after", "<p><br>a<br></p>", "a"},
		{"glued hashtag", `<p>see <a href="https://m.example/tags/go" class="mention hashtag">#<span>golang</span></a>!</p>`, "see #golang!"},
		{"invisible", `<a href="https://a.example/x"><span class="invisible">https://</span><span class="ellipsis">a.example/x</span><span class="invisible">yz</span></a>`, "a.example/x"},
		{"invisible within", `<span class="x invisible">a<span>b</span>c</span>d`, "d"},
		{"entities", "a &amp; b &lt;i&gt; &#9749; &eacute; &amp;lt;", "a & b <i> ☕ é &lt;"},
		{"script", "a<script>alert('<p>x</p>')</script>b", "ab"},
		{"style and comment", "a<style>p{}</style><!-- c -->b", "ab"},
		{"cdata", "<![CDATA[x]]>b", "b"},
		{"list", "<ul><li>one</li><li>two</li></ul>end", "• one\n• two\n\nend"},
		{"space", "a \n\t b  <b> c</b>", "a b c"},
		{"space over elements", "a<b> </b>c", "a c"},
		{"no-break space", "a\u00a0b", "a\u00a0b"},
		{"pre", "<pre>a\n  b</pre>", "a\nb"},
		{"image", `<img src="https://a.example/x.png" onerror="alert(1)" alt="a cat"> sleeps`, "a cat sleeps"},
		{"table", "<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n3"},
		{"unclosed", "<p>a<b>b", "ab"},
		{"closed only", "</p></div>a</span>", "a"},
		{"cut in a tag", "abc<a href=", "abc"},
		{"less than", "1 < 2", "1 < 2"},
		{"not UTF-8", "a\xffb\x00c", "abc"},
	} {
		if got := Text(test.html); got != test.want {
			t.Errorf("%s: Text(%q) = %q, want %q", test.name, test.html, got, test.want)
		}
	}
}

func TestTextIsBounded(t *testing.T) {
	if got := Text(strings.Repeat("x", 4*MaxInput)); len(got) > MaxInput {
		t.Errorf("%d bytes", len(got))
	}
	if got := Text("<a " + strings.Repeat("x", 4*MaxInput) + ">b"); got != "" {
		t.Errorf("%d bytes of an element without end", len(got))
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"<p>a</p>", "<span class=invisible>a</span>b", "<script>", "&#x110000;", "<pre>\n\n</pre>", "<li>", "<![CDATA[", "<br><br>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Text(s)
		if !utf8.ValidString(got) {
			t.Errorf("not UTF-8: %q", got)
		}
		if strings.Contains(got, "\n\n\n") || strings.TrimSpace(got) != strings.Trim(got, " \n") {
			t.Errorf("gaps: %q", got)
		}
	})
}
