package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"
)

const (
	apiKeyPrefix = "API-"
	apiKeyChars  = 32
	// A key that an operator brings along needs at least so many characters after the prefix: only keys of high
	// entropy may be stored as a plain SHA-256.
	apiKeyLeast = 16
	alphabet    = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
)

// NewAPIKey returns an API key: "API-" and 32 upper-case letters and digits, the form that clients insist on.
func NewAPIKey() Text {
	key := make([]byte, 0, apiKeyChars)
	var b [64]byte
	for len(key) < apiKeyChars {
		rand.Read(b[:])
		for _, c := range b {
			// Bytes past the last whole multiple are thrown away: every character is equally likely.
			if int(c) < 256/len(alphabet)*len(alphabet) && len(key) < apiKeyChars {
				key = append(key, alphabet[int(c)%len(alphabet)])
			}
		}
	}
	return NewText(apiKeyPrefix + string(key))
}

// ValidAPIKey reports whether a key has the form that clients accept, and is long enough to be stored hashed.
func ValidAPIKey(key string) bool {
	rest, found := strings.CutPrefix(key, apiKeyPrefix)
	return found && len(rest) >= apiKeyLeast && len(rest) <= 128 && strings.Trim(rest, alphabet) == ""
}

// HashAPIKey returns what is stored and looked up instead of a key or a token: its SHA-256 in hex.
func HashAPIKey(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// EqualHash compares two hashes in constant time.
func EqualHash(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// APIKeyHint returns the beginning of a key, by which its owner recognises it in a list.
func APIKeyHint(key string) string {
	if len(key) < len(apiKeyPrefix)+apiKeyLeast {
		return ""
	}
	return key[:len(apiKeyPrefix)+4] + "..."
}
