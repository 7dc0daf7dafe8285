package registration

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
)

const (
	waitUnreachable = time.Second
	waitStarting    = 500 * time.Millisecond
)

// Connect reads the server's root document, waiting for a server that is about to start, and signs in.
func (c *Client) Connect(ctx context.Context) error {
	if err := c.readRoot(ctx); err != nil {
		return err
	}
	if v := c.root.APIVersion; !supportedAPI(v) {
		return fmt.Errorf("%s speaks version %q of the REST API; this agent knows 3.0.0 to 3.0.99", c.base, v)
	}
	if c.cfg.Credentials.Username != "" {
		return c.signIn(ctx)
	}
	return nil
}

func (c *Client) readRoot(ctx context.Context) error {
	deadline := time.Now().Add(c.cfg.StartupWait)
	link := c.base.Path + "/api"
	for first := true; ; first = false {
		err := c.get(ctx, link, &c.root)
		pause := retryPause(err)
		if pause == 0 || time.Now().Add(pause).After(deadline) {
			return err
		}
		if first {
			c.cfg.Say("The server at %s does not answer yet (%v). Trying again for %s ...", c.base, cause(err), c.cfg.StartupWait)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

func cause(err error) error {
	var connection *ConnectionError
	if errors.As(err, &connection) {
		return connection.Err
	}
	return err
}

// retryPause returns how long to wait before the root document is asked again, 0 for "do not".
func retryPause(err error) time.Duration {
	var answer *Error
	if errors.As(err, &answer) {
		if answer.Status == http.StatusServiceUnavailable {
			return waitStarting
		}
		return 0
	}
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var connection *ConnectionError
	if !errors.As(err, &connection) || errors.As(err, &unknown) || errors.As(err, &host) || errors.As(err, &invalid) ||
		errors.Is(err, context.Canceled) {
		return 0
	}
	return waitUnreachable
}

func supportedAPI(version string) bool {
	rest, ok := strings.CutPrefix(version, "3.0.")
	n, err := strconv.Atoi(rest)
	return ok && err == nil && n >= 0 && n <= 99
}

type signInRequest struct {
	Username   string
	Password   string
	RememberMe bool
	State      struct{ UsingSecureConnection bool }
}

func (c *Client) signIn(ctx context.Context) error {
	link, err := c.rootLink("SignIn")
	if err != nil {
		return err
	}
	body := signInRequest{Username: c.cfg.Credentials.Username, Password: c.cfg.Credentials.Password}
	body.State.UsingSecureConnection = c.base.Scheme == "https"
	if err := c.send(ctx, http.MethodPost, link, "", body, nil); err != nil {
		var answer *Error
		if errors.As(err, &answer) && answer.Rejected() {
			// A wrong password is no foreseen mistake of the command line.
			return fmt.Errorf("sign in as %s: %s", body.Username, answer.Error())
		}
		return err
	}
	api := *c.base
	api.Path += "/api"
	if c.csrfToken(&api) == "" {
		return fmt.Errorf("the server at %s accepted the password but set no session cookie that counts for %s/api; use an API key in place of it", c.base, c.base)
	}
	return nil
}

// csrfToken returns the value of the session's CSRF cookie as the server wrote it. With cookies of several servers
// on one host the one of this installation counts.
func (c *Client) csrfToken(u *url.URL) string {
	const prefix = "Octopus-Csrf-Token"
	token := ""
	for _, cookie := range c.http.Jar.Cookies(u) {
		if !strings.HasPrefix(cookie.Name, prefix) {
			continue
		}
		if token == "" || cookie.Name == prefix+"_"+c.root.InstallationID {
			token = cookie.Value
		}
	}
	return token
}

func (c *Client) rootLink(name string, values ...parameter) (string, error) {
	template, ok := c.root.Links[name]
	if !ok {
		return "", fmt.Errorf("the server at %s has no link %q in its root document; this agent needs a server with it", c.base, name)
	}
	link, _ := expand(template, values...)
	return link, nil
}

// CheckVersion refuses servers that are too old to know this kind of agent.
func (c *Client) CheckVersion() error {
	v := strings.TrimSpace(c.root.Version)
	if v == "" {
		return fault.Unsupported("the server at %s does not say its version", c.base)
	}
	first, _, _ := strings.Cut(v, ".")
	major, err := strconv.Atoi(first)
	if err != nil || major < 0 {
		return fmt.Errorf("the server at %s says that its version is %q, which is not a version", c.base, v)
	}
	if major != 0 && major < 3 {
		return fault.Unsupported("the server at %s is of version %s; agents of this kind need version 3 or later", c.base, v)
	}
	return nil
}
