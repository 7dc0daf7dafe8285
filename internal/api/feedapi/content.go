package feedapi

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
)

const (
	maxParts = 100     // of a multipart body, before the file
	maxField = 1 << 20 // bytes of a part that is no file
)

// content is an uploaded file on its way in.
type content struct {
	io.Reader
	name string
}

// uploaded finds the file in the request: the first part with a file name of a multipart body, or a raw body whose name is in
// Content-Disposition or in the query's fileName.
func uploaded(r *http.Request) (content, error) {
	mediaType, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(mediaType, "multipart/") {
		name := fileName(r.Header.Get("Content-Disposition"))
		for key, values := range r.URL.Query() {
			if name == "" && strings.EqualFold(key, "fileName") {
				name = values[0]
			}
		}
		if name == "" {
			return content{}, fault.Invalid("the upload has no file name; send it as multipart/form-data, with a part whose file name is like Acme.Web.1.0.0.zip")
		}
		return content{cutReader{r.Body}, name}, nil
	}
	if params["boundary"] == "" {
		return content{}, fault.Invalid("the upload's Content-Type has no boundary; send it as multipart/form-data; boundary=…")
	}
	parts := multipart.NewReader(newTailReader(r.Body, params["boundary"]), params["boundary"])
	for range maxParts {
		part, err := parts.NextRawPart()
		switch {
		case errors.Is(err, io.EOF):
			return content{}, fault.Invalid("the upload has no part with a file; send one part with a file name such as Acme.Web.1.0.0.zip")
		case err != nil:
			return content{}, fault.Invalid("the upload is not valid multipart/form-data, or was cut; send it again").Because(err)
		}
		if name := fileName(part.Header.Get("Content-Disposition")); name != "" {
			return content{cutReader{part}, name}, nil
		}
		if n, err := io.Copy(io.Discard, io.LimitReader(part, maxField+1)); err != nil || n > maxField {
			return content{}, fault.Invalid("the upload has a part without a file name that is larger than %d bytes, or was cut; put the file into a part with a file name", maxField)
		}
	}
	return content{}, fault.Invalid("the upload has more than %d parts before its file; send the file first", maxParts)
}

// cutReader tells an upload that stopped from one that ended.
type cutReader struct{ r io.Reader }

func (c cutReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return n, fault.Invalid("the upload was cut before its end; nothing of it was kept, send it again").Because(err)
	}
	return n, err
}

// fileName reads the file name of a Content-Disposition. Clients write it in more ways than the standard has: unquoted with blanks and
// raw UTF-8, or encoded as in a mail's header.
func fileName(disposition string) string {
	if _, params, err := mime.ParseMediaType(disposition); err == nil && params["filename"] != "" {
		return decodeWord(params["filename"])
	}
	name := ""
	for _, field := range strings.Split(disposition, ";") {
		key, value, found := strings.Cut(field, "=")
		if !found {
			continue
		}
		value = strings.Trim(strings.TrimSpace(value), `"`)
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "filename*":
			if _, encoded, ok := strings.Cut(value, "''"); ok {
				if plain, err := url.PathUnescape(encoded); err == nil {
					return plain
				}
			}
		case "filename":
			name = decodeWord(value)
		}
	}
	return name
}

func decodeWord(text string) string {
	if plain, err := new(mime.WordDecoder).DecodeHeader(text); err == nil {
		return plain
	}
	return text
}
