package journal

import (
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/step/steptest"
)

// TestHostileJournals has files that are made to take all memory or time, or to read what is not theirs.
func TestHostileJournals(t *testing.T) {
	t.Parallel()
	for name, tt := range steptest.HostileXML() {
		if _, _, err := parse([]byte(tt.Text)); err == nil || len(err.Error()) > 2<<20 {
			t.Errorf("%s: %.200v", name, err)
		}
	}
	deep := "<Deployments>" + strings.Repeat("<Deployment>", 20_000) + strings.Repeat("</Deployment>", 20_000) + "</Deployments>"
	if entries, _, err := parse([]byte(deep)); err == nil && len(entries) != 1 {
		t.Errorf("%d entries", len(entries))
	}
}

// FuzzParse: no text makes reading a journal go wrong otherwise than with an error.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`<Deployments><Deployment Id="a" InstalledOn="2020-01-02 03:04:05"><Package PackageId="p"/></Deployment><Other/></Deployments>`))
	f.Add([]byte("<Deployments/>"))
	f.Add([]byte("<?xml version='1.0'?><!-- x --><Deployments>"))
	f.Fuzz(func(t *testing.T, text []byte) {
		entries, _, err := parse(text)
		if err != nil {
			return
		}
		for _, e := range entries {
			_, _ = e.Time()
			_ = e.Succeeded()
		}
	})
}
