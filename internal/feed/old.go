package feed

import (
	"time"

	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/versioning"
)

// HoldPackages keeps packages of the space's built-in feed from being removed for their age until the transaction ends: whoever makes a release, which
// chooses packages, holds them.
func HoldPackages(tx *store.Tx, spaceID string) error { return tx.Share("packages of " + spaceID) }

// SeizePackages waits for those who hold the packages, and keeps others from it until the transaction ends.
func SeizePackages(tx *store.Tx, spaceID string) error { return tx.Exclude("packages of " + spaceID) }

// Key is what a version of a package is compared by; versions that cannot be read have their own text.
type Key struct{ Package, Version string }

// KeyOf returns the key.
func KeyOf(packageID, version string) Key {
	if v, err := versioning.ParseSemVer(version); err == nil {
		version = string(v.SortKey())
	}
	return Key{store.Fold(packageID), version}
}

// Old returns some of the space's packages that were pushed before the time, in the order of their keys, from the one after on.
func Old(tx *store.Tx, spaceID string, before time.Time, after Key, most int) (old []*Package, last Key, err error) {
	err = tx.Query("SELECT "+columns+`, package_fold, version_key FROM package WHERE space_id = $1 AND published < $2
		AND (package_fold > $3 OR package_fold = $3 AND version_key > $4) ORDER BY package_fold, version_key LIMIT $5`,
		[]any{spaceID, store.At(before), after.Package, []byte(after.Version), most}, func(row *store.Row) error {
			var key []byte
			p, err := scan(row, &last.Package, &key)
			last.Version = string(key)
			old = append(old, p)
			return err
		})
	return old, last, err
}
