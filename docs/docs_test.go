// Package docs has no code of its own: its tests compile the code of the documents.
//
// A block that begins with ```go is Go for this module, and compiled and vetted:
//
//   - one that begins with a package clause is a program by itself;
//   - one that begins with type, func, var or const stands as it is, for the other blocks of the document as well;
//   - every other is the body of a function that has ctx, io, s and mux (see parameters).
//
// Packages are imported where they are used. A block of another library has its name behind go, as in ```go googollee, and
// is only shown.
package docs

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	_ "rightnow/engineio" // so that the results of these tests are forgotten
	_ "rightnow/socketio/sioevent"
	_ "rightnow/socketio/siotest" // when what the documents are about is changed
)

// parameters are what a document takes for granted in statements.
const parameters = "ctx context.Context, io *socketio.Server, s *socketio.Socket, mux *http.ServeMux"

// imports are what a block may use without saying so.
func imports() []string {
	return []string{
		"context", "encoding/json", "errors", "fmt", "log", "log/slog", "net/http", "net/http/httputil", "net/netip", "net/url",
		"os", "regexp", "slices", "sync", "testing", "testing/synctest", "time",
		"rightnow/hub", "rightnow/engineio", "rightnow/engineio/eioclient", "rightnow/engineio/eiowebtransport", "rightnow/socketio",
		"rightnow/socketio/sioadmin", "rightnow/socketio/sioclient", "rightnow/socketio/sioevent", "rightnow/socketio/siotest",
		"github.com/quic-go/quic-go/http3",
	}
}

func documents(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("*.md")
	if err != nil || len(names) < 4 {
		t.Fatalf("%q, %v", names, err)
	}
	return append(names, "../README.md")
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestSnippets compiles what is Go in each document.
func TestSnippets(t *testing.T) {
	all := 0
	for _, name := range documents(t) {
		found := snippets(name, read(t, name))
		if all += len(found); len(found) == 0 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			if out := vet(t, name, found); out != "" {
				t.Error(out)
			}
		})
	}
	if all < 30 {
		t.Errorf("found only %d", all)
	}
}

// TestBrokenSnippetIsSeen sees that the test before can fail, and where it says the mistake is.
func TestBrokenSnippetIsSeen(t *testing.T) {
	const text = "# A title\n\n```go\ns.Emit(\"good\")\n```\n\n```go\ns.Emti(\"bad\")\n```\n\n```go googollee\nnonsense\n```\n"
	if out := vet(t, "broken.md", snippets("broken.md", text)); !strings.Contains(out, "broken.md:8:") || strings.Contains(out, ".md:4:") {
		t.Errorf("go vet says %q", out)
	}
	const program = "```go\npackage main\n\nfunc main() { println() }\n```\n\n```go\ntype T int\n```\n\n```go\nvar t T\nlog.Print(t, \"%d\")\n```\n"
	if out := vet(t, "program.md", snippets("program.md", program)); !strings.Contains(out, "program.md:13:") {
		t.Errorf("go vet says %q", out)
	}
}

// snippet is a block and its place.
type snippet struct {
	text, place string
}

var block = regexp.MustCompile("(?ms)^```go\n(.*?)^```$")

func snippets(name, text string) (found []snippet) {
	for _, at := range block.FindAllStringSubmatchIndex(text, -1) {
		line := 1 + strings.Count(text[:at[2]], "\n")
		found = append(found, snippet{text[at[2]:at[3]], fmt.Sprintf("//line %s:%d", filepath.Base(name), line)})
	}
	return found
}

// vet puts the blocks into a module of their own, that of a user, and returns what go vet has to say.
func vet(t *testing.T, name string, found []snippet) string {
	t.Helper()
	dir := t.TempDir()
	document := ""
	for i, s := range found {
		switch {
		case strings.HasPrefix(s.text, "package "):
			write(t, filepath.Join(dir, fmt.Sprint("program", i), "main.go"), s.place+"\n"+s.text)
		case declares.MatchString(s.text):
			document += s.place + "\n" + s.text
		default:
			document += fmt.Sprintf("func _(%s) {{\n%s\n%s}}\n\n", parameters, s.place, s.text)
		}
	}
	if document != "" {
		write(t, filepath.Join(dir, "document", "document.go"), "package document\n\n"+importing(document)+document)
	}
	module := strings.Replace(read(t, "../go.mod"), "module rightnow", "module snippets", 1)
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "go.mod"), module+"\nrequire rightnow v0.0.0\n\nreplace rightnow => "+root+"\n")
	write(t, filepath.Join(dir, "go.sum"), read(t, "../go.sum"))
	cmd := exec.Command("go", "vet", "-mod=mod", "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // with the race detector it is 1, and all would be built anew
	out, err := cmd.CombinedOutput()
	if err != nil && len(out) == 0 {
		return err.Error()
	}
	if err == nil {
		return ""
	}
	return name + ":\n" + string(out)
}

