package archtest

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// TestReadmeShowsPrograms wants every Go block of the README to be the text of
// a program under examples/, which the compiler sees.
func TestReadmeShowsPrograms(t *testing.T) {
	fsys := module(t)
	readme := readText(t, fsys, "README.md")
	programs, err := fs.Glob(fsys, "examples/*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	blocks := goBlock.FindAllStringSubmatch(readme, -1)
	if len(blocks) == 0 {
		t.Error("the README shows no Go")
	}
	for _, block := range blocks {
		found := false
		for _, name := range programs {
			found = found || strings.Contains(readText(t, fsys, name), block[1])
		}
		if !found {
			t.Errorf("no program under examples/ has this text of the README:\n%s", block[1])
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)#:]+)\)`)

// TestLinksOfDocuments wants what a document links to in the repository to be
// there.
func TestLinksOfDocuments(t *testing.T) {
	fsys := module(t)
	documents, err := fs.Glob(fsys, "*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range documents {
		for _, m := range link.FindAllStringSubmatch(readText(t, fsys, name), -1) {
			if _, err := fs.Stat(fsys, m[1]); err != nil {
				t.Errorf("%s links to %s, which is not there", name, m[1])
			}
		}
	}
}

func TestChangelogNamesTheVersion(t *testing.T) {
	fsys := module(t)
	constant := regexp.MustCompile(`const Version = "(.*)"`).FindStringSubmatch(readText(t, fsys, "internal/app/app.go"))
	if constant == nil {
		t.Fatal("no Version in internal/app/app.go")
	}
	newest := regexp.MustCompile(`(?m)^## (\S+?),`).FindStringSubmatch(readText(t, fsys, "CHANGELOG.md"))
	if newest == nil || newest[1] != constant[1] {
		t.Errorf("the program is %s, the changelog's newest %q", constant[1], newest)
	}
}

func readText(t *testing.T, fsys fs.FS, name string) string {
	t.Helper()
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
