package instance

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestIndex(t *testing.T) {
	t.Parallel()
	x := NewIndex(t.TempDir())
	if list, err := x.List(); err != nil || list != nil {
		t.Fatalf("an empty machine: %v, %v", list, err)
	}
	two := Instance{Name: "CLI Two", ConfigurationFile: "/home/octo/clitwo/t.config"}
	one := Instance{Name: "cli1", ConfigurationFile: "/etc/octopus/cli1/tentacle.config"}
	for _, i := range []Instance{one, two} {
		if err := x.Save(i); err != nil {
			t.Fatal(err)
		}
	}
	// The files are what a Tentacle writes, byte for byte.
	for _, name := range []string{"cli-two", "cli1"} {
		want, err := os.ReadFile(filepath.Join("..", "testdata", "config", "instances-"+name+".config"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(x.dir, name+".config"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if err := os.WriteFile(filepath.Join(x.dir, "junk.config"), []byte("junk"), 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := x.List()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Instance{two, one}, list); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	found, ok, err := x.Find("cli TWO")
	if err != nil || !ok || found != two {
		t.Errorf("found %v, %v, %v", found, ok, err)
	}
	if err := x.Delete(found); err != nil {
		t.Fatal(err)
	}
	if _, ok, _ := x.Find("CLI Two"); ok {
		t.Error("still there after Delete")
	}
}

func TestCheckName(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", " ", "..", "a/b", `a\b`, "a:b"} {
		if CheckName(bad) == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
	for _, good := range []string{"Tentacle", "svc one", "w-1_x.y"} {
		if err := CheckName(good); err != nil {
			t.Error(err)
		}
	}
}
