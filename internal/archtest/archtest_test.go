package archtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// module is the root of the module that the test runs in.
func module(t *testing.T) fs.FS {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return os.DirFS(dir)
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

func TestImports(t *testing.T) {
	source, err := Read(module(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(source.Packages) < 2 || source.Module != "rightnow" {
		t.Fatalf("found %d packages of %q", len(source.Packages), source.Module)
	}
	for _, line := range Check(source, Rules()) {
		t.Error(line)
	}
}

func TestHabits(t *testing.T) {
	wrong, err := CheckHabits(module(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range wrong {
		t.Error(line)
	}
}

// tree is a small module, from file name to source.
func tree(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{"go.mod": {Data: []byte("module rightnow\n")}}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

// importing is a module with one file that imports one path.
func importing(file, path string) fstest.MapFS {
	return tree(map[string]string{file: "package any\n\nimport _ \"" + path + "\"\n"})
}

// TestDirections is DESIGN's list of what must never be, and what may.
func TestDirections(t *testing.T) {
	for _, test := range []struct {
		file, imports string
		allowed       bool
	}{
		{"hub/a.go", "rightnow/internal/ws", false},
		{"hub/a.go", "rightnow/engineio", false},
		{"hub/a.go", "golang.org/x/text/width", false},
		{"hub/a.go", "sync/atomic", true},
		{"hub/a_test.go", "rightnow/hub/hubtest", true},
		{"hub/a_test.go", "rightnow/hub", true},
		{"hub/a.go", "rightnow/hub/hubtest", false},
		{"hub/a_test.go", "rightnow/socketio", false},
		{"internal/ws/a.go", "rightnow/hub", false},
		{"internal/ws/a.go", "github.com/coder/websocket", false},
		{"internal/ws/a_test.go", "github.com/coder/websocket", true},
		{"engineio/a.go", "rightnow/hub", false},
		{"engineio/a.go", "rightnow/internal/ws", true},
		{"engineio/a.go", "rightnow/engineio/internal/eiowire", true},
		{"engineio/a.go", "rightnow/socketio", false},
		{"socketio/a.go", "rightnow/cluster", false},
		{"socketio/a.go", "rightnow/internal/ws", false},
		{"socketio/a.go", "rightnow/hub", true},
		{"gateway/bayeux/a.go", "rightnow/socketio", false},
		{"gateway/bayeux/a.go", "rightnow/gateway/actioncable", false},
		{"gateway/bayeux/a.go", "rightnow/hub", true},
		{"cluster/a.go", "rightnow/socketio", false},
		{"cluster/redisbus/a.go", "rightnow/cluster/natsbus", false},
		{"feed/a.go", "rightnow/hub", false},
		{"feed/replay/a.go", "rightnow/socketio", false},
		{"feed/replay/a.go", "rightnow/feed", true},
		{"internal/chat/a.go", "rightnow/socketio", false},
		{"internal/chat/a.go", "rightnow/hub", false},
		{"internal/chat/a.go", "rightnow/internal/chat/sqlite", false},
		{"internal/chat/chatio/a.go", "rightnow/socketio", false},
		{"internal/chat/chatio/a.go", "rightnow/internal/chat", true},
		{"internal/chat/sqlite/a.go", "rightnow/internal/chat/postgres", false},
		{"internal/chat/sqlite/a.go", "rightnow/internal/app", false},
		{"internal/app/a.go", "rightnow/socketio", true},
		{"internal/app/a.go", "rightnow/internal/chat/sqlite", true},
		{"internal/app/a.go", "rightnow/socketio/internal/siowire", false},
		{"internal/app/a.go", "rightnow/cmd/rightnow", false},
		{"internal/web/a.go", "rightnow/internal/app", false},
		{"cmd/rightnow/a.go", "rightnow/internal/app", true},
		{"cmd/rightnow/a.go", "rightnow/internal/chat", false},
		{"examples/right-now/a.go", "rightnow/internal/web", false},
		{"examples/right-now/a.go", "rightnow/socketio", true},
		{"test/conformance/a.go", "rightnow/internal/app", false},
		{"test/conformance/a_test.go", "rightnow/internal/memnet", false},
		{"test/conformance/a.go", "rightnow/socketio/internal/siowire", false},
		{"test/conformance/a.go", "rightnow/engineio", true},
	} {
		source, err := Read(importing(test.file, test.imports))
		if err != nil {
			t.Fatal(err)
		}
		wrong := directions(Check(source, Rules()))
		if allowed := len(wrong) == 0; allowed != test.allowed {
			t.Errorf("%s imports %s: allowed is %t", test.file, test.imports, allowed)
		}
	}
}

// directions leaves out what the one-file trees get wrong besides.
func directions(lines []string) (found []string) {
	for _, line := range lines {
		if strings.Contains(line, " may not import ") {
			found = append(found, line)
		}
	}
	return found
}

func TestNames(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"unlisted":         {map[string]string{"internal/new/a.go": "package new_"}, `package "internal/new" is not listed`},
		"unlisted at root": {map[string]string{"a.go": "package rightnow"}, `package "" is not listed`},
		"unlisted below a star's internal": {map[string]string{"feed/rss/internal/x/a.go": "package x"},
			`package "feed/rss/internal/x" is not listed`},
		"says nothing": {map[string]string{"internal/util/a.go": "package util"}, `folder "util" says nothing`},
		"not the folder": {map[string]string{"hub/a.go": "package rooms"},
			`package rooms lies in folder "hub"`},
		"not unique": {map[string]string{"hub/a.go": "package hub", "feed/hub/a.go": "package hub"},
			`packages "feed/hub" and "hub" have the same name`},
		"renamed": {map[string]string{"socketio/a.go": "package socketio\nimport eio \"rightnow/engineio\""},
			"socketio/a.go:2:8: socketio may not import rightnow/engineio: a package of our own goes by its own name"},
	} {
		t.Run(name, func(t *testing.T) {
			source, err := Read(tree(test.files))
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(Check(source, Rules()), "\n"); !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestHabitsAreSeen(t *testing.T) {
	wrong, err := CheckHabits(tree(map[string]string{
		"hub/long.go":          "package hub\n" + strings.Repeat("//\n", maxLines),
		"hub/init.go":          "package hub\nfunc init() {}\ntype T int\nfunc (T) init() {}\n",
		"hub/a_test.go":        "package hub\nfunc f(t T) { t.Skipf(\"\") }\n",
		"test/js/a.test.mjs":   "test.skip('x')\n",
		"test/python/a.py":     "\n@unittest.skip('x')\n",
		"web/libs/jquery.js":   strings.Repeat("\n", 10_000),
		"web/node_modules/a.c": strings.Repeat("\n", 10_000),
		"tools/go.mod":         "module tools\n",
		"tools/a.go":           "package main\nfunc init() {}\n",
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"hub/a_test.go:2:15: a skipped check is no check",
		"hub/init.go:2:1: init runs behind everybody's back",
		"hub/long.go: 601 lines, more than 600",
		"test/js/a.test.mjs:1: skips a test",
		"test/python/a.py:2: skips a test",
	}
	if got := strings.Join(wrong, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s", got)
	}
}
