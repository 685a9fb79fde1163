package socketio

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
)

// clientFiles serves the bundles of the official client. It is safe for concurrent use.
type clientFiles struct {
	fsys fs.FS

	cache sync.Map // name -> *clientFile
}

// clientFile is one bundle as it is sent. once sets the rest.
type clientFile struct {
	once          sync.Once
	err           error
	plain, zipped []byte
	etag          string // quoted
}

// bundles are the names that may be asked for.
func bundles() []string {
	return []string{"socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js"}
}

// has reports whether a path is that of a bundle or of the map of one.
func (f *clientFiles) has(p string) bool {
	return slices.Contains(bundles(), strings.TrimSuffix(path.Base(p), ".map"))
}

func (f *clientFiles) serve(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "Method Not Allowed", http.StatusMethodNotAllowed)
		return
	}
	file, err := f.load(path.Base(r.URL.Path))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=0")
	h.Set("ETag", file.etag)
	h.Add("Vary", "Accept-Encoding")
	if matches(r.Header.Get("If-None-Match"), file.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", contentType(r.URL.Path))
	h.Set("X-Content-Type-Options", "nosniff")
	body := file.plain
	if acceptsGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		body = file.zipped
	}
	w.Write(body) // a client that has gone is nobody's error; for HEAD net/http drops the body
}

func contentType(p string) string {
	if strings.HasSuffix(p, ".map") {
		return "application/json; charset=utf-8"
	}
	return "application/javascript; charset=utf-8"
}

// matches compares weakly, as If-None-Match demands.
func matches(header, etag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if part = strings.TrimSpace(part); part == "*" || strings.TrimPrefix(part, "W/") == etag {
			return true
		}
	}
	return false
}

// acceptsGzip reads an Accept-Encoding header.
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if name = strings.TrimSpace(name); name == "gzip" || name == "x-gzip" || name == "*" {
			q := strings.TrimPrefix(strings.TrimSpace(params), "q=")
			return strings.Trim(q, "0.") != "" || q == ""
		}
	}
	return false
}

// load returns a bundle, read and compressed once.
func (f *clientFiles) load(name string) (*clientFile, error) {
	known, _ := f.cache.LoadOrStore(name, &clientFile{})
	file := known.(*clientFile)
	file.once.Do(func() { file.read(f.fsys, name) })
	return file, file.err
}

func (f *clientFile) read(fsys fs.FS, name string) {
	if f.plain, f.err = fs.ReadFile(fsys, name); f.err != nil {
		return
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	z.Write(f.plain) // into memory: cannot fail
	z.Close()
	f.zipped = zipped.Bytes()
	sum := sha256.Sum256(f.plain)
	f.etag = `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}
