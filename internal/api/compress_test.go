package api

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAcceptsGzip(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]bool{
		"": false, "gzip": true, "GZip": true, "x-gzip": true, "deflate, gzip": true, "br;q=1.0, gzip;q=0.8, *;q=0.1": true, "*": true, "gzip ; q=0.5 , br": true,
		"gzip;q=0": false, "gzip;q=0.000": false, "*;q=0": false, "gzip;q=0, *": false, "identity": false, "br": false, "identity;q=0.5, gzip;q=0.4": false,
		"identity;q=0, gzip;q=0.1": true, "gzip;q=2": false, "gzip;q=x": false, "gzip;level=1": false, "gzippy": false, ",,": false, "gzip;q=-1": false, "gzip;q=NaN": false,
	} {
		if got := acceptsGzip([]string{header}); got != want {
			t.Errorf("Accept-Encoding %q: %v", header, got)
		}
	}
	if !acceptsGzip([]string{"br", "gzip"}) || acceptsGzip(nil) {
		t.Error("the header is read wrongly where it stands twice, or not at all")
	}
}

// seen is an answer as it went over the wire.
type seen struct {
	Status                      int
	Encoding, Vary, Length, Tag string
	Body                        string
	Compressed, FewerBytes      bool
}

func TestWhatIsCompressed(t *testing.T) {
	t.Parallel()
	long := strings.Repeat(`{"Name":"some words"},`, 200)
	length := strconv.Itoa(len(long))
	const json = "application/json; charset=utf-8"
	write := func(kind string, more ...string) func(*writer) {
		return func(w *writer) {
			w.Header().Set("Content-Type", kind)
			for i := 0; i+1 < len(more); i += 2 {
				w.Header().Set(more[i], more[i+1])
			}
			_, _ = io.WriteString(w, long)
		}
	}
	packed := seen{Status: 200, Encoding: "gzip", Vary: "Accept-Encoding", Body: long, Compressed: true, FewerBytes: true}
	plain := seen{Status: 200, Body: long}
	varied := plain
	varied.Vary = "Accept-Encoding"
	tests := []struct {
		name, method, accept string
		answer               func(*writer)
		want                 seen
	}{
		{"JSON", "GET", "gzip", write(json), packed},
		{"JSON of a known length", "GET", "gzip", write(json, "Content-Length", length), packed},
		{"text", "GET", "gzip", write("text/plain; charset=utf-8"), packed},
		{"a picture that is text", "GET", "gzip", write("image/svg+xml"), packed},
		{"a feed", "GET", "gzip", write("application/atom+xml; type=feed"), packed},
		{"a strong tag becomes weak", "GET", "gzip", write(json, "ETag", `"3"`), with(packed, func(s *seen) { s.Tag = `W/"3"` })},
		{"a tag without gzip stays", "GET", "", write(json, "ETag", `"3"`), with(varied, func(s *seen) { s.Tag = `"3"` })},
		{"the caller takes no gzip", "GET", "br", write(json), varied},
		{"a length that was told stays", "GET", "", write(json, "Content-Length", length), with(varied, func(s *seen) { s.Length = length })},
		{"an archive", "GET", "gzip", write("application/zip"), plain},
		{"bytes", "GET", "gzip", write("application/octet-stream"), plain},
		{"no type", "GET", "gzip", write(""), plain},
		{"what is gzipped already", "GET", "gzip", write(json, "Content-Encoding", "zstd"), with(plain, func(s *seen) { s.Encoding = "zstd" })},
		{"a file with ranges", "GET", "gzip", write("text/plain", "Accept-Ranges", "bytes"), plain},
		{"a session", "GET", "gzip", write(json, "Set-Cookie", "session=1"), plain},
		{"a key", "GET", "gzip", func(w *writer) {
			c := &Call{Engine: w.engine, Request: w.request, Writer: w}
			if err := c.send(Reply{Secret: true, Body: strings.Repeat("k", 2000)}); err != nil {
				t.Error(err)
			}
		}, with(plain, func(s *seen) { s.Body = `"` + strings.Repeat("k", 2000) + `"` })},
		{"no key", "GET", "gzip", func(w *writer) {
			c := &Call{Engine: w.engine, Request: w.request, Writer: w}
			if err := c.JSON(http.StatusOK, strings.Repeat("k", 2000)); err != nil {
				t.Error(err)
			}
		}, with(packed, func(s *seen) { s.Body = `"` + strings.Repeat("k", 2000) + `"` })},
		{"HEAD", "HEAD", "gzip", write(json, "Content-Length", length, "ETag", `"3"`), seen{Status: 200, Encoding: "gzip", Vary: "Accept-Encoding", Tag: `W/"3"`}},
		{"HEAD without gzip", "HEAD", "", write(json, "Content-Length", length), seen{Status: 200, Vary: "Accept-Encoding", Length: length}},
		{"short", "GET", "gzip", func(w *writer) {
			w.Header().Set("Content-Type", json)
			_, _ = io.WriteString(w, long[:1023])
		}, with(varied, func(s *seen) { s.Body, s.Length = long[:1023], "1023" })},
		{"short, a little at a time", "GET", "gzip", func(w *writer) {
			w.Header().Set("Content-Type", json)
			w.WriteHeader(http.StatusCreated)
			for i := range 1024 {
				_, _ = io.WriteString(w, long[i:i+1])
			}
		}, with(packed, func(s *seen) { s.Status, s.Body = 201, long[:1024] })},
		{"an error", "GET", "gzip", func(w *writer) {
			w.Header().Set("Content-Type", json)
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, long)
		}, with(packed, func(s *seen) { s.Status = 400 })},
		{"not modified", "GET", "gzip", func(w *writer) {
			w.Header().Set("Content-Type", json)
			w.Header().Set("ETag", `"3"`)
			w.WriteHeader(http.StatusNotModified)
		}, seen{Status: 304, Tag: `"3"`}},
		{"a range", "GET", "gzip", func(w *writer) {
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(http.StatusPartialContent)
			_, _ = io.WriteString(w, long)
		}, with(plain, func(s *seen) { s.Status = 206 })},
		{"nothing", "GET", "gzip", func(w *writer) {
			w.Header().Set("Content-Type", json)
			w.WriteHeader(http.StatusNoContent)
		}, seen{Status: 204}},
		{"nothing at all", "GET", "gzip", func(*writer) {}, seen{Status: 200, Length: "0"}},
	}
	e := New(Config{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for range 2 { // with a new packer, and perhaps with a used one
				got := exchange(t, tt.method, tt.accept, func(w http.ResponseWriter, r *http.Request) {
					out := &writer{ResponseWriter: w, engine: e, request: r}
					tt.answer(out)
					out.finish()
				})
				if tt.want.Length == "" { // or whatever net/http counted
					got.Length = ""
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			}
		})
	}
}

