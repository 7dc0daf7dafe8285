package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/mantledeploy/mantle/internal/secret"
)

// Dir is a directory, made absolute.
type Dir string

// UnmarshalText makes the path absolute.
func (d *Dir) UnmarshalText(text []byte) error {
	path, err := filepath.Abs(string(text))
	if err != nil {
		return err
	}
	*d = Dir(path)
	return nil
}

// Location is where files are kept: an absolute path, or the URL of an object store.
type Location string

// UnmarshalText makes a path absolute.
func (l *Location) UnmarshalText(text []byte) error {
	if s := string(text); strings.Contains(s, "://") {
		*l = Location(strings.TrimRight(s, "/"))
		return nil
	}
	var d Dir
	err := d.UnmarshalText(text)
	*l = Location(d)
	return err
}

// Address is where a listener binds: host:port, where the host may be empty for all, and port 0 is a free one.
type Address string

// UnmarshalText checks the form.
func (a *Address) UnmarshalText(text []byte) error {
	s := string(text)
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		if _, err := strconv.Atoi(s); err == nil {
			return fmt.Errorf("%q is a port alone; write :%s for all addresses, or 127.0.0.1:%s for this machine", s, s, s)
		}
		return fmt.Errorf("%q is not HOST:PORT; write for example 127.0.0.1:8080, or :8080 for all addresses", s)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return fmt.Errorf("the port %q of %q is not a number from 0 to 65535", port, s)
	}
	*a = Address(s)
	return nil
}

// TaskCap is how many tasks a node runs at once.
type TaskCap int

// UnmarshalText reads a number that is not negative.
func (t *TaskCap) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 0 {
		return fmt.Errorf("%q is not a number of tasks; write 0 or more", text)
	}
	*t = TaskCap(n)
	return nil
}

// UnmarshalText reads base64 of 32 or 16 bytes.
func (k *Key) UnmarshalText(text []byte) (err error) {
	k.MasterKey, err = secret.ParseMasterKey(string(text))
	return err
}

// UnmarshalText refuses what clients do not send, and what is too short to be kept hashed.
func (a *APIKey) UnmarshalText(text []byte) error {
	if !secret.ValidAPIKey(string(text)) {
		return errors.New(`an API key is "API-" and at least 16 capital letters and digits; clients refuse any other`)
	}
	return a.Text.UnmarshalText(text)
}

// Email is an address without a display name.
type Email string

// UnmarshalText checks the form.
func (e *Email) UnmarshalText(text []byte) error {
	a, err := mail.ParseAddress(string(text))
	if err != nil || a.Address != string(text) {
		return fmt.Errorf("%q is not an e-mail address", text)
	}
	*e = Email(text)
	return nil
}
