package halibut

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"
)

// tlsConfig is what both directions have in common. Nobody looks at names, dates
// or chains: the thumbprint is the identity, and it is checked elsewhere.
func tlsConfig(certificate tls.Certificate, minVersion uint16) *tls.Config {
	if minVersion == 0 {
		minVersion = tls.VersionTLS12
	}
	cfg := &tls.Config{
		Certificates:                []tls.Certificate{certificate},
		MinVersion:                  minVersion,
		SessionTicketsDisabled:      true, // a resumed session may lack the certificate
		DynamicRecordSizingDisabled: true, // a unit is as few records as can be
		InsecureSkipVerify:          true, //nolint:gosec // see above
	}
	if minVersion < tls.VersionTLS12 {
		// Who asks for that has peers that know nothing better.
		for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
			cfg.CipherSuites = append(cfg.CipherSuites, s.ID)
		}
	}
	return cfg
}

// clientTLS demands one thumbprint ("" = any) and always shows our certificate,
// whatever authorities the peer names.
func clientTLS(base *tls.Config, host, thumbprint string) *tls.Config {
	cfg := base.Clone()
	cfg.ServerName = host
	cfg.ClientSessionCache = nil
	certificate := cfg.Certificates[0]
	cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &certificate, nil }
	cfg.VerifyConnection = func(s tls.ConnectionState) error {
		got := CertificateThumbprint(s.PeerCertificates[0])
		if thumbprint != "" && got != thumbprint {
			return fmt.Errorf("%w: the peer has the thumbprint %s, and %s is expected", ErrUnexpectedCertificate, got, thumbprint)
		}
		return nil
	}
	return cfg
}

// serverTLS asks for a certificate and accepts any, or none.
func serverTLS(base *tls.Config) *tls.Config {
	cfg := base.Clone()
	cfg.ClientAuth = tls.RequestClientCert
	return cfg
}

// handshake runs the handshake, which ends with ctx.
func handshake(ctx context.Context, t *tls.Conn) (thumbprint string, err error) {
	if err := t.HandshakeContext(ctx); err != nil {
		return "", err
	}
	if certs := t.ConnectionState().PeerCertificates; len(certs) > 0 {
		return CertificateThumbprint(certs[0]), nil
	}
	return "", nil
}

// tune sets the TCP options of a connection that we accepted or dialled.
func tune(c net.Conn, t Timeouts) {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return
	}
	_ = tcp.SetNoDelay(true)
	_ = tcp.SetKeepAliveConfig(net.KeepAliveConfig{
		Enable: true, Idle: t.TCPKeepAliveTime, Interval: t.TCPKeepAliveInterval, Count: t.TCPKeepAliveCount,
	})
	limitUnacknowledged(tcp, t.TCPKeepAliveTime+time.Duration(t.TCPKeepAliveCount)*t.TCPKeepAliveInterval)
}

// dialTCP is how a Client or Poller dials unless it was given another way.
func dialTCP(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{KeepAlive: -1 * time.Second} // tune does it
	return d.DialContext(ctx, network, address)
}
