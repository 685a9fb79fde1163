package siowire

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// The holes that other parsers had.

// refused wants an error for a packet, and no memory to speak of.
func refused(t *testing.T, text string) {
	t.Helper()
	input := []byte(text)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	p, err := Decode(input, nil)
	runtime.ReadMemStats(&after)
	var broken *PacketError
	if !errors.As(err, &broken) {
		t.Errorf("%.60s: got %+v, error %v", text, p, err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 64<<10 {
		t.Errorf("%.60s: %d bytes", text, n)
	}
}

// TestCVE2020_36049_LongNumbers: an id, a count or a name of megabytes costs nothing and is no packet.
func TestCVE2020_36049_LongNumbers(t *testing.T) {
	for _, unit := range []string{"9", "0", "1"} {
		long := strings.Repeat(unit, 4<<20)
		for _, text := range []string{
			"2" + long, "2" + long + `["a"]`, "3" + long + "[]", "2/x," + long + `["a"]`,
			"5" + long + `-["a"]`, "6" + long + "-1[]", "5" + long, "51-" + long + `["a"]`,
			"0/" + long, "2/" + long + `,["a"]`, "1/" + long + ",", "4/" + long + ",{}",
		} {
			refused(t, text)
		}
	}
}

// TestCVE2022_2421_PlaceholderNumbers: the number of an attachment is one of those that were announced, as JSON writes
// it, and nothing else.
func TestCVE2022_2421_PlaceholderNumbers(t *testing.T) {
	for _, num := range []string{
		`"0"`, `"splice"`, `"__proto__"`, `""`, `null`, `true`, `{}`, `[]`, `[0]`, `-1`, `-0.1`, `0.5`, `1.5`, `2`, `10`,
		`1e99`, `1e999`, `-1e999`, `4294967296`, `18446744073709551616`, strings.Repeat("9", 1000),
	} {
		for _, form := range []string{
			`52-["a",{"_placeholder":true,"num":%s}]`, `52-["a",{"num":%s,"_placeholder":true}]`,
			`52-["a",{"_placeholder":true,"num":0,"num":%s}]`, `52-["a",[{"x":{"_placeholder":true,"num":%s}}]]`,
			`62-1[{"_placeholder":true,"num":%s}]`,
		} {
			refused(t, fmt.Sprintf(form, num))
		}
	}
	refused(t, `51-["a",{"_placeholder":true}]`)
	same := `52-["a",{"_placeholder":true,"num":1},{"_placeholder":true,"num":1}]`
	if _, err := Decode([]byte(same), nil); err != nil {
		t.Errorf("one attachment in two places: %v", err)
	}
}

// TestCVE2023_32695_EventNames: an event has a name, which is text or a number and none of those that mean something to
// the other end, however it is written.
func TestCVE2023_32695_EventNames(t *testing.T) {
	for _, text := range []string{
		`2[{"toString":"foo"}]`, `2[null]`, `2[true]`, `2[false]`, `2[[]]`, `2[["a"]]`, `2[]`, `2{}`, `2"a"`, `25{}`,
		`2["connect"]`, `2["connect_error"]`, `2["disconnect","123"]`, `2["disconnecting"]`, `2["newListener"]`, `2["removeListener"]`,
		`2["\u0064isconnect"]`, `2["disconnec\u0074"]`, `2[ "disconnect" ]`, `2/x,7["disconnect"]`,
		`51-["disconnect",{"_placeholder":true,"num":0}]`, `51-[{"_placeholder":true,"num":0}]`, `50-["disconnect"]`,
	} {
		refused(t, text)
	}
	for _, text := range []string{`2["toString"]`, `2["__proto__"]`, `2[5]`, `2["Disconnect"]`, `2["disconnect "]`, `2[""]`} {
		if _, err := Decode([]byte(text), nil); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
