package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Value is the place of one setting in a [Config] and the ways to spell it.
// Set, String and Type are those of a flag, so a Value is one as it stands.
type Value interface {
	Set(text string) error // as a flag or an environment variable has it
	SetFile(v any) error   // as the decoder of the file gives it
	String() string        // in the spelling of Set
	File() string          // in the spelling of the file
	Type() string          // the word that help shows for it
}

// quote spells a TOML basic string. Its escapes are those of JSON, and DEL.
func quote(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string can always be encoded
	return strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "\x7f", `\u007f`)
}

func wantText(v any, set func(string) error, example string) error {
	text, ok := v.(string)
	if !ok {
		return fmt.Errorf("must be text in quotes, such as %s", quote(example))
	}
	return set(text)
}

// textValue is any text that check (nil: none) agrees with.
type textValue struct {
	p     *string
	word  string
	check func(string) error
}

func (v textValue) Set(text string) error {
	if v.check != nil {
		if err := v.check(text); err != nil {
			return err
		}
	}
	*v.p = text
	return nil
}

func (v textValue) SetFile(x any) error { return wantText(x, v.Set, "text") }
func (v textValue) String() string      { return *v.p }
func (v textValue) File() string        { return quote(*v.p) }
func (v textValue) Type() string        { return v.word }

// choiceValue is one word of a few.
type choiceValue struct {
	p     *string
	words []string
}

func (v choiceValue) Set(text string) error {
	if !slices.Contains(v.words, text) {
		return fmt.Errorf("%q is none of %s", text, strings.Join(v.words, ", "))
	}
	*v.p = text
	return nil
}

func (v choiceValue) SetFile(x any) error { return wantText(x, v.Set, v.words[0]) }
func (v choiceValue) String() string      { return *v.p }
func (v choiceValue) File() string        { return quote(*v.p) }
func (v choiceValue) Type() string        { return strings.Join(v.words, "|") }

// intValue is a whole number from min to max.
type intValue struct {
	p        *int
	word     string
	min, max int
}

func (v intValue) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil {
		return fmt.Errorf("%q is no whole number", text)
	}
	return v.set(int64(n))
}

func (v intValue) SetFile(x any) error {
	n, ok := x.(int64)
	if !ok {
		return errors.New("must be a whole number, without quotes")
	}
	return v.set(n)
}

func (v intValue) set(n int64) error {
	if n < int64(v.min) || n > int64(v.max) {
		return fmt.Errorf("%d is not from %d to %d", n, v.min, v.max)
	}
	*v.p = int(n)
	return nil
}

func (v intValue) String() string { return strconv.Itoa(*v.p) }
func (v intValue) File() string   { return strconv.Itoa(*v.p) }
func (v intValue) Type() string   { return v.word }

// floatValue is a number from min to max.
type floatValue struct {
	p        *float64
	min, max float64
}

func (v floatValue) Set(text string) error {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return fmt.Errorf("%q is no number", text)
	}
	return v.set(n)
}

func (v floatValue) SetFile(x any) error {
	switch n := x.(type) {
	case int64:
		return v.set(float64(n))
	case float64:
		return v.set(n)
	}
	return errors.New("must be a number, without quotes")
}

func (v floatValue) set(n float64) error {
	if !(n >= v.min && n <= v.max) {
		return fmt.Errorf("%g is not from %g to %g", n, v.min, v.max)
	}
	*v.p = n
	return nil
}

func (v floatValue) String() string { return strconv.FormatFloat(*v.p, 'f', -1, 64) }
func (v floatValue) Type() string   { return "number" }

// File has a point: in the file that makes it a number with a fraction.
func (v floatValue) File() string {
	if text := v.String(); strings.Contains(text, ".") {
		return text
	}
	return v.String() + ".0"
}

// boolValue is true or false.
type boolValue struct{ p *bool }

func (v boolValue) Set(text string) error {
	switch text {
	case "true", "false":
		*v.p = text == "true"
		return nil
	}
	return fmt.Errorf("%q is neither true nor false", text)
}

func (v boolValue) SetFile(x any) error {
	b, ok := x.(bool)
	if !ok {
		return errors.New("must be true or false, without quotes")
	}
	*v.p = b
	return nil
}

func (v boolValue) String() string { return strconv.FormatBool(*v.p) }
func (v boolValue) File() string   { return v.String() }
func (v boolValue) Type() string   { return "true|false" }

// durationValue is a time from min to max, spelled as Go does: "10s", "1m30s".
type durationValue struct {
	p        *time.Duration
	min, max time.Duration
}

func (v durationValue) Set(text string) error {
	d, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("%q is no duration: write 10s, 500ms or 1m30s", text)
	}
	if d < v.min || d > v.max {
		return fmt.Errorf("%s is not from %s to %s", text, spell(v.min), spell(v.max))
	}
	*v.p = d
	return nil
}

func (v durationValue) SetFile(x any) error { return wantText(x, v.Set, "10s") }
func (v durationValue) String() string      { return spell(*v.p) }
func (v durationValue) File() string        { return quote(spell(*v.p)) }
func (v durationValue) Type() string        { return "duration" }

// spell is d without the zeros that time.Duration adds: 1h, not 1h0m0s.
func spell(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// listValue is a list of T: with commas in a flag or a variable, an array in
// the file.
type listValue[T any] struct {
	p       *[]T
	word    string
	parse   func(string) (T, error)
	spell   func(T) string
	example string
}

func (v listValue[T]) Set(text string) error {
	var items []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return v.set(items)
}

func (v listValue[T]) SetFile(x any) error {
	wrong := fmt.Errorf("must be a list of texts, such as [%s]", quote(v.example))
	array, ok := x.([]any)
	if !ok {
		return wrong
	}
	items := make([]string, len(array))
	for i := range array {
		if items[i], ok = array[i].(string); !ok {
			return wrong
		}
	}
	return v.set(items)
}

func (v listValue[T]) set(items []string) error {
	var list []T
	for _, item := range items {
		parsed, err := v.parse(item)
		if err != nil {
			return err
		}
		list = append(list, parsed)
	}
	*v.p = list
	return nil
}

func (v listValue[T]) spelled() []string {
	items := make([]string, len(*v.p))
	for i, item := range *v.p {
		items[i] = v.spell(item)
	}
	return items
}

func (v listValue[T]) String() string { return strings.Join(v.spelled(), ",") }
func (v listValue[T]) Type() string   { return v.word }

func (v listValue[T]) File() string {
	items := v.spelled()
	for i := range items {
		items[i] = quote(items[i])
	}
	return "[" + strings.Join(items, ", ") + "]"
}

// textsValue is a list of texts that check (nil: none) agrees with.
func textsValue(p *[]string, word, example string, check func(string) error) Value {
	return listValue[string]{
		p: p, word: word, example: example,
		parse: func(s string) (string, error) {
			if check == nil {
				return s, nil
			}
			return s, check(s)
		},
		spell: func(s string) string { return s },
	}
}

// choicesValue is a list of some words of a few.
func choicesValue(p *[]string, words []string) Value {
	return textsValue(p, "list", words[0], func(s string) error {
		if !slices.Contains(words, s) {
			return fmt.Errorf("%q is none of %s", s, strings.Join(words, ", "))
		}
		return nil
	})
}

func originsValue(p *[]string) Value {
	return textsValue(p, "list", "https://chat.example.com", checkOrigin)
}

func prefixesValue(p *[]netip.Prefix) Value {
	return listValue[netip.Prefix]{
		p: p, word: "list", example: "10.0.0.0/8",
		parse: parsePrefix,
		spell: func(x netip.Prefix) string { return x.String() },
	}
}
