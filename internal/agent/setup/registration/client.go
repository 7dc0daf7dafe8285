// Package registration talks to a server's REST API for an agent: it makes the agent known as a deployment target or
// a worker, changes or removes that, and asks what the server knows of it. It follows the links of the server's
// documents, as every client of this API does. It touches no configuration file. Only internal/agent/setup may
// import it.
package registration

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"
)

// maxAnswer bounds an answer of the server. The largest honest ones are lists of environments and tenants.
const maxAnswer = 256 << 20

// Credentials are one of: API key, bearer token, user name and password.
type Credentials struct {
	APIKey      string
	BearerToken string
	Username    string
	Password    string
}

// Config is what a client needs.
type Config struct {
	Server          string // https://host[:port][/directory]
	Credentials     Credentials
	UserAgent       string
	IgnoreTLSErrors bool
	Proxy           func(*http.Request) (*url.URL, error)
	// DialContext opens connections; nil means the network's own way.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
	// Say tells the person what is being waited for or ignored.
	Say func(format string, args ...any)
	// StartupWait is how long a server that does not answer yet is asked again.
	StartupWait time.Duration
}

// Client is a connection to one server.
type Client struct {
	cfg  Config
	base *url.URL // without a slash at the end, without /api
	http *http.Client
	root document
}

// Error is an answer that the server gave in place of the thing asked for.
type Error struct {
	Method  string
	URL     string
	Status  int
	Message string
	Errors  []string
}

// Error returns the server's message and its findings.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Message == "" {
		fmt.Fprintf(&b, "the server answered %s %s with status %d", e.Method, e.URL, e.Status)
	} else {
		fmt.Fprintf(&b, "%s (status %d)", e.Message, e.Status)
	}
	for _, s := range e.Errors {
		b.WriteString("\n - " + s)
	}
	return b.String()
}

// Rejected says that the request itself was wrong: the server's message tells what to change.
func (e *Error) Rejected() bool {
	return e.Status == http.StatusBadRequest || e.Status == http.StatusConflict
}

// NewClient checks the configuration. It opens no connection.
func NewClient(cfg Config) (*Client, error) {
	base, err := ParseServer(cfg.Server)
	if err != nil {
		return nil, err
	}
	if cfg.Say == nil {
		cfg.Say = func(string, ...any) {}
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg, base: base}
	transport := &http.Transport{
		Proxy:                 cfg.Proxy,
		DialContext:           cfg.DialContext,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   30 * time.Second,
		ResponseHeaderTimeout: 2 * time.Minute,
		DisableCompression:    true,
	}
	if cfg.IgnoreTLSErrors {
		c.ignoreCertificate(transport.TLSClientConfig, base.Hostname())
	}
	c.http = &http.Client{Transport: transport, Jar: jar, CheckRedirect: checkRedirect}
	return c, nil
}

// ParseServer reads a server's address as people type or copy it: without /api, and without what the portal adds.
func ParseServer(server string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(server))
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("%q is not the address of a server; give it as http://octopus.example or https://octopus.example:8443", server)
	}
	if u.Fragment != "" {
		// The address of the portal, copied from a browser.
		u.Path = strings.TrimSuffix(u.Path, "/app")
	}
	u.Fragment, u.RawFragment, u.RawQuery = "", "", ""
	u.Host = strings.ToLower(u.Host)
	u.Path = strings.TrimSuffix(strings.TrimSuffix(strings.TrimRight(u.Path, "/"), "/api"), "/")
	return u, nil
}

// ignoreCertificate accepts every certificate, and says what is wrong with the one it saw first.
func (c *Client) ignoreCertificate(t *tls.Config, host string) {
	said := false
	t.InsecureSkipVerify = true
	t.VerifyConnection = func(state tls.ConnectionState) error {
		opts := x509.VerifyOptions{DNSName: host, Intermediates: x509.NewCertPool()}
		for _, cert := range state.PeerCertificates[1:] {
			opts.Intermediates.AddCert(cert)
		}
		if _, err := state.PeerCertificates[0].Verify(opts); err != nil && !said {
			said = true
			c.cfg.Say("Ignoring that the server's HTTPS certificate is not trusted on this machine (--ignoreSslErrors): %v", err)
		}
		return nil
	}
}

// redirectError is a redirect that must not be followed.
type redirectError struct{ message string }

