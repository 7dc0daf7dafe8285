package halibut

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // the protocol names certificates by it
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"strings"
	"time"
)

// NewCertificate makes a self-signed certificate as Tentacle makes its own: RSA
// 2048 (old Windows peers know nothing else), SHA-256, no extensions, valid from
// yesterday for a hundred years.
func NewCertificate(commonName string) (tls.Certificate, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("certificate %q: %w", commonName, err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(math.MaxInt64-1))
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("certificate %q: %w", commonName, err)
	}
	today := time.Now().UTC().Truncate(24 * time.Hour)
	template := &x509.Certificate{
		SerialNumber:       serial.Add(serial, big.NewInt(1)),
		Subject:            pkix.Name{CommonName: commonName},
		NotBefore:          today.AddDate(0, 0, -1),
		NotAfter:           today.AddDate(100, 0, 0),
		SignatureAlgorithm: x509.SHA256WithRSA,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("certificate %q: %w", commonName, err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("certificate %q: %w", commonName, err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

// Thumbprint returns the thumbprint of c's leaf, or "" if it has none.
func Thumbprint(c tls.Certificate) string {
	if len(c.Certificate) == 0 {
		return ""
	}
	return thumbprintOf(c.Certificate[0])
}

// CertificateThumbprint returns the SHA-1 of the certificate, in upper-case hex.
func CertificateThumbprint(c *x509.Certificate) string { return thumbprintOf(c.Raw) }

func thumbprintOf(der []byte) string {
	sum := sha1.Sum(der) //nolint:gosec // see the import
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// NormalizeThumbprint takes a thumbprint as people write it (spaces, colons, any
// case, the invisible mark that Windows copies along) to 40 upper-case digits.
func NormalizeThumbprint(s string) (string, error) {
	t := strings.ToUpper(strings.Map(func(r rune) rune {
		switch r {
		case ' ', ':', '-', '\t', '\r', '\n', '\u200e', '\u200f', '\ufeff':
			return -1
		}
		return r
	}, s))
	if b, err := hex.DecodeString(t); err != nil || len(b) != sha1.Size {
		return "", fmt.Errorf("%q is not a thumbprint: 40 hexadecimal digits are expected", s)
	}
	return t, nil
}
