package sioadmin

import (
	"encoding/json"
	"net/url"
	"reflect"
	"strings"

	"rightnow/socketio"
)

const (
	// hiddenValue stands for what is not shown.
	hiddenValue = "[hidden]"
	// maxHeader bounds a header or a value of a query that is shown, in bytes; maxHandshake all of
	// them together.
	maxHeader    = 256
	maxHandshake = 4 << 10
	// maxData bounds the data of a socket.
	maxData = 4 << 10
)

// describedHandshake is Node's handshake object without auth.
type describedHandshake struct {
	Address string            `json:"address"`
	Headers map[string]string `json:"headers"`
	Query   map[string]string `json:"query"`
	Issued  int64             `json:"issued"`
	Secure  bool              `json:"secure"`
	Time    string            `json:"time"`
	URL     string            `json:"url"`
	XDomain bool              `json:"xdomain"`
}

// describeHandshake is what admins are shown of a client's first request.
func describeHandshake(s *socketio.Socket) json.RawMessage {
	h := s.Handshake()
	h.Auth = nil
	var d describedHandshake
	text, err := json.Marshal(h)
	if err == nil {
		err = json.Unmarshal(text, &d)
	}
	if err != nil {
		return json.RawMessage("{}")
	}
	for _, name := range []string{"x-forwarded-for", "cf-connecting-ip"} { // the last one counts
		if claimed := d.Headers[name]; claimed != "" {
			d.Address = clipText(claimed, maxHeader)
		}
	}
	room := maxHandshake
	hide(d.Headers, &room)
	hide(d.Query, &room)
	d.URL = clipText(hideURL(d.URL), 2*maxHeader)
	text, err = json.Marshal(d)
	if err != nil {
		return json.RawMessage("{}")
	}
	return text
}

// hide takes out the values whose names say that they are secrets, and what is beyond the room there is.
func hide(values map[string]string, room *int) {
	for name, value := range values {
		if isSecret(name) {
			value = hiddenValue
		}
		value = clipText(value, maxHeader)
		if *room -= len(name) + len(value); *room < 0 {
			delete(values, name)
			continue
		}
		values[name] = value
	}
}

// hideURL is hide for the query of a URL.
func hideURL(target string) string {
	path, raw, found := strings.Cut(target, "?")
	if !found {
		return target
	}
	query, err := url.ParseQuery(raw)
	if err != nil {
		return path + "?" + hiddenValue
	}
	hidden := false
	for name := range query {
		if isSecret(name) {
			query[name] = []string{hiddenValue}
			hidden = true
		}
	}
	if !hidden {
		return target
	}
	return path + "?" + query.Encode()
}

// secretNames are in the names of what nobody else is to see.
var secretNames = []string{
	"cookie", "token", "secret", "passw", "pwd", "jwt", "credential", "signature", "session",
	"authoriz", "apikey", "api-key", "api_key", "privatekey", "private-key", "private_key", "csrf", "xsrf",
	"auth-", "auth_", "-auth", "_auth",
}

// isSecret reports whether a name says that its value is a secret.
func isSecret(name string) bool {
	name = strings.ToLower(name)
	for _, part := range secretNames {
		if strings.Contains(name, part) {
			return true
		}
	}
	return name == "auth" || name == "sid" || name == "pass"
}

// clipText shortens a text to about n bytes.
func clipText(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "") + "…"
}

// describeData is what admins are shown of a socket's data: an object always.
func (o *Options) describeData(s *socketio.Socket) json.RawMessage {
	var text []byte
	o.guard("Options.Data", func() {
		data := s.Data()
		if o.Data != nil {
			data = o.Data(s)
		} else if data == nil || !isValue(reflect.TypeOf(data)) {
			return
		}
		text, _ = json.Marshal(data) // what has no JSON is not shown
	})
	switch {
	case len(text) == 0 || len(text) > maxData || string(text) == "null":
		return json.RawMessage("{}")
	case text[0] != '{':
		return append(append(json.RawMessage(`{"value":`), text...), '}')
	}
	return text
}

// isValue reports whether values of a type are whole in themselves, so that nobody can change one
// while it is looked at.
func isValue(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return true
	case reflect.Array:
		return isValue(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if !isValue(t.Field(i).Type) {
				return false
			}
		}
		return true
	}
	return false
}
