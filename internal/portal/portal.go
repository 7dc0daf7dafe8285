// Package portal serves the built portal, which is embedded from dist: its files, and its page at every other address
// below /app. It knows nothing of the API, and the API nothing of it: the portal uses what any script could use.
// internal/server imports it, nobody else.
package portal

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

// Base is the path below which the portal lives.
const Base = "/app/"

// built is what `make portal` put there; without it there is only the placeholder.
//
//go:embed dist
var built embed.FS

// Handler serves the portal.
type Handler struct {
	files map[string]file
}

// file is one built file with its gzipped form, where that is smaller.
type file struct {
	kind, tag    string
	plain, small []byte
}

// New reads the embedded files.
func New() (*Handler, error) {
	dist, err := fs.Sub(built, "dist")
	if err != nil {
		return nil, fmt.Errorf("open the embedded portal: %w", err)
	}
	return newOf(dist)
}

func newOf(dist fs.FS) (*Handler, error) {
	h := &Handler{files: map[string]file{}}
	err := fs.WalkDir(dist, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || name == "placeholder.txt" {
			return err
		}
		content, err := fs.ReadFile(dist, name)
		if err != nil {
			return err
		}
		h.files[name], err = pack(name, content)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the embedded portal: %w", err)
	}
	return h, nil
}

// pack gzips a file once, when the server starts, instead of with every request.
func pack(name string, content []byte) (file, error) {
	sum := sha256.Sum256(content)
	f := file{kind: kindOf(name), plain: content, tag: `"` + hex.EncodeToString(sum[:12]) + `"`}
	var small bytes.Buffer
	w := gzip.NewWriter(&small)
	if _, err := w.Write(content); err != nil {
		return f, err
	}
	if err := w.Close(); err != nil {
		return f, err
	}
	if small.Len() < len(content) {
		f.small = small.Bytes()
	}
	return f, nil
}

// kindOf is the media type by the name; what the system's own tables say is not asked, they differ.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".md", ".txt":
		return "text/plain; charset=utf-8"
	case ".woff2":
		return "font/woff2"
	}
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "application/octet-stream"
}

// policy lets the page load from this server alone, and no script that stands in a page. Styles may: the components place
// their measures in style elements.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// ServeHTTP answers below Base with a file, or with the page, which knows what every other address means.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "same-origin")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "the portal is read with GET", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, strings.TrimSuffix(Base, "/")), "/")
	if f, ok := h.files[name]; ok && name != "index.html" {
		h.send(w, r, f, cacheOf(name))
		return
	}
	if strings.HasPrefix(name, "assets/") { // of another release: the page that asks has to load anew
		http.NotFound(w, r)
		return
	}
	page, ok := h.files["index.html"]
	if !ok {
		h.unbuilt(w)
		return
	}
	h.send(w, r, page, "no-cache")
}

// cacheOf: a name with a hash in it never means anything else.
func cacheOf(name string) string {
	if strings.HasPrefix(name, "assets/") {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}

func (h *Handler) send(w http.ResponseWriter, r *http.Request, f file, cache string) {
	header := w.Header()
	header.Set("Content-Type", f.kind)
	header.Set("Cache-Control", cache)
	header.Set("ETag", f.tag)
	header.Set("Vary", "Accept-Encoding")
	if r.Header.Get("If-None-Match") == f.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.plain
	if f.small != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		header.Set("Content-Encoding", "gzip")
		body = f.small
	}
	header.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // the reader is gone, or not
}

// unbuilt says how to build what is not there.
func (h *Handler) unbuilt(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	fmt.Fprint(w, `<!doctype html><html lang="en"><meta charset="utf-8"><title>Mantle</title><body style="font-family:sans-serif;max-width:40em;margin:4em auto">
<h1>The portal is not built</h1>
<p>This program was built without its pages. With Node 20 and npm, in the repository:</p>
<pre>make build</pre>
<p>builds the portal and the program anew. The API works as it is: <a href="/api">/api</a>, described by <a href="/api/swagger.json">/api/swagger.json</a>.</p>
</body></html>
`)
}
