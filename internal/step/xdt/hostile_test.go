package xdt

import (
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/step/steptest"
)

// TestHostileFiles has files that are made to take all memory or time, or to read what is not theirs, as configuration and as transform.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	for name, tt := range steptest.HostileXML() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _, err := transform(t, tt.Text, within(`<a xdt:Transform="Remove"/>`))
			if tt.Wrong && (err == nil || got != tt.Text || !strings.Contains(err.Error(), "line ")) {
				t.Errorf("as the configuration: %v", err)
			}
			got2 := ""
			if !strings.HasPrefix(name, "bomb") { // the reader is the same, and takes its time until it gives up
				if got2, _, err = transform(t, "<c><a/></c>", tt.Text); tt.Wrong && (err == nil || got2 != "<c><a/></c>") {
					t.Errorf("as the transform: %v", err)
				}
			}
			if strings.Contains(got+got2, "root:") {
				t.Error("a file that is not the document's was read")
			}
		})
	}
	for name, body := range map[string]string{
		"path": within(`<a xdt:Transform="Remove" xdt:Locator="XPath(` + strings.Repeat("(", 10_000) + `)"/>`), "name": within(`<a xdt:Transform="` + strings.Repeat("n", 1<<20) + `"/>`),
		"keys": within(`<a xdt:Transform="SetAttributes(` + strings.Repeat("k,", 1<<12) + `)"/>`), "condition": within(`<a xdt:Transform="Remove" xdt:Locator="Condition(` + strings.Repeat("[", 1<<16) + `)"/>`),
	} {
		if got, _, err := transform(t, "<c><a/></c>", body); err == nil || got != "<c><a/></c>" || len(err.Error()) > 1000 {
			t.Errorf("%s: %.300v", name, err)
		}
	}
}
