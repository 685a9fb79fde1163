package rss

import (
	"errors"
	"net"
	"net/netip"
	"testing"
)

func TestPublic(t *testing.T) {
	for addr, want := range map[string]bool{
		"1.1.1.1": true, "8.8.8.8": true, "93.184.216.34": true, "172.15.255.255": true, "172.32.0.1": true,
		"100.63.255.255": true, "100.128.0.0": true, "192.0.1.1": true, "223.255.255.255": true,
		"2606:4700::1111": true, "2a00:1450:4001::1": true, "2001:4860:4860::8888": true,

		"0.0.0.0": false, "0.1.2.3": false, "::": false,
		"127.0.0.1": false, "127.255.255.254": false, "::1": false,
		"10.0.0.1": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false, "fc00::1": false, "fd12:3456::1": false,
		"169.254.1.1": false, "fe80::1": false, "fe80::1%eth0": false, "fec0::1": false,
		"100.64.0.1": false, "100.127.255.255": false,
		"169.254.169.254": false, "fd00:ec2::254": false, "100.100.100.200": false, "168.63.129.16": false, "192.0.0.192": false,
		"::ffff:127.0.0.1": false, "::ffff:10.1.2.3": false, "::ffff:169.254.169.254": false, "::ffff:8.8.8.8": true,
		"::127.0.0.1": false, "::8.8.8.8": false,
		"64:ff9b::127.0.0.1": false, "64:ff9b::a9fe:a9fe": false, "64:ff9b::8.8.8.8": true, "64:ff9b:1::1": false,
		"2002:7f00:1::": false, "2002:a9fe:a9fe::1": false, "2002:808:808::1": true, "2001::1": false,
		"224.0.0.1": false, "239.255.255.255": false, "ff02::1": false, "255.255.255.255": false, "240.0.0.1": false,
		"192.0.2.1": false, "198.18.0.1": false, "198.51.100.1": false, "203.0.113.1": false,
		"2001:db8::1": false, "100::1": false, "3fff::1": false, "5f00::1": false, "4000::1": false,
	} {
		if got := public(netip.MustParseAddr(addr)); got != want {
			t.Errorf("public(%s) = %v", addr, got)
		}
	}
	if public(netip.Addr{}) {
		t.Error("no address at all is public")
	}
}

func TestGuard(t *testing.T) {
	for _, address := range []string{"", "localhost:80", "1.1.1.1", "127.0.0.1:80", "[::1]:443", "[fe80::1%eth0]:80"} {
		if guard("tcp", address, nil) == nil {
			t.Errorf("%q passes", address)
		}
	}
	for _, address := range []string{"1.1.1.1:80", "[2606:4700::1111]:443"} {
		if err := guard("tcp", address, nil); err != nil {
			t.Error(err)
		}
	}
}

// TestDialerIsGuarded connects in earnest: the name localhost stands for loopback
// whatever a URL says.
func TestDialerIsGuarded(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	port := listener.Addr().(*net.TCPAddr).AddrPort().Port()
	for _, host := range []string{"127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]"} {
		address := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port).String()
		address = host + address[len("127.0.0.1"):]
		conn, err := newDial(false)(t.Context(), "tcp", address)
		if err == nil {
			conn.Close()
			t.Errorf("%s was reached", address)
			continue
		}
		if _, ok := errors.AsType[*BlockedError](err); !ok {
			t.Errorf("%s: %v", address, err)
		}
	}
	conn, err := newDial(true)(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}