func with(s seen, change func(*seen)) seen {
	change(&s)
	return s
}

// exchange asks a server of its own, and takes what comes as it is.
func exchange(t *testing.T, method, accept string, handler http.HandlerFunc) seen {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), method, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if accept != "" {
		request.Header.Set("Accept-Encoding", accept)
	}
	raw := &http.Transport{DisableCompression: true}
	defer raw.CloseIdleConnections()
	answer, err := raw.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	h := answer.Header
	got := seen{Status: answer.StatusCode, Encoding: h.Get("Content-Encoding"), Vary: h.Get("Vary"), Length: h.Get("Content-Length"), Tag: h.Get("ETag"), Body: string(body)}
	if got.Encoding == "gzip" && len(body) > 0 {
		unpacked, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		whole, err := io.ReadAll(unpacked)
		if err != nil {
			t.Fatal(err)
		}
		got.Body, got.Compressed, got.FewerBytes = string(whole), true, len(body) < len(whole)/2
	}
	return got
}

// TestFlushedAtOnce reads each part of an answer before the next one is written.
func TestFlushedAtOnce(t *testing.T) {
	t.Parallel()
	e := New(Config{})
	for _, tt := range []struct{ name, kind, first, encoding string }{
		{"a stream of events", "text/event-stream", "data: 1\n\n", ""},
		{"text, short at first", "text/plain", "one\n", ""},
		{"text, long at first", "text/plain", strings.Repeat("one of many\n", 200), "gzip"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			read := make(chan struct{})
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				out := &writer{ResponseWriter: w, engine: e, request: r}
				out.Header().Set("Content-Type", tt.kind)
				for _, part := range []string{tt.first, "two\n"} {
					_, _ = io.WriteString(out, part)
					if err := http.NewResponseController(out).Flush(); err != nil {
						t.Error(err)
					}
					select {
					case <-read:
					case <-r.Context().Done():
						t.Error("the client went before it had read")
						return
					}
				}
				out.finish()
			}))
			defer server.Close()
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Accept-Encoding", "gzip")
			server.Client().Timeout = time.Minute
			answer, err := server.Client().Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			body := io.Reader(answer.Body)
			if answer.Header.Get("Content-Encoding") != tt.encoding {
				t.Fatalf("Content-Encoding %q", answer.Header.Get("Content-Encoding"))
			}
			if tt.encoding == "gzip" {
				if body, err = gzip.NewReader(body); err != nil {
					t.Fatal(err)
				}
			}
			for _, part := range []string{tt.first, "two\n"} {
				got := make([]byte, len(part))
				if _, err := io.ReadFull(body, got); err != nil || string(got) != part {
					t.Fatalf("%q, %v", got, err)
				}
				read <- struct{}{}
			}
			if rest, err := io.ReadAll(body); err != nil || len(rest) > 0 {
				t.Errorf("%q, %v", rest, err)
			}
		})
	}
}

// TestBrokenAnswer fails when a part of an answer has been written.
func TestBrokenAnswer(t *testing.T) {
	t.Parallel()
	e := New(Config{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := &writer{ResponseWriter: w, engine: e, request: r}
		out.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(out, strings.Repeat("one of many\n", 200))
		e.fail(&Call{Engine: e, Request: r, Writer: out}, errors.New("no more"))
		out.finish()
	}))
	defer server.Close()
	answer, err := server.Client().Get(server.URL)
	if err != nil {
		return // it broke before the first byte had left
	}
	defer answer.Body.Close()
	if text, err := io.ReadAll(answer.Body); err == nil {
		t.Errorf("a half-sent answer of %d bytes looks whole", len(text))
	}
}
