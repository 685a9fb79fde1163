package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"path"
	"strconv"
	"strings"
)

const (
	cacheForever    = "public, max-age=31536000, immutable"
	cacheRevalidate = "no-cache"
	cacheNever      = "no-store"
)

// A file is one body in its plain and its compressed form. Immutable.
type file struct {
	contentType string
	plain       []byte
	gzipped     []byte // nil when compressing does not pay
	etag        string // of the plain form, without quotes
}

func newFile(name string, body []byte) *file {
	sum := sha256.Sum256(body)
	return &file{
		contentType: contentType(name),
		plain:       body,
		gzipped:     compress(body),
		etag:        hex.EncodeToString(sum[:12]),
	}
}

// contentType knows the kinds that the page has; the machine's own table of
// types is not asked, since it differs from machine to machine.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".woff2":
		return "font/woff2"
	case ".webmanifest":
		return "application/manifest+json"
	case ".json", ".map":
		return "application/json"
	}
	return "text/plain; charset=utf-8"
}

// compress returns the gzip form, or nil when it saves less than a tenth.
func compress(body []byte) []byte {
	var buf bytes.Buffer
	zw, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := zw.Write(body); err != nil {
		return nil
	}
	if err := zw.Close(); err != nil || buf.Len() > len(body)*9/10 {
		return nil
	}
	return buf.Bytes()
}

// serve sends the form that the client takes, or 304 to one that has it.
func (f *file) serve(w http.ResponseWriter, r *http.Request, status int, cache string) {
	h := w.Header()
	body, etag := f.plain, `"`+f.etag+`"`
	if f.gzipped != nil {
		h.Add("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Values("Accept-Encoding")) {
			body, etag = f.gzipped, `"`+f.etag+`-gz"`
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("Cache-Control", cache)
	if status == http.StatusOK {
		h.Set("Etag", etag)
		if matches(r.Header.Values("If-None-Match"), etag) {
			h.Del("Content-Encoding")
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.Set("Content-Type", f.contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client has gone; nobody is left to be told
	}
}

// acceptsGzip reads Accept-Encoding: gzip or * named, and not with q=0.
func acceptsGzip(values []string) bool {
	accepted := false
	for _, item := range strings.Split(strings.Join(values, ","), ",") {
		name, params, _ := strings.Cut(item, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		if name != "gzip" && name != "*" {
			continue
		}
		q := 1.0
		if v, ok := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(params), " ", ""), "q="); ok {
			q, _ = strconv.ParseFloat(v, 64)
		}
		if name == "gzip" {
			return q > 0
		}
		accepted = q > 0
	}
	return accepted
}

// matches compares weakly, as If-None-Match asks.
func matches(values []string, etag string) bool {
	for _, item := range strings.Split(strings.Join(values, ","), ",") {
		item = strings.TrimPrefix(strings.TrimSpace(item), "W/")
		if item == etag || item == "*" {
			return true
		}
	}
	return false
}
