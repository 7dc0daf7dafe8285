package feed_test

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/feed"
)

// TestFileNamesAsOnTargets compares with what the tool on targets reads from the same names (testdata/package-parse.jsonl, recorded). The
// tool takes any ending; the server takes those of packages, and cuts them off first.
func TestFileNamesAsOnTargets(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/package-parse.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	compared := 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var row struct {
			ID, Name, PackageID, Version, Extension string
			Error                                   *struct{ Message string }
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(row.Name, `@\`) {
			continue // the form of the cache on targets, or with folders, which the server cuts off
		}
		got, err := feed.ParseFileName(row.Name)
		known := slices.ContainsFunc(feed.Extensions(), func(e string) bool { return strings.EqualFold(e, row.Extension) })
		switch {
		case row.Error != nil:
			if err == nil {
				t.Errorf("%s: %q was read as %+v; targets refuse it", row.ID, row.Name, got)
			}
		case !known:
			continue
		case err != nil:
			t.Errorf("%s: %q: %v", row.ID, row.Name, err)
		case got.PackageID != row.PackageID || got.Version.String() != row.Version || got.Extension != row.Extension:
			t.Errorf("%s: %q is %q %q %q, want %q %q %q", row.ID, row.Name, got.PackageID, got.Version, got.Extension, row.PackageID, row.Version, row.Extension)
		}
		compared++
	}
	if compared < 60 {
		t.Errorf("only %d names were compared", compared)
	}
}

func TestParseFileName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Acme.Web.1.0.0.zip":                "Acme.Web|1.0.0|.zip",
		"Acme.2.Web.1.0.0.zip":              "Acme.2.Web|1.0.0|.zip",
		"Acme.Web.1.0.0-beta.2+5.tar.gz":    "Acme.Web|1.0.0-beta.2+5|.tar.gz",
		"Größe_x.1.2.3.4.nupkg":             "Größe_x|1.2.3.4|.nupkg",
		`C:\fakepath\Acme.Web.1.0.zip`:      "Acme.Web|1.0|.zip",
		"../../etc/Acme.Web.1.0.0.tgz":      "Acme.Web|1.0.0|.tgz",
		"noversion.zip":                     "has no version",
		"Größe x.1.0.0.zip":                 "has no version",
		"1.0.0.zip":                         "1|0.0|.zip", // as on targets: the shortest ID
		"Acme.Web.1.0.0.exe":                "must end in one of",
		"Acme.Web.1.0.0":                    "must end in one of",
		"Acme.Web.99999999999.0.0.zip":      "has no version",
		"":                                  "no file name",
		strings.Repeat("a", 300) + ".1.zip": "at most 200",
		"Acme.Web.1.0.0.0.0.zip":            "Acme.Web.1|0.0.0.0|.zip",
	} {
		got, err := feed.ParseFileName(name)
		text := got.PackageID + "|" + got.Version.String() + "|" + got.Extension
		if err != nil {
			text = err.Error()
		}
		if text != want && (err == nil || !strings.Contains(text, want)) {
			t.Errorf("%q is %q, want %q", name, text, want)
		}
	}
}
