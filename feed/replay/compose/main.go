// Command compose makes the replay file that comes with the program of
// script.txt, in which people edit it:
//
//	go generate ./feed/replay
//
// It writes testdata/replay-v1.jsonl for readers and tests, and
// replay-v1.jsonl.gz, which is the same, for the program.
package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
)

func main() {
	if err := run("compose/script.txt", "testdata/replay-v1.jsonl", "replay-v1.jsonl.gz"); err != nil {
		fmt.Fprintln(os.Stderr, "compose:", err)
		os.Exit(1)
	}
}

func run(script, plain, packed string) error {
	text, err := os.ReadFile(script)
	if err != nil {
		return err
	}
	file, err := compose(string(text))
	if err != nil {
		return err
	}
	var gz bytes.Buffer
	w, _ := gzip.NewWriterLevel(&gz, gzip.BestCompression) // fails for levels there are not
	w.Write(file)
	if err := w.Close(); err != nil {
		return err
	}
	if err := os.WriteFile(plain, file, 0o644); err != nil {
		return err
	}
	return os.WriteFile(packed, gz.Bytes(), 0o644)
}
