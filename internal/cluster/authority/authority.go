// Package authority certifies the nodes of a cluster to each other. The cluster's authority is made by the first node that needs it;
// its private key lies in the database, sealed, so whoever has the master key can be a node, and nobody else can. Each start of a
// node makes a key of its own, which never leaves the process, and has it certified for the node's ID.
//
// Both ends of a connection between nodes show such a certificate, and the one who dials also checks the ID: an address that
// belongs to another node by now is an error, not a misdelivery. Names and addresses of hosts play no part.
//
// It is not for agents, which know the server by a thumbprint (halibut), nor for browsers. internal/server imports it.
package authority

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// keyOwner is the resource that the authority's private key is sealed for.
const keyOwner = "cluster authority"

// Authority is the cluster's own certificate authority.
type Authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

// Open reads the cluster's authority, and makes it where there is none. The installation's UUID names it.
func Open(ctx context.Context, db *store.DB, keys *secret.Keyring, installation string) (*Authority, error) {
	var found *Authority
	err := db.Write(ctx, func(tx *store.Tx) (err error) {
		found, err = read(tx, keys)
		if errors.Is(err, store.ErrNoRow) {
			if err = create(tx, keys, installation); err == nil {
				found, err = read(tx, keys)
			}
		}
		return err
	})
	if store.IsUnique(err) { // another node made it first
		return Open(ctx, db, keys, installation)
	}
	return found, err
}

func read(tx *store.Tx, keys *secret.Keyring) (*Authority, error) {
	var text, sealed string
	if err := tx.QueryRow("SELECT certificate, private_key FROM cluster_authority").Scan(&text, &sealed); err != nil {
		return nil, err
	}
	der, err := keys.Open(secret.Sealed(sealed), keyOwner)
	if err != nil {
		return nil, fmt.Errorf("open the cluster authority's key: %w", err)
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("read the cluster authority's key: %w", err)
	}
	block, _ := pem.Decode([]byte(text))
	signer, ok := key.(crypto.Signer)
	if block == nil || !ok {
		return nil, fault.Conflict("the cluster's authority in the database is not whole; restore the row of cluster_authority from a backup, or delete it and restart every node")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read the cluster authority's certificate: %w", err)
	}
	return &Authority{certificate, signer}, nil
}

// New makes an authority that is kept nowhere: Open keeps one, tests of what rests on it need none to be kept.
func New(installation string) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "Mantle cluster " + installation},
		// It is the nodes' certificates that age: the authority begins before any clock that is merely wrong.
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2120, 1, 1, 0, 0, 0, 0, time.UTC),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make the cluster's authority: %w", err)
	}
	certificate, err := x509.ParseCertificate(der)
	return &Authority{certificate, key}, err
}

// create writes a new authority.
func create(tx *store.Tx, keys *secret.Keyring, installation string) error {
	a, err := New(installation)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return err
	}
	sealed, err := keys.Seal(der, keyOwner)
	if err != nil {
		return err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
	_, err = tx.Exec("INSERT INTO cluster_authority (id, certificate, private_key, created_at) VALUES ('authority', $1, $2, $3)",
		string(text), string(sealed), store.At(tx.Now))
	return err
}

func serial() *big.Int {
	var b [16]byte
	rand.Read(b[:])
	b[0] &= 0x7f
	b[15] |= 1
	return new(big.Int).SetBytes(b[:])
}
