package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestLessonCompiles compiles every Go snippet of docs/lesson.md, as one package: types and functions stand as they are,
// statements in a function that has what the lesson takes for granted.
func TestLessonCompiles(t *testing.T) {
	text, err := os.ReadFile("../../docs/lesson.md")
	if err != nil {
		t.Fatal(err)
	}
	snippets := regexp.MustCompile("(?ms)^```go\n(.*?)^```$").FindAllStringSubmatch(string(text), -1)
	if len(snippets) < 10 {
		t.Fatalf("the lesson has %d snippets of Go", len(snippets))
	}
	var program strings.Builder
	for i, snippet := range snippets {
		program.WriteString(wrap(i, snippet[1]))
	}
	compile(t, withImports(program.String()))
}

var declaration = regexp.MustCompile(`^(type|func) `)

// wrap makes a declaration of a snippet.
func wrap(i int, snippet string) string {
	if declaration.MatchString(snippet) {
		return snippet
	}
	// The inner braces let a snippet make its own io.
	return fmt.Sprintf("func snippet%d(io *socketio.Server, s *socketio.Socket, mux *http.ServeMux) {{\n%s}}\n", i, snippet)
}

// withImports puts a package clause and the imports that body needs in front of it.
func withImports(body string) string {
	imports := ""
	for _, path := range []string{"context", "log", "net/http", "time", "rightnow/socketio"} {
		if strings.Contains(body, filepath.Base(path)+".") {
			imports += fmt.Sprintf("import %q\n", path)
		}
	}
	return "package lesson\n\n" + imports + body
}

// compile compiles a file that stands beside this package in an overlay only.
func compile(t *testing.T, source string) {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	real := filepath.Join(t.TempDir(), "lesson.go")
	overlay := filepath.Join(filepath.Dir(real), "overlay.json")
	list, err := json.Marshal(map[string]any{
		"Replace": map[string]string{filepath.Join(here, "snippets", "lesson.go"): real},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{real: []byte(source), overlay: list} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("go", "build", "-overlay", overlay, "./snippets").CombinedOutput(); err != nil {
		t.Errorf("go build: %v\n%s\n%s", err, out, numbered(source))
	}
}

func numbered(source string) string {
	var out strings.Builder
	for i, line := range strings.Split(source, "\n") {
		fmt.Fprintf(&out, "%4d %s\n", i+1, line)
	}
	return out.String()
}
