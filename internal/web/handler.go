package web

import (
	"io/fs"
	"net/http"
	"strings"
)

// Options of [Handler]. The zero value is good.
type Options struct {
	// SocketPath is where the Socket.IO server answers and hands out its
	// client. Default "/socket.io/".
	SocketPath string
}

func (o Options) withDefaults() Options {
	if o.SocketPath == "" {
		o.SocketPath = "/socket.io/"
	}
	o.SocketPath = "/" + strings.Trim(o.SocketPath, "/") + "/"
	return o
}

// Handler returns the page's handler, for the root of a mux. It reads, hashes
// and compresses every file once, here; afterwards it holds no state and may be
// called concurrently. While [Built] is false every page is a line that says to
// run `make`, with status 503.
func Handler(opts Options) http.Handler {
	return newSite(Files(), libsFS, opts.withDefaults())
}

// A site is the page with its assets, ready to be sent. Immutable.
type site struct {
	build    string           // hash of everything below
	assets   map[string]*file // by the path after /assets/HASH/
	index    *file
	notFound *file
	unbuilt  *file // nil when the libraries are there
	root     map[string]*file
}

func newSite(page, libs fs.FS, opts Options) *site {
	b := newBundle(page, libs)
	build := b.hash(opts.SocketPath)
	fill := strings.NewReplacer(
		"{{assets}}", "/assets/"+build,
		"{{socket}}", opts.SocketPath,
		"{{build}}", build,
		"{{preload}}", b.preloads("/assets/"+build),
	)
	s := &site{
		build:    build,
		assets:   b.files(),
		index:    newFile("index.html", []byte(fill.Replace(b.text("index.html")))),
		notFound: newFile("404.html", []byte(fill.Replace(b.text("404.html")))),
	}
	s.root = map[string]*file{
		"/favicon.ico":          s.assets["icon.svg"],
		"/manifest.webmanifest": newFile("manifest.webmanifest", []byte(fill.Replace(b.text("manifest.webmanifest")))),
		"/build":                newFile("build.txt", []byte(build+"\n")),
		"/robots.txt":           newFile("robots.txt", []byte("User-agent: *\nDisallow: /r/\n")),
	}
	if !hasLibs(libs) {
		s.unbuilt = newFile("unbuilt.html", []byte(fill.Replace(b.text("unbuilt.html"))))
	}
	return s
}

// ServeHTTP answers GET and HEAD; everything it sends, errors too, carries the
// security headers.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header(), r.Host)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	path := r.URL.Path
	if f := s.root[path]; f != nil {
		f.serve(w, r, http.StatusOK, cacheRevalidate)
		return
	}
	switch {
	case strings.HasPrefix(path, "/assets/"):
		s.serveAsset(w, r, strings.TrimPrefix(path, "/assets/"))
	case path == "/r" || path == "/r/":
		http.Redirect(w, r, "/", http.StatusFound)
	case path == "/" || isRoom(path):
		s.servePage(w, r)
	default:
		s.notFound.serve(w, r, http.StatusNotFound, cacheNever)
	}
}

func (s *site) servePage(w http.ResponseWriter, r *http.Request) {
	if s.unbuilt != nil {
		s.unbuilt.serve(w, r, http.StatusServiceUnavailable, cacheNever)
		return
	}
	s.index.serve(w, r, http.StatusOK, cacheRevalidate)
}

// serveAsset takes HASH/NAME. Under the present hash a browser may keep the file
// for ever. Under another (a page of the version before, or of another node
// during an update) it gets today's file, to be asked for again each time.
func (s *site) serveAsset(w http.ResponseWriter, r *http.Request, path string) {
	build, name, _ := strings.Cut(path, "/")
	f := s.assets[name]
	if f == nil {
		s.notFound.serve(w, r, http.StatusNotFound, cacheNever)
		return
	}
	cache := cacheRevalidate
	if build == s.build {
		cache = cacheForever
	}
	f.serve(w, r, http.StatusOK, cache)
}

// maxRoomPath bounds what is taken for a room's name at all; which names are
// good is the chat's business, and the page tells its answer.
const maxRoomPath = 256

// isRoom reports whether the (decoded) path is /r/NAME with one segment.
func isRoom(path string) bool {
	name, ok := strings.CutPrefix(path, "/r/")
	return ok && name != "" && len(name) <= maxRoomPath && !strings.Contains(name, "/")
}
