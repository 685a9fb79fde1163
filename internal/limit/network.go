package limit

import "net/netip"

// Network is what one subscriber has for themselves: an IPv4 address, or the
// 64 bits before the ones that an IPv6 host chooses as it likes. What is no IP
// address stands for itself.
func Network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if a = a.Unmap(); a.Is4() {
		return a.String()
	}
	network, _ := a.WithZone("").Prefix(64) // fails only for more bits than there are
	return network.String()
}
