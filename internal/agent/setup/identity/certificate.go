// Package identity makes, imports, exports and protects an agent's certificate: the self-signed key pair by whose
// thumbprint servers know it. It reads and writes what a Tentacle does, so that an identity moves between the two
// programs. It decides nothing about trust in servers. Only internal/agent/setup and whoever starts an agent may
// import it.
package identity

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // thumbprints are SHA-1 by definition
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"software.sslmate.com/src/go-pkcs12"
)

const (
	keyBits      = 2048
	validYears   = 100
	subjectName  = "Octopus Tentacle"
	serialLength = 8
)

// Certificate is a certificate with its private key.
type Certificate struct {
	Leaf *x509.Certificate
	Key  crypto.Signer
}

// Generate makes a new self-signed certificate, valid from the day before now.
func Generate(now time.Time) (*Certificate, error) {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, fmt.Errorf("generate a private key: %w", err)
	}
	serial := make([]byte, serialLength)
	if _, err := rand.Read(serial); err != nil {
		return nil, fmt.Errorf("generate a serial number: %w", err)
	}
	serial[0] &= 0x7f
	day := now.UTC().Truncate(24 * time.Hour)
	name := pkix.Name{CommonName: subjectName}
	template := &x509.Certificate{
		SerialNumber:       new(big.Int).SetBytes(serial),
		Subject:            name,
		Issuer:             name,
		NotBefore:          day.AddDate(0, 0, -1),
		NotAfter:           day.AddDate(validYears, 0, 0),
		SignatureAlgorithm: x509.SHA256WithRSA,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("sign the certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read the new certificate back: %w", err)
	}
	return &Certificate{Leaf: leaf, Key: key}, nil
}

// Thumbprint returns the SHA-1 of the certificate in upper-case hex.
func (c *Certificate) Thumbprint() string {
	sum := sha1.Sum(c.Leaf.Raw) //nolint:gosec // see the import
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// TLS returns the certificate for crypto/tls.
func (c *Certificate) TLS() tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{c.Leaf.Raw}, PrivateKey: c.Key, Leaf: c.Leaf}
}

// PFX returns the certificate as PKCS#12, encrypted with the password (which may be empty).
func (c *Certificate) PFX(password string) ([]byte, error) {
	data, err := pkcs12.Modern.Encode(c.Key, c.Leaf, nil, password)
	if err != nil {
		return nil, fmt.Errorf("encode the certificate as PFX: %w", err)
	}
	return data, nil
}

// ErrPassword reports a PFX that does not open with the password given.
var ErrPassword = errors.New("the password does not open the PFX")

// FromPFX reads PKCS#12 data.
func FromPFX(data []byte, password string) (*Certificate, error) {
	key, leaf, _, err := pkcs12.DecodeChain(data, password)
	if errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return nil, ErrPassword
	}
	if err != nil {
		return nil, fmt.Errorf("the data is not a PFX (PKCS#12) with a certificate and its private key: %w", err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("the private key of type %T cannot sign", key)
	}
	return &Certificate{Leaf: leaf, Key: signer}, nil
}

// ToBase64 returns the text of an exported certificate: a PFX without password, in base64.
func (c *Certificate) ToBase64() (string, error) {
	data, err := c.PFX("")
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(data), nil
}

// FromBase64 reads the text that ToBase64 writes; a byte order mark and blanks do not matter.
func FromBase64(text string) (*Certificate, error) {
	data, err := decodeBase64(text)
	if err != nil {
		return nil, fmt.Errorf("the text is not base64: %w", err)
	}
	return FromPFX(data, "")
}

func decodeBase64(text string) ([]byte, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	return base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
}

// FromFile reads an exported certificate: with a password the file is a PFX; without one it is either the base64
// text or a PFX that has an empty password.
func FromFile(data []byte, password string) (*Certificate, error) {
	if password != "" {
		return FromPFX(data, password)
	}
	if text := bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")); isText(text) {
		return FromBase64(string(text))
	}
	return FromPFX(data, "")
}

func isText(data []byte) bool {
	return bytes.IndexFunc(data, func(r rune) bool { return r > '~' || (r < ' ' && r != '\r' && r != '\n' && r != '\t') }) < 0
}
