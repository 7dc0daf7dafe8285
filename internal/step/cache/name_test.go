package cache

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/step/steptest"
	"github.com/mantledeploy/mantle/versioning"
)

func TestGoldenEscape(t *testing.T) {
	t.Parallel()
	type row struct{ ID, In, Out, Back string }
	const file = "testdata/filename-escape.jsonl"
	tally := steptest.NewTally(t, "calamari", file, nil)
	for _, row := range steptest.Rows[row](t, file) {
		tally.Row(t, row.ID, cmp.Diff(row.Out, Escape(row.In))+cmp.Diff(row.Back, Unescape(row.Out)))
	}
}

func TestGoldenParse(t *testing.T) {
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
	const file = "testdata/package-parse.jsonl"
	tally := steptest.NewTally(t, "calamari", file, nil)
	for _, row := range steptest.Rows[row](t, file) {
		p, err := Parse(row.Name)
		if err != nil || row.Error != nil {
			tally.Row(t, row.ID, cmp.Diff(row.Error != nil, err != nil))
			continue
		}
		want := []string{row.PackageID, row.Version, row.VersionFormat, row.Extension}
		got := []string{p.ID, p.Version.String(), p.Format.String(), p.Extension}
		tally.Row(t, row.ID, cmp.Diff(want, got))
	}
}

func TestGoldenName(t *testing.T) {
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
	const file = "testdata/package-format.jsonl"
	tally := steptest.NewTally(t, "calamari", file, nil)
	for _, row := range steptest.Rows[row](t, file) {
		format, err := versioning.ParseFormat(row.Format)
		if err != nil {
			t.Fatal(err)
		}
		var shape string
		var back []string
		v, err := versioning.Parse(format, row.Version)
		if err == nil {
			name := Name(row.PackageID, v.String(), format, row.Extension)
			shape = unique.ReplaceAllString(name, "@<32 upper hex>$1")
			var p Package
			if p, err = Parse(name); err == nil {
				back = []string{p.ID, p.Version.String(), p.Format.String(), p.Extension}
			}
		}
		if err != nil || row.Error != nil {
			tally.Row(t, row.ID, cmp.Diff(row.Error != nil, err != nil))
			continue
		}
		tally.Row(t, row.ID, cmp.Diff(row.Shape, shape)+cmp.Diff(row.Back, back))
	}
}
