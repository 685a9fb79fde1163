package main

import (
	"net/http"
	"net/http/httputil"
	"net/url"

	"rightnow/socketio"
)

// subPath is an application that lives below /app/. Its page connects with
//
//	io({ path: "/app/socket.io" })
//
// The server looks at the last element of the path only, so that it makes no difference whether the prefix is stripped.
func subPath(io *socketio.Server) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/app/", http.StripPrefix("/app", netHTTP(io)))
	return mux
}

// proxy stands in front of a server and passes on what is below /app/, WebSockets too. It says whom the page asked: the server
// behind it has to know to tell the pages of its own origin from those of others. It believes the proxies that are named in
//
//	socketio.Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
func proxy(backend *url.URL) http.Handler {
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(backend)
		r.SetXForwarded()
	}}
	mux := http.NewServeMux()
	mux.Handle("/app/", http.StripPrefix("/app", forward))
	return mux
}
