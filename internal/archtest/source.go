package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Import is one import clause.
type Import struct {
	Path    string
	Renamed bool
	Test    bool // in a file that only tests see
	At      string
}

// Package is one folder of Go files.
type Package struct {
	Path    string // below the module, "" is its root
	Name    string
	Imports []Import
}

// Source is the Go code of one module.
type Source struct {
	Module   string
	Packages []*Package
}

// Read parses the package and import clauses of the module in fsys. Folders
// that go itself passes over, node_modules and modules within are left out.
func Read(fsys fs.FS) (*Source, error) {
	mod, err := fs.ReadFile(fsys, "go.mod")
	if err != nil {
		return nil, err
	}
	s := &Source{Module: moduleName(string(mod))}
	err = walk(fsys, func(name string) error {
		if path.Ext(name) != ".go" {
			return nil
		}
		return s.add(fsys, name)
	})
	return s, err
}

func moduleName(mod string) string {
	for line := range strings.Lines(mod) {
		if name, ok := strings.CutPrefix(line, "module "); ok {
			return strings.TrimSpace(name)
		}
	}
	return ""
}

// walk calls visit for each file that is the project's own.
func walk(fsys fs.FS, visit func(name string) error) error {
	return fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !d.IsDir():
			return visit(name)
		case name != "." && foreign(fsys, name):
			return fs.SkipDir
		}
		return nil
	})
}

func foreign(fsys fs.FS, dir string) bool {
	base := path.Base(dir)
	if base[0] == '.' || base[0] == '_' || base == "testdata" || base == "node_modules" {
		return true
	}
	_, err := fs.Stat(fsys, dir+"/go.mod")
	return err == nil
}

func (s *Source) add(fsys fs.FS, name string) error {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, parser.ImportsOnly)
	if err != nil {
		return err
	}
	test := strings.HasSuffix(name, "_test.go")
	p := s.packageOf(path.Dir(name))
	if !test {
		p.Name = file.Name.Name
	}
	for _, spec := range file.Imports {
		p.Imports = append(p.Imports, importOf(set, spec, test))
	}
	return nil
}

func importOf(set *token.FileSet, spec *ast.ImportSpec, test bool) Import {
	importPath, _ := strconv.Unquote(spec.Path.Value) // the parser has checked it
	return Import{
		Path:    importPath,
		Renamed: spec.Name != nil && spec.Name.Name != "_",
		Test:    test,
		At:      set.Position(spec.Pos()).String(),
	}
}

func (s *Source) packageOf(dir string) *Package {
	if dir == "." {
		dir = ""
	}
	i := slices.IndexFunc(s.Packages, func(p *Package) bool { return p.Path == dir })
	if i >= 0 {
		return s.Packages[i]
	}
	p := &Package{Path: dir}
	s.Packages = append(s.Packages, p)
	return p
}
