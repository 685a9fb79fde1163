package sioevent_test

import (
	"encoding/json"
	"io"
	"maps"
	"net"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rightnow/socketio/internal/sioargs"
	"rightnow/socketio/sioevent"
	"rightnow/socketio/sioevent/testdata/shapes"
	"rightnow/socketio/sioevent/testdata/shapes/shop"
)

// typeScript is what is written of a contract of some events of the server.
func typeScript(t *testing.T, events ...sioevent.Declaration) string {
	t.Helper()
	var b strings.Builder
	if err := sioevent.WriteTypeScript(&b, sioevent.Contract{ServerToClient: events}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Each type that is used is declared, once. (test/js/types.test.mjs has a compiler look at them.)
func TestNestedTypes(t *testing.T) {
	text := typeScript(t, sioevent.Define[shapes.Order]("order"))
	declared := regexp.MustCompile(`(?m)^export interface (\w+)`).FindAllStringSubmatch(text, -1)
	var names []string
	for _, match := range declared {
		names = append(names, match[1])
	}
	if got := strings.Join(names, " "); got != "Order Person Item Address City ServerToClientEvents ClientToServerEvents" {
		t.Errorf("declared are %s", got)
	}
	for _, want := range []string{"total: number;", "weight: string | null;", "home: Address | null;", "items: Item[] | null;"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
}

func TestNamesOfTypes(t *testing.T) {
	type änderung struct{ At int }
	for want, d := range map[string]sioevent.Declaration{
		"PageInt":                    sioevent.Define[shapes.Page[int]]("x"),
		"PageString":                 sioevent.Define[shapes.Page[string]]("x"),
		"PageItem":                   sioevent.Define[shapes.Page[shop.Item]]("x"),
		"PageNullableItem":           sioevent.Define[shapes.Page[*shop.Item]]("x"),
		"PageListItem":               sioevent.Define[shapes.Page[[]shop.Item]]("x"),
		"PageMapStringInt":           sioevent.Define[shapes.Page[map[string]int]]("x"),
		"PairPageCityPairIntAddress": sioevent.Define[shapes.Pair[shapes.Page[shapes.City], shapes.Pair[int, shapes.Address]]]("x"),
		"Record_":                    sioevent.Define[shapes.Record]("x"),
		"ArrayBuffer_":               sioevent.Define[shapes.ArrayBuffer]("x"),
		"ServerToClientEvents_":      sioevent.Define[shapes.ServerToClientEvents]("x"),
		"Date":                       sioevent.Define[shapes.Date]("x"),
		"Änderung":                   sioevent.Define[änderung]("x"),
	} {
		if text := typeScript(t, d); !strings.Contains(text, "(data: "+want+")") || !strings.Contains(text, "interface "+want+" {") {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

type (
	inner struct{ Deep, Both int }
	one   struct {
		inner
		Twice int
	}
	two struct {
		inner
		Twice int
	}
	diamond struct {
		one
		two
		Both bool
	}
	cycle struct {
		*cycle
		Name string `json:"name"`
	}
	tags struct {
		inner `json:"inner"`
		Out   int `json:"-"`
		Number
	}
	Number int
)

// The members are those that encoding/json writes.
func TestMembers(t *testing.T) {
	for name, test := range map[string]struct {
		value any
		event sioevent.Declaration
	}{
		"shadowing": {shapes.Shadowing{Extra: &shapes.Extra{}}, sioevent.Define[shapes.Shadowing]("x")},
		"diamond":   {diamond{}, sioevent.Define[diamond]("x")},
		"cycle":     {cycle{cycle: &cycle{}}, sioevent.Define[cycle]("x")},
		"tags":      {tags{}, sioevent.Define[tags]("x")},
	} {
		encoded, err := json.Marshal(test.value)
		var members map[string]any
		if err == nil {
			err = json.Unmarshal(encoded, &members)
		}
		if err != nil {
			t.Fatal(err)
		}
		want := slices.Sorted(maps.Keys(members))
		text := typeScript(t, test.event)
		first, _, _ := strings.Cut(text, "\n}")
		var got []string
		for _, match := range regexp.MustCompile(`(?m)^  "?([^"?:]+)"?\??: `).FindAllStringSubmatch(first, -1) {
			got = append(got, match[1])
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%s has %q, want %q:\n%s", name, got, want, text)
		}
	}
}

// nils has of each kind what may be nil, and what may be left out instead.
type nils struct {
	Count   int               `json:"count"`
	List    []string          `json:"list"`
	Index   map[string]int    `json:"index"`
	Bytes   []byte            `json:"bytes"`
	Pointer *[]int            `json:"pointer"`
	Array   [2][]int          `json:"array"`
	IP      net.IP            `json:"ip"` // writes itself
	NoList  []string          `json:"noList,omitempty"`
	NoIndex map[string][]bool `json:"noIndex,omitzero"`
	NoBytes []byte            `json:"noBytes,omitempty"`
	NoInt   *int              `json:"noInt,omitempty"`
	NoBoth  *[]int            `json:"noBoth,omitempty"`
}

// What is declared as null, or as missing, is so on the wire.
func TestNilIsNull(t *testing.T) {
	none := []int(nil)
	wire, blobs, err := sioargs.EncodeArgs([]any{nils{}, nils{NoBoth: &none}, []string(nil), map[string]int(nil), []byte(nil)})
	const first = `"count":0,"list":null,"index":null,"bytes":null,"pointer":null,"array":[null,null],"ip":""`
	if want := `[{` + first + `},{` + first + `,"noBoth":null},null,null,null]`; err != nil || len(blobs) > 0 || string(wire) != want {
		t.Errorf("the wire has %s, %v", wire, err)
	}
	text := typeScript(t, sioevent.Define[nils]("x"), sioevent.Define[[]string]("list"), sioevent.Define[map[string]int]("index"),
		sioevent.Define[[]byte]("bytes"), sioevent.DefineCall[[]*int, [][]byte]("call"))
	for _, want := range []string{
		`{
  count: number;
  list: string[] | null;
  index: Record<string, number> | null;
  bytes: ArrayBuffer | null;
  pointer: number[] | null;
  array: (number[] | null)[];
  ip: string;
  noList?: string[];
  noIndex?: Record<string, boolean[] | null>;
  noBytes?: ArrayBuffer;
  noInt?: number;
  noBoth?: number[] | null;
}`,
		"list: (data: string[] | null) => void;",
		"index: (data: Record<string, number> | null) => void;",
		"bytes: (data: ArrayBuffer | null) => void;",
		"call: (data: (number | null)[] | null, ack: (result: (ArrayBuffer | null)[] | null | { error: string; data?: unknown }) => void) => void;",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

// A null from the client is what nil was: nothing.
func TestNullIsTakenAsNil(t *testing.T) {
	got := nils{List: []string{"x"}, Index: map[string]int{"x": 1}, Bytes: []byte("x"), Pointer: new([]int), NoInt: new(int)}
	raw := `{"list":null,"index":null,"bytes":null,"pointer":null,"array":[null,null],"noInt":null}`
	if err := sioargs.DecodeArg([]byte(raw), nil, &got); err != nil || !reflect.DeepEqual(got, nils{}) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestEmbeddedPointerIsOptional(t *testing.T) {
	text := typeScript(t, sioevent.Define[shapes.Shadowing]("x"))
	if want := "{\n  Size?: number;\n  comment?: string;\n  id: string;\n}"; !strings.Contains(text, want) {
		t.Errorf("got\n%s", text)
	}
}

func TestEventDeclaredTwice(t *testing.T) {
	again := sioevent.DefineCall[int, int]("said")
	err := sioevent.WriteTypeScript(io.Discard, sioevent.Contract{ClientToServer: []sioevent.Declaration{said, beep, again}})
	if err == nil || err.Error() != `sioevent: event "said" is declared twice in one direction` {
		t.Errorf("the error is %v", err)
	}
	// Both ends may say the same.
	both := sioevent.Contract{ServerToClient: []sioevent.Declaration{said}, ClientToServer: []sioevent.Declaration{again}}
	if err := sioevent.WriteTypeScript(io.Discard, both); err != nil {
		t.Error(err)
	}
}
