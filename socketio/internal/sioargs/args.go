package sioargs

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"rightnow/socketio/internal/siowire"
)

// MaxAttachments is how many attachments official clients accept in a packet.
const MaxAttachments = 10

// EncodeArgs turns arguments into a JSON array and its attachments. The result
// shares nothing with args.
//
// A []byte, or a slice type made of it, is an attachment wherever it stands,
// unless its type says itself how to be written (json.Marshaler,
// encoding.TextMarshaler); nil is null. A json.RawMessage must be valid JSON
// and goes in as it is. An error is an *EncodeError; around an
// *AttachmentsError when there are too many attachments.
//
// What looks like a placeholder without being one can be sent only if nothing
// in the same packet is an attachment: the client would take it for one, and
// close the connection if there is none with that number. So it is an error,
// lest who gets such an object into somebody's event disconnects everybody.
func EncodeArgs(args []any) (raw []byte, blobs [][]byte, err error) {
	return EncodeArgsLimit(args, MaxAttachments)
}

// EncodeArgsLimit is EncodeArgs with another limit for attachments.
func EncodeArgsLimit(args []any, maxAttachments int) (raw []byte, blobs [][]byte, err error) {
	if len(args) >= siowire.MaxArgs { // the event's name counts
		return nil, nil, ErrTooMany
	}
	e := scratch.Get().(*encoder)
	defer e.release()
	e.maxBlobs = maxAttachments
	e.out.WriteByte('[')
	for i, arg := range args {
		if i > 0 {
			e.out.WriteByte(',')
		}
		if err := e.arg(arg); err != nil {
			return nil, nil, &EncodeError{Index: i, Err: err}
		}
	}
	e.out.WriteByte(']')
	if i, found := e.impostor(); found {
		return nil, nil, &EncodeError{Index: i, Err: errImpostor}
	}
	return append(make([]byte, 0, e.out.Len()), e.out.Bytes()...), e.blobs, nil
}

// DecodeArg decodes one raw argument, valid JSON, into the value that into
// points to, as json.Unmarshal does, with these differences:
//
//   - An attachment goes into a []byte, a slice type made of it, or an any,
//     which then holds a []byte. They alias blobs, all attachments of the
//     packet; an attachment that stands in two places is shared. Anywhere else
//     it is an error.
//   - A []byte that is the argument itself takes nothing but an attachment or
//     null. One inside of something else also takes what json.Unmarshal takes,
//     base64.
//   - An integer beyond 2^53 in an any becomes an int64, or a uint64 if it must,
//     or a json.Number if neither can hold it. All other numbers there are
//     float64.
//   - A json.RawMessage gets the JSON with its placeholders; their nums are
//     indices of blobs. A type with an UnmarshalJSON of its own is given a
//     string without meaning in place of an attachment.
//
// Where a value does not fit the error is a *json.UnmarshalTypeError.
func DecodeArg(raw []byte, blobs [][]byte, into any) error {
	d := decoder{raw: raw, blobs: blobs}
	if len(blobs) > 0 {
		var err error
		if d.places, err = siowire.Placeholders(nil, raw, len(blobs)); err != nil {
			return err
		}
	}
	if target, ok := into.(*json.RawMessage); ok && target != nil {
		*target = append((*target)[:0], raw...)
		return nil
	}
	if v := reflect.ValueOf(into); v.Kind() == reflect.Pointer && !v.IsNil() && takesBytes(v.Type().Elem()) {
		return d.bytes(v.Elem())
	}
	return d.value(into)
}

var errImpostor = errors.New("an object looks like the placeholder of an attachment")

// EncodeError says which argument could not be encoded, and why.
type EncodeError struct {
	Index int
	Err   error
}

func (e *EncodeError) Error() string { return fmt.Sprintf("argument %d: %v", e.Index, e.Err) }

func (e *EncodeError) Unwrap() error { return e.Err }

// ErrTooMany: more arguments than siowire takes.
var ErrTooMany = fmt.Errorf("more than %d arguments", siowire.MaxArgs-1)

// AttachmentsError says that a packet would have more attachments than a
// client accepts. Count is how many there were when that was found.
type AttachmentsError struct{ Count, Max int }

func (e *AttachmentsError) Error() string {
	return fmt.Sprintf("%d attachments, at most %d are allowed in a packet", e.Count, e.Max)
}
