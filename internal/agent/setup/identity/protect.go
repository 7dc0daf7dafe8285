package identity

import (
	"errors"
	"fmt"
)

// Protector encrypts values with a key of the machine, so that a configuration file alone gives no secret away.
type Protector interface {
	Protect(plain []byte) (string, error)
	Unprotect(text string) ([]byte, error)
}

// ErrProtected reports a value that was encrypted on another machine, or is damaged.
var ErrProtected = errors.New("the value was encrypted with another machine's key, or is damaged")

// Store encrypts a certificate for the configuration file.
func Store(p Protector, c *Certificate) (string, error) {
	text, err := c.ToBase64()
	if err != nil {
		return "", err
	}
	return p.Protect([]byte(text))
}

// Load reads a certificate from the configuration file.
func Load(p Protector, text string) (*Certificate, error) {
	plain, err := p.Unprotect(text)
	if err != nil {
		return nil, fmt.Errorf("decrypt the agent's certificate: %w", err)
	}
	return FromBase64(string(plain))
}
