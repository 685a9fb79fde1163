package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A claim is the comment of a test that it asserts a line of the checklist.
type claim struct {
	file string // from the root, with slashes
	at   int    // line of the comment
	line int    // of the checklist
	test string
}

// reader finds the claims in the text of one file.
type reader func(file, text string) ([]claim, error)

// readerOf returns what reads a file, nil for files that have no tests.
func readerOf(name string) reader {
	switch base := filepath.Base(name); {
	case strings.HasSuffix(base, "_test.go"):
		return readGo
	case strings.HasSuffix(base, ".test.mjs"), strings.HasSuffix(base, ".test.js"):
		return readJS
	case strings.HasPrefix(base, "test_") && strings.HasSuffix(base, ".py"):
		return readPython
	}
	return nil
}

// collect reads all tests of the repository, in the order of their names.
func collect(root string) (all []claim, err error) {
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains([]string{"node_modules", "testdata", "bin", ".git"}, d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		read := readerOf(name)
		if read == nil {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		claims, err := read(filepath.ToSlash(relative), string(text))
		all = append(all, claims...)
		return err
	})
	return all, err
}

// The word is split so that this file's own tests are not read as claims.
var (
	claimStart   = regexp.MustCompile(`^(?://|#)\s*check` + `list:`)
	claimNumbers = regexp.MustCompile(`^(?://|#) check` + `list: (\d+(?:, \d+)*)$`)
)

// numbers returns the lines that a comment names; none when it is another comment.
func numbers(file string, at int, comment string) ([]int, error) {
	if !claimStart.MatchString(comment) {
		return nil, nil
	}
	m := claimNumbers.FindStringSubmatch(comment)
	if m == nil {
		return nil, fmt.Errorf("%s:%d: not understood: %s", file, at, comment)
	}
	var list []int
	for s := range strings.SplitSeq(m[1], ", ") {
		n, err := strconv.Atoi(s)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, at, err)
		}
		list = append(list, n)
	}
	return list, nil
}

func noTest(file string, at int) error {
	return fmt.Errorf("%s:%d: the comment stands above no test", file, at)
}
