package rss

import (
	"fmt"
	"net/netip"
	"syscall"
)

// BlockedError says that an address is none of the public internet.
type BlockedError struct{ Addr netip.Addr }

func (e *BlockedError) Error() string {
	return fmt.Sprintf("rss: %s is no public address", e.Addr)
}

// guard is a Dialer's Control: it looks at the address that a name stands for in
// the moment of the connection, when nobody can put another one in its place.
func guard(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("rss: %q is no address", address)
	}
	if !public(to.Addr()) {
		return &BlockedError{to.Addr()}
	}
	return nil
}

// The parts of the address space that guard knows of.
var (
	globalUnicast = netip.MustParsePrefix("2000::/3")
	nat64         = netip.MustParsePrefix("64:ff9b::/96") // the last four bytes are an IPv4 address
	sixToFour     = netip.MustParsePrefix("2002::/16")    // and here the four after the first two

	// closed are the special ones of IANA's registries.
	closed = []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"),        // this network
		netip.MustParsePrefix("10.0.0.0/8"),       // private
		netip.MustParsePrefix("100.64.0.0/10"),    // carrier-grade NAT, and Alibaba's metadata
		netip.MustParsePrefix("127.0.0.0/8"),      // loopback
		netip.MustParsePrefix("168.63.129.16/32"), // Azure's host
		netip.MustParsePrefix("169.254.0.0/16"),   // link-local, and most clouds' metadata
		netip.MustParsePrefix("172.16.0.0/12"),    // private
		netip.MustParsePrefix("192.0.0.0/24"),     // protocols, and Oracle's metadata
		netip.MustParsePrefix("192.0.2.0/24"),     // documentation
		netip.MustParsePrefix("192.88.99.0/24"),   // relays of 6to4
		netip.MustParsePrefix("192.168.0.0/16"),   // private
		netip.MustParsePrefix("198.18.0.0/15"),    // benchmarks
		netip.MustParsePrefix("198.51.100.0/24"),  // documentation
		netip.MustParsePrefix("203.0.113.0/24"),   // documentation
		netip.MustParsePrefix("224.0.0.0/4"),      // multicast
		netip.MustParsePrefix("240.0.0.0/4"),      // reserved, and broadcast

		netip.MustParsePrefix("2001::/23"),     // protocols, Teredo among them
		netip.MustParsePrefix("2001:db8::/32"), // documentation
		netip.MustParsePrefix("3fff::/20"),     // documentation
	}
)

// public tells whether an address is one of the public internet. An IPv6 address
// that has an IPv4 address in it is as public as that.
func public(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	if !addr.IsValid() {
		return false
	}
	if addr.Is6() {
		bytes := addr.As16()
		switch {
		case nat64.Contains(addr):
			return public(netip.AddrFrom4([4]byte(bytes[12:])))
		case sixToFour.Contains(addr):
			return public(netip.AddrFrom4([4]byte(bytes[2:6])))
		case !globalUnicast.Contains(addr):
			return false
		}
	}
	for _, prefix := range closed {
		if prefix.Contains(addr) {
			return false
		}
	}
	return true
}
