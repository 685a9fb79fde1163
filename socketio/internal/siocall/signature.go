package siocall

import (
	"context"
	"errors"
	"fmt"
	"reflect"
)

// Event is what a function is called for.
type Event interface {
	Name() string
	Args() Args
	Ack() Ack
	// Context is the first parameter, for functions that want one.
	Context() context.Context
}

// Signature is what there is to know about a handler's type. It is immutable.
type Signature struct {
	ctx      bool
	ack      bool // a parameter is an Ack
	ackLast  bool // … the last one
	args     []reflect.Type
	variadic bool // the last of args may come any number of times
	result   bool
	err      bool
}

// New takes a handler's type apart. An error says what is wrong with it. The parameters must not be
// of the type misplaced, which people expect to be given.
func New(t, misplaced reflect.Type) (*Signature, error) {
	sig := &Signature{variadic: t.IsVariadic()}
	params := make([]reflect.Type, t.NumIn())
	for i := range params {
		params[i] = t.In(i)
	}
	if len(params) > 0 && params[0] == reflect.TypeFor[context.Context]() {
		sig.ctx, params = true, params[1:]
	}
	if n := len(params); n > 0 && params[0] == reflect.TypeFor[Ack]() {
		sig.ack, params = true, params[1:]
	} else if n > 0 && params[n-1] == reflect.TypeFor[Ack]() {
		sig.ack, sig.ackLast, params = true, true, params[:n-1]
	}
	for i, p := range params {
		if sig.variadic && i == len(params)-1 {
			p = p.Elem()
		}
		if err := decodable(p, misplaced); err != nil {
			return nil, fmt.Errorf("%v: %w", t, err)
		}
		sig.args = append(sig.args, p)
	}
	return sig, sig.addResults(t)
}

// addResults takes the results apart.
func (sig *Signature) addResults(t reflect.Type) error {
	n := t.NumOut()
	if n > 0 && t.Out(n-1) == reflect.TypeFor[error]() {
		sig.err = true
		n--
	}
	switch {
	case n > 1:
		return fmt.Errorf("%v: more than one result and an error", t)
	case n == 1 && t.Out(0) == reflect.TypeFor[error]():
		return fmt.Errorf("%v: two errors", t)
	case n == 1 && unfit(t.Out(0)):
		return fmt.Errorf("%v: a result of type %v cannot be encoded", t, t.Out(0))
	}
	sig.result = n == 1
	return nil
}

// decodable says whether a client's argument can become a p.
func decodable(p, misplaced reflect.Type) error {
	switch {
	case p == reflect.TypeFor[context.Context]():
		return errors.New("a context.Context must be the first parameter")
	case p == reflect.TypeFor[Ack]():
		return errors.New("an Ack must be the first parameter, after the context, or the last, and there can be one")
	case p == misplaced:
		return fmt.Errorf("a %v is no argument of an event: use the one that the function is registered on", p)
	case p.Kind() == reflect.Interface && p.NumMethod() > 0, unfit(p):
		return fmt.Errorf("a parameter of type %v cannot be decoded", p)
	}
	return nil
}

// unfit reports what has no form in JSON.
func unfit(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Complex64, reflect.Complex128:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return unfit(t.Elem())
	}
	return false
}

// MayBeMissing reports whether a client may leave out an argument of type t.
func MayBeMissing(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map:
		return true
	}
	return t.Size() == 0
}

// Needs is how many arguments an event must have at least.
func (sig *Signature) Needs() int {
	n := len(sig.args)
	if sig.variadic {
		n--
	}
	for n > 0 && MayBeMissing(sig.args[n-1]) {
		n--
	}
	return n
}

// Call decodes the event's arguments and runs fn.
func (sig *Signature) Call(fn reflect.Value, e Event) (results []any, err error) {
	in, err := sig.arguments(e)
	if err != nil {
		return nil, err
	}
	out := fn.Call(in)
	if sig.err {
		if err, _ := out[len(out)-1].Interface().(error); err != nil {
			return nil, err
		}
	}
	if sig.result {
		return []any{out[0].Interface()}, nil
	}
	return nil, nil
}

// arguments makes the parameters of a call.
func (sig *Signature) arguments(e Event) ([]reflect.Value, error) {
	in := make([]reflect.Value, 0, len(sig.args)+2)
	if sig.ctx {
		in = append(in, reflect.ValueOf(e.Context()))
	}
	if sig.ack && !sig.ackLast {
		in = append(in, reflect.ValueOf(e.Ack()))
	}
	fixed := sig.args
	if sig.variadic {
		fixed = fixed[:len(fixed)-1]
	}
	for i, t := range fixed {
		v, err := argument(e, i, t)
		if err != nil {
			return nil, err
		}
		in = append(in, v)
	}
	if sig.variadic {
		for i := len(fixed); i < e.Args().Len(); i++ {
			v, err := argument(e, i, sig.args[len(fixed)])
			if err != nil {
				return nil, err
			}
			in = append(in, v)
		}
	}
	if sig.ackLast {
		in = append(in, reflect.ValueOf(e.Ack()))
	}
	return in, nil
}

// argument decodes argument i.
func argument(e Event, i int, t reflect.Type) (reflect.Value, error) {
	p := reflect.New(t)
	err := e.Args().Decode(i, p.Interface())
	if err != nil && !(errors.Is(err, ErrNoArgument) && MayBeMissing(t)) {
		return reflect.Value{}, &ArgumentError{Event: e.Name(), Index: i, Err: err}
	}
	return p.Elem(), nil
}

// Answers: the results are an acknowledgement.
func (sig *Signature) Answers() bool { return sig.result || sig.err }

// MayAnswer: that, or the function has the means to acknowledge.
func (sig *Signature) MayAnswer() bool { return sig.Answers() || sig.ack }
