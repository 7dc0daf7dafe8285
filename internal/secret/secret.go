// Package secret keeps what must not be read: the master key, values encrypted at rest, passwords and API keys.
//
// A master key wraps data keys; a data key encrypts values with AES-256-GCM, bound to the resource that they belong
// to, so that a sealed value copied to another row does not open. Text is how a plain secret travels in memory: it
// neither prints nor marshals. Sensitive is how a secret stands in a document of the API.
//
// The package stores nothing but the master key's file, and it does not mask logs: the task log has its own masker.
// Every package above the ground may import it.
package secret

import (
	"crypto/rand"
	"encoding/base64"
	"strings"
)

// NewID returns a random identifier of 26 lower-case letters and digits, with 130 bits of chance.
// It is safe in a path, in a URL, and in a file system that ignores case.
func NewID() string { return strings.ToLower(rand.Text()) }

// NewToken returns a bearer secret of 256 bits for a session or a one-time link.
func NewToken() Text {
	var b [32]byte
	rand.Read(b[:]) // never fails: the process ends where the system has no randomness
	return NewText(base64.RawURLEncoding.EncodeToString(b[:]))
}
