package web

import (
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"sync"
)

// AdminPath is where the Socket.IO Admin UI is served.
const AdminPath = "/admin/"

// adminPolicy is the policy of the Admin UI, but for connect-src, which names the request's own host.
// Vuetify writes the colours of its theme into a style element, and Vue writes styles into elements;
// nothing else is inline, and nothing comes from elsewhere.
const adminPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; connect-src 'self'"

// AdminOptions are those of [Admin].
type AdminOptions struct {
	// SocketPath is where the Socket.IO server answers. Default "/socket.io/".
	SocketPath string
	// Open says that no password is needed, so that the UI connects by itself.
	Open bool
}

// AdminBuilt reports whether the Admin UI from npm is in the binary. Without it [Admin] says so; the
// remedy is to run `make`.
func AdminBuilt() bool { return hasAdmin(libsFS) }

func hasAdmin(libs fs.FS) bool {
	info, err := fs.Stat(libs, "libs/admin/index.html")
	return err == nil && info.Size() > 0
}

// Admin returns the handler of the Admin UI, for the paths /admin and /admin/ of a mux. The files are
// read and compressed at the first request. It may be called concurrently.
func Admin(opts AdminOptions) http.Handler {
	return newAdmin(libsFS, opts)
}

func newAdmin(libs fs.FS, opts AdminOptions) *admin {
	opts.SocketPath = Options{SocketPath: opts.SocketPath}.withDefaults().SocketPath
	a := &admin{built: hasAdmin(libs)}
	a.files = sync.OnceValue(func() map[string]*file { return adminFiles(libs, opts) })
	return a
}

// admin is the Admin UI, ready to be sent.
type admin struct {
	built bool
	files func() map[string]*file // by the path behind AdminPath
}

// ServeHTTP answers GET and HEAD.
func (a *admin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secureWith(w.Header(), adminPolicy, r.Host)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	if !a.built {
		w.Header().Set("Cache-Control", cacheNever)
		http.Error(w, "The Socket.IO Admin UI is not in this program: run `make` to build one that has it.", http.StatusServiceUnavailable)
		return
	}
	name, below := strings.CutPrefix(r.URL.Path, AdminPath)
	if !below {
		http.Redirect(w, r, AdminPath, http.StatusFound)
		return
	}
	if name == "" {
		name = "index.html"
	}
	f := a.files()[name]
	if f == nil {
		http.NotFound(w, r)
		return
	}
	f.serve(w, r, http.StatusOK, cacheRevalidate)
}

// foreignLink is a <link> to another host. The UI has two: to a font, for which the machine's own one
// does, and to its icons, which are here.
var foreignLink = regexp.MustCompile(`<link [^>]*href="https?://[^>]*>`)

// adminFiles reads the files. They are embedded, so that an error is a fault of the build.
func adminFiles(libs fs.FS, opts AdminOptions) map[string]*file {
	b := bundle{}
	b.read(libs, "libs/admin", "")
	b.read(adminFS, "admin", "")
	open := ""
	if opts.Open {
		open = " data-open"
	}
	index := foreignLink.ReplaceAllString(b.text("index.html"), "")
	index = strings.Replace(index, "</head>",
		`<link rel="stylesheet" href="mdi/css/materialdesignicons.min.css">`+
			`<script src="start.js" data-path="`+opts.SocketPath+`"`+open+`></script></head>`, 1)
	b["index.html"] = []byte(index)
	files := make(map[string]*file)
	for _, name := range b.names() {
		files[name] = newFile(name, b[name])
	}
	return files
}
