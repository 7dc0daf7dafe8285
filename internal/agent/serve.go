package agent

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/fault"
)

// page is what a browser gets from the listening port.
const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Mantle agent</title></head>
<body><h1>This is a Mantle agent</h1><p>It works. Only a deployment server whose certificate it trusts can use it.</p></body>
</html>
`

func pageHeaders() map[string]string {
	return map[string]string{
		"Content-Security-Policy": "default-src 'none'",
		"Referrer-Policy":         "no-referrer",
		"X-Content-Type-Options":  "nosniff",
		"X-Frame-Options":         "DENY",
	}
}

// listener opens the port; nil for an agent that does not listen.
func (a *Agent) listener() (func(context.Context) error, error) {
	ln := a.cfg.Listener
	if ln == nil && a.cfg.ListenAddress == "" {
		a.cfg.Logger.Info("the agent does not listen on any port")
		return nil, nil
	}
	if ln == nil {
		var err error
		if ln, err = net.Listen("tcp", a.cfg.ListenAddress); errors.Is(err, syscall.EADDRINUSE) {
			return nil, fault.Conflict("the agent cannot listen on %s: another program does; stop it, or configure another port", a.cfg.ListenAddress).Because(err)
		} else if err != nil {
			return nil, fmt.Errorf("listen on %s: %w", a.cfg.ListenAddress, err)
		}
	}
	l, err := halibut.NewListener(halibut.ListenerConfig{Certificate: a.cfg.Certificate, Trust: a.trust, Services: a.services,
		Page: page, PageHeaders: pageHeaders(), Timeouts: a.cfg.Timeouts, Logger: a.cfg.Logger})
	if err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	a.mu.Lock()
	a.listening = ln.Addr()
	a.mu.Unlock()
	a.cfg.Logger.Info("the agent listens", "address", ln.Addr().String())
	return func(ctx context.Context) error { return l.Serve(ctx, ln) }, nil
}

func (a *Agent) logTrust() {
	for _, thumbprint := range a.trust.List() {
		a.cfg.Logger.Info("the agent trusts a server", "thumbprint", thumbprint)
	}
}

// signatureAlgorithm names the certificate's signature as .NET does: sha256RSA.
func signatureAlgorithm(c tls.Certificate) string {
	leaf := c.Leaf
	if leaf == nil {
		var err error
		if leaf, err = x509.ParseCertificate(c.Certificate[0]); err != nil {
			return ""
		}
	}
	hash, kind, ok := strings.Cut(leaf.SignatureAlgorithm.String(), "-")
	if !ok {
		return leaf.SignatureAlgorithm.String()
	}
	// Go says SHA256-RSA and ECDSA-SHA256.
	if strings.HasPrefix(kind, "SHA") {
		hash, kind = kind, hash
	}
	return strings.ToLower(hash) + kind
}
