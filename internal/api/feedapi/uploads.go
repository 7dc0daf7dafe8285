package feedapi

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/store"
)

// The modes of an upload of a version that may be there.
const (
	failIfExists      = "FailIfExists"
	ignoreIfExists    = "IgnoreIfExists"
	overwriteExisting = "OverwriteExisting"
)

// drained is how much of an upload that is refused is still read: a client that is not heard out sees a broken connection, and not the
// answer.
const drained = 1 << 30

// Signature is what a client makes a delta with. The signature is base64 on the wire.
type Signature struct {
	Signature   []byte
	BaseVersion string
}

func registerUploads(e *api.Engine, cfg Config) {
	ps := packages{cfg}
	e.AddLink("PackageUpload", "{s}/packages/raw{?replace,overwriteMode}")
	e.AddLink("PackageDeltaSignature", "{s}/packages/{packageId}/{version}/delta-signature")
	e.AddLink("PackageDeltaUpload", "{s}/packages/{packageId}/{baseVersion}/delta{?replace,overwriteMode}")
	queries := []string{"replace", "overwriteMode"}
	e.Handle(
		api.Operation{Method: http.MethodPost, Path: "packages/raw", Where: api.InSpace, Permission: access.BuiltInFeedPush, Summary: "Push a package: its file, as multipart/form-data or as it is",
			Out: Package{}, Queries: append([]string{"fileName"}, queries...), Handler: ps.push},
		api.Operation{Method: http.MethodPost, Path: "packages/{packageId}/{baseVersion}/delta", Where: api.InSpace, Permission: access.BuiltInFeedPush,
			Summary: "Push a package as the difference to a version that is there", Out: Package{}, Queries: queries, Handler: ps.pushDelta},
		api.Operation{Method: http.MethodGet, Path: "packages/{packageId}/{version}/delta-signature", Where: api.InSpace, Permission: access.BuiltInFeedPush,
			Summary: "The signature of the version from which a delta to the named one is best made", Out: Signature{}, Handler: ps.signature},
	)
}

// overwrite reads what is to happen to a version that is there.
func overwrite(c *api.Call) (string, error) {
	mode := c.Query("overwriteMode")
	for _, known := range []string{failIfExists, ignoreIfExists, overwriteExisting} {
		if strings.EqualFold(mode, known) {
			return known, nil
		}
	}
	if mode != "" {
		return "", fault.Invalid("the query's overwriteMode is %q; it must be FailIfExists, IgnoreIfExists or OverwriteExisting", mode)
	}
	replace, err := c.QueryBool("replace")
	if replace {
		return overwriteExisting, err
	}
	return failIfExists, err
}

func (ps packages) push(c *api.Call) error {
	return ps.receive(c, func(file content, name feed.FileName) (*feed.Package, error) {
		return ps.Repository.Store(c.Request.Context(), c.SpaceID(), name, file)
	})
}

func (ps packages) pushDelta(c *api.Call) error {
	var base *feed.Package
	err := c.Read(func(tx *store.Tx) (err error) {
		base, err = feed.Open(tx, c.SpaceID(), c.Param("packageId"), c.Param("baseVersion"))
		return err
	})
	if err != nil {
		return err
	}
	return ps.receive(c, func(file content, name feed.FileName) (*feed.Package, error) {
		if store.Fold(name.PackageID) != store.Fold(base.PackageID) {
			return nil, fault.Invalid("the delta is one to %s, but the file name %q is of another package", base.PackageID, file.name)
		}
		return ps.Repository.Patch(c.Request.Context(), base, name, file)
	})
}

// receive takes an upload through: who may, which version, is it there, the file, the row.
func (ps packages) receive(c *api.Call, keep func(file content, name feed.FileName) (*feed.Package, error)) error {
	if err := c.Require(access.BuiltInFeedPush, access.Whichever(c.SpaceID())); err != nil {
		return err
	}
	mode, err := overwrite(c)
	if err != nil {
		return err
	}
	file, err := uploaded(c.Request)
	if err != nil {
		return err
	}
	name, err := feed.ParseFileName(file.name)
	if err != nil {
		drain(file)
		return err
	}
	if err := ps.expected(c, name, mode); err != nil {
		drain(file)
		return err
	}
	if mode == ignoreIfExists {
		if exists, err := ps.exists(c, name); err != nil {
			return err
		} else if exists {
			drain(file)
			return ps.answer(c, nil, name, mode)
		}
	}
	p, err := keep(file, name)
	if err != nil {
		drain(file)
		return err
	}
	drain(file) // the end of a multipart body
	return ps.answer(c, p, name, mode)
}

func drain(r io.Reader) { _, _ = io.CopyN(io.Discard, r, drained) }

