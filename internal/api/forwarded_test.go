package api_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/secret"
)

func TestAddressBehindProxies(t *testing.T) {
	t.Parallel()
	e := api.New(api.Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	for _, tt := range [][3]string{
		{"192.0.2.1:99", "198.51.100.1", "192.0.2.1"}, {"10.0.0.1:99", "198.51.100.1", "198.51.100.1"}, {"10.0.0.1:99", "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"},
		{"10.0.0.1:99", "", "10.0.0.1"}, {"[::ffff:10.0.0.1]:99", "2001:db8::1", "2001:db8::1"}, {"10.0.0.1:99", "nonsense", "10.0.0.1"},
	} {
		r := &http.Request{RemoteAddr: tt[0], Header: http.Header{"X-Forwarded-For": {tt[1]}}}
		if got := (&api.Call{Engine: e, Request: r}).Address(); got != tt[2] {
			t.Errorf("%s for %q: %s, want %s", tt[0], tt[1], got, tt[2])
		}
	}
}

// The scheme that a proxy names makes cookies secure and addresses begin with https, where the proxy is trusted; from others it is not read.
func TestSchemeBehindProxies(t *testing.T) {
	t.Parallel()
	e := api.New(api.Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	for _, tt := range []struct {
		remote, scheme string
		tls            bool
		want           string
	}{
		{"10.0.0.1:99", "https", false, "https"}, {"10.0.0.1:99", "HTTPS", false, "https"}, {"10.0.0.1:99", "http", false, "http"}, {"10.0.0.1:99", "", false, "http"},
		{"[::ffff:10.0.0.1]:99", "https", false, "https"},
		{"192.0.2.1:99", "https", false, "http"}, {"192.0.2.1:99", "http", true, "https"}, {"nonsense", "https", false, "http"},
		{"10.0.0.1:99", "http, https", false, "https"}, {"10.0.0.1:99", "https, http", false, "http"}, // a client's own claim, and the proxy's after it
	} {
		r := &http.Request{RemoteAddr: tt.remote, Host: "mantle.example", Header: http.Header{"X-Forwarded-Host": {"evil.example"}}}
		if tt.scheme != "" {
			r.Header.Set("X-Forwarded-Proto", tt.scheme)
		}
		if tt.tls {
			r.TLS = &tls.ConnectionState{}
		}
		if got := e.Origin(r); got != tt.want+"://mantle.example" {
			t.Errorf("%s says %q (TLS %v): %s, want %s", tt.remote, tt.scheme, tt.tls, got, tt.want)
		}
		w := httptest.NewRecorder()
		(&api.Call{Engine: e, Request: r, Writer: w}).SetSessionCookies(secret.NewText("a"), secret.NewText("b"), time.Now().Add(time.Hour))
		for _, cookie := range w.Header().Values("Set-Cookie") {
			if secure := strings.Contains(cookie, "; Secure"); secure != (tt.want == "https") {
				t.Errorf("%s says %q (TLS %v): %s", tt.remote, tt.scheme, tt.tls, cookie)
			}
		}
	}
}
