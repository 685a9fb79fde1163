package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
)

// goFile is a parsed file of Go tests.
type goFile struct {
	*ast.File
	positions *token.FileSet
	strings   map[int]string // the first string of each line that has one
}

// readGo finds the claims in a file of Go tests. One in the comment of a test function is the whole test's, one inside of
// it is that of the case or subtest whose name is the first string of the comment's own line, or else of the next.
func readGo(file, text string) ([]claim, error) {
	if !strings.Contains(text, "check"+"list:") {
		return nil, nil
	}
	positions := token.NewFileSet()
	parsed, err := parser.ParseFile(positions, file, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	f := &goFile{File: parsed, positions: positions, strings: map[int]string{}}
	ast.Inspect(parsed, f.remember)
	var claims []claim
	for _, group := range parsed.Comments {
		for _, c := range group.List {
			at := f.line(c.Pos())
			lines, err := numbers(file, at, c.Text)
			if err != nil {
				return nil, err
			}
			for _, n := range lines {
				test := f.test(c.Pos(), at, f.line(group.End())+1)
				if test == "" {
					return nil, noTest(file, at)
				}
				claims = append(claims, claim{file, at, n, test})
			}
		}
	}
	return claims, nil
}

func (f *goFile) line(p token.Pos) int { return f.positions.Position(p).Line }

// remember notes the first string of each line.
func (f *goFile) remember(n ast.Node) bool {
	if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		at := f.line(lit.Pos())
		if _, seen := f.strings[at]; !seen {
			f.strings[at], _ = strconv.Unquote(lit.Value) // cannot fail: it has been parsed
		}
	}
	return true
}

// test names what a comment stands above; it is empty when that is no test. The comment stands in the line at, what
// follows it in the line next.
func (f *goFile) test(comment token.Pos, at, next int) string {
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || !isTest(fn) {
			continue
		}
		if fn.Doc != nil && fn.Doc.Pos() <= comment && comment < fn.Doc.End() {
			return fn.Name.Name
		}
		if fn.Pos() <= comment && comment < fn.End() {
			name, ok := f.strings[at]
			if !ok {
				name, ok = f.strings[next]
			}
			if !ok {
				return ""
			}
			return fn.Name.Name + "/" + name
		}
	}
	return ""
}

// isTest reports whether go test runs a function; what an example prints is checked too.
func isTest(fn *ast.FuncDecl) bool {
	for _, prefix := range []string{"Test", "Fuzz", "Example"} {
		if strings.HasPrefix(fn.Name.Name, prefix) && fn.Recv == nil {
			return true
		}
	}
	return false
}
