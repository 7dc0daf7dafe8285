package cache

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/versioning"
)

func rows[T any](t *testing.T, file string) []T {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []T
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var row T
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, row)
	}
	if len(all) == 0 {
		t.Fatalf("%s has no rows", file)
	}
	return all
}

func TestEscapeAgreesWithRecordings(t *testing.T) {
	t.Parallel()
	type row struct{ ID, In, Out, Back string }
	for _, row := range rows[row](t, "filename-escape.jsonl") {
		if got := Escape(row.In); got != row.Out {
			t.Errorf("%s: %q is escaped to %q, want %q", row.ID, row.In, got, row.Out)
		}
		if got := Unescape(row.Out); got != row.Back {
			t.Errorf("%s: %q is unescaped to %q, want %q", row.ID, row.Out, got, row.Back)
		}
	}
}

func TestParseAgreesWithRecordings(t *testing.T) {
	t.Parallel()
	type row struct {
		ID            string
		Name          string
		PackageID     string `json:"packageId"`
		Version       string
		VersionFormat string
		Extension     string
		Error         *struct{}
	}
	for _, row := range rows[row](t, "package-parse.jsonl") {
		p, err := Parse(row.Name)
		if (err != nil) != (row.Error != nil) {
			t.Errorf("%s: %q gives %+v and the error %v", row.ID, row.Name, p, err)
			continue
		}
		if err != nil {
			continue
		}
		want := []string{row.PackageID, row.Version, row.VersionFormat, row.Extension}
		got := []string{p.ID, p.Version.String(), p.Format.String(), p.Extension}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %q (-want +got):\n%s", row.ID, row.Name, diff)
		}
	}
}

func TestNameAgreesWithRecordings(t *testing.T) {
	t.Parallel()
	type row struct {
		ID        string
		PackageID string `json:"packageId"`
		Format    string
		Version   string
		Extension string
		Shape     string
		Back      []string
		Error     *struct{}
	}
	unique := regexp.MustCompile(`@[0-9A-F]{32}(\.|zip)`)
	for _, row := range rows[row](t, "package-format.jsonl") {
		format, err := versioning.ParseFormat(row.Format)
		if err != nil {
			t.Fatal(err)
		}
		v, err := versioning.Parse(format, row.Version)
		if err != nil && row.Error != nil {
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", row.ID, err)
			continue
		}
		name := Name(row.PackageID, v.String(), format, row.Extension)
		if got := unique.ReplaceAllString(name, "@<32 upper hex>$1"); got != row.Shape {
			t.Errorf("%s: %q, want %q", row.ID, got, row.Shape)
		}
		p, err := Parse(name)
		if row.Error != nil {
			if err == nil {
				t.Errorf("%s: %q was read as %+v", row.ID, name, p)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", row.ID, err)
			continue
		}
		if diff := cmp.Diff(row.Back, []string{p.ID, p.Version.String(), p.Format.String(), p.Extension}); diff != "" {
			t.Errorf("%s: read back (-want +got):\n%s", row.ID, diff)
		}
	}
}
