package artifactapi

import (
	"context"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/artifact"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// download sends the content, or the part of it that the request's Range asks for.
func (a *artifacts) download(c *api.Call) error {
	var doc *artifact.Artifact
	var f artifact.File
	err := c.Read(func(tx *store.Tx) (err error) {
		if doc, err = a.Load(c, tx, c.Param("id")); err == nil {
			f, err = artifact.Content(tx, doc.ID)
		}
		return err
	})
	if err != nil {
		return err
	}
	file := blob.NewSeeker(c.Request.Context(), a.files, f.Key, f.Size, f.SHA256)
	defer file.Close()
	if _, err := file.Read(nil); err != nil { // a missing file is an error, not an empty answer
		return err
	}
	if err := a.noteDownload(c, doc); err != nil {
		return err
	}
	name := downloadName(doc.Filename)
	h := c.Writer.Header()
	h.Set("Content-Type", contentType(name))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	// What a browser is made to show of it in spite of that runs nothing.
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	if f.SHA256 != "" {
		h.Set("ETag", `"`+f.SHA256+`"`)
	}
	http.ServeContent(&patient{c.Writer}, c.Request, "", f.At, file)
	return nil
}

// noteDownload records a download once, not for each of its parts.
func (a *artifacts) noteDownload(c *api.Call, doc *artifact.Artifact) error {
	if c.Request.Method == http.MethodHead || c.Request.Header.Get("Range") != "" && !strings.HasPrefix(c.Request.Header.Get("Range"), "bytes=0-") {
		return nil
	}
	return a.engine.DB.Write(c.Request.Context(), func(tx *store.Tx) error {
		return c.Record(tx, audit.Entry{Category: audit.ArtifactDownloaded, SpaceID: doc.SpaceID, DocumentID: doc.ID, DocumentType: "Artifacts",
			Message: fmt.Sprintf("The artifact %s was downloaded", doc.Filename), Subjects: []audit.Subject{{ID: doc.ID, Name: doc.Filename}}, Related: doc.Regarding()})
	})
}

// downloadName is the last part of a file name that a script has given, without anything that leads elsewhere.
func downloadName(name string) string {
	name = strings.TrimSpace(path.Base(strings.ReplaceAll(name, `\`, "/")))
	if name == "." || name == ".." || name == "/" || name == "" {
		return "artifact"
	}
	return name
}

// contentType names the types that a browser does not run; anything else is bytes.
func contentType(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".txt", ".log", ".csv", ".md", ".sql", ".yml", ".yaml", ".ini", ".tf", ".tfplan":
		return "text/plain; charset=utf-8"
	case ".json":
		return "application/json"
	case ".pdf":
		return "application/pdf"
	case ".png":
		return "image/png"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".zip":
		return "application/zip"
	}
	return "application/octet-stream"
}

// upload replaces the content by the request's body: the bytes themselves, or a form with one file.
func (a *artifacts) upload(c *api.Call) error {
	var doc *artifact.Artifact
	err := c.Read(func(tx *store.Tx) (err error) {
		if doc, err = a.Load(c, tx, c.Param("id")); err == nil {
			err = c.RequireAll(access.ArtifactEdit, scope(doc))
		}
		return err
	})
	if err != nil {
		return err
	}
	body, err := uploaded(c.Request)
	if err != nil {
		return err
	}
	f, err := artifact.Receive(c.Request.Context(), a.engine.DB, a.files, doc.SpaceID, doc.ID, body)
	if err != nil {
		return err
	}
	err = c.Write(func(tx *store.Tx) (api.Reply, error) { return a.settle(c, tx, doc.ID, f) })
	if err != nil && !fault.Is(err, fault.KindUnknownResult) {
		a.discard(c, f.Key)
	}
	return err
}

// settle makes the received file the artifact's content.
func (a *artifacts) settle(c *api.Call, tx *store.Tx, id string, f artifact.File) (api.Reply, error) {
	doc, err := a.LoadForUpdate(c, tx, id, access.ArtifactEdit)
	if err != nil {
		return api.Reply{}, err
	}
	before, err := artifact.Settle(tx, doc, f)
	if err != nil {
		return api.Reply{}, err
	}
	old := *doc
	if err := a.Replace(c, tx, doc, &old); err != nil {
		return api.Reply{}, err
	}
	if before != "" {
		tx.OnCommit(func() { a.discard(c, before) })
	}
	shown, err := a.Show(c, tx, doc)
	return api.Reply{Body: shown}, err
}

// uploaded finds the content in a request.
func uploaded(r *http.Request) (io.Reader, error) {
	mediaType, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(mediaType, "multipart/") {
		return whole{r.Body}, nil
	}
	part, err := multipart.NewReader(r.Body, params["boundary"]).NextPart()
	if err != nil {
		return nil, fault.Invalid("the upload is not valid multipart/form-data; send one part with the file, or the bytes themselves as the body").Because(err)
	}
	return whole{part}, nil
}

// whole tells an upload that was cut from one that ended.
type whole struct{ r io.Reader }

func (w whole) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && err != io.EOF {
		return n, fault.Invalid("the upload was cut before its end; nothing of it was kept, send it again").Because(err)
	}
	return n, err
}

// discard deletes files that nothing holds any more; what fails is swept later.
func (a *artifacts) discard(c *api.Call, keys ...string) {
	if err := artifact.Discard(context.WithoutCancel(c.Request.Context()), a.engine.DB, a.files, keys...); err != nil {
		a.engine.Logger.Info("files of artifacts could not be deleted now; they are swept later", "files", len(keys), "error", err)
	}
}

// patience is how long a client may take for one portion.
const patience = time.Minute

// patient writes to a client that may be slow, but has to take a portion now and then.
type patient struct{ http.ResponseWriter }

func (p *patient) Write(b []byte) (int, error) {
	_ = http.NewResponseController(p.ResponseWriter).SetWriteDeadline(time.Now().Add(patience)) // not every connection has one
	return p.ResponseWriter.Write(b)
}
