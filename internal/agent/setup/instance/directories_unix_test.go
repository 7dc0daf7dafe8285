//go:build unix

package instance

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUserDirectories(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		env  map[string]string
		want Directories
	}{
		{"home", map[string]string{"HOME": "/home/u"},
			Directories{"/home/u/.config/mantle-agent", "/home/u/.local/share/mantle-agent", "/home/u/.local/share/mantle-agent/Applications"}},
		{"xdg", map[string]string{"HOME": "/home/u", "XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d"},
			Directories{"/c/mantle-agent", "/d/mantle-agent", "/d/mantle-agent/Applications"}},
		{"relative xdg does not count", map[string]string{"HOME": "/home/u", "XDG_CONFIG_HOME": "c", "XDG_DATA_HOME": "d"},
			Directories{"/home/u/.config/mantle-agent", "/home/u/.local/share/mantle-agent", "/home/u/.local/share/mantle-agent/Applications"}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, userDirectories(func(k string) string { return tt.env[k] })); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	d := StandardDirectories(func(k string) string { return map[string]string{EnvironmentOverride: "/elsewhere"}[k] })
	if d.ConfigurationHome != "/elsewhere" {
		t.Errorf("%s is not followed: %v", EnvironmentOverride, d)
	}
}
