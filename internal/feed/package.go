package feed

import (
	"errors"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/versioning"
)

// Package is one version of a package in a space's built-in feed.
type Package struct {
	SpaceID, PackageID, Version string
	Prerelease                  bool
	// Extension begins with a dot: ".zip", ".tar.gz".
	Extension string
	// BlobKey names the file in the blob store.
	BlobKey string
	Size    int64
	// SHA1 and SHA256 are in lower-case hex.
	SHA1, SHA256                              string
	Title, Summary, Description, ReleaseNotes string
	Facts                                     Facts
	Published                                 time.Time
	PublishedBy                               string
}

// ID is the document's ID: "packages-Acme.Web.1.0.0".
func (p *Package) ID() string { return "packages-" + p.PackageID + "." + p.Version }

// FileName is the name of the package's file.
func (p *Package) FileName() string { return p.PackageID + "." + p.Version + p.Extension }

const columns = `space_id, package_id, version, prerelease, extension, blob_key, size, sha1, sha256, title, summary, description, release_notes, published, published_by, facts`

func scan(row *store.Row, more ...any) (*Package, error) {
	var p Package
	var published store.Time
	var facts string
	err := row.Scan(append([]any{&p.SpaceID, &p.PackageID, &p.Version, &p.Prerelease, &p.Extension, &p.BlobKey, &p.Size, &p.SHA1, &p.SHA256,
		&p.Title, &p.Summary, &p.Description, &p.ReleaseNotes, &published, &p.PublishedBy, &facts}, more...)...)
	p.Published = published.Time
	if err == nil {
		err = p.Facts.decode(facts)
	}
	return &p, err
}

// Open returns a version of a package of the space's built-in feed: its file is BlobKey in the blob store. The ID is compared
// without regard to case, versions as versions: 1.0 is 1.0.0.
func Open(tx *store.Tx, spaceID, packageID, version string) (*Package, error) {
	return open(tx, spaceID, packageID, version, "")
}

// OpenForUpdate is Open with the row locked until the transaction ends.
func OpenForUpdate(tx *store.Tx, spaceID, packageID, version string) (*Package, error) {
	return open(tx, spaceID, packageID, version, tx.ForUpdate())
}

func open(tx *store.Tx, spaceID, packageID, version, lock string) (*Package, error) {
	key, err := sortKey(version)
	if err != nil {
		return nil, err
	}
	p, err := scan(tx.QueryRow("SELECT "+columns+" FROM package WHERE space_id = $1 AND package_fold = $2 AND version_key = $3"+lock, spaceID, store.Fold(packageID), key))
	if errors.Is(err, store.ErrNoRow) {
		return nil, fault.NotFound("version %s of the package %q was not found in the built-in feed; push it first", version, packageID)
	}
	return p, err
}

func sortKey(version string) ([]byte, error) {
	v, err := versioning.ParseSemVer(version)
	if err != nil {
		return nil, fault.Invalid("%q is not a version: %v", version, err)
	}
	return v.SortKey(), nil
}

// ByID returns the package with the document's ID, "packages-Acme.Web.1.0.0" or "Acme.Web.1.0.0".
func ByID(tx *store.Tx, spaceID, id string) (*Package, error) {
	name := id
	if prefix := "packages-"; len(id) > len(prefix) && strings.EqualFold(id[:len(prefix)], prefix) {
		name = id[len(prefix):]
	}
	p, err := scan(tx.QueryRow("SELECT "+columns+" FROM package WHERE space_id = $1 AND name_fold = $2 ORDER BY seq LIMIT 1", spaceID, store.Fold(name)))
	if err == nil || !errors.Is(err, store.ErrNoRow) {
		return p, err
	}
	packageID, version, err := SplitName(name)
	if err == nil {
		p, err = Open(tx, spaceID, packageID, version.String())
	}
	if err != nil && fault.KindOf(err) != fault.Unexpected {
		return nil, fault.NotFound("the package %q was not found", id)
	}
	return p, err
}

