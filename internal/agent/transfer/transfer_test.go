package transfer_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/agent/transfer"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

const (
	sha1Empty = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
	sha1Ten   = "87acec17cd9dcd20a716cc2cf67417b71c8a7016" // of 0123456789
)

func TestUploads(t *testing.T) {
	t.Parallel()
	home, outside := t.TempDir(), t.TempDir()
	x := transfer.New(home)
	ten := func() *halibut.DataStream { return halibut.StreamBytes([]byte("0123456789")) }
	tests := []struct {
		path   string
		stream *halibut.DataStream
		want   contract.UploadResult
	}{
		{"Files/empty.bin", halibut.StreamBytes(nil), contract.UploadResult{FullPath: home + "/Files/empty.bin", Hash: sha1Empty}},
		{"Files/ten.bin", ten(), contract.UploadResult{FullPath: home + "/Files/ten.bin", Hash: sha1Ten, Length: 10}},
		{`Files\back\slash.bin`, ten(), contract.UploadResult{FullPath: home + "/Files/back/slash.bin", Hash: sha1Ten, Length: 10}},
		{"new/sub/dir/ten.bin", ten(), contract.UploadResult{FullPath: home + "/new/sub/dir/ten.bin", Hash: sha1Ten, Length: 10}},
		{"Files/ten.bin", halibut.StreamBytes(nil), contract.UploadResult{FullPath: home + "/Files/ten.bin", Hash: sha1Empty}},
		{outside + "/abs/ten.bin", ten(), contract.UploadResult{FullPath: outside + "/abs/ten.bin", Hash: sha1Ten, Length: 10}},
		{"../" + filepath.Base(home) + "/out.bin", ten(), contract.UploadResult{FullPath: home + "/out.bin", Hash: sha1Ten, Length: 10}},
		{"Files/../dotdot.bin", ten(), contract.UploadResult{FullPath: home + "/dotdot.bin", Hash: sha1Ten, Length: 10}},
		{"ünï code.bin", ten(), contract.UploadResult{FullPath: home + "/ünï code.bin", Hash: sha1Ten, Length: 10}},
		{`C:\temp\x.bin`, ten(), contract.UploadResult{FullPath: home + "/C:/temp/x.bin", Hash: sha1Ten, Length: 10}},
		{"Files/null.bin", nil, contract.UploadResult{FullPath: home + "/Files/null.bin"}},
	}
	if runtime.GOOS == "windows" {
		t.Skip("the recorded paths are those of Linux")
	}
	for _, tt := range tests {
		got, err := x.UploadFile(t.Context(), tt.path, tt.stream)
		must(t, err)
		if diff := cmp.Diff(&tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.path, diff)
		}
		info, err := os.Stat(tt.want.FullPath)
		switch {
		case tt.stream == nil && err == nil:
			t.Errorf("%s: a file was made of nothing", tt.path)
		case tt.stream != nil && (err != nil || info.Size() != tt.want.Length || info.Mode().Perm() != 0o644):
			t.Errorf("%s: %v %v", tt.path, info, err)
		}
	}
}

func TestUploadsThatFail(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	x := transfer.New(home)
	must(t, os.MkdirAll(filepath.Join(home, "Files"), 0o755))
	must(t, os.WriteFile(filepath.Join(home, "Files", "ten.bin"), []byte("old"), 0o640))
	for path, kind := range map[string]fault.Kind{
		"Files/ten.bin/under": fault.KindConflict,
		"Files":               fault.KindConflict,
		"":                    fault.KindConflict,
		"Files/bad\x00name":   fault.KindInvalid,
	} {
		_, err := x.UploadFile(t.Context(), path, halibut.StreamBytes([]byte("new")))
		if fault.KindOf(err) != kind {
			t.Errorf("%q: %v", path, err)
		}
	}
	cut := halibut.StreamFunc(10, func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader("12345"), broken{})), nil
	})
	if _, err := x.UploadFile(t.Context(), "Files/ten.bin", cut); err == nil {
		t.Error("a cut upload succeeded")
	}
	raw, err := os.ReadFile(filepath.Join(home, "Files", "ten.bin"))
	if err != nil || string(raw) != "old" {
		t.Errorf("the old file is %q %v", raw, err)
	}
	entries, err := os.ReadDir(filepath.Join(home, "Files"))
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v %v", entries, err)
	}
	_, err = x.UploadFile(t.Context(), "Files/ten.bin", halibut.StreamBytes([]byte("new")))
	must(t, err)
	if info, err := os.Stat(filepath.Join(home, "Files", "ten.bin")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the file's mode was not kept: %v %v", info, err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection lost") }

func TestDownloads(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	x := transfer.New(home)
	must(t, os.MkdirAll(filepath.Join(home, "Files"), 0o755))
	must(t, os.WriteFile(filepath.Join(home, "Files", "d10.bin"), []byte("0123456789"), 0o644))
	for _, path := range []string{"Files/d10.bin", `Files\d10.bin`, filepath.Join(home, "Files/d10.bin")} {
		stream, err := x.DownloadFile(t.Context(), path)
		must(t, err)
		if stream == nil {
			t.Errorf("%s is not found", path)
			continue
		}
		r, err := stream.Open()
		must(t, err)
		raw, err := io.ReadAll(r)
		if must(t, errors.Join(err, r.Close())); string(raw) != "0123456789" || stream.Length != 10 {
			t.Errorf("%s: %q of %d", path, raw, stream.Length)
		}
	}
	for _, path := range []string{"Files/missing.bin", "Files", "", "Files/d10.bin/x"} {
		if stream, err := x.DownloadFile(t.Context(), path); stream != nil || err != nil {
			t.Errorf("%q: %v %v", path, stream, err)
		}
	}
	if _, err := x.DownloadFile(t.Context(), os.DevNull); !fault.Is(err, fault.KindInvalid) {
		t.Errorf("a device: %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
