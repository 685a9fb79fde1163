package main

import "rightnow/socketio"

// maxGive bounds what a client can ask for in one event.
const maxGive = 10_000_000

// registerBinary has the events about binary values.
func registerBinary(s *socketio.Socket) {
	s.On("describe", func(ack socketio.Ack, values ...any) {
		for i, v := range values {
			values[i] = describe(v)
		}
		ack(values...)
	})
	s.On("give", func(n int) error {
		if n < 0 || n > maxGive {
			return socketio.Error("out of range")
		}
		return s.Emit("bin", counting(n))
	})
	s.On("give-mixed", func() {
		mixed := map[string]any{
			"a":    []byte{1, 2, 3},
			"list": []any{[]byte{4}, 7, map[string]any{"c": []byte{}}},
			"s":    "x",
		}
		s.Emit("mixed", mixed, []byte{0xff})
	})
	s.On("burst", func(n int, kind string) {
		for i := range n {
			if kind == "binary" || kind == "mixed" && i%2 == 1 {
				s.Emit("burst", i, []byte{byte(i)})
			} else {
				s.Emit("burst", i)
			}
		}
		s.Emit("burst-done", n)
	})
}

// describe replaces every binary value in v by its length and a sum of its bytes.
func describe(v any) any {
	switch v := v.(type) {
	case []byte:
		sum := 0
		for _, b := range v {
			sum += int(b)
		}
		return map[string]int{"bin": len(v), "sum": sum % 65536}
	case []any:
		for i := range v {
			v[i] = describe(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = describe(v[k])
		}
	}
	return v
}

// counting returns n bytes: 0, 1, … 255, 0, 1, …
func counting(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}
