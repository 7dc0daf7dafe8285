package identity

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

const (
	goldenMachineID  = "0123456789abcdef0123456789abcdef"
	fixedThumbprint  = "34BA1D9CA40AAE94D3D2C72BD79F3868D1150A9D"
	otherMachineID   = "fedcba9876543210fedcba9876543210"
	exportedByOrigin = "exported.b64"
)

func golden(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func setting(t *testing.T, file, key string) string {
	t.Helper()
	m := regexp.MustCompile(`key="` + regexp.QuoteMeta(key) + `">([^<]*)<`).FindSubmatch(golden(t, file))
	if m == nil {
		t.Fatalf("%s has no %s", file, key)
	}
	return string(m[1])
}

func machine(t *testing.T, id string) *MachineKey {
	t.Helper()
	k, err := KeyFromMachineID(id)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestTakesOverATentaclesIdentity(t *testing.T) {
	t.Parallel()
	c, err := Load(machine(t, goldenMachineID), setting(t, "fixed.config", "Tentacle.Certificate"))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Thumbprint(); got != fixedThumbprint {
		t.Errorf("thumbprint %s, want %s", got, fixedThumbprint)
	}
}

func TestReadsATentaclesProxyPassword(t *testing.T) {
	t.Parallel()
	k := machine(t, goldenMachineID)
	text := setting(t, "proxy.config", "Octopus.Proxy.ProxyPassword")
	plain, err := k.Unprotect(text)
	if err != nil || string(plain) != "s3cret" {
		t.Fatalf("got %q, %v", plain, err)
	}
	if again, err := k.Protect(plain); err != nil || again != text {
		t.Errorf("Protect gives %q, %v; the Tentacle wrote %q", again, err, text)
	}
}

func TestAnotherMachinesKeyIsRefused(t *testing.T) {
	t.Parallel()
	_, err := Load(machine(t, otherMachineID), setting(t, "fixed.config", "Tentacle.Certificate"))
	if !errors.Is(err, ErrProtected) {
		t.Errorf("got %v", err)
	}
}

func TestImports(t *testing.T) {
	t.Parallel()
	pfx := golden(t, "fixed.pfx")
	if c, err := FromFile(pfx, "golden"); err != nil || c.Thumbprint() != fixedThumbprint {
		t.Errorf("PFX with password: %v", err)
	}
	if _, err := FromFile(pfx, "wrong"); !errors.Is(err, ErrPassword) {
		t.Errorf("wrong password: %v", err)
	}
	if _, err := FromFile(golden(t, exportedByOrigin), ""); err != nil {
		t.Errorf("base64 written by a Tentacle: %v", err)
	}
	for _, text := range []string{"AAAA", "", "not base64!"} {
		if _, err := FromBase64(text); err == nil {
			t.Errorf("FromBase64(%q) succeeded", text)
		}
	}
}

func TestGenerateRoundTrips(t *testing.T) {
	t.Parallel()
	c, err := Generate(time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Leaf.NotBefore.Format(time.DateOnly) + " " + c.Leaf.NotAfter.Format(time.DateOnly); got != "2026-11-20 2126-11-21" {
		t.Errorf("validity %s", got)
	}
	k := machine(t, otherMachineID)
	text, err := Store(k, c)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Load(k, text)
	if err != nil || back.Thumbprint() != c.Thumbprint() {
		t.Fatalf("from the configuration: %v", err)
	}
	for _, password := range []string{"", "Passw0rd!"} {
		pfx, err := c.PFX(password)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := FromFile(pfx, password); err != nil || back.Thumbprint() != c.Thumbprint() {
			t.Errorf("from a PFX with password %q: %v", password, err)
		}
	}
}

func TestKeyFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	id, file := filepath.Join(dir, "machine-id"), filepath.Join(dir, "octopus", "machinekey")
	made, err := OpenMachineKey(id, file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := made.Protect([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	// The key file wins, also when a machine-id appears later.
	if err := os.WriteFile(id, []byte(goldenMachineID+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := OpenMachineKey(id, file)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := again.Unprotect(text); err != nil || string(plain) != "secret" {
		t.Errorf("got %q, %v", plain, err)
	}
	if err := os.WriteFile(file, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenMachineKey(id, file); err == nil {
		t.Error("a damaged key file was accepted")
	}
}
