package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// nodeTests runs every *.test.mjs and *.test.js of the repository.
func nodeTests() counts {
	var files []string
	for _, suffix := range []string{".test.mjs", ".test.js"} {
		err := walkFiles(".", suffix, func(name string) error {
			files = append(files, name)
			return nil
		})
		if err != nil {
			return counts{err: err}
		}
	}
	if len(files) == 0 {
		return counts{}
	}
	env, err := programs()
	if err != nil {
		return counts{err: err}
	}
	// One file at a time: each starts servers, and some watch the clock.
	args := append([]string{"--test", "--test-concurrency=1", "--test-reporter=spec", "--test-reporter-destination=stdout"}, files...)
	cmd := exec.Command("node", args...)
	cmd.Env = env
	text, err := tee(cmd)
	return judge(countNode(text), err)
}

// programs builds what the foreign clients talk to, with the race detector,
// once for all of their test files, and returns an environment that names it.
func programs() (env []string, err error) {
	bin, err := filepath.Abs("bin")
	if err != nil {
		return nil, err
	}
	env = os.Environ()
	for _, p := range []struct{ variable, module, pkg string }{
		{"CONFORMANCE_BIN", ".", "./test/conformance"},
		{"RIGHTNOW_BIN", ".", "./cmd/rightnow"},
		{"LESSON_BIN", ".", "./examples/right-now"},
		{"TWEETS_BIN", ".", "./examples/tweet-stream"},
		{"ANALYTICS_BIN", ".", "./examples/analytics"},
		{"DOCUMENT_BIN", ".", "./examples/document"},
		{"WHITEBOARD_BIN", ".", "./examples/whiteboard"},
		{"FRAMEWORKS_BIN", "examples/frameworks", "."},
	} {
		file := filepath.Join(bin, filepath.Base(filepath.Join(p.module, p.pkg)))
		cmd := exec.Command("go", "build", "-C", p.module, "-race", "-o", file, p.pkg)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
		if _, err := tee(cmd); err != nil {
			return nil, fmt.Errorf("go build: %w", err)
		}
		env = append(env, p.variable+"="+file)
	}
	return env, nil
}

// nodeSummary is a line of the summary at the end: "ℹ pass 12".
var nodeSummary = regexp.MustCompile(`(?m)^(?:ℹ|#) (pass|fail|cancelled|skipped|todo) (\d+)$`)

func countNode(text []byte) (c counts) {
	for _, m := range nodeSummary.FindAllSubmatch(text, -1) {
		n, _ := strconv.Atoi(string(m[2])) // digits, by the pattern
		if string(m[1]) == "pass" {
			c.passed += n
		} else {
			c.failed += n
		}
	}
	return c
}

const pythonFolder = "test/python"

// pythonTests runs the unittests under test/python, with the first python that
// has the client: a machine may have more than Debian's.
func pythonTests() counts {
	python, err := findPython()
	if err != nil {
		return counts{err: err}
	}
	if _, err := os.Stat(pythonFolder); err != nil {
		return counts{err: err}
	}
	env, err := programs()
	if err != nil {
		return counts{err: err}
	}
	cmd := exec.Command(python, "-W", "ignore::ResourceWarning", "-m", "unittest", "discover", "-v", pythonFolder)
	cmd.Env = env
	text, err := tee(cmd)
	return judge(countPython(text), err)
}

func findPython() (string, error) {
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import socketio, aiohttp, requests, websocket").Run() == nil {
			return python, nil
		}
	}
	return "", fmt.Errorf("no python3 has socketio: run `make needs`")
}

var (
	pythonRan   = regexp.MustCompile(`(?m)^Ran (\d+) tests? in `)
	pythonWrong = regexp.MustCompile(`(?:failures|errors|skipped|unexpected successes)=(\d+)`)
	pythonLast  = regexp.MustCompile(`(?m)^(?:OK|FAILED).*$`)
)

func countPython(text []byte) (c counts) {
	for _, m := range pythonRan.FindAllSubmatch(text, -1) {
		n, _ := strconv.Atoi(string(m[1]))
		c.passed += n
	}
	for _, line := range pythonLast.FindAll(text, -1) {
		for _, m := range pythonWrong.FindAllSubmatch(line, -1) {
			n, _ := strconv.Atoi(string(m[1]))
			c.failed += n
		}
	}
	c.passed = max(0, c.passed-c.failed)
	return c
}

// tee runs cmd, shows its output and returns it.
func tee(cmd *exec.Cmd) ([]byte, error) {
	var text bytes.Buffer
	cmd.Stdout = io.MultiWriter(os.Stdout, &text)
	cmd.Stderr = cmd.Stdout
	err := cmd.Run()
	return text.Bytes(), err
}

// judge keeps a runner's own failure from being lost: whoever exits with an
// error has failed something.
func judge(c counts, err error) counts {
	if err != nil && c.failed == 0 {
		c.err = err
	}
	return c
}
