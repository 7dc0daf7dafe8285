package feedapi

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mantledeploy/mantle/internal/feed"
)

// FuzzUpload: whatever arrives as an upload is either refused or has a name that is safe to keep.
func FuzzUpload(f *testing.F) {
	f.Add("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=file; filename=A.1.0.0.zip\r\n\r\nx\r\n--b--\r\n", "")
	f.Add(`multipart/form-data; boundary="b"`, "\r\n--b\r\nContent-Disposition: form-data; filename=\"=?utf-8?B?QS4xLnppcA==?=\"; filename*=utf-8''A%2E1.zip\r\n\r\nx", "")
	f.Add("application/octet-stream", "x", `attachment; filename="..\..\A.1.0.0.zip"`)
	f.Add("", "", "filename=;filename*=''%zz")
	f.Fuzz(func(t *testing.T, contentType, body, disposition string) {
		r := &http.Request{Header: http.Header{"Content-Type": {contentType}, "Content-Disposition": {disposition}}, Body: http.NoBody}
		r.URL = mustURL(t)
		r.Body = readCloser{strings.NewReader(body)}
		file, err := uploaded(r)
		if err != nil {
			return
		}
		name, err := feed.ParseFileName(file.name)
		if err != nil {
			return
		}
		if text := name.String(); strings.ContainsAny(text, "/\\\x00") || strings.Contains(text, "..") || !utf8.ValidString(text) || len(text) > 250 {
			t.Fatalf("%q is kept as %q", file.name, text)
		}
		drain(file)
	})
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

func mustURL(t *testing.T) *url.URL {
	t.Helper()
	u, err := url.Parse("/api/packages/raw")
	if err != nil {
		t.Fatal(err)
	}
	return u
}
