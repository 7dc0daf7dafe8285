package space_test

import (
	"testing"

	"github.com/mantledeploy/mantle/internal/space"
)

func TestSlug(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Default Lifecycle": "default-lifecycle",
		"  Ünï  cödé!! ":    "uni-code",
		"a/b.c":             "a-b-c",
		"日本":                "日本",
		"---":               "unnamed",
	} {
		if got := space.Slug(name); got != want {
			t.Errorf("Slug(%q) = %q, want %q", name, got, want)
		}
	}
}
