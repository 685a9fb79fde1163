package siowire

import "strconv"

// EventName returns the name of the event whose Data this is: the first
// element of the array. A number gives the string that JavaScript makes of it.
// The name of nil data is empty. data comes from Decode.
func EventName(data []byte) string {
	raw, ok := firstElement(data)
	switch {
	case !ok:
		return ""
	case raw[0] != '"':
		return numberName(raw)
	case hasEscape(raw):
		return string(appendUnquoted(nil, raw))
	}
	return string(quoted(raw))
}

// Elements appends the raw elements of a JSON array to dst, without the white
// space around them. They alias data, which must be valid JSON (as Decode's
// Data is); anything else than an array has none.
func Elements(dst [][]byte, data []byte) [][]byte {
	i := skipSpace(data, 0)
	if i == len(data) || data[i] != '[' {
		return dst
	}
	for i++; ; i++ {
		if i = skipSpace(data, i); i >= len(data) || data[i] == ']' {
			return dst
		}
		end := skipValue(data, i)
		dst = append(dst, data[i:end:end])
		if i = skipSpace(data, end); i >= len(data) || data[i] != ',' {
			return dst
		}
	}
}

// firstElement returns the first element of an array in valid JSON.
func firstElement(data []byte) ([]byte, bool) {
	i := skipSpace(data, 0)
	if i == len(data) || data[i] != '[' {
		return nil, false
	}
	i = skipSpace(data, i+1)
	if i == len(data) || data[i] == ']' {
		return nil, false
	}
	end := skipValue(data, i)
	return data[i:end:end], end > i
}

// numberName writes a JSON number as JavaScript's String(number) does.
func numberName(raw []byte) string {
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil { // out of range: infinite, with its sign
		if raw[0] == '-' {
			return "-Infinity"
		}
		return "Infinity"
	}
	return string(AppendNumber(nil, f))
}