func (ps packages) exists(c *api.Call, name feed.FileName) (exists bool, err error) {
	err = c.Read(func(tx *store.Tx) error {
		_, err := feed.Open(tx, c.SpaceID(), name.PackageID, name.Version.String())
		exists = err == nil
		if fault.Is(err, fault.KindNotFound) {
			return nil
		}
		return err
	})
	return exists, err
}

// expected refuses an upload early that would be refused in the end.
func (ps packages) expected(c *api.Call, name feed.FileName, mode string) error {
	if mode == ignoreIfExists {
		return nil
	}
	exists, err := ps.exists(c, name)
	switch {
	case err != nil || !exists:
		return err
	case mode == failIfExists:
		return feed.Exists(name.PackageID, name.Version.String())
	}
	return c.Require(access.BuiltInFeedAdminister, access.Whichever(c.SpaceID()))
}

// answer writes the row of the stored package p, and tells what came of it. p is nil where the version was there and nothing was
// stored. The file is discarded wherever the row does not name it in the end.
func (ps packages) answer(c *api.Call, p *feed.Package, name feed.FileName, mode string) error {
	var used bool
	var replaced *feed.Package
	write := func() error {
		return c.Write(func(tx *store.Tx) (api.Reply, error) {
			used, replaced = false, nil
			old, err := feed.OpenForUpdate(tx, c.SpaceID(), name.PackageID, name.Version.String())
			switch {
			case err == nil && mode == ignoreIfExists:
				return ps.reply(c, tx, old, http.StatusOK)
			case err == nil && mode == failIfExists:
				return api.Reply{}, feed.Exists(name.PackageID, name.Version.String())
			case err == nil:
				if err := c.Require(access.BuiltInFeedAdminister, access.Whichever(c.SpaceID())); err != nil {
					return api.Reply{}, err
				}
				used, replaced = true, old
				return ps.write(c, tx, p, func() error { return p.Replace(tx, old) })
			case !fault.Is(err, fault.KindNotFound):
				return api.Reply{}, err
			}
			if p == nil {
				return api.Reply{}, fault.Conflict("version %s of the package %q was deleted during the upload; push it again", name.Version, name.PackageID)
			}
			used = true
			return ps.write(c, tx, p, func() error { return p.Insert(tx) })
		})
	}
	err := write()
	for try := 0; try < 3 && mode != failIfExists && fault.Is(err, fault.KindConflict) && p != nil; try++ {
		err = write() // another upload of the version came between; now its row is there
	}
	ctx := c.Request.Context()
	if p != nil && (err == nil && !used || refused(err)) {
		ps.Repository.Discard(ctx, p)
	}
	if err == nil && used && replaced != nil {
		ps.Repository.Retire(ctx, replaced)
	}
	return err
}

// refused reports whether the row is surely not there. After other errors it may be: then the file stays until the next sweep.
func refused(err error) bool {
	switch fault.KindOf(err) {
	case fault.Unexpected, fault.KindUnknownResult, fault.KindUnavailable:
		return false
	}
	return true
}

// write makes the version known.
func (ps packages) write(c *api.Call, tx *store.Tx, p *feed.Package, row func() error) (api.Reply, error) {
	p.PublishedBy = c.Actor.Username
	if err := row(); err != nil {
		return api.Reply{}, err
	}
	if ps.OnPushed != nil {
		if err := ps.OnPushed(tx, p); err != nil {
			return api.Reply{}, err
		}
	}
	if err := record(c, tx, audit.PackagePushed, p, "Package "+p.PackageID+" version "+p.Version+" was pushed to the built-in feed"); err != nil {
		return api.Reply{}, err
	}
	return ps.reply(c, tx, p, http.StatusCreated)
}

func (ps packages) reply(c *api.Call, tx *store.Tx, p *feed.Package, status int) (api.Reply, error) {
	feedID, err := builtIn(c, tx)
	if err != nil {
		return api.Reply{}, err
	}
	shown, err := ps.show(c, tx, p, feedID, true)
	return api.Reply{Status: status, Body: shown, Location: c.Link("{s}/packages/" + url.PathEscape(p.ID()))}, err
}

func (ps packages) signature(c *api.Call) error {
	if err := c.Require(access.BuiltInFeedPush, access.Whichever(c.SpaceID())); err != nil {
		return err
	}
	var base *feed.Package
	err := c.Read(func(tx *store.Tx) (err error) {
		base, err = feed.Base(tx, c.SpaceID(), c.Param("packageId"), c.Param("version"))
		return err
	})
	if err != nil {
		return err
	}
	var text bytes.Buffer
	ok, err := ps.Repository.Signature(c.Request.Context(), base, &text)
	if err != nil {
		return err
	}
	if !ok {
		return fault.NotFound("version %s of the package %q is too large for deltas; push the whole package", base.Version, base.PackageID)
	}
	return c.JSON(http.StatusOK, Signature{text.Bytes(), base.Version})
}