var declares = regexp.MustCompile(`(?m)\A(//.*\n)*(type|func|var|const) `)

// importing are the imports that a source needs.
func importing(source string) string {
	text := ""
	for _, path := range imports() {
		if regexp.MustCompile(`(^|[^.\w"]|\.\.\.)`+filepath.Base(path)+`\.[A-Z]`).MatchString(source) || strings.Contains(source, "func _(") && strings.Contains(parameters, filepath.Base(path)+".") {
			text += fmt.Sprintf("import %q\n", path)
		}
	}
	return text
}

func write(t *testing.T, name, text string) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(name), 0o700)
	if err == nil {
		err = os.WriteFile(name, []byte(text), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// ofNode is what the server of socket.io 4.8 has for its users: options, methods, attributes and events.
const ofNode = `path serveClient adapter parser connectTimeout connectionStateRecovery cleanupEmptyChildNamespaces
	pingInterval pingTimeout upgradeTimeout maxHttpBufferSize allowRequest transports allowUpgrades perMessageDeflate httpCompression
	wsEngine initialPacket cookie cors allowEIO3 addTrailingSlash destroyUpgrade destroyUpgradeTimeout
	attach listen attachApp bind onconnection of close use
	engine clientsCount generateId handleRequest handleUpgrade onWebTransportSession opts connection_error initial_headers headers
	connection new_namespace
	on once off removeAllListeners listeners
	emit emitWithAck send to in except compress volatile local timeout
	serverSideEmit serverSideEmitWithAck fetchSockets socketsJoin socketsLeave disconnectSockets allSockets
	id nsp conn client request handshake rooms data connected disconnected recovered
	join leave broadcast disconnect disconnecting error
	onAny prependAny offAny listenersAny onAnyOutgoing prependAnyOutgoing offAnyOutgoing listenersAnyOutgoing
	auth query address secure xdomain issued time url
	upgrade upgrading packet packetCreate flush drain heartbeat message data
	create-room join-room maxDisconnectionDuration instrument`

// TestAllOfNodeIsNamed wants the guide to say of everything in Node what is here instead, or that there is nothing.
func TestAllOfNodeIsNamed(t *testing.T) {
	guide := read(t, "from-node.md")
	for _, name := range strings.Fields(ofNode) {
		if !regexp.MustCompile(`(^|[^\w-])` + name + `([^\w-]|$)`).MatchString(guide) {
			t.Errorf("%s is not in it", name)
		}
	}
}

// TestSecurityNamesTests wants the tests that SECURITY.md names to be there.
func TestSecurityNamesTests(t *testing.T) {
	there := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return fs.SkipDir
		}
		if strings.HasSuffix(name, "_test.go") {
			for _, m := range function.FindAllStringSubmatch(read(t, name), -1) {
				there[m[1]] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(read(t, "../SECURITY.md"), -1)
	for _, m := range names {
		if !there[m[1]] {
			t.Errorf("there is no %s", m[1])
		}
	}
	if len(names) < 50 {
		t.Errorf("found only %d names", len(names))
	}
}

// TestBlocksAreNamed wants every block of Go to be ours, or to say whose it is.
func TestBlocksAreNamed(t *testing.T) {
	named := regexp.MustCompile("^```go( googollee| zishang520)?$")
	for _, name := range documents(t) {
		for i, line := range strings.Split(read(t, name), "\n") {
			if strings.HasPrefix(strings.TrimSpace(line), "```go") && !named.MatchString(line) {
				t.Errorf("%s:%d: %q would not be compiled", name, i+1, line)
			}
		}
	}
}

// TestLinks wants what a document links to in the repository to be there.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	code := regexp.MustCompile("(?ms)^```.*?^```$|`[^`\n]*`")
	for _, name := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(read(t, name), ""), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(name), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", name, m[1])
			}
		}
	}
}
