package measure

import (
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"rightnow/bench/results"
)

// Server is one that keeps the event contract of bench/README.md. Paths are
// below the repository's root, commands are run there.
type Server struct {
	Name, Title, About string
	Build              [][]string // commands, one after the other
	Start              []string
	Versions           func(root string) []string
}

// LeftOut are servers that a reader may miss.
func LeftOut() []string {
	return []string{
		"googollee/go-socket.io speaks Engine.IO 3 only; today's clients speak 4.",
		"zishang520/socket.io, njones/socketio, karagenc/socket.io-go and doquangtan/socketio, Socket.IO servers in Go: " +
			"the module proxy did not serve them when this was set up.",
	}
}

// Servers are all there are, ours first.
func Servers() []Server {
	return []Server{
		{Name: results.Ours, Title: "Right Now",
			About:    "`rightnow bench server`: the library with default options",
			Start:    append(LoadProgram(), "server"), // built as the load
			Versions: ourVersions},
		{Name: results.Node, Title: "Node",
			About:    "Socket.IO's own server with default options",
			Build:    [][]string{{"npm", "ci", "--prefix", "bench/peers/node", "--no-audit", "--no-fund", "--silent"}},
			Start:    []string{"env", "NODE_ENV=production", "node", "--expose-gc", "bench/peers/node/server.js"},
			Versions: nodeVersions},
		{Name: results.Floor, Title: "C and epoll",
			About:    "the floor: one epoll loop that answers with fixed strings, one write for each delivery; no sessions, no heartbeats, no limits",
			Build:    [][]string{{"mkdir", "-p", builtFolder}, {"cc", "-O2", "-o", builtProgram("floor"), "bench/peers/floor/floor.c"}},
			Start:    []string{builtProgram("floor")},
			Versions: compilerVersion},
		bare("gorilla", "github.com/gorilla/websocket"),
		bare("gws", "github.com/lxzan/gws"),
		bare("coder", "github.com/coder/websocket"),
	}
}

// bare is a server of a WebSocket library with fixed strings around it.
func bare(name, module string) Server {
	return Server{Name: name, Title: name + ", bare",
		About:    module + " answering with fixed strings; no sessions, no heartbeats, no limits",
		Build:    [][]string{goBuild("bench/peers/"+name, name, ".")},
		Start:    []string{builtProgram(name)},
		Versions: goVersions(name, module)}
}

// LoadProgram is our own load generator.
func LoadProgram() []string { return []string{builtProgram("rightnow"), "bench"} }

// BuildLoad is the command that builds it.
func BuildLoad() []string { return goBuild(".", "rightnow", "./cmd/rightnow") }

const builtFolder = "bin/bench"

func builtProgram(name string) string { return builtFolder + "/" + name }

// goBuild builds a package of the module in dir.
func goBuild(dir, name, pkg string) []string {
	back, err := filepath.Rel(dir, builtProgram(name))
	if err != nil {
		back = builtProgram(name) // both are relative, so it has worked
	}
	return []string{"env", "CGO_ENABLED=0", "go", "build", "-C", dir, "-o", back, pkg}
}

// ourVersions are Go's and the commit.
func ourVersions(root string) []string {
	versions := goVersions("rightnow")(root)
	commit, err := exec.Command("git", "-C", root, "rev-parse", "--short=12", "HEAD").Output()
	if err != nil {
		return versions
	}
	versions = append(versions, "commit "+strings.TrimSpace(string(commit)))
	changes, err := exec.Command("git", "-C", root, "status", "--porcelain", "--untracked-files=no").Output()
	if err == nil && len(changes) > 0 {
		versions = append(versions, "with changes")
	}
	return versions
}

// goVersions are Go's and those of the modules named.
func goVersions(name string, modules ...string) func(root string) []string {
	return func(root string) (versions []string) {
		info, err := buildinfo.ReadFile(filepath.Join(root, builtProgram(name)))
		if err != nil {
			return nil
		}
		versions = append(versions, info.GoVersion)
		for _, dep := range info.Deps {
			if slices.Contains(modules, dep.Path) {
				versions = append(versions, dep.Path+" "+dep.Version)
			}
		}
		return versions
	}
}

// nodeVersions are Node's and those of the packages that do the work.
func nodeVersions(root string) (versions []string) {
	if text, err := exec.Command("node", "--version").Output(); err == nil {
		versions = append(versions, "node "+strings.TrimSpace(string(text)))
	}
	for _, name := range []string{"socket.io", "engine.io", "ws"} {
		var description struct{ Version string }
		text, err := os.ReadFile(filepath.Join(root, "bench/peers/node/node_modules", name, "package.json"))
		if err == nil && json.Unmarshal(text, &description) == nil {
			versions = append(versions, name+" "+description.Version)
		}
	}
	return versions
}

func compilerVersion(string) []string {
	text, err := exec.Command("cc", "--version").Output()
	if err != nil {
		return nil
	}
	first, _, _ := strings.Cut(string(text), "\n")
	return []string{first}
}

// build builds a server. What went wrong is in the error.
func (s Server) build(run func(args []string) error) error {
	for _, args := range s.Build {
		if err := run(args); err != nil {
			return fmt.Errorf("%s: %w", strings.Join(args, " "), err)
		}
	}
	return nil
}
