package engineio

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// compressor compresses one body at a time. It belongs to who took it from its pool until release.
type compressor struct {
	pool *sync.Pool
	out  bytes.Buffer
	w    interface {
		io.WriteCloser
		Reset(io.Writer)
	}
}

// setEncoding notes in the header of a response that its body is encoded.
func setEncoding(h http.Header, encoding string) {
	h.Set("Content-Encoding", encoding)
	h.Add("Vary", "Accept-Encoding")
}

// compressor returns one for an encoding that acceptedEncoding picked.
func (s *Server) compressor(encoding string) *compressor {
	pool := &s.gzips
	if encoding == "deflate" {
		pool = &s.deflates
	}
	if c, ok := pool.Get().(*compressor); ok {
		return c
	}
	c := &compressor{pool: pool}
	if encoding == "gzip" {
		c.w, _ = gzip.NewWriterLevel(nil, flate.BestSpeed) // the level is a valid one
	} else {
		c.w, _ = zlib.NewWriterLevel(nil, flate.BestSpeed)
	}
	return c
}

// compress returns the compressed body, which is valid until release.
func (c *compressor) compress(body []byte) []byte {
	c.w.Reset(&c.out)
	c.w.Write(body) // writing to a buffer does not fail
	c.w.Close()
	return c.out.Bytes()
}

func (c *compressor) release() {
	if c.out.Cap() > maxPooled {
		c.out = bytes.Buffer{}
	}
	c.out.Reset()
	c.pool.Put(c)
}

// acceptedEncoding picks gzip or deflate by the weights of Accept-Encoding (RFC 9110 section 12.5.3), gzip where they
// are equal, "" where neither is accepted.
func acceptedEncoding(accept []string) string {
	weights := map[string]float64{}
	for _, list := range accept {
		for item := range strings.SplitSeq(list, ",") {
			name, params, _ := strings.Cut(item, ";")
			weights[strings.ToLower(strings.TrimSpace(name))] = weight(params)
		}
	}
	best, top := "", 0.0
	for _, encoding := range []string{"gzip", "deflate"} {
		q, named := weights[encoding]
		if !named {
			q = weights["*"]
		}
		if q > top {
			best, top = encoding, q
		}
	}
	return best
}

// weight reads ";q=0.5". What cannot be read counts as 0, what is not there as 1.
func weight(params string) float64 {
	name, value, found := strings.Cut(strings.TrimSpace(params), "=")
	if !found || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || q < 0 || q > 1 {
		return 0
	}
	return q
}
