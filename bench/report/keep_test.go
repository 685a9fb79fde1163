package report

import (
	"reflect"
	"strings"
	"testing"
)

func TestHandwritten(t *testing.T) {
	for name, test := range map[string]struct {
		page string
		want map[string]string
	}{
		"none":       {"# Page\n\ntext\n", map[string]string{}},
		"empty part": {"<!-- by hand: a -->\n<!-- end by hand -->", map[string]string{"a": ""}},
		"two parts": {"x\n<!-- by hand: what remains -->\nline\n\n| a |\n<!-- end by hand -->\ny\n  <!-- by hand: b -->  \nz\n<!-- end by hand -->\n",
			map[string]string{"what remains": "line\n\n| a |\n", "b": "z\n"}},
		"markers in a sentence": {"<!-- by hand: a -->\nsay <!-- end by hand --> twice\n<!-- end by hand -->\n", map[string]string{"a": "say <!-- end by hand --> twice\n"}},
	} {
		if got, err := handwritten(test.page); err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for name, test := range map[string]struct{ page, want string }{
		"open":         {"<!-- by hand: a -->\ntext\n", `behind "a"`},
		"nested":       {"<!-- by hand: a -->\n<!-- by hand: b -->\n<!-- end by hand -->\n", "line 2"},
		"only the end": {"text\n<!-- end by hand -->\n", "line 2"},
		"twice":        {strings.Repeat("<!-- by hand: a -->\n<!-- end by hand -->\n", 2), `second part "a"`},
	} {
		if got, err := handwritten(test.page); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// FuzzHandwritten: what was found in a page is found again in a page made of it.
func FuzzHandwritten(f *testing.F) {
	f.Add("a\n<!-- by hand: x -->\nb\n<!-- end by hand -->\nc\n")
	f.Add("<!-- by hand: x -->\n<!-- by hand: y -->\n")
	f.Add("<!-- by hand:  -->\r\n\r\n<!-- end by hand -->")
	f.Fuzz(func(t *testing.T, page string) {
		parts, err := handwritten(page)
		if err != nil {
			return
		}
		again := "# Another page\n"
		for name, text := range parts {
			again += byHand(name, text) + "\n"
		}
		if got, err := handwritten(again); err != nil || !reflect.DeepEqual(got, parts) {
			t.Errorf("%q became %q, %v", parts, got, err)
		}
	})
}
