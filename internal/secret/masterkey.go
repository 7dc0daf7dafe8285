package secret

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
)

const (
	masterKeySize  = 32
	octopusKeySize = 16 // of an existing Octopus installation
)

// MasterKey is the 256-bit key that wraps the data keys. It does not print.
type MasterKey struct {
	// Wrapped in a Text for its silence; the bytes of the key.
	raw Text
}

// NewMasterKey makes a random master key.
func NewMasterKey() MasterKey {
	var b [masterKeySize]byte
	rand.Read(b[:])
	return MasterKey{raw: NewText(string(b[:]))}
}

// ParseMasterKey reads a master key in base64 (standard or URL alphabet, padded or not): 32 bytes, or the 16 of an
// existing Octopus installation, which are stretched with HKDF-SHA256.
func ParseMasterKey(text string) (MasterKey, error) {
	b, err := decodeBase64(text)
	if err != nil {
		return MasterKey{}, fault.Invalid("the master key is not base64; give the text that was shown at the first start, whole and unquoted")
	}
	switch len(b) {
	case masterKeySize:
		return MasterKey{raw: NewText(string(b))}, nil
	case octopusKeySize:
		b, err = hkdf.Key(sha256.New, b, nil, "mantle master key of 128 bits", masterKeySize)
		if err != nil {
			return MasterKey{}, err
		}
		return MasterKey{raw: NewText(string(b))}, nil
	}
	return MasterKey{}, fault.Invalid("the master key has %d bytes; it must be the base64 of 32 bytes, or of the 16 of an existing Octopus installation (a new one: openssl rand -base64 32)", len(b))
}

// IsZero reports whether there is no key.
func (m MasterKey) IsZero() bool { return m.raw.Empty() }

// ID names the key in messages and check values, and gives nothing of it away.
func (m MasterKey) ID() string { return hex.EncodeToString(m.derive("mantle master key id", 4)) }

// Text returns the key in base64, for the one moment in which it is shown, and for its file.
func (m MasterKey) Text() Text {
	return NewText(base64.StdEncoding.EncodeToString([]byte(m.raw.Reveal())))
}

// Equal compares two keys in constant time.
func (m MasterKey) Equal(other MasterKey) bool { return m.raw.Equal(other.raw) }

// derive returns size bytes for one purpose; different purposes give unrelated bytes.
func (m MasterKey) derive(purpose string, size int) []byte {
	b, err := hkdf.Key(sha256.New, []byte(m.raw.Reveal()), nil, purpose, size)
	if err != nil {
		panic("secret: derive " + purpose + ": " + err.Error()) // only an absurd size makes it fail
	}
	return b
}

func decodeBase64(text string) ([]byte, error) {
	text = strings.TrimRight(strings.TrimSpace(text), "=")
	text = strings.NewReplacer("-", "+", "_", "/").Replace(text)
	return base64.RawStdEncoding.DecodeString(text)
}
