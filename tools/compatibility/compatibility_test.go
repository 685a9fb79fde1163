package main

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// mark is what begins a claim. It is split so that this file is not read as one that makes claims.
const mark = "check" + "list:"

// TestPage: docs/compatibility.md is what the checklist and the tests say.
func TestPage(t *testing.T) {
	if err := run("../..", true); err != nil {
		t.Error(err)
	}
}

func TestParseChecklist(t *testing.T) {
	groups, err := parseChecklist("# remark\n\n## A. One\n\n1 same: It works.\n2 better: So does this.\n  why: Node's does not.\n## B. Two\n3 cluster: Later.\n")
	want := []group{
		{"A. One", []line{{1, same, "It works.", ""}, {2, better, "So does this.", "Node's does not."}}},
		{"B. Two", []line{{3, cluster, "Later.", ""}}},
	}
	if err != nil || !reflect.DeepEqual(groups, want) {
		t.Errorf("%+v, %v", groups, err)
	}
	for text, want := range map[string]string{
		"1 same: x":                           "line 1: an entry outside of a group",
		"## A\n2 same: x":                     "line 2: number 2 where 1 is next",
		"## A\n1 good: x":                     `line 2: not understood: "1 good: x"`,
		"## A\n1 better: x":                   `1 is "better" without a reason`,
		"## A\n1 differs: x":                  `1 is "differs" without a reason`,
		"## A\n1 none: x":                     `1 is "does not apply" without a reason`,
		"## A\n  why: y":                      "line 2: a reason for nothing",
		"## A\n1 none: x\n  why: y\n  why: z": "line 4: a reason for nothing",
	} {
		if _, err := parseChecklist(text); fmt.Sprint(err) != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestReadGo(t *testing.T) {
	text := strings.ReplaceAll(`package p

// TestA is a test.
//
// @ 1, 2
func TestA(t *testing.T) {
	// @ 3
	t.Run("below", nil)
	for name, c := range map[string]int{
		"beside": 1, // @ 4
		`+"`raw`"+`: 2,
	} {
		_ = name
	}
}

// Nothing here.
func helper() {}

// @ 5
func ExampleB() {}
`, "@", mark)
	claims, err := readGo("p_test.go", text)
	want := []claim{
		{"p_test.go", 5, 1, "TestA"}, {"p_test.go", 5, 2, "TestA"}, {"p_test.go", 7, 3, "TestA/below"},
		{"p_test.go", 10, 4, "TestA/beside"}, {"p_test.go", 20, 5, "ExampleB"},
	}
	if err != nil || !reflect.DeepEqual(claims, want) {
		t.Errorf("%+v, %v", claims, err)
	}
	for text, want := range map[string]string{
		"package p\n// @ 1\nfunc helper() {}\n":            "p_test.go:2: the comment stands above no test",
		"package p\n// @ 1\n\nfunc TestA() {}\n":           "p_test.go:2: the comment stands above no test",
		"package p\nfunc TestA() {\n// @ 1\nx()\n}\n":      "p_test.go:3: the comment stands above no test",
		"package p\n// @ one\nfunc TestA() {}\n":           "p_test.go:2: not understood: // @ one",
		"package p\n// @ 1 and 2\nfunc TestA() {}\n":       "p_test.go:2: not understood: // @ 1 and 2",
		"package p\n// @ 1\nfunc (x T) TestA() {}\n":       "p_test.go:2: the comment stands above no test",
		"package p\n// see the @ 1\nfunc TestA() {}\n":     "<nil>",
		"package p\n// @ 1\nfunc TestA() {} // @ 2, 3 x\n": "p_test.go:3: not understood: // @ 2, 3 x",
	} {
		_, err := readGo("p_test.go", strings.ReplaceAll(text, "@", mark))
		if got, want := fmt.Sprint(err), strings.ReplaceAll(want, "@", mark); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestReadJS(t *testing.T) {
	text := `// @ 1
describe("outer", () => {
  // @ 2
  test("plain", async (t) => {
    assert.ok(1);
  });
  const table = {
    "bad thing": 1, // @ 3
    good: 2,
  };
  for (const [what, n] of Object.entries(table)) {
    test(` + "`closes upon ${what}`" + `, () => {});
  }
  describe(mode, () => {
    // @ 4, 5
    inEveryMode(server, "named", async () => {});
    // @ 6
    test(what, () => {});
  });
});
// @ 7
test("apart", () => {});
`
	claims, err := readJS("a.test.mjs", strings.ReplaceAll(text, "@", mark))
	want := []claim{
		{"a.test.mjs", 1, 1, "outer"}, {"a.test.mjs", 3, 2, "outer › plain"}, {"a.test.mjs", 8, 3, "outer › closes upon bad thing"},
		{"a.test.mjs", 15, 4, "outer › ${mode} › named"}, {"a.test.mjs", 15, 5, "outer › ${mode} › named"},
		{"a.test.mjs", 17, 6, "outer › ${mode} › ${what}"},
		{"a.test.mjs", 21, 7, "apart"},
	}
	if err != nil || !reflect.DeepEqual(claims, want) {
		t.Errorf("%+v, %v", claims, err)
	}
	for text, want := range map[string]string{
		"// @ 1\n": "a.test.mjs:1: the comment stands above no test",
		"test(\"a\", () => {\n  // @ 1\n});\ntest(\"b\", () => {});\n": "a.test.mjs:2: the comment stands above no test",
		"x(); // @ 1\ntest(\"a\", () => {});\n":                        "a.test.mjs:1: the comment stands above no test",
		"// @ 1; 2\ntest(\"a\", () => {});\n":                          "a.test.mjs:1: not understood: // @ 1; 2",
	} {
		_, err := readJS("a.test.mjs", strings.ReplaceAll(text, "@", mark))
		if got, want := fmt.Sprint(err), strings.ReplaceAll(want, "@", mark); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestReadPython(t *testing.T) {
	text := "class Rooms(Base):\n    # @ 1\n    @in_every_mode\n    def test_join(self):\n        pass\n\n    # @ 2\n    async def test_leave(self):\n        pass\n"
	claims, err := readPython("test_a.py", strings.ReplaceAll(text, "@ ", mark+" "))
	want := []claim{{"test_a.py", 2, 1, "Rooms › test_join"}, {"test_a.py", 7, 2, "Rooms › test_leave"}}
	if err != nil || !reflect.DeepEqual(claims, want) {
		t.Errorf("%+v, %v", claims, err)
	}
}

func TestTable(t *testing.T) {
	groups := []group{{"A. One", []line{{1, same, "It works.", ""}, {2, better, "So does this.", "Node's does not."}, {3, none, "No.", "Go."}, {4, cluster, "Later.", ""}, {5, differs, "Otherwise.", "It is faster."}}}}
	page, missing, err := table(groups, []claim{{"a_test.go", 1, 1, "TestA/x|y"}, {"a_test.go", 1, 1, "TestB"}, {"a_test.go", 9, 1, "TestB"}, {"b.test.mjs", 2, 1, "b"}})
	if err != nil || !reflect.DeepEqual(missing, []int{2, 5}) {
		t.Errorf("%v, %v", missing, err)
	}
	for _, want := range []string{
		"1 lines are as in Node, 1 better, 1 differ, 1 do not apply, 1 come with many nodes.",
		"| 1 | It works. | same | [a_test.go](../a_test.go): `TestA/x\\|y`, `TestB`<br>[b.test.mjs](../b.test.mjs): `b` |\n",
		"| 2 | So does this. | **better**: Node's does not. |  |\n",
		"| 3 | No. | does not apply: Go. |  |\n",
		"| 4 | Later. | many nodes |  |\n",
		"| 5 | Otherwise. | **differs**: It is faster. |  |\n",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in %s", want, page)
		}
	}
	if _, _, err := table(groups, []claim{{"a_test.go", 7, 6, "TestA"}}); fmt.Sprint(err) != "a_test.go:7: the checklist has no line 6" {
		t.Error(err)
	}
}

func TestJudge(t *testing.T) {
	if err := judge(nil); err != nil {
		t.Error(err)
	}
	if err := judge([]int{3, 1}); fmt.Sprint(err) != "no test asserts the lines 1 3" {
		t.Error(err)
	}
}
