package cloud_test

import (
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/blob/cloud"
	"github.com/mantledeploy/mantle/internal/fault"
)

func TestLocations(t *testing.T) {
	t.Parallel()
	tests := []struct{ location, refused string }{
		{"s3://bucket", ""},
		{"s3://bucket/some/prefix?region=eu-west-1&endpoint=http://127.0.0.1:1&use_path_style=true", ""},
		{"azblob://container", ""},
		{"gs://bucket/prefix/", ""},
		{"s3://key:word@bucket", "holds credentials"},
		{"s3://", "names no bucket"},
		{"s3:///prefix", "names no bucket"},
		{"s3://bucket/../x", `begins with a dot`},
		{"ftp://host/dir", "ftp:// is no store"},
		{"mem://", "mem:// is no store"},
		{"file:///tmp", "file:// is no store"},
		{"relative/dir", "is not absolute"},
	}
	for _, tt := range tests {
		_, err := cloud.Open(t.Context(), tt.location)
		if tt.refused == "" && err != nil {
			t.Errorf("%s: %v", tt.location, err)
		}
		if tt.refused != "" && (!fault.Is(err, fault.KindInvalid) || !strings.Contains(err.Error(), tt.refused)) {
			t.Errorf("%s: %v; want %q", tt.location, err, tt.refused)
		}
	}
	if _, err := cloud.Open(t.Context(), "s3://key:word@bucket"); strings.Contains(err.Error(), "word") {
		t.Errorf("the refusal tells the secret: %v", err)
	}
}

// A service that nobody reaches is "unavailable" with its location, and a directory is opened as ever.
func TestOpen(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "nobody")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "nothing")
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	b, err := cloud.Open(t.Context(), "s3://bucket?region=eu-west-1&endpoint=http://127.0.0.1:1&use_path_style=true")
	if err != nil {
		t.Fatal(err)
	}
	_, errPut := b.Put(t.Context(), "a/k", strings.NewReader("x"))
	_, errOpen := b.Open(t.Context(), "a/k", blob.Part{})
	for _, err := range []error{errPut, errOpen} {
		if !fault.Is(err, fault.KindUnavailable) || !strings.Contains(err.Error(), "s3://bucket") {
			t.Errorf("a service that is away: %v", err)
		}
	}
	dir, err := cloud.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dir.Put(t.Context(), "a/k", strings.NewReader("x")); err != nil {
		t.Error(err)
	}
}