func (e redirectError) Error() string { return e.message }

func redirectf(format string, args ...any) error { return redirectError{fmt.Sprintf(format, args...)} }

func checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0]
	if len(via) >= 10 {
		return redirectError{"the server redirects in a circle"}
	}
	if first.Method != req.Method {
		return redirectf("the server redirects %s to %s in a way that loses the request; give that address as --server, or let the server redirect with 307 or 308",
			first.URL.Redacted(), req.URL.Redacted())
	}
	if first.URL.Scheme == "https" && req.URL.Scheme == "http" {
		return redirectf("the server redirects from https to %s, where the credentials would be readable on the way", req.URL.Redacted())
	}
	return nil
}

// address makes a link absolute. Links start at the host's root; an absolute one is taken if it is of this host.
func (c *Client) address(link string) (string, error) {
	if u, err := url.Parse(link); err == nil && u.IsAbs() {
		if !strings.EqualFold(u.Host, c.base.Host) {
			return "", fmt.Errorf("the server's link %s leads to another host", link)
		}
		return link, nil
	}
	link = strings.TrimPrefix(link, "~")
	return c.base.Scheme + "://" + c.base.Host + "/" + strings.TrimPrefix(link, "/"), nil
}

// get reads the document behind a link.
func (c *Client) get(ctx context.Context, link string, into any) error {
	return c.send(ctx, http.MethodGet, link, "", nil, into)
}

// send makes one request. PUT and DELETE travel as POST with a header, which passes every proxy.
func (c *Client) send(ctx context.Context, method, link, override string, body, into any) error {
	address, err := c.address(link)
	if err != nil {
		return err
	}
	req, err := c.request(ctx, method, address, override, body)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return c.connectionError(method, address, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return c.connectionError(method, address, err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return answerError(method, address, resp.StatusCode, data)
	}
	if into == nil || len(bytes.TrimSpace(data)) == 0 {
		return nil
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s did not answer as this API does (is %s the address of the server?): %w; it began with %.80q", address, c.base, err, data)
	}
	return nil
}

func (c *Client) request(ctx context.Context, method, address, override string, body any) (*http.Request, error) {
	var reader io.Reader
	if body != nil {
		data, err := encode(body)
		if err != nil {
			return nil, err
		}
		reader = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, address, reader)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	if override != "" {
		req.Header.Set("X-HTTP-Method-Override", override)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	switch {
	case c.cfg.Credentials.APIKey != "":
		req.Header.Set("X-Octopus-ApiKey", c.cfg.Credentials.APIKey)
	case c.cfg.Credentials.BearerToken != "":
		req.Header.Set("Authorization", "Bearer "+c.cfg.Credentials.BearerToken)
	default:
		if token := c.csrfToken(req.URL); token != "" {
			req.Header.Set("X-Octopus-Csrf-Token", token)
		}
	}
	return req, nil
}

// encode writes JSON with two blanks of indentation and nothing escaped that need not be.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func answerError(method, address string, status int, data []byte) error {
	e := &Error{Method: method, URL: address, Status: status}
	var body struct {
		ErrorMessage string
		Errors       []string
	}
	if json.Unmarshal(data, &body) == nil {
		e.Message, e.Errors = body.ErrorMessage, body.Errors
	}
	return e
}

// ConnectionError is a request that got no answer.
type ConnectionError struct {
	Server string
	Err    error
}

// Error names the server and what to look at.
func (e *ConnectionError) Error() string {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	if errors.As(e.Err, &unknown) || errors.As(e.Err, &host) || errors.As(e.Err, &invalid) {
		return fmt.Sprintf("the HTTPS certificate of %s is not trusted on this machine: %v; install its authority here, or pass --ignoreSslErrors", e.Server, e.Err)
	}
	return fmt.Sprintf("no connection to the server at %s: %v; check the address, the port and the network", e.Server, e.Err)
}

// Unwrap returns the network's error.
func (e *ConnectionError) Unwrap() error { return e.Err }

func (c *Client) connectionError(method, address string, err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	var redirect redirectError
	if errors.As(err, &redirect) {
		return redirect
	}
	if method != http.MethodGet {
		err = fmt.Errorf("%s %s: %w", method, address, err)
	}
	return &ConnectionError{Server: c.base.String(), Err: err}
}
