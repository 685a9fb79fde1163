// Command compatibility writes docs/compatibility.md, the table of what this server does as Node's does:
//
//	compatibility [-root FOLDER] [-check]
//
// checklist.txt beside it says, line by line, what a Socket.IO server does, and how this one compares. A comment above a
// test, or above a case of one, says which of the lines the test asserts:
//
//	// checklist: 167, 168
//
// The command collects these comments from Go, JavaScript and Python tests. It fails when a comment names a line that
// there is not or stands above no test, and when a line has no test. With -check it writes nothing, and fails when the file in the repository is not what it would write.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	checklistFile = "tools/compatibility/checklist.txt"
	pageFile      = "docs/compatibility.md"
)

func main() {
	root := flag.String("root", ".", "the root of the repository")
	check := flag.Bool("check", false, "compare, do not write")
	flag.Parse()
	if err := run(*root, *check); err != nil {
		fmt.Fprintln(os.Stderr, "compatibility:", err)
		os.Exit(1)
	}
}

// run does what the command does.
func run(root string, check bool) error {
	text, err := os.ReadFile(filepath.Join(root, checklistFile))
	if err != nil {
		return err
	}
	groups, err := parseChecklist(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", checklistFile, err)
	}
	claims, err := collect(root)
	if err != nil {
		return err
	}
	page, missing, err := table(groups, claims)
	if err != nil {
		return err
	}
	if err := judge(missing); err != nil {
		return err
	}
	name := filepath.Join(root, pageFile)
	if !check {
		return os.WriteFile(name, []byte(page), 0o644)
	}
	old, err := os.ReadFile(name)
	if err != nil || string(old) != page {
		return errors.Join(fmt.Errorf("%s is out of date: run make compatibility", pageFile), err)
	}
	return nil
}

// judge says what it means that some lines have no test.
func judge(missing []int) error {
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	return fmt.Errorf("no test asserts the lines %s", strings.Trim(fmt.Sprint(missing), "[]"))
}
