package feedapi

import (
	"io"
	"mime"
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/store"
)

// download sends the file of a package, or the part of it that the request's Range asks for.
func (ps packages) download(c *api.Call) error {
	if err := c.Require(access.BuiltInFeedDownload, access.Whichever(c.SpaceID())); err != nil {
		return err
	}
	var p *feed.Package
	err := c.Read(func(tx *store.Tx) (err error) {
		p, err = feed.ByID(tx, c.SpaceID(), c.Param("id"))
		return err
	})
	if err != nil {
		return err
	}
	return ps.send(c, p)
}

// send sends the file of a package.
func (ps packages) send(c *api.Call, p *feed.Package) error {
	file := ps.Repository.Reader(c.Request.Context(), p)
	defer file.Close()
	if _, err := file.Read(nil); err != nil { // a missing file is an error, not an empty answer
		return err
	}
	h := c.Writer.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": p.FileName()}))
	h.Set("ETag", `"`+p.SHA256+`"`)
	h.Set("X-Checksum-SHA1", p.SHA1)
	http.ServeContent(c.Writer, c.Request, "", p.Published, file)
	return nil
}

// notes answers with the release notes of a version as text.
func notes(c *api.Call, set *api.Set[feed.Feed]) error {
	var text string
	err := c.Read(func(tx *store.Tx) error {
		if _, err := served(c, tx, set); err != nil {
			return err
		}
		p, err := feed.Open(tx, c.SpaceID(), c.Query("packageId"), c.Query("version"))
		if err != nil {
			return err
		}
		text = p.ReleaseNotes
		return nil
	})
	if err != nil {
		return err
	}
	c.Writer.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(c.Writer, text) // the caller is gone, or not
	return nil
}
