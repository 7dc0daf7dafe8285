// Package blobtest has the conformance suite that every blob.Store passes. Only tests import it.
package blobtest

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/fault"
)

// Run tests a driver; open returns an empty store.
func Run(t *testing.T, open func(t *testing.T) blob.Store) {
	tests := map[string]func(*testing.T, blob.Store){
		"RoundTrip":      roundTrip,
		"Part":           part,
		"Corrupt":        corrupt,
		"NeverReplaced":  neverReplaced,
		"OneOfManyWins":  oneOfManyWins,
		"Missing":        missing,
		"CutUpload":      cutUpload,
		"CancelledWrite": cancelledWrite,
		"BadKeys":        badKeys,
		"List":           list,
		"DeleteBeside":   deleteBeside,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func put(t *testing.T, s blob.Store, key, content string) blob.Written {
	t.Helper()
	w, err := s.Put(t.Context(), key, strings.NewReader(content))
	if err != nil {
		t.Fatalf("put %s: %v", key, err)
	}
	return w
}

func read(t *testing.T, s blob.Store, key string, part blob.Part) (string, error) {
	t.Helper()
	f, err := s.Open(t.Context(), key, part)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(f)
	return string(b), errors.Join(err, f.Close())
}

func keys(t *testing.T, s blob.Store, prefix string) []string {
	t.Helper()
	var found []string
	for info, err := range s.List(t.Context(), prefix) {
		if err != nil {
			t.Fatalf("list %q: %v", prefix, err)
		}
		found = append(found, info.Key)
	}
	return found
}

func roundTrip(t *testing.T, s blob.Store) {
	contents := map[string]string{
		"empty": "", "a/b/c/one.zip": "x", "packages/Spaces-1/Acme Web/1.2.3+m.zip": "zip", "ü/日本": "utf-8",
		"large": strings.Repeat("0123456789abcdef", 200_000),
	}
	for key, content := range contents {
		w := put(t, s, key, content)
		sum256, sum1 := sha256.Sum256([]byte(content)), sha1.Sum([]byte(content))
		want := blob.Written{Key: key, Size: int64(len(content)), SHA256: hex.EncodeToString(sum256[:]), SHA1: hex.EncodeToString(sum1[:])}
		if diff := cmp.Diff(want, w); diff != "" {
			t.Errorf("put %s (-want +got):\n%s", key, diff)
		}
		if got, err := read(t, s, key, blob.Part{SHA256: w.SHA256}); err != nil || got != content {
			t.Errorf("read %s: %d bytes, %v; want %d", key, len(got), err, len(content))
		}
		info, err := s.Stat(t.Context(), key)
		if err != nil || info.Key != key || info.Size != want.Size || info.Modified.IsZero() {
			t.Errorf("stat %s: %+v, %v", key, info, err)
		}
	}
}

func part(t *testing.T, s blob.Store) {
	w := put(t, s, "k", "0123456789")
	tests := []struct {
		part blob.Part
		want string
	}{
		{blob.Part{}, "0123456789"},
		{blob.Part{Offset: 3}, "3456789"},
		{blob.Part{Offset: 3, Length: 4}, "3456"},
		{blob.Part{Length: 1}, "0"},
		{blob.Part{Offset: 8, Length: 100}, "89"},
		{blob.Part{Offset: 10}, ""},
		{blob.Part{Offset: 100, Length: 5}, ""},
		{blob.Part{Offset: 3, Length: 4, SHA256: w.SHA256}, "3456"},
		{blob.Part{Length: 10, SHA256: strings.ToUpper(w.SHA256)}, "0123456789"},
	}
	for _, tt := range tests {
		if got, err := read(t, s, "k", tt.part); err != nil || got != tt.want {
			t.Errorf("part %+v: %q, %v; want %q", tt.part, got, err, tt.want)
		}
	}
	f, err := s.Open(t.Context(), "k", blob.Part{Offset: 3, Length: 4})
	if err != nil || f.Size != 10 {
		t.Fatalf("the size of the whole file is %+v, %v; want 10", f, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	for _, bad := range []blob.Part{{Offset: -1}, {Length: -1}} {
		if _, err := read(t, s, "k", bad); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("part %+v: %v; want a fault of kind Invalid", bad, err)
		}
	}
}

func corrupt(t *testing.T, s blob.Store) {
	put(t, s, "k", "content")
	other := put(t, s, "other", "another content")
	got, err := read(t, s, "k", blob.Part{SHA256: other.SHA256})
	if !errors.Is(err, blob.ErrCorrupt) || !fault.Is(err, fault.KindUnavailable) || !strings.Contains(err.Error(), "k is damaged") {
		t.Errorf("a file with another hash: %q, %v", got, err)
	}
}

func neverReplaced(t *testing.T, s blob.Store) {
	put(t, s, "a/k", "first")
	for _, key := range []string{"a/k", "a/k/below"} {
		if _, err := s.Put(t.Context(), key, strings.NewReader("second")); key == "a/k" && !fault.Is(err, fault.KindConflict) {
			t.Errorf("put %s again: %v; want a fault of kind Conflict", key, err)
		}
	}
	if got, err := read(t, s, "a/k", blob.Part{}); err != nil || got != "first" {
		t.Errorf("after a second put: %q, %v; want the first content", got, err)
	}
}

func oneOfManyWins(t *testing.T, s blob.Store) {
	var (
		wg  sync.WaitGroup
		mu  sync.Mutex
		won []string
	)
	for i := range 8 {
		wg.Go(func() {
			content := strings.Repeat(fmt.Sprint(i), 100_000)
			_, err := s.Put(t.Context(), "dir/k", iotest.OneByteReader(strings.NewReader(content[:1000])))
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won = append(won, content[:1000])
			} else if !fault.Is(err, fault.KindConflict) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(won) != 1 {
		t.Fatalf("%d writers of one key succeeded; want 1", len(won))
	}
	if got, err := read(t, s, "dir/k", blob.Part{}); err != nil || got != won[0] {
		t.Errorf("the file is not the winner's: %.10q, %v", got, err)
	}
}

func missing(t *testing.T, s blob.Store) {
	put(t, s, "dir/k", "x")
	for _, key := range []string{"none", "dir", "dir/none", "dir/k/below"} {
		if _, err := s.Stat(t.Context(), key); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("stat %s: %v; want a fault of kind NotFound", key, err)
		}
		if _, err := s.Open(t.Context(), key, blob.Part{}); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("open %s: %v; want a fault of kind NotFound", key, err)
		}
		if err := s.Delete(t.Context(), key); err != nil {
			t.Errorf("delete %s: %v", key, err)
		}
	}
	if diff := cmp.Diff([]string{"dir/k"}, keys(t, s, "")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func cutUpload(t *testing.T, s blob.Store) {
	errCut := errors.New("connection reset")
	content := io.MultiReader(bytes.NewReader(make([]byte, 1<<20)), iotest.ErrReader(errCut))
	if _, err := s.Put(t.Context(), "packages/k", content); !errors.Is(err, errCut) {
		t.Errorf("put: %v; want the reader's error", err)
	}
	if got := keys(t, s, ""); len(got) != 0 {
		t.Errorf("there is %v after an upload that was cut", got)
	}
	put(t, s, "packages/k", "whole")
}

func cancelledWrite(t *testing.T, s blob.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	content := readerFunc(func(p []byte) (int, error) {
		cancel()
		return len(p), nil // without the context it would never end
	})
	if _, err := s.Put(ctx, "k", content); !errors.Is(err, context.Canceled) {
		t.Errorf("put: %v; want that it was cancelled", err)
	}
	if got := keys(t, s, ""); len(got) != 0 {
		t.Errorf("there is %v after a write that was cancelled", got)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func badKeys(t *testing.T, s blob.Store) {
	for _, key := range []string{"", "/", "/etc/passwd", "../x", "a/../b", "a//b", "a/", `a\b`, `C:\x`, "C:x", ".hidden", "a/.b", "con", "a/NUL.txt", "a\x00", "a\n"} {
		ctx := t.Context()
		_, errPut := s.Put(ctx, key, strings.NewReader("x"))
		_, errOpen := s.Open(ctx, key, blob.Part{})
		_, errStat := s.Stat(ctx, key)
		for method, err := range map[string]error{"Put": errPut, "Open": errOpen, "Stat": errStat, "Delete": s.Delete(ctx, key)} {
			if !fault.Is(err, fault.KindInvalid) {
				t.Errorf("%s %q: %v; want a fault of kind Invalid", method, key, err)
			}
		}
	}
	if got := keys(t, s, ""); len(got) != 0 {
		t.Errorf("there is %v", got)
	}
}

func list(t *testing.T, s blob.Store) {
	all := []string{"a", "b-c", "b.d", "b/a", "b/c/d", "b/c0", "b0", "c"}
	for _, key := range all {
		put(t, s, key, key)
	}
	tests := []struct {
		prefix string
		want   []string
	}{
		{"", all}, {"b", all[1:7]}, {"b/", all[3:6]}, {"b/c", all[4:6]}, {"b/c/", all[4:5]}, {"b/c/d", all[4:5]},
		{"b/c/d/", nil}, {"none", nil}, {"/", nil}, {"..", nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, keys(t, s, tt.prefix)); diff != "" {
			t.Errorf("prefix %q (-want +got):\n%s", tt.prefix, diff)
		}
	}
	for info, err := range s.List(t.Context(), "") {
		if err != nil || info.Size != 1 || info.Modified.IsZero() {
			t.Errorf("first: %+v, %v", info, err)
		}
		break
	}
	if err := s.Delete(t.Context(), "b/c/d"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"b/a", "b/c0"}, keys(t, s, "b/")); diff != "" {
		t.Errorf("after a deletion (-want +got):\n%s", diff)
	}
}

// deleteBeside deletes the last file of a directory while others write into it.
func deleteBeside(t *testing.T, s blob.Store) {
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 50 {
				key := fmt.Sprintf("deep/er/%d-%d", i, n)
				w, err := s.Put(t.Context(), key, strings.NewReader(key))
				if err != nil {
					t.Errorf("put %s: %v", key, err)
					return
				}
				if got, err := read(t, s, key, blob.Part{SHA256: w.SHA256}); err != nil || got != key {
					t.Errorf("read %s: %q, %v", key, got, err)
				}
				if err := s.Delete(t.Context(), key); err != nil {
					t.Errorf("delete %s: %v", key, err)
				}
			}
		})
	}
	wg.Wait()
	if got := keys(t, s, ""); len(got) != 0 {
		t.Errorf("there is %v", got)
	}
}
