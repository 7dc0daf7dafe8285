package cluster

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
)

// Installation is what all nodes share, made by the first one.
type Installation struct {
	// UUID tells installations apart.
	UUID string
	// Certificate is the server's identity towards agents.
	Certificate tls.Certificate
	// TicketKey makes the tickets of scripts; it never changes.
	TicketKey []byte
}

// Resources that the installation's own secrets are sealed for.
const (
	certificateOwner = "installation certificate"
	ticketKeyOwner   = "installation ticket key"
)

// OpenInstallation reads what the nodes share, and makes it in an empty database. The keyring gets its data keys. A wrong master key
// is a fault of kind Conflict.
func OpenInstallation(ctx context.Context, db *store.DB, keys *secret.Keyring) (*Installation, error) {
	var found *Installation
	err := db.Write(ctx, func(tx *store.Tx) (err error) {
		found, err = readInstallation(tx, keys)
		if err == nil && found == nil {
			if err = makeInstallation(tx, keys); err == nil {
				found, err = readInstallation(tx, keys)
			}
		}
		return err
	})
	if store.IsUnique(err) { // another node made it first
		return OpenInstallation(ctx, db, keys)
	}
	return found, err
}

// MasterKeyID returns the ID of the master key that the database was set up with, or "" where it is not set up yet.
func MasterKeyID(ctx context.Context, db *store.DB) (id string, err error) {
	err = db.Read(ctx, func(tx *store.Tx) error {
		var check string
		err := tx.QueryRow("SELECT key_check FROM installation").Scan(&check)
		if errors.Is(err, store.ErrNoRow) {
			return nil
		}
		id, _, _ = strings.Cut(check, ".")
		return err
	})
	return id, err
}

// InstallationUUID returns what tells installations apart.
func InstallationUUID(tx *store.Tx) (uuid string, err error) {
	err = tx.QueryRow("SELECT uuid FROM installation").Scan(&uuid)
	if errors.Is(err, store.ErrNoRow) {
		err = notSetUp()
	}
	return uuid, err
}

func notSetUp() error {
	return fault.NotFound("the database is not set up yet; start the server on it once")
}

// VerifyMasterKey opens every secret that the nodes share, and changes nothing.
func VerifyMasterKey(ctx context.Context, db *store.DB, keys *secret.Keyring) error {
	return db.Read(ctx, func(tx *store.Tx) error {
		found, err := readInstallation(tx, keys)
		if err == nil && found == nil {
			return notSetUp()
		}
		return err
	})
}

func readInstallation(tx *store.Tx, keys *secret.Keyring) (*Installation, error) {
	var check, certificate, ticket string
	i := &Installation{}
	err := tx.QueryRow("SELECT uuid, key_check, certificate, ticket_key FROM installation").Scan(&i.UUID, &check, &certificate, &ticket)
	if errors.Is(err, store.ErrNoRow) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	table, err := keyTable(tx, keys, check)
	if err != nil {
		return nil, err
	}
	if err := readDataKeys(tx, keys, table); err != nil {
		return nil, err
	}
	if i.TicketKey, err = keys.Open(secret.Sealed(ticket), ticketKeyOwner); err != nil {
		return nil, err
	}
	text, err := keys.Open(secret.Sealed(certificate), certificateOwner)
	if err != nil {
		return nil, err
	}
	if i.Certificate, err = tls.X509KeyPair(text, text); err != nil {
		return nil, fmt.Errorf("read the server's certificate: %w", err)
	}
	return i, nil
}

// keyTable returns where the data keys are that the keyring's master key opens: while it is being rotated, either key opens its own.
func keyTable(tx *store.Tx, keys *secret.Keyring, check string) (string, error) {
	wrong := keys.Verify(check)
	if wrong == nil {
		return "data_key", nil
	}
	var next string
	err := tx.QueryRow("SELECT key_check FROM key_rotation").Scan(&next)
	if err == nil && keys.Verify(next) == nil {
		return "key_rotation_data_key", nil
	}
	if err != nil && !errors.Is(err, store.ErrNoRow) {
		return "", err
	}
	return "", wrong
}

func readDataKeys(tx *store.Tx, keys *secret.Keyring, table string) error {
	wrapped, err := wrappedKeys(tx, table)
	if err != nil {
		return err
	}
	if len(wrapped) == 0 {
		return fault.Conflict("the database has an installation, but no data key: it is not whole; restore it from a backup")
	}
	return keys.Add(wrapped...)
}

// wrappedKeys returns the data keys of a table, oldest first.
func wrappedKeys(tx *store.Tx, table string) (wrapped []secret.WrappedKey, err error) {
	err = tx.Query("SELECT wrapped FROM "+table+" ORDER BY seq", nil, func(row *store.Row) error {
		var w string
		err := row.Scan(&w)
		wrapped = append(wrapped, secret.WrappedKey(w))
		return err
	})
	return wrapped, err
}

func makeInstallation(tx *store.Tx, keys *secret.Keyring) error {
	wrapped, err := keys.NewDataKey()
	if err != nil {
		return err
	}
	if _, err := tx.Exec("INSERT INTO data_key (seq, wrapped) VALUES (1, $1)", string(wrapped)); err != nil {
		return err
	}
	certificate, err := newCertificate()
	if err != nil {
		return err
	}
	sealedCertificate, err := keys.Seal(certificate, certificateOwner)
	if err != nil {
		return err
	}
	ticketKey := make([]byte, 32)
	rand.Read(ticketKey)
	sealedTicket, err := keys.Seal(ticketKey, ticketKeyOwner)
	if err != nil {
		return err
	}
	_, err = tx.Exec("INSERT INTO installation (id, uuid, key_check, certificate, ticket_key, created_at) VALUES ('installation', $1, $2, $3, $4, $5)",
		uuid.NewString(), keys.Check(), string(sealedCertificate), string(sealedTicket), store.At(tx.Now))
	return err
}

// newCertificate returns a new identity as PEM: the private key and the certificate.
func newCertificate() ([]byte, error) {
	c, err := halibut.NewCertificate("Mantle Server")
	if err != nil {
		return nil, fmt.Errorf("make the server's certificate: %w", err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		return nil, err
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]})...), nil
}
