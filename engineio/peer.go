package engineio

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// peer is what is known of where a request comes from and what it asked for, proxies that are trusted looked through.
type peer struct {
	address string // IP address of the client
	scheme  string // "https", "http", or "" when a proxy unknown to us may have taken TLS off
	host    string // as the client asked for it
}

// peerOf looks at the connection, and at the forwarding headers where the connection comes from a trusted proxy.
func peerOf(r *http.Request, trusted []netip.Prefix) peer {
	p := peer{address: hostOf(r.RemoteAddr), host: r.Host}
	if r.TLS != nil {
		p.scheme = "https"
	}
	if !isTrusted(p.address, trusted) {
		return p
	}
	p.address = clientBehind(r.Header.Values("X-Forwarded-For"), p.address, trusted)
	if host := first(r.Header.Get("X-Forwarded-Host")); host != "" {
		p.host = host
	}
	switch proto := strings.ToLower(first(r.Header.Get("X-Forwarded-Proto"))); proto {
	case "http", "https":
		p.scheme = proto
	case "ws":
		p.scheme = "http"
	case "wss":
		p.scheme = "https"
	}
	return p
}

// clientBehind walks the addresses that proxies appended from the nearest on: the first that is no trusted proxy is
// the client. What stands before it was written by the client and counts for nothing.
func clientBehind(forwarded []string, nearest string, trusted []netip.Prefix) string {
	for i := len(forwarded) - 1; i >= 0; i-- {
		hops := strings.Split(forwarded[i], ",")
		for j := len(hops) - 1; j >= 0; j-- {
			hop := hostOf(strings.TrimSpace(hops[j]))
			if _, err := netip.ParseAddr(hop); err != nil {
				return nearest
			}
			if nearest = hop; !isTrusted(hop, trusted) {
				return nearest
			}
		}
	}
	return nearest
}

// hostOf takes the port and brackets off an address, and the IPv6 wrapping off an IPv4 one.
func hostOf(addr string) string {
	if ap, err := netip.ParseAddrPort(addr); err == nil {
		return ap.Addr().Unmap().WithZone("").String()
	}
	if a, err := netip.ParseAddr(strings.Trim(addr, "[]")); err == nil {
		return a.Unmap().WithZone("").String()
	}
	if host, _, err := net.SplitHostPort(addr); err == nil {
		return host
	}
	return addr
}

func isTrusted(address string, trusted []netip.Prefix) bool {
	if len(trusted) == 0 {
		return false
	}
	a, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	for _, p := range trusted {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// first returns the first element of a comma separated list.
func first(list string) string {
	head, _, _ := strings.Cut(list, ",")
	return strings.TrimSpace(head)
}
