package web

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestPlaceholderIsEmbedded(t *testing.T) {
	if _, err := fs.Stat(libsFS, "libs/placeholder.txt"); err != nil {
		t.Fatalf("without the placeholder the package does not build from a fresh clone: %v", err)
	}
}

func TestBuilt(t *testing.T) {
	cases := map[string]struct {
		libs fstest.MapFS
		want bool
	}{
		"only the placeholder": {fstest.MapFS{"libs/placeholder.txt": {Data: []byte("x")}}, false},
		"all":                  {fakeLibs(), true},
		"no chart":             {without(fakeLibs(), "libs/uplot/uplot.js"), true},
		"no jQuery":            {without(fakeLibs(), "libs/jquery/jquery.min.js"), false},
		"no client":            {without(fakeLibs(), "libs/socket.io/socket.io.js"), false},
		"an empty file":        {fstest.MapFS{"libs/jquery/jquery.min.js": {}, "libs/socket.io/socket.io.js": {Data: []byte("x")}}, false},
	}
	for name, c := range cases {
		if got := hasLibs(c.libs); got != c.want {
			t.Errorf("%s: built = %v, want %v", name, got, c.want)
		}
	}
}

func TestClientFilesAreTheBundles(t *testing.T) {
	entries, err := fs.ReadDir(ClientFiles(), ".")
	if !Built() {
		if err == nil {
			t.Fatalf("not built, and yet %d client files", len(entries))
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	for _, want := range []string{"socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js"} {
		if !slices.Contains(names, want) || !slices.Contains(names, want+".map") {
			t.Errorf("%s or its map is missing among %v", want, names)
		}
	}
}

// The page's promise is that no string ever becomes markup; this finds the
// calls by which it could.
func TestScriptsMakeNoMarkup(t *testing.T) {
	forbidden := []string{".html(", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "parseHTML", "DOMParser", "setHTML"}
	eachFile(t, "js", func(name, text string) {
		for _, word := range forbidden {
			if strings.Contains(text, word) {
				t.Errorf("%s uses %s", name, word)
			}
		}
	})
}

// Inline scripts, handlers and styles would be refused by the policy.
func TestDocumentsHaveNothingInline(t *testing.T) {
	for _, name := range []string{"index.html", "404.html", "unbuilt.html"} {
		body, err := fs.ReadFile(Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{" style=", "<style", " onclick=", " onload=", "javascript:", "http://", "https://"} {
			if strings.Contains(string(body), word) {
				t.Errorf("%s has %q", name, word)
			}
		}
		if strings.Count(string(body), "<script") != strings.Count(string(body), "<script src=") {
			t.Errorf("%s has a script without src", name)
		}
	}
}

// Every word index.html asks for by data-t… is among the strings.
func TestWordsOfTheFrameExist(t *testing.T) {
	body, err := fs.ReadFile(Files(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	words, err := fs.ReadFile(Files(), "js/strings.js")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, attribute := range []string{` data-t="`, ` data-t-label="`, ` data-t-title="`, ` data-t-placeholder="`} {
		for _, part := range strings.Split(string(body), attribute)[1:] {
			key, _, _ := strings.Cut(part, `"`)
			found++
			if !strings.Contains(string(words), "\n  "+key+`: "`) {
				t.Errorf("strings.js has no %q", key)
			}
		}
	}
	if found < 20 {
		t.Fatalf("only %d words found: the test looks in the wrong place", found)
	}
}

// The lock file must work with any registry.
func TestLockNamesNoHost(t *testing.T) {
	for _, name := range []string{"package-lock.json", ".npmrc", "package.json"} {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(body), "://") {
			t.Errorf("%s names a host", name)
		}
	}
}

func eachFile(t *testing.T, dir string, check func(name, text string)) {
	t.Helper()
	count := 0
	err := fs.WalkDir(Files(), dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(name) != ".js" {
			return err
		}
		body, err := fs.ReadFile(Files(), name)
		count++
		check(name, string(body))
		return err
	})
	if err != nil || count < 10 {
		t.Fatalf("%d files below %s: %v", count, dir, err)
	}
}

func fakeLibs() fstest.MapFS {
	return fstest.MapFS{
		"libs/placeholder.txt":        {Data: []byte("x")},
		"libs/jquery/jquery.min.js":   {Data: []byte(strings.Repeat("/* jquery */", 99))},
		"libs/socket.io/socket.io.js": {Data: []byte("/* io */")},
		"libs/uplot/uplot.js":         {Data: []byte("export default uPlot;")},
		"libs/uplot/LICENSE.txt":      {Data: []byte("MIT")},
	}
}

func without(files fstest.MapFS, name string) fstest.MapFS {
	delete(files, name)
	return files
}
