package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"fmt"
	"strings"
)

// Sealed is an encrypted value in its stable text form: the data key's ID, a dot, and the nonce and ciphertext in
// unpadded base64url. It is safe in JSON, in a URL and in a log. The zero Sealed is "nothing sealed".
type Sealed string

// KeyID returns the ID of the data key that opens the value.
func (s Sealed) KeyID() string {
	id, _, _ := strings.Cut(string(s), ".")
	return id
}

func (s Sealed) split() (keyID string, box []byte, err error) {
	keyID, text, found := strings.Cut(string(s), ".")
	// The decoder passes over line ends; one value has one text form.
	if !found || keyID == "" || strings.ContainsAny(text, "\r\n") {
		return "", nil, fmt.Errorf("not a sealed value")
	}
	box, err = base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return "", nil, fmt.Errorf("not a sealed value: %w", err)
	}
	return keyID, box, nil
}

// newAEAD returns AES-256-GCM with a random nonce before each ciphertext. A random nonce of 96 bits is safe for 2^32
// values under one key; a server's secrets are far from it.
func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
