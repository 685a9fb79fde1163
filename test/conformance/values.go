package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"rightnow/socketio"
)

var _ json.Unmarshaler = (*truth)(nil)

// truth is a value as JavaScript's conditions see it; a missing one is false.
type truth bool

func (t *truth) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case "false", "null", "0", `""`:
		*t = false
	default:
		*t = true
	}
	return nil
}

// valuesOf returns arguments in a form in which they can be sent again: without binary values exactly as they came.
func valuesOf(args socketio.Args) []any {
	values := make([]any, args.Len())
	for i := range values {
		if len(args.Blobs()) == 0 {
			values[i] = args.Raw(i)
			continue
		}
		if err := args.Decode(i, &values[i]); err != nil {
			values[i] = map[string]string{"error": err.Error()}
		}
	}
	return values
}

// lastValues keeps the value that counts of each repeated key.
func lastValues(query url.Values) map[string]string {
	last := make(map[string]string, len(query))
	for key, values := range query {
		last[key] = values[len(values)-1]
	}
	return last
}

// headerValues has the names in lower case and joins repeated fields.
func headerValues(header http.Header) map[string]string {
	joined := make(map[string]string, len(header))
	for name, values := range header {
		joined[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	return joined
}
