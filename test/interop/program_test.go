package interop

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// program returns the program, built with the race detector unless RIGHTNOW_BIN names one.
func program(t *testing.T) string {
	bin := os.Getenv("RIGHTNOW_BIN")
	if bin == "" {
		bin = filepath.Join(t.TempDir(), "rightnow")
		cmd := exec.Command("go", "build", "-race", "-o", bin, "../../cmd/rightnow")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, out)
		}
	}
	return bin
}

// runs are command lines of `rightnow`, with URL for the server's; stdout is a pattern.
var runs = []struct {
	args           string
	status         int
	stdout, stderr string
}{
	{"emit --ack URL echo 7 [true,null] text", 0, "7\n[true,null]\n\"text\"\n", ""},
	{"emit --ack --transport polling URL echo {\"a\":1}", 0, "{\"a\":1}\n", ""},
	{"emit --ack --transport websocket URL echo", 0, "", ""},
	{"emit URL echo 1", 0, "", ""},
	{"emit --ack URL describe @python_server.py", 0, `\{"bin":\d+,"sum":\d+\}` + "\n", ""},
	{"emit --ack --nsp /custom URL echo 1", 0, "1\n", ""},
	{"emit --ack --auth {\"token\":\"secret\"} URL/admin echo 1", 0, "1\n", ""},
	{"emit --ack --auth {\"token\":\"wrong\"} URL/admin echo 1", 1, "", `rightnow: the server refuses /admin: not authorized \(\{"code":401\}\)` + "\n"},
	{"emit --auth {\"deny\":true} URL echo", 1, "", "rightnow: the server refuses /: denied\n"},
	{"emit URL/nowhere echo", 1, "", "rightnow: the server refuses /nowhere: Invalid namespace\n"},
	{"emit --path /nothing/ URL echo", 1, "", `rightnow: this is no Socket\.IO server, or it refuses \(status 404\): .*` + "\n"},
	{"emit --ack --timeout 300ms URL ack-never", 1, "", `rightnow: nothing within 300ms \(--timeout\)` + "\n"},
	{"emit --ack -H X-Mine:yes --query room=tea URL handshake", 0, `\{.*\}` + "\n", ""},
	{"listen --count 1 URL", 0, `welcome \{.*"nsp":"/".*\}` + "\n", `joined / as \S+ over \w+\n(?s:.*)`},
	{"listen --json -n 1 --auth {\"user\":\"ann\"} --query a=b URL/custom welcome", 0,
		`\{"at":"[^"]+","event":"welcome","args":\[\{.*"user":"ann".*\}\]\}` + "\n", `joined /custom as \S+(?s:.*)`},
	{"listen --auth {\"deny\":1} URL", 1, "", "rightnow: the server refuses /: denied\n"},
}

func TestProgram(t *testing.T) {
	bin := program(t)
	for _, p := range []peer{ours(t), nodes(t)} {
		t.Run(p.name, func(t *testing.T) {
			for _, r := range runs {
				t.Run(r.args, func(t *testing.T) {
					invoke(t, bin, strings.Fields(strings.ReplaceAll(r.args, "URL", p.urls["main"])), r.status, r.stdout, r.stderr)
				})
			}
			t.Run("MessagePack", func(t *testing.T) {
				invoke(t, bin, []string{"emit", "--ack", "--msgpack", p.urls["msgpack"], "echo", `{"a":[1,"b"]}`}, 0, `\{"a":\[1,"b"\]\}`+"\n", "")
			})
		})
	}
}

// pattern reads the texts above: one without a backslash stands for itself, but for its ".*".
func pattern(text string) *regexp.Regexp {
	if !strings.Contains(text, `\`) {
		text = regexp.QuoteMeta(text)
		text = strings.ReplaceAll(text, `\.\*`, ".*")
	}
	return regexp.MustCompile("^" + text + "$")
}

func invoke(t *testing.T, bin string, args []string, status int, stdout, stderr string) {
	cmd := exec.Command(bin, args...)
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
	case err != nil:
		t.Fatal(err)
	}
	if cmd.ProcessState.ExitCode() != status || !pattern(stdout).MatchString(out.String()) || !pattern(stderr).MatchString(complaint.String()) {
		t.Errorf("%v: status %d\n%s%s", args, cmd.ProcessState.ExitCode(), &out, &complaint)
	}
}
