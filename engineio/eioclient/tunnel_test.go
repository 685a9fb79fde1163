package eioclient_test

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/engineio/eioclient"
)

// A proxy that does not shake hands is waited for as long as the Transport says.
func TestAProxyThatDoesNotShakeHands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := eioclient.Dial(t.Context(), "http://test", &eioclient.Options{
			Transports: []eioclient.Transport{eioclient.WebSocket},
			HTTPClient: &http.Client{Transport: &http.Transport{
				Proxy:               http.ProxyURL(&url.URL{Scheme: "https", Host: "proxy"}),
				TLSHandshakeTimeout: 3 * time.Second,
				DialContext: func(context.Context, string, string) (net.Conn, error) {
					here, there := net.Pipe()
					t.Cleanup(func() { there.Close() })
					return here, nil
				},
			}},
		})
		if err == nil || !strings.Contains(err.Error(), "TLS handshake timeout") {
			t.Errorf("got %v", err)
		}
	})
}
