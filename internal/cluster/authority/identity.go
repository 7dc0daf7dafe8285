package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/mantledeploy/mantle/internal/clock"
)

const (
	// lifetime is how long a node's certificate holds; a process that runs for longer makes itself a new one at half of it.
	lifetime = 365 * 24 * time.Hour
	// skew is how far the clocks of two nodes may be apart.
	skew = 48 * time.Hour
)

// Identity is this process as a node, towards other nodes.
type Identity struct {
	authority *Authority
	nodeID    string
	now       clock.Clock

	mu      sync.Mutex
	current *tls.Certificate
}

// Issue makes a key for the node with the ID, and certifies it.
func (a *Authority) Issue(nodeID string, now clock.Clock) (*Identity, error) {
	i := &Identity{authority: a, nodeID: nodeID, now: now}
	_, err := i.certificate()
	return i, err
}

// certificate returns the node's certificate, a new one when half of its time is over.
func (i *Identity) certificate() (*tls.Certificate, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := i.now.Now()
	if i.current != nil && now.Before(i.current.Leaf.NotAfter.Add(-lifetime/2)) {
		return i.current, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: i.nodeID}, DNSNames: []string{serverName(i.nodeID)},
		NotBefore: now.Add(-skew), NotAfter: now.Add(lifetime), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, i.authority.certificate, key.Public(), i.authority.key)
	if err != nil {
		return nil, fmt.Errorf("certify the node %s: %w", i.nodeID, err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	i.current = &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
	return i.current, nil
}

// serverName is the node's ID in the form of a host's name, in which certificates are compared.
func serverName(nodeID string) string { return strings.ToLower(nodeID) }

// Accept returns the configuration with which the node lets others of its cluster in, and nobody else.
func (i *Identity) Accept() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: i.authority.pool(), Time: i.now.Now,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return i.certificate() },
	}
}

// Dial returns the configuration with which this node reaches another one, and nobody in its place.
func (i *Identity) Dial(nodeID string) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13, RootCAs: i.authority.pool(), ServerName: serverName(nodeID), Time: i.now.Now,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return i.certificate() },
	}
}

// Peer returns the ID of the node at the other end of a connection that Accept let in.
func Peer(state *tls.ConnectionState) string {
	if state == nil || len(state.PeerCertificates) == 0 {
		return ""
	}
	return state.PeerCertificates[0].Subject.CommonName
}

func (a *Authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}