// Insert writes the row of a package whose file is whole. A version that exists is a fault of kind Conflict.
func (p *Package) Insert(tx *store.Tx) error {
	v, err := versioning.ParseSemVer(p.Version)
	if err != nil {
		return fault.Invalid("%q is not a version: %v", p.Version, err)
	}
	_, seq, err := tx.NextID("packages-")
	if err != nil {
		return err
	}
	facts, err := p.Facts.encode()
	if err != nil {
		return err
	}
	p.Prerelease, p.Published = v.IsPrerelease(), tx.Now
	_, err = tx.Exec("INSERT INTO package ("+columns+`, seq, package_fold, version_key, name_fold)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
		p.SpaceID, p.PackageID, p.Version, p.Prerelease, p.Extension, p.BlobKey, p.Size, p.SHA1, p.SHA256, p.Title, p.Summary, p.Description, p.ReleaseNotes,
		store.At(p.Published), p.PublishedBy, facts, seq, store.Fold(p.PackageID), v.SortKey(), store.Fold(p.PackageID+"."+p.Version))
	if store.IsUnique(err) {
		return Exists(p.PackageID, p.Version)
	}
	return err
}

// Replace writes the row of a package whose file is whole over that of old, the same version, which is locked.
func (p *Package) Replace(tx *store.Tx, old *Package) error {
	v, err := versioning.ParseSemVer(p.Version)
	if err != nil {
		return fault.Invalid("%q is not a version: %v", p.Version, err)
	}
	facts, err := p.Facts.encode()
	if err != nil {
		return err
	}
	p.Prerelease, p.Published = v.IsPrerelease(), tx.Now
	n, err := tx.Exec(`UPDATE package SET package_id = $3, version = $4, prerelease = $5, name_fold = $6, extension = $7, blob_key = $8, size = $9, sha1 = $10, sha256 = $11,
		title = $12, summary = $13, description = $14, release_notes = $15, published = $16, published_by = $17, facts = $18 WHERE space_id = $1 AND blob_key = $2`,
		old.SpaceID, old.BlobKey, p.PackageID, p.Version, p.Prerelease, store.Fold(p.PackageID+"."+p.Version), p.Extension, p.BlobKey, p.Size, p.SHA1, p.SHA256,
		p.Title, p.Summary, p.Description, p.ReleaseNotes, store.At(p.Published), p.PublishedBy, facts)
	if err == nil && n != 1 {
		return fault.Conflict("version %s of the package %q was changed by somebody else during the upload; push it again", p.Version, p.PackageID)
	}
	return err
}

// Exists is the fault of an upload of a version that is there.
func Exists(packageID, version string) *fault.Error {
	return fault.Conflict("version %s of the package %q exists already; push it with another version, or with overwriteMode=OverwriteExisting to replace it", version, packageID)
}

// Delete removes the row of a package. Its file is for the caller to delete, once the transaction is committed.
func (p *Package) Delete(tx *store.Tx) error {
	n, err := tx.Exec("DELETE FROM package WHERE space_id = $1 AND blob_key = $2", p.SpaceID, p.BlobKey)
	if err == nil && n == 0 {
		return fault.NotFound("the package %q was not found", p.ID())
	}
	return err
}

// Count returns how many versions of packages the space has.
func Count(tx *store.Tx, spaceID string) (n int, err error) {
	err = tx.QueryRow("SELECT COUNT(*) FROM package WHERE space_id = $1", spaceID).Scan(&n)
	return n, err
}

// SetTexts writes what is said about a package: title, summary, description, release notes.
func (p *Package) SetTexts(tx *store.Tx) error {
	_, err := tx.Exec("UPDATE package SET title = $3, summary = $4, description = $5, release_notes = $6 WHERE space_id = $1 AND blob_key = $2",
		p.SpaceID, p.BlobKey, clean(p.Title), clean(p.Summary), clean(p.Description), clean(p.ReleaseNotes))
	return err
}

// Base returns the version of a package from which a delta to the version is likely to be small: the newest one before it, else the
// newest one. It is a fault of kind NotFound where there is no other version.
func Base(tx *store.Tx, spaceID, packageID, version string) (*Package, error) {
	key, err := sortKey(version)
	if err != nil {
		return nil, err
	}
	for _, where := range []string{" AND version_key < $3", " AND version_key > $3"} {
		p, err := scan(tx.QueryRow("SELECT "+columns+" FROM package WHERE space_id = $1 AND package_fold = $2"+where+" ORDER BY version_key DESC LIMIT 1",
			spaceID, store.Fold(packageID), key))
		if err == nil || !errors.Is(err, store.ErrNoRow) {
			return p, err
		}
	}
	return nil, fault.NotFound("the built-in feed has no other version of the package %q; push the whole package", packageID)
}
