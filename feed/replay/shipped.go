package replay

import (
	"bytes"
	_ "embed"
	"fmt"
	"sync"
)

//go:generate go run ./compose

//go:embed replay-v1.jsonl.gz
var packed []byte

var shipped = sync.OnceValue(func() *File {
	f, err := Read(bytes.NewReader(packed))
	if err != nil {
		panic(fmt.Sprintf("the file in the program: %v", err)) // a test reads it
	}
	return f
})

// Shipped is the file that comes with the program.
func Shipped() *File { return shipped() }
