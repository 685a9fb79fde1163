package web

import (
	"embed"
	"io/fs"
)

//go:embed page
var pageFS embed.FS

//go:embed admin
var adminFS embed.FS

//go:embed all:libs
var libsFS embed.FS

// Files returns the page's own files: index.html, 404.html, css/, js/, icons.
func Files() fs.FS { return sub(pageFS, "page") }

// ClientFiles returns the official Socket.IO client's bundles and source maps
// (socket.io.js, socket.io.min.js, …), for a Socket.IO server to serve under
// its own path. It is empty while the libraries have not been fetched.
func ClientFiles() fs.FS { return sub(libsFS, "libs/socket.io") }

// Built reports whether the libraries from npm are in the binary. Without them
// the page cannot run and [Handler] says so; the remedy is to run `make`.
func Built() bool { return hasLibs(libsFS) }

// neededLibs are the files without which the page does not work.
var neededLibs = []string{"libs/jquery/jquery.min.js", "libs/socket.io/socket.io.js"}

func hasLibs(libs fs.FS) bool {
	for _, name := range neededLibs {
		if info, err := fs.Stat(libs, name); err != nil || info.Size() == 0 {
			return false
		}
	}
	return true
}

// sub cannot fail for the constant names it is given: fs.Sub refuses only
// malformed paths, not missing ones.
func sub(fsys fs.FS, dir string) fs.FS {
	s, err := fs.Sub(fsys, dir)
	if err != nil {
		panic(err)
	}
	return s
}
