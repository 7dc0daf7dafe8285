package halibut

import (
	"bufio"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/halibut/frame"
)

// certificateOf signs a certificate with a key, with an odd name and no dates that
// make sense: nobody looks at those.
func certificateOf(t *testing.T, key crypto.Signer) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{}, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// TestPeersOfManyKinds: keys of other kinds, and versions of TLS from the oldest
// that is allowed to the newest.
func TestPeersOfManyKinds(t *testing.T) {
	t.Parallel()
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name     string
		key      crypto.Signer
		min, max uint16 // ours, the peer's
		ok       bool
	}{
		{"RSA 1024, TLS 1.3", rsaKey, 0, tls.VersionTLS13, true},
		{"RSA 1024, TLS 1.2", rsaKey, 0, tls.VersionTLS12, true},
		{"ECDSA, TLS 1.2", ecKey, 0, tls.VersionTLS12, true},
		{"Ed25519, TLS 1.3", edKey, 0, tls.VersionTLS13, true},
		{"TLS 1.1 is refused", rsaKey, 0, tls.VersionTLS11, false},
		{"TLS 1.1 is asked for", rsaKey, tls.VersionTLS10, tls.VersionTLS11, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			certificate := certificateOf(t, test.key)
			trust, err := NewTrust(Thumbprint(certificate))
			if err != nil {
				t.Fatal(err)
			}
			l, err := NewListener(ListenerConfig{Certificate: replayCertificates()[0], Trust: trust, Services: goldenServices(t), MinTLSVersion: test.min})
			if err != nil {
				t.Fatal(err)
			}
			cfg := clientTLS(tlsConfig(certificate, tls.VersionTLS10), "", Thumbprint(replayCertificates()[0]))
			cfg.MaxVersion = test.max
			c, err := tls.Dial("tcp", serveReplay(t, l), cfg)
			if err == nil {
				defer c.Close()
				_ = c.SetDeadline(time.Now().Add(10 * time.Second))
				_, _ = c.Write([]byte("MX\r\n\r\nMX-CLIENT 1.0\r\n\r\n"))
				_, err = frame.ReadIdentity(bufio.NewReader(c), 100)
			}
			if (err == nil) != test.ok {
				t.Error(err)
			}
		})
	}
}

func TestNewCertificate(t *testing.T) {
	t.Parallel()
	c := replayCertificates()[0]
	leaf, key := c.Leaf, c.PrivateKey.(*rsa.PrivateKey)
	if len(leaf.Extensions) != 0 || leaf.Version != 3 || key.N.BitLen() != 2048 || leaf.SignatureAlgorithm != x509.SHA256WithRSA ||
		leaf.SerialNumber.Sign() <= 0 || leaf.NotAfter.Year() != time.Now().UTC().Year()+100 || !leaf.NotBefore.Before(time.Now().Add(-24*time.Hour)) {
		t.Errorf("%+v", leaf)
	}
}

func TestNormalizeThumbprint(t *testing.T) {
	t.Parallel()
	const want = "48EF9BE846EEE0D8C1E7CEF853C9CCE488F4B27F"
	for _, s := range []string{want, "\u200e48 ef 9b e8 46 ee e0 d8 c1 e7 ce f8 53 c9 cc e4 88 f4 b2 7f ", "48:EF:9B:E8:46:EE:E0:D8:C1:E7:CE:F8:53:C9:CC:E4:88:F4:B2:7F"} {
		if got, err := NormalizeThumbprint(s); got != want || err != nil {
			t.Errorf("%q: %s, %v", s, got, err)
		}
	}
	for _, s := range []string{"", want[1:], want + "0", "X" + want[1:]} {
		if got, err := NormalizeThumbprint(s); err == nil {
			t.Errorf("%q: %s", s, got)
		}
	}
}

func TestNormalizeSubscription(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"poll://abc": "poll://abc/", "POLL://SQ-Host-1/": "poll://sq-host-1/", " poll://a/b ": "poll://a/b"} {
		if got, err := NormalizeSubscription(in); got != want || err != nil {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "poll://", "poll:abc", "https://abc/", "nouri", "poll://a b/"} {
		if got, err := NormalizeSubscription(in); err == nil {
			t.Errorf("%q: %q", in, got)
		}
	}
}
