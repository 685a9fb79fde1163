package sioargs

import "fmt"

// MaxAttachments is how many attachments official clients accept in a packet.
const MaxAttachments = 10

// EncodeArgs turns arguments into a JSON array and its attachments. The result
// shares nothing with args.
func EncodeArgs(args []any) (raw []byte, blobs [][]byte, err error) {
	return EncodeArgsLimit(args, MaxAttachments)
}

// EncodeArgsLimit is EncodeArgs with another limit for attachments.
func EncodeArgsLimit(args []any, maxAttachments int) (raw []byte, blobs [][]byte, err error) {
	return nil, nil, nil
}

// DecodeArg decodes one raw argument into the value that into points to. blobs
// are all attachments of the packet; []byte targets alias them.
func DecodeArg(raw []byte, blobs [][]byte, into any) error { return nil }

// EncodeError says which argument could not be encoded, and why.
type EncodeError struct {
	Index int
	Err   error
}

func (e *EncodeError) Error() string { return fmt.Sprintf("argument %d: %v", e.Index, e.Err) }

func (e *EncodeError) Unwrap() error { return e.Err }

// AttachmentsError says that a packet would have more attachments than a
// client accepts.
type AttachmentsError struct{ Count, Max int }

func (e *AttachmentsError) Error() string {
	return fmt.Sprintf("%d attachments, at most %d are allowed in a packet", e.Count, e.Max)
}
