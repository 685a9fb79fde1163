package eiowire

// skip marks bytes outside of both base64 alphabets.
const skip = 0xff

// decodeBase64 decodes p in place and returns the decoded part of it. Like Node it takes both alphabets, passes over
// whatever belongs to neither, ends at the first '=', and drops the bits of an unfinished byte.
func decodeBase64(p []byte) []byte {
	n, i := 0, 0
	for ; i+4 <= len(p); i += 4 { // whole groups of the alphabet; the decoded end never passes the read end
		a, b, c, d := sextet(p[i]), sextet(p[i+1]), sextet(p[i+2]), sextet(p[i+3])
		if a|b|c|d == skip {
			break
		}
		p[n], p[n+1], p[n+2] = a<<2|b>>4, b<<4|c>>2, c<<6|d
		n += 3
	}
	var bits, count uint
	for ; i < len(p) && p[i] != '='; i++ {
		v := sextet(p[i])
		if v == skip {
			continue
		}
		bits = bits<<6 | uint(v)
		if count += 6; count >= 8 {
			count -= 8
			p[n] = byte(bits >> count)
			n++
		}
	}
	return p[:n]
}

// sextet is the value of one base64 digit, or skip.
func sextet(c byte) byte {
	switch {
	case c >= 'a' && c <= 'z':
		return c - 'a' + 26
	case c >= 'A' && c <= 'Z':
		return c - 'A'
	case c >= '0' && c <= '9':
		return c - '0' + 52
	case c == '+' || c == '-':
		return 62
	case c == '/' || c == '_':
		return 63
	}
	return skip
}
