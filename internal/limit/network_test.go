package limit

import "testing"

func TestNetwork(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1", "2001:db8:1:2:3::4": "2001:db8:1:2::/64",
		"fe80::1%eth0": "fe80::/64", "": "", "somewhere": "somewhere",
	} {
		if got := Network(address); got != want {
			t.Errorf("Network(%s) = %s, want %s", address, got, want)
		}
	}
}
