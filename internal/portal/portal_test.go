package portal

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func ask(t *testing.T, h http.Handler, method, target string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func small(t *testing.T) *Handler {
	t.Helper()
	h, err := newOf(fstest.MapFS{
		"index.html":              {Data: []byte("<html>the page</html>")},
		"assets/index-abc123.js":  {Data: []byte(strings.Repeat("let a = 1;\n", 200))},
		"assets/index-abc123.css": {Data: []byte("a{}")},
		"placeholder.txt":         {Data: []byte("x")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		path, kind, cache, has string
		status                 int
	}{
		{"/app", "text/html; charset=utf-8", "no-cache", "the page", 200},
		{"/app/", "text/html; charset=utf-8", "no-cache", "the page", 200},
		{"/app/Spaces-1/projects/shop", "text/html; charset=utf-8", "no-cache", "the page", 200},
		{"/app/index.html", "text/html; charset=utf-8", "no-cache", "the page", 200},
		{"/app/assets/index-abc123.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "let a", 200},
		{"/app/assets/index-abc123.css", "text/css; charset=utf-8", "public, max-age=31536000, immutable", "a{}", 200},
		{"/app/assets/index-of-another-release.js", "text/plain; charset=utf-8", "", "not found", 404},
	}
	h := small(t)
	for _, tt := range tests {
		w := ask(t, h, "GET", tt.path)
		if w.Code != tt.status || w.Header().Get("Content-Type") != tt.kind || w.Header().Get("Cache-Control") != tt.cache || !strings.Contains(w.Body.String(), tt.has) {
			t.Errorf("%s: %d %v %q", tt.path, w.Code, w.Header(), w.Body)
		}
		if got := w.Header().Get("Content-Security-Policy"); !strings.Contains(got, "script-src 'self';") || strings.Contains(got, "script-src 'self' 'unsafe-inline'") {
			t.Errorf("%s: the policy is %q", tt.path, got)
		}
	}
}

func TestCompressedAndUnchanged(t *testing.T) {
	t.Parallel()
	h := small(t)
	w := ask(t, h, "GET", "/app/assets/index-abc123.js", "Accept-Encoding", "br, gzip")
	if w.Header().Get("Content-Encoding") != "gzip" || w.Body.Len() > 200 {
		t.Errorf("not compressed: %v, %d bytes", w.Header(), w.Body.Len())
	}
	if again := ask(t, h, "GET", "/app/assets/index-abc123.js", "If-None-Match", w.Header().Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
		t.Errorf("unchanged: %d, %d bytes", again.Code, again.Body.Len())
	}
	if head := ask(t, h, "HEAD", "/app/"); head.Code != http.StatusOK || head.Body.Len() > 0 {
		t.Errorf("HEAD: %d, %d bytes", head.Code, head.Body.Len())
	}
	if post := ask(t, h, "POST", "/app/"); post.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", post.Code)
	}
}

func TestUnbuilt(t *testing.T) {
	t.Parallel()
	h, err := newOf(fstest.MapFS{"placeholder.txt": {Data: []byte("x")}})
	if err != nil {
		t.Fatal(err)
	}
	if w := ask(t, h, "GET", "/app/anything"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "make build") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestEmbedded(t *testing.T) {
	t.Parallel()
	h, err := New()
	if err != nil {
		t.Fatal(err)
	}
	if w := ask(t, h, "GET", "/app/"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "<html") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
