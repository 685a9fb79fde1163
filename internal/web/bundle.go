package web

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// A bundle is the content of the page's folder and of the libraries that it
// loads itself, by name, before it is made into files to send.
type bundle map[string][]byte

// newBundle reads everything. The folders are embedded, so an error here is a
// fault of the build and panics.
func newBundle(page, libs fs.FS) bundle {
	b := bundle{}
	b.read(page, ".", "")
	if hasLibs(libs) {
		b.read(libs, "libs/jquery", "libs/")
	}
	// The chart's library is loaded when a chart is shown; without it none is.
	if _, err := fs.Stat(libs, "libs/uplot/uplot.js"); err == nil {
		b.read(libs, "libs/uplot", "libs/uplot/")
	}
	return b
}

// read takes in the files of a folder, under prefix instead of the folder's name.
func (b bundle) read(fsys fs.FS, dir, prefix string) {
	err := fs.WalkDir(fsys, dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := fs.ReadFile(fsys, name)
		b[prefix+strings.TrimPrefix(name, dir+"/")] = body
		return err
	})
	if err != nil {
		panic(fmt.Sprintf("web: embedded files: %v", err))
	}
}

func (b bundle) names() []string { return slices.Sorted(maps.Keys(b)) }

func (b bundle) text(name string) string { return string(b[name]) }

// hash names the content of the bundle, and whatever else the pages are made of.
func (b bundle) hash(extra string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q\n", extra)
	for _, name := range b.names() {
		fmt.Fprintf(h, "%q %d\n", name, len(b[name]))
		h.Write(b[name])
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// files makes the assets: every file but the HTML documents (they name the
// hash, so they are no part of what it names), and the style sheets as the one
// file page.css, in the order of their names: one request instead of several.
func (b bundle) files() map[string]*file {
	assets := map[string]*file{}
	var css strings.Builder
	for _, name := range b.names() {
		switch {
		case strings.HasPrefix(name, "css/"):
			css.Write(b[name])
		case strings.HasSuffix(name, ".html"), strings.HasSuffix(name, ".webmanifest"):
		default:
			assets[name] = newFile(name, b[name])
		}
	}
	assets["page.css"] = newFile("page.css", []byte(css.String()))
	return assets
}

// preloads returns a <link> for each module, so that the browser fetches them
// all at once instead of import by import.
func (b bundle) preloads(prefix string) string {
	var links strings.Builder
	for _, name := range b.names() {
		if strings.HasPrefix(name, "js/") && name != "js/theme-boot.js" {
			fmt.Fprintf(&links, "<link rel=\"modulepreload\" href=\"%s/%s\">\n    ", prefix, name)
		}
	}
	return strings.TrimSpace(links.String())
}
