package archtest

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Check compares the packages with the rules and says what is wrong, one line
// for each thing.
func Check(s *Source, rules []Rule) []string {
	wrong := checkNames(s)
	for _, p := range s.Packages {
		rule := find(rules, p.Path)
		if rule == nil {
			wrong = append(wrong, fmt.Sprintf("package %q is not listed in internal/archtest/rules.go", p.Path))
			continue
		}
		for _, imp := range p.Imports {
			if reason := s.judge(p, rule, imp); reason != "" {
				wrong = append(wrong, fmt.Sprintf("%s: %s may not import %s: %s", imp.At, p.Path, imp.Path, reason))
			}
		}
	}
	return wrong
}

// judge says why an import is wrong, or nothing.
func (s *Source) judge(p *Package, rule *Rule, imp Import) string {
	own, inModule := strings.CutPrefix(imp.Path, s.Module+"/")
	switch {
	case inModule && imp.Renamed:
		return "a package of our own goes by its own name"
	case inModule && allowedOwn(p, rule, own, imp.Test):
		return ""
	case inModule:
		return "the direction is not in the rules"
	case isStd(imp.Path), inModules(rule.Modules, imp.Path), imp.Test && inModules(rule.TestModules, imp.Path):
		return ""
	}
	return "the module is not in the rules"
}

func allowedOwn(p *Package, rule *Rule, own string, test bool) bool {
	switch {
	case matchesAny(rule.Own, own):
		return own != p.Path // a pattern of the rule may mean the package itself
	case test:
		return own == p.Path || matchesAny(rule.TestOwn, own)
	}
	return false
}

// isStd tells the standard library by its first element, which has no dot.
func isStd(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}

// checkNames wants names that are unique, equal to the folder's, and telling.
func checkNames(s *Source) []string {
	var wrong []string
	seen := map[string]string{}
	for _, p := range s.Packages {
		for part := range strings.SplitSeq(p.Path, "/") {
			if slices.Contains(banned, part) {
				wrong = append(wrong, fmt.Sprintf("folder %q says nothing about what is in %q", part, p.Path))
			}
		}
		if p.Name == "main" || p.Name == "" {
			continue
		}
		if p.Name != path.Base(p.Path) {
			wrong = append(wrong, fmt.Sprintf("package %s lies in folder %q", p.Name, p.Path))
		}
		if other, taken := seen[p.Name]; taken {
			wrong = append(wrong, fmt.Sprintf("packages %q and %q have the same name", other, p.Path))
		}
		seen[p.Name] = p.Path
	}
	return wrong
}
