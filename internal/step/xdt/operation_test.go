package xdt

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mantledeploy/mantle/internal/step/steptest"
	"github.com/mantledeploy/mantle/internal/step/variables"
)

// transform runs the body of a transform on a configuration.
func transform(t testing.TB, config, body string, vars ...variables.Variable) (string, *record, error) {
	t.Helper()
	dir := t.TempDir()
	files := [2]string{filepath.Join(dir, "a.config"), filepath.Join(dir, "a.Release.config")}
	for i, text := range []string{config, body} {
		if err := os.WriteFile(files[i], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set := variables.NewSet()
	set.Add(vars...)
	var log record
	err := File(files[0], files[1], set, &log)
	got, readErr := os.ReadFile(files[0])
	if readErr != nil {
		t.Fatal(readErr)
	}
	return string(got), &log, err
}

func within(body string) string {
	return `<c xmlns:xdt="` + Namespace + `">` + body + `</c>`
}

func TestOperations(t *testing.T) {
	t.Parallel()
	const config = "<c>\n  <a k=\"1\" v=\"x\" />\n  <a k=\"2\" />\n  <b><d/></b>\n</c>\n"
	for _, tt := range []struct{ name, body, want string }{
		{"comment out", `<b xdt:Transform="CommentOut"/>`, "<c>\n  <a k=\"1\" v=\"x\" />\n  <a k=\"2\" />\n  <!-- <b><d /></b> -->\n</c>\n"},
		{"tokenized", `<a k="1" v="$(v)-$(k)-$(n)" n="N" xdt:Transform="SetTokenizedAttributes(v)" xdt:Locator="Match(k)"/>`, "<c>\n  <a k=\"1\" v=\"x-1-N\" />\n  <a k=\"2\" />\n  <b><d/></b>\n</c>\n"},
		{"match by two", `<a k="1" v="x" xdt:Transform="Remove" xdt:Locator="Match(k,v)"/>`, "<c>\n  <a k=\"2\" />\n  <b><d/></b>\n</c>\n"},
		{"relative path", `<a v="y" xdt:Transform="SetAttributes" xdt:Locator="XPath(../a[2])"/>`, "<c>\n  <a k=\"1\" v=\"x\" />\n  <a k=\"2\"\n  \tv=\"y\" />\n  <b><d/></b>\n</c>\n"},
		{"condition", `<a xdt:Transform="RemoveAll" xdt:Locator="Condition(@v or @k='2')"/>`, "<c>\n  <b><d/></b>\n</c>\n"},
		{"insert if missing", `<a k="2" v="n" xdt:Transform="InsertIfMissing" xdt:Locator="Match(k)"/>`, "<c>\n  <a k=\"1\" v=\"x\" />\n  <a k=\"2\" />\n  <b><d/></b>\n</c>\n"},
		{"all attributes", `<a xdt:Transform="RemoveAttributes"/>`, "<c>\n  <a/>\n  <a/>\n  <b><d/></b>\n</c>\n"},
		{"by default", `<b><d e="1" xdt:Transform="SetAttributes" xdt:Locator="DefaultLocator"/></b>`, "<c>\n  <a k=\"1\" v=\"x\" />\n  <a k=\"2\" />\n  <b><d e=\"1\"/></b>\n</c>\n"},
	} {
		got, _, err := transform(t, config, within(tt.body))
		if err != nil || got != tt.want {
			t.Errorf("%s: %q, %v; want %q", tt.name, got, err, tt.want)
		}
	}
}

// TestLettersAreKept: a file that declares no encoding, and is not in UTF-8, keeps its bytes.
func TestLettersAreKept(t *testing.T) {
	t.Parallel()
	got, _, err := transform(t, "<c><a k=\"caf\xe9\"/><b/></c>", within(`<b xdt:Transform="Remove"/>`))
	if want := "<c><a k=\"caf\xe9\"/></c>"; err != nil || got != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}

func TestWrongTransforms(t *testing.T) {
	t.Parallel()
	const config = "<c><a/></c>"
	for name, body := range map[string]string{
		"not XML": "<c", "empty": "", "unknown": within(`<a xdt:Transform="Nope"/>`), "form": within(`<a xdt:Transform="Remove)("/>`), "locator": within(`<a xdt:Transform="Remove" xdt:Locator="Nope"/>`),
		"root": `<c xmlns:xdt="` + Namespace + `" xdt:Transform="Insert"/>`, "path": within(`<a xdt:Transform="Remove" xdt:Locator="XPath(a[)"/>`), "sibling": within(`<a xdt:Transform="InsertAfter"/>`),
		"value": within(`<a xdt:Transform="Remove" xdt:Locator="XPath(count(/c))"/>`), "missing": within(`<b xdt:Transform="Remove"/>`), "import": within(`<xdt:Import path="x" namespace="y"/>`), "tag": within(`<xdt:Nope/>`),
	} {
		got, log, err := transform(t, config, body)
		if err == nil || got != config || !strings.Contains(strings.Join(log.levels, " "), "error") {
			t.Errorf("%s: %q, %v, log %q", name, got, err, log.levels)
		}
	}
	if got, _, err := transform(t, config, within(`<xdt:Nope/>`), variables.New(ignoreErrors, "True")); err != nil || got != config {
		t.Errorf("with errors ignored: %q, %v", got, err)
	}
}

func FuzzFile(f *testing.F) {
	for _, r := range steptest.Rows[row](f, "testdata/xdt.jsonl") {
		f.Add(bytesOf(r.Config, r.ConfigRaw), bytesOf(r.Transform, r.TransformRaw))
	}
	f.Fuzz(func(t *testing.T, config, body []byte) {
		_, _, _ = transform(t, string(config), string(body))
	})
}
