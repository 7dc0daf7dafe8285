package api

import (
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// compressedFrom is the length in bytes from which on an answer is compressed; a shorter one fits into a packet as it is.
const compressedFrom = 1024

// writer sends an answer, gzipped where the caller takes that and it pays, and knows whether the answer has begun.
//
// What holds a secret that was made for the answer (a new key, the cookies of a session) goes out as it is: the length of a compressed
// answer tells who can see it, and can make the caller ask for more of it, what else in the answer is like the secret (BREACH).
// The other answers hold no secrets: sealed values are taken out of them.
type writer struct {
	http.ResponseWriter
	engine  *Engine
	request *http.Request
	begun   bool
	// secret is set before the answer begins.
	secret bool
	// status is what waits to be sent with the beginning of an answer that did not say its length: 0 when nothing waits.
	status  int
	waiting []byte
	gzip    *gzip.Writer
}

// WriteHeader implements http.ResponseWriter.
func (w *writer) WriteHeader(status int) {
	if w.begun || status < http.StatusOK {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	w.begun = true
	if !w.mayCompress(status) {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	length, err := strconv.Atoi(w.Header().Get("Content-Length"))
	switch {
	case err != nil && w.request.Method != http.MethodHead:
		w.status = status
	case err != nil || length < compressedFrom:
		w.ResponseWriter.WriteHeader(status)
	default:
		w.compress(status)
	}
}

// mayCompress reports whether the answer is of a kind that is compressed, and the caller takes that. Files that are sent in ranges, of
// which some are archives, have one form alone: a range of the other would mean other bytes.
func (w *writer) mayCompress(status int) bool {
	h := w.Header()
	if w.secret || len(h["Set-Cookie"]) > 0 || h.Get("Content-Encoding") != "" || h.Get("Accept-Ranges") != "" || h.Get("Content-Range") != "" {
		return false
	}
	if status == http.StatusNoContent || status == http.StatusPartialContent || 300 <= status && status < 400 || !isProse(h.Get("Content-Type")) {
		return false
	}
	h.Add("Vary", "Accept-Encoding")
	return acceptsGzip(w.request.Header.Values("Accept-Encoding"))
}

// isProse reports whether a media type is text. A stream of events is not compressed: its lines have to arrive one by one.
func isProse(contentType string) bool {
	kind, _, _ := strings.Cut(contentType, ";")
	switch kind = strings.ToLower(strings.TrimSpace(kind)); kind {
	case "text/event-stream":
		return false
	case "application/json", "application/xml", "application/javascript":
		return true
	}
	return strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "+json") || strings.HasSuffix(kind, "+xml")
}

// acceptsGzip reads Accept-Encoding (RFC 9110, 12.5.3): gzip has to be named or meant by "*", with a weight above 0 that is not below
// the one of the answer as it is. An element that is not understood does not count.
func acceptsGzip(values []string) bool {
	weights := map[string]float64{}
	for element := range strings.SplitSeq(strings.Join(values, ","), ",") {
		coding, parameters, _ := strings.Cut(element, ";")
		weight := 1.0
		if parameters != "" {
			name, value, _ := strings.Cut(parameters, "=")
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if !strings.EqualFold(strings.TrimSpace(name), "q") || err != nil || !(0 <= q && q <= 1) {
				continue
			}
			weight = q
		}
		weights[strings.ToLower(strings.TrimSpace(coding))] = weight
	}
	for _, name := range []string{"gzip", "x-gzip", "*"} {
		if weight, named := weights[name]; named {
			return weight > 0 && weight >= weights["identity"]
		}
	}
	return false
}

// compress begins a compressed answer. It is not the same bytes under each coding, so its tag becomes a weak one.
func (w *writer) compress(status int) {
	h := w.Header()
	h.Del("Content-Length")
	h.Set("Content-Encoding", "gzip")
	if tag := h.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		h.Set("ETag", "W/"+tag)
	}
	w.ResponseWriter.WriteHeader(status)
	if w.request.Method == http.MethodHead {
		return
	}
	w.gzip, _ = w.engine.packers.Get().(*gzip.Writer)
	if w.gzip == nil {
		w.gzip, _ = gzip.NewWriterLevel(w.ResponseWriter, gzip.BestSpeed) // the level exists
		return
	}
	w.gzip.Reset(w.ResponseWriter)
}

// Write implements http.ResponseWriter.
func (w *writer) Write(b []byte) (int, error) {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	switch {
	case w.gzip != nil:
		return w.gzip.Write(b)
	case w.status == 0:
		return w.ResponseWriter.Write(b)
	}
	w.waiting = append(w.waiting, b...)
	if len(w.waiting) < compressedFrom {
		return len(b), nil
	}
	w.compress(w.status)
	_, err := w.gzip.Write(w.waiting)
	w.status, w.waiting = 0, nil
	return len(b), err
}

// FlushError lets http.ResponseController send at once what was written. What is flushed before it is long goes on as it is.
func (w *writer) FlushError() error {
	if err := w.release(); err != nil {
		return err
	}
	if w.gzip != nil {
		if err := w.gzip.Flush(); err != nil {
			return err
		}
	}
	w.begun = true
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// release sends what waits, as it is.
func (w *writer) release() error {
	if w.status == 0 {
		return nil
	}
	w.ResponseWriter.WriteHeader(w.status)
	_, err := w.ResponseWriter.Write(w.waiting)
	w.status, w.waiting = 0, nil
	return err
}

// finish ends the answer. It is not called for one that broke: half of it must not look whole.
func (w *writer) finish() {
	_ = w.release() // the caller is gone, or not: nothing can be told either way
	if w.gzip == nil {
		return
	}
	_ = w.gzip.Close()
	w.gzip.Reset(io.Discard)
	w.engine.packers.Put(w.gzip)
	w.gzip = nil
}

// Unwrap lets http.ResponseController find the connection.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
