package feed_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/octodiff"
)

func repository(t *testing.T) *feed.Repository {
	t.Helper()
	dir, err := blob.NewDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &feed.Repository{Blobs: dir, Logger: slog.New(slog.DiscardHandler)}
}

func name(t *testing.T, text string) feed.FileName {
	t.Helper()
	n, err := feed.ParseFileName(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func files(t *testing.T, r *feed.Repository) int {
	t.Helper()
	n := 0
	for _, err := range r.Blobs.List(t.Context(), "packages/") {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func zipped(t *testing.T, entries map[string]string) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for entry, text := range entries {
		f, err := w.Create(entry)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestStoreReadsTheManifest(t *testing.T) {
	t.Parallel()
	r := repository(t)
	const nuspec = `<?xml version="1.0" encoding="utf-8"?><package xmlns="http://schemas.microsoft.com/packaging/2010/07/nuspec.xsd"><metadata>
		<id>Acme.Web</id><version>1.0.0</version><title>Acme Web</title><summary>S</summary><description>The <![CDATA[<site>]]></description><releaseNotes> fixed &amp; shipped </releaseNotes></metadata></package>`
	content := zipped(t, map[string]string{"content/a.nuspec": "<package/>", "Acme.Web.nuspec": nuspec, "index.html": "hello"})
	p, err := r.Store(t.Context(), "Spaces-1", name(t, "Acme.Web.1.0.0.nupkg"), bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha1.Sum(content)
	if p.Title != "Acme Web" || p.Summary != "S" || p.Description != "The <site>" || p.ReleaseNotes != "fixed & shipped" || p.SHA1 != hex.EncodeToString(sum[:]) || p.Size != int64(len(content)) {
		t.Errorf("the package: %+v", p)
	}
}

// TestHostileArchives: nothing in an archive keeps it from being stored, costs memory, or gets into the row.
func TestHostileArchives(t *testing.T) {
	t.Parallel()
	good := zipped(t, map[string]string{"a.nuspec": "<package><metadata><title>x</title></metadata></package>"})
	end := bytes.LastIndex(good, []byte("PK\x05\x06"))
	patched := func(at int, bytes ...byte) []byte {
		c := append([]byte{}, good...)
		copy(c[at:], bytes)
		return c
	}
	for what, content := range map[string][]byte{
		"not a zip":               bytes.Repeat([]byte("x"), 3000),
		"cut":                     good[:len(good)/2],
		"list beyond the end":     patched(end+16, 0xf0, 0xff, 0xff, 0x7f),
		"huge list":               patched(end+12, 0xf0, 0xff, 0xff, 0x7f),
		"zip64":                   patched(end+16, 0xff, 0xff, 0xff, 0xff),
		"manifest that explodes":  zipped(t, map[string]string{"a.nuspec": "<package><metadata><title>" + strings.Repeat("A", 4<<20) + "</title></metadata></package>"}),
		"manifest that is no XML": zipped(t, map[string]string{"a.nuspec": "\x00<package><<"}),
		"NUL and wrong UTF-8":     zipped(t, map[string]string{"a.nuspec": "<package><metadata><summary>\xff</summary></metadata></package>"}),
	} {
		r := repository(t)
		p, err := r.Store(t.Context(), "Spaces-1", name(t, "Acme.Web.1.0.0.zip"), bytes.NewReader(content))
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if p.Title != "Acme.Web" || len(p.Description) > 0 {
			t.Errorf("%s: %+v", what, p)
		}
	}
}

func TestStoreKeepsNothingOfACutUpload(t *testing.T) {
	t.Parallel()
	r := repository(t)
	cut := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errors.New("cut")))
	if _, err := r.Store(t.Context(), "Spaces-1", name(t, "Acme.Web.1.0.0.zip"), cut); err == nil {
		t.Error("a cut upload was stored")
	}
	r.MaxSize = 10
	_, err := r.Store(t.Context(), "Spaces-1", name(t, "Acme.Web.1.0.0.zip"), strings.NewReader("eleven bytes"))
	if !fault.Is(err, fault.KindTooLarge) {
		t.Errorf("too large: %v", err)
	}
	if n := files(t, r); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

func TestPatch(t *testing.T) {
	t.Parallel()
	r := repository(t)
	random := rand.New(rand.NewPCG(1, 2))
	old := make([]byte, 300_000)
	for i := range old {
		old[i] = byte(random.Uint32())
	}
	newer := append(append(append([]byte{}, old[:100_000]...), []byte("changed!")...), old[90_000:]...)
	base, err := r.Store(t.Context(), "Spaces-1", name(t, "Acme.Web.1.0.0.zip"), bytes.NewReader(old))
	if err != nil {
		t.Fatal(err)
	}
	var signature, delta bytes.Buffer
	if ok, err := r.Signature(t.Context(), base, &signature); err != nil || !ok {
		t.Fatal(ok, err)
	}
	s, err := octodiff.ReadSignature(&signature)
	if err != nil {
		t.Fatal(err)
	}
	if err := octodiff.WriteDelta(&delta, s, bytes.NewReader(newer), int64(len(newer))); err != nil {
		t.Fatal(err)
	}
	if delta.Len() > len(newer)/10 {
		t.Errorf("the delta has %d bytes of %d", delta.Len(), len(newer))
	}
	whole := delta.Bytes()
	p, err := r.Patch(t.Context(), base, name(t, "Acme.Web.1.1.0.zip"), bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	file := r.Reader(t.Context(), p)
	defer file.Close()
	if got, err := io.ReadAll(file); err != nil || !bytes.Equal(got, newer) {
		t.Errorf("the patched file differs (%v)", err)
	}
	for what, bad := range map[string][]byte{"cut": whole[:len(whole)/2], "no delta": []byte("hello"), "empty": nil, "changed": append(append([]byte{}, whole[:len(whole)-3]...), 1, 2, 3)} {
		if _, err := r.Patch(t.Context(), base, name(t, "Acme.Web.1.2.0.zip"), bytes.NewReader(bad)); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := files(t, r); n != 2 {
		t.Errorf("%d files, want 2", n)
	}
}

func TestRows(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		versions := []string{"1.0.0", "1.0.0-beta.10", "1.0.0-beta.2", "1.10.0", "1.9.0", "2.0.0-rc.1"}
		for i, version := range versions {
			p := &feed.Package{SpaceID: "Spaces-1", PackageID: "Acme.Web", Version: version, Extension: ".zip", BlobKey: "packages/" + version, Size: int64(i)}
			if err := db.Write(t.Context(), p.Insert); err != nil {
				t.Fatal(err)
			}
		}
		for _, p := range []*feed.Package{{SpaceID: "Spaces-1", PackageID: "Acme.Api", Version: "3.0"}, {SpaceID: "Spaces-2", PackageID: "Acme.Web", Version: "9.0.0"}} {
			p.BlobKey = "packages/" + p.SpaceID + p.Version
			if err := db.Write(t.Context(), p.Insert); err != nil {
				t.Fatal(err)
			}
		}
		same := &feed.Package{SpaceID: "Spaces-1", PackageID: "ACME.web", Version: "1.0", BlobKey: "packages/again"}
		if err := db.Write(t.Context(), same.Insert); !fault.Is(err, fault.KindConflict) {
			t.Errorf("1.0 beside 1.0.0: %v", err)
		}
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			for _, row := range []struct {
				query feed.Versions
				want  string
			}{
				{feed.Versions{Prerelease: true}, "2.0.0-rc.1 1.10.0 1.9.0 1.0.0 1.0.0-beta.10 1.0.0-beta.2"},
				{feed.Versions{}, "1.10.0 1.9.0 1.0.0"},
				{feed.Versions{Range: "[1.0,1.10)", Prerelease: true}, "1.9.0 1.0.0"},
				{feed.Versions{Tag: "^beta", Prerelease: true}, "1.0.0-beta.10 1.0.0-beta.2"},
				{feed.Versions{Tag: "^$"}, "1.10.0 1.9.0 1.0.0"},
				{feed.Versions{Filter: "10", Prerelease: true}, "1.10.0 1.0.0-beta.10"},
				{feed.Versions{Skip: 1, Take: 2}, "1.9.0 1.0.0"},
			} {
				row.query.SpaceID, row.query.PackageID = "Spaces-1", "acme.WEB"
				found, _, err := row.query.Find(tx)
				if err != nil {
					return err
				}
				var texts []string
				for _, p := range found {
					texts = append(texts, p.Version)
				}
				if got := strings.Join(texts, " "); got != row.want {
					t.Errorf("%+v gave %q, want %q", row.query, got, row.want)
				}
			}
			if _, _, err := (feed.Versions{SpaceID: "Spaces-1", PackageID: "x", Range: "[2,1"}).Find(tx); !fault.Is(err, fault.KindInvalid) {
				t.Errorf("a bad range: %v", err)
			}
			latest, total, err := feed.Search{SpaceID: "Spaces-1", Latest: true}.Find(tx)
			if err != nil || total != 2 || latest[0].Version != "3.0" || latest[1].Version != "2.0.0-rc.1" {
				t.Errorf("latest: %d %v", total, err)
			}
			for id, want := range map[string]string{"packages-Acme.Web.1.0.0": "1.0.0", "acme.web.1.9.0": "1.9.0", "Packages-ACME.WEB.1.10": "1.10.0", "packages-Acme.Api.3.0.0": "3.0"} {
				p, err := feed.ByID(tx, "Spaces-1", id)
				if err != nil || p.Version != want {
					t.Errorf("%s: %v %v", id, p, err)
				}
			}
			for _, id := range []string{"packages-Acme.Web.7.0.0", "nothing", "packages-Acme.Web.9.0.0"} {
				if _, err := feed.ByID(tx, "Spaces-1", id); !fault.Is(err, fault.KindNotFound) {
					t.Errorf("%s: %v", id, err)
				}
			}
			base, err := feed.Base(tx, "Spaces-1", "Acme.Web", "1.9.5")
			if err != nil || base.Version != "1.9.0" {
				t.Errorf("the base for 1.9.5: %v %v", base, err)
			}
			base, err = feed.Base(tx, "Spaces-1", "Acme.Web", "0.1.0")
			if err != nil || base.Version != "2.0.0-rc.1" {
				t.Errorf("the base for 0.1.0: %v %v", base, err)
			}
			_, err = feed.Base(tx, "Spaces-1", "Acme.Api", "3.0.0")
			if !fault.Is(err, fault.KindNotFound) {
				t.Errorf("the base of the only version: %v", err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestSweep(t *testing.T) {
	t.Parallel()
	r, db := repository(t), storetest.SQLite(t)
	if err := db.Write(t.Context(), func(tx *store.Tx) error { return space.SeedDefault(tx, nil) }); err != nil {
		t.Fatal(err)
	}
	gone, err := r.Store(t.Context(), "Spaces-9", name(t, "A.1.0.0.zip"), strings.NewReader("of a deleted space"))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), gone.Insert); err != nil {
		t.Fatal(err)
	}
	kept, err := r.Store(t.Context(), "Spaces-1", name(t, "A.1.0.0.zip"), strings.NewReader("kept"))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), kept.Insert); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Store(t.Context(), "Spaces-1", name(t, "B.1.0.0.zip"), strings.NewReader("orphan")); err != nil {
		t.Fatal(err)
	}
	if n, err := r.Sweep(t.Context(), db, time.Now().Add(-time.Hour)); n != 0 || err != nil {
		t.Errorf("a sweep of old files removed %d new ones, %v", n, err)
	}
	if n, err := r.Sweep(t.Context(), db, time.Now().Add(time.Hour)); n != 2 || err != nil {
		t.Errorf("the sweep removed %d, %v", n, err)
	}
	if n := files(t, r); n != 1 {
		t.Errorf("%d files are left, want 1", n)
	}
}

func TestSpaceDefaults(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			for _, space := range []string{"Spaces-1", "Spaces-2", "Spaces-1"} {
				if err := feed.SpaceDefaults(tx, space); err != nil {
					return err
				}
			}
			for space, want := range map[string]string{"Spaces-1": "feeds-builtin", "Spaces-2": "feeds-builtin-Spaces-2"} {
				f, err := feed.Find(tx, space, "feeds-builtin")
				if err != nil || f.ID != want {
					t.Errorf("%s: %v %v", space, f, err)
				}
			}
			n, err := feed.Feeds().Count(tx)
			if n != 2 {
				t.Errorf("%d feeds", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestAnEmptyFileIsNoPackage(t *testing.T) {
	t.Parallel()
	r := repository(t)
	_, err := r.Store(t.Context(), "Spaces-1", name(t, "Acme.1.0.0.zip"), strings.NewReader(""))
	if !fault.Is(err, fault.KindInvalid) || !strings.Contains(err.Error(), "is empty") || files(t, r) != 0 {
		t.Errorf("%v; %d files are left", err, files(t, r))
	}
}
