package archtest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// maxLines is the longest that a file may be.
const maxLines = 600

var (
	sourceFiles = []string{".go", ".js", ".mjs", ".cjs", ".css", ".html", ".py", ".sh", ".sql"}
	scriptSkip  = regexp.MustCompile(`\b(it|test|describe)\.(skip|todo)\b|\bskip: *true\b|unittest\.skip|\bskipTest\(`)
)

// CheckHabits says which files are too long, start something by init, or skip
// a test.
func CheckHabits(fsys fs.FS) ([]string, error) {
	var wrong []string
	err := walk(fsys, func(name string) error {
		if !slices.Contains(sourceFiles, path.Ext(name)) || built(name) {
			return nil
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		if n := bytes.Count(text, []byte("\n")); n > maxLines {
			wrong = append(wrong, fmt.Sprintf("%s: %d lines, more than %d", name, n, maxLines))
		}
		if path.Ext(name) == ".go" {
			found, err := goHabits(name, text)
			wrong = append(wrong, found...)
			return err
		}
		for _, at := range scriptSkip.FindAllIndex(text, -1) {
			wrong = append(wrong, fmt.Sprintf("%s:%d: skips a test", name, 1+bytes.Count(text[:at[0]], []byte("\n"))))
		}
		return nil
	})
	return wrong, err
}

// built tells the files that come from the npm registry and are not ours.
func built(name string) bool {
	return slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool { return part == "dist" || part == "libs" })
}

func goHabits(name string, text []byte) ([]string, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var wrong []string
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				wrong = append(wrong, fmt.Sprintf("%s: init runs behind everybody's back", set.Position(n.Pos())))
			}
		case *ast.SelectorExpr:
			if isSkip(n) {
				wrong = append(wrong, fmt.Sprintf("%s: a skipped check is no check", set.Position(n.Pos())))
			}
		}
		return true
	})
	return wrong, nil
}

// isSkip knows t.Skip and its likes by the names that tests have for t.
func isSkip(sel *ast.SelectorExpr) bool {
	receiver, ok := sel.X.(*ast.Ident)
	return ok && slices.Contains([]string{"t", "b", "f", "tb"}, receiver.Name) &&
		slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, sel.Sel.Name)
}
