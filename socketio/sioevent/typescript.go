package sioevent

import (
	"bufio"
	"encoding"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Declaration is an [Event] or a [Call].
type Declaration interface {
	Name() string
	types() (in, out reflect.Type) // out is nil for an event
}

func (e Event[T]) types() (in, out reflect.Type) { return reflect.TypeFor[T](), nil }

func (c Call[In, Out]) types() (in, out reflect.Type) {
	return reflect.TypeFor[In](), reflect.TypeFor[Out]()
}

// Contract is all that two ends say to each other.
type Contract struct {
	ServerToClient, ClientToServer []Declaration
}

// WriteTypeScript writes the contract as declarations for the browser: an interface for each type with a
// name, and the two that the official client wants,
//
//	const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io();
//
// The types are what encoding/json makes of the Go types, with binary values as ArrayBuffer, as a browser
// gets them. What may be nil (a slice, []byte too, a map, a pointer) may be null, and a field with omitempty or
// omitzero may be missing instead, as the package's documentation says. An interface has its type's name with a capital, and a generic one's arguments behind it:
// Page[int] is PageInt. Four names the declarations need themselves, so that a type called so gets a "_":
// Record, ArrayBuffer, ServerToClientEvents and ClientToServerEvents. Other names of the language's own
// (Date, Map) stay: the module's go before them.
//
// It fails for types that have no form in JSON, for two types of one name, and for an event that is
// declared twice in one direction. It is made to be called by go generate.
func WriteTypeScript(w io.Writer, c Contract) error {
	g := &generator{names: map[string]reflect.Type{}}
	server, err := g.events(c.ServerToClient)
	if err != nil {
		return err
	}
	client, err := g.events(c.ClientToServer)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	fmt.Fprint(out, "// Written by sioevent.WriteTypeScript; do not edit.\n")
	for i := 0; i < len(g.order); i++ { // no range: bodies add to it
		name := g.order[i]
		body, err := g.body(g.names[name])
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "\nexport interface %s %s\n", name, body)
	}
	fmt.Fprintf(out, "\nexport interface ServerToClientEvents {\n%s}\n", server)
	fmt.Fprintf(out, "\nexport interface ClientToServerEvents {\n%s}\n", client)
	return out.Flush()
}

// generator collects the types with names.
type generator struct {
	names map[string]reflect.Type
	order []string // of the names; it grows while bodies are written
	depth int
}

// events writes one of the two interfaces' members.
func (g *generator) events(list []Declaration) (string, error) {
	var b strings.Builder
	declared := map[string]bool{}
	for _, d := range list {
		if declared[d.Name()] {
			return "", fmt.Errorf("sioevent: event %q is declared twice in one direction", d.Name())
		}
		declared[d.Name()] = true
		in, out := d.types()
		var params []string
		if in != reflect.TypeFor[None]() {
			t, err := g.expression(in)
			if err != nil {
				return "", fmt.Errorf("sioevent: event %q: %w", d.Name(), err)
			}
			params = append(params, "data: "+t)
		}
		if out != nil {
			t, err := g.acknowledgement(out)
			if err != nil {
				return "", fmt.Errorf("sioevent: event %q: %w", d.Name(), err)
			}
			params = append(params, t)
		}
		fmt.Fprintf(&b, "  %s: (%s) => void;\n", property(d.Name()), strings.Join(params, ", "))
	}
	return b.String(), nil
}

// acknowledgement is the last parameter of an event that wants an answer.
func (g *generator) acknowledgement(out reflect.Type) (string, error) {
	const refusal = "{ error: string; data?: unknown }"
	if out == reflect.TypeFor[None]() {
		return "ack: (result: {} | " + refusal + ") => void", nil
	}
	t, err := g.expression(out)
	return "ack: (result: " + t + " | " + refusal + ") => void", err
}

// property spells a name as a member's.
func property(name string) string {
	plain := name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return !(r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9')
	}) && (name[0] < '0' || name[0] > '9')
	if plain {
		return name
	}
	quoted, _ := json.Marshal(name) // a string always encodes
	return string(quoted)
}

var (
	marshaler = reflect.TypeFor[json.Marshaler]()
	texter    = reflect.TypeFor[encoding.TextMarshaler]()
)

// maxDepth bounds types within types that are no structs: only they may contain themselves.
const maxDepth = 100

// isBytes reports what is a binary value on the wire: a slice of bytes, whatever it is called.
func isBytes(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 &&
		!t.Implements(marshaler) && !t.Implements(texter)
}

