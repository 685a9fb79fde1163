package eioclient_test

import (
	"crypto/x509"
	"errors"
	"io"
	"log"
	"log/slog"
	"net/http/httptest"
	"testing"

	"rightnow/engineio"
	"rightnow/engineio/eioclient"
)

// TestCVE2016_10536_ServerIsVerified: a certificate that nobody vouches for ends the handshake, on every transport, unless
// the application's own HTTPClient says otherwise.
func TestCVE2016_10536_ServerIsVerified(t *testing.T) {
	inEveryMode(t, func(t *testing.T, o eioclient.Options) {
		server := engineio.New(&engineio.Options{Logger: slog.New(slog.DiscardHandler)})
		web := httptest.NewUnstartedServer(server)
		web.Config.ErrorLog = log.New(io.Discard, "", 0)
		web.StartTLS()
		defer web.Close()
		defer server.Shutdown(t.Context())
		conn, err := eioclient.Dial(t.Context(), web.URL, &o)
		var unknown x509.UnknownAuthorityError
		if err == nil {
			conn.Abort()
		}
		if !errors.As(err, &unknown) {
			t.Errorf("got %v", err)
		}
		if n := server.Stats().Opened; n != 0 {
			t.Errorf("%d sessions", n)
		}
		o.HTTPClient = web.Client()
		conn, err = eioclient.Dial(t.Context(), web.URL, &o)
		if err != nil {
			t.Fatal(err)
		}
		conn.Abort()
		web.Client().CloseIdleConnections()
	})
}
