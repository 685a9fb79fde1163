package web

import (
	"net/http"
	"strings"
)

// The page's policy, but for connect-src, which names the request's own host:
// browsers that know only CSP 2 do not let 'self' stand for ws: and wss:.
// No 'unsafe-inline', no 'unsafe-eval', no other host; and where Trusted Types
// are known, no policy may be made, so no string can become markup.
//
// Pictures may come from any https host, since live posts have such: the page
// makes an <img> of one only when somebody clicks to see it, and loads nothing
// else from elsewhere, neither faces nor films.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; " +
	"font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'; connect-src 'self'"

// What the page asks of the browser: writing to the clipboard, nothing else.
const permissions = "accelerometer=(), browsing-topics=(), camera=(), clipboard-read=(), " +
	"clipboard-write=(self), display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), " +
	"microphone=(), midi=(), payment=(), serial=(), usb=()"

// secure sets the headers that every answer carries.
func secure(h http.Header, host string) { secureWith(h, policy, host) }

// secureWith is secure with a policy that ends in connect-src.
func secureWith(h http.Header, csp, host string) {
	if plainHost(host) {
		csp += " ws://" + host + " wss://" + host
	}
	h.Set("Content-Security-Policy", csp)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Permissions-Policy", permissions)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// plainHost reports whether host is a name or address with an optional port and
// nothing that could end the directive it is written into.
func plainHost(host string) bool {
	if host == "" || len(host) > 255 {
		return false
	}
	return strings.IndexFunc(host, func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		return !letter && !strings.ContainsRune("-._:[]", r)
	}) < 0
}