// nullable reports whether a nil of the type is null on the wire.
func nullable(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer:
		return true
	case reflect.Slice, reflect.Map:
		p := reflect.PointerTo(t) // it has the methods of t, too
		return !p.Implements(marshaler) && !p.Implements(texter)
	}
	return false
}

// expression is a type where it is used.
func (g *generator) expression(t reflect.Type) (string, error) {
	written, err := g.present(t)
	if nullable(t) && !strings.HasSuffix(written, orNull) {
		written += orNull
	}
	return written, err
}

const orNull = " | null"

// present is the type of what is not nil.
func (g *generator) present(t reflect.Type) (string, error) {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return "string", nil
	case t == reflect.TypeFor[json.Number]():
		return "number", nil
	case isBytes(t):
		return "ArrayBuffer", nil
	case t == reflect.TypeFor[json.RawMessage](), t.Kind() == reflect.Interface:
		return "unknown", nil
	case t.Kind() != reflect.Pointer && (t.Implements(marshaler) || reflect.PointerTo(t).Implements(marshaler)):
		return "unknown", nil
	case t.Kind() != reflect.Pointer && (t.Implements(texter) || reflect.PointerTo(t).Implements(texter)):
		return "string", nil
	}
	if g.depth++; g.depth > maxDepth {
		return "", fmt.Errorf("%v contains itself, and has no name in TypeScript", t)
	}
	defer func() { g.depth-- }()
	switch t.Kind() {
	case reflect.Bool:
		return "boolean", nil
	case reflect.String:
		return "string", nil
	case reflect.Pointer:
		return g.expression(t.Elem())
	case reflect.Slice, reflect.Array:
		inner, err := g.expression(t.Elem())
		if strings.Contains(inner, " ") {
			inner = "(" + inner + ")"
		}
		return inner + "[]", err
	case reflect.Map:
		inner, err := g.expression(t.Elem())
		return "Record<string, " + inner + ">", err
	case reflect.Struct:
		return g.structure(t)
	case reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Complex64, reflect.Complex128:
		return "", fmt.Errorf("%v has no form in JSON", t)
	}
	return "number", nil
}

// structure is a struct where it is used: by its name, if it has one.
func (g *generator) structure(t reflect.Type) (string, error) {
	if t.Name() == "" {
		return g.body(t)
	}
	name := typeName(t.Name())
	switch known := g.names[name]; {
	case known == nil:
		g.names[name] = t
		g.order = append(g.order, name)
	case known != t:
		return "", fmt.Errorf("two types are called %s: %v and %v", name, known, t)
	}
	return name, nil
}

var (
	// needed are the names of types that the declarations use.
	needed = []string{"Record", "ArrayBuffer", "ServerToClientEvents", "ClientToServerEvents"}
	// qualifier is the package of a type argument, with its dot.
	qualifier = regexp.MustCompile(`[^\[\],* ]*\.`)
	// composed are words for what has none in the name of a type argument.
	composed = strings.NewReplacer("[]", " List ", "*", " Nullable ")
)

// typeName makes a name for an interface of that of a type: Page[[]*shop.Item] is PageListNullableItem.
func typeName(name string) string {
	name, arguments, _ := strings.Cut(name, "[")
	arguments = qualifier.ReplaceAllString(composed.Replace(arguments), "")
	var b strings.Builder
	for _, word := range append([]string{name}, strings.FieldsFunc(arguments, notInName)...) {
		first, size := utf8.DecodeRuneInString(word)
		b.WriteString(string(unicode.ToUpper(first)) + word[size:])
	}
	if slices.Contains(needed, b.String()) {
		b.WriteByte('_')
	}
	return b.String()
}

func notInName(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// body is a struct's members.
func (g *generator) body(t reflect.Type) (string, error) {
	var b strings.Builder
	b.WriteString("{\n")
	for _, f := range fields(t) {
		write := g.expression
		if f.omitted {
			write = g.present
		}
		expression, err := write(f.Type)
		if err != nil {
			return "", fmt.Errorf("%v.%s: %w", t, f.Name, err)
		}
		if f.quoted {
			expression = inQuotes.Replace(expression)
		}
		mark := ""
		if f.optional {
			mark = "?"
		}
		fmt.Fprintf(&b, "  %s%s: %s;\n", property(f.member), mark, strings.ReplaceAll(expression, "\n", "\n  "))
	}
	b.WriteString("}")
	return b.String(), nil
}

// inQuotes is what the option "string" makes of a type that it is meant for.
var inQuotes = strings.NewReplacer("number", "string", "boolean", "string")
