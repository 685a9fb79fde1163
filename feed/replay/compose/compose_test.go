package main

import (
	"bytes"
	"os"
	"testing"
)

func TestComposed(t *testing.T) {
	script, err := os.ReadFile("script.txt")
	if err != nil {
		t.Fatal(err)
	}
	got, err := compose(string(script))
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("../testdata/replay-v1.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("the script says something else than the file: run go generate ./feed/replay")
	}
}

func TestMistakes(t *testing.T) {
	for _, script := range []string{"hello", "at noon", "burst many", "person ada", "edit=x ada", "at 999\nperson a x h N\na en: late"} {
		if _, err := compose(script); err == nil {
			t.Errorf("%q is taken", script)
		}
	}
}
