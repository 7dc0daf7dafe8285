package secret

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mantledeploy/mantle/internal/fault"
)

func newRing(t *testing.T, masters ...MasterKey) *Keyring {
	t.Helper()
	if len(masters) == 0 {
		masters = []MasterKey{NewMasterKey()}
	}
	k := NewKeyring(masters[0], masters[1:]...)
	if _, err := k.NewDataKey(); err != nil {
		t.Fatal(err)
	}
	return k
}

func TestTextDoesNotPrint(t *testing.T) {
	t.Parallel()
	type holder struct {
		Shown  Text
		hidden Text
		List   []Text
		Ptr    *Text
		Map    map[string]Text
	}
	text := NewText("hunter2")
	h := holder{Shown: text, hidden: text, List: []Text{text}, Ptr: &text, Map: map[string]Text{"k": text}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{text, &text, h, &h, NewMasterKey(), Sensitive{HasValue: true, NewValue: new("hunter2")}} {
			if got := fmt.Sprintf(verb, v); strings.Contains(got, "hunter2") || strings.Contains(got, "68756e74657232") {
				t.Errorf("%s of %T shows the secret: %s", verb, v, got)
			}
		}
	}
	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(handler).Info("m", "text", text, "holder", h, "sensitive", NewSensitive("hunter2"))
	}
	if strings.Contains(log.String(), "hunter2") || !strings.Contains(log.String(), Redacted) {
		t.Errorf("log shows %s", log.String())
	}
	if b, err := json.Marshal(h); err == nil {
		t.Errorf("a secret was marshalled: %s", b)
	}
	if text.Reveal() != "hunter2" {
		t.Error("Reveal does not give the secret")
	}
}

func TestTextReadsJSON(t *testing.T) {
	t.Parallel()
	var v struct{ Password, Missing, Null Text }
	if err := json.Unmarshal([]byte(`{"Password":"p\"w","Null":null}`), &v); err != nil {
		t.Fatal(err)
	}
	if v.Password.Reveal() != `p"w` || !v.Missing.Empty() || !v.Null.Empty() {
		t.Errorf("read %q %q %q", v.Password.Reveal(), v.Missing.Reveal(), v.Null.Reveal())
	}
	if err := json.Unmarshal([]byte(`{"Password":5}`), &v); err == nil {
		t.Error("a number was read as a secret")
	}
}

func TestParseMasterKey(t *testing.T) {
	t.Parallel()
	const octopus = "AAECAwQFBgcICQoLDA0ODw=="
	tests := []struct{ name, text, wantID, wantErr string }{
		{"32 bytes", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "0db4102c", ""},
		{"space around", " AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n", "0db4102c", ""},
		{"no padding", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "0db4102c", ""},
		{"16 bytes", octopus, "34ccab14", ""},
		{"24 bytes", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", "", "24 bytes"},
		{"empty", "", "", "0 bytes"},
		{"not base64", "no key at all!", "", "not base64"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			key, err := ParseMasterKey(tt.text)
			if tt.wantErr != "" {
				if !fault.Is(err, fault.KindInvalid) || !strings.Contains(err.Error(), tt.wantErr) {
					t.Fatalf("error %v; want one with %q", err, tt.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if key.ID() != tt.wantID {
				t.Errorf("ID %s; want %s: keys derived from a master key must never change", key.ID(), tt.wantID)
			}
			again, err := ParseMasterKey(key.Text().Reveal())
			if err != nil || !again.Equal(key) {
				t.Errorf("what Text shows is another key (%v)", err)
			}
		})
	}
}

func TestSealOpen(t *testing.T) {
	t.Parallel()
	k := newRing(t)
	for _, plain := range []string{"", "x", "päss wörd", strings.Repeat("long ", 10_000)} {
		sealed, err := k.Seal([]byte(plain), "Accounts-1")
		if err != nil {
			t.Fatal(err)
		}
		again, _ := k.Seal([]byte(plain), "Accounts-1")
		if sealed == again {
			t.Error("two seals of one value are equal: the nonce repeats")
		}
		got, err := k.Open(sealed, "Accounts-1")
		if err != nil || string(got) != plain {
			t.Errorf("opened %.20q, %v; want %.20q", got, err, plain)
		}
		if _, err := k.Open(sealed, "Accounts-2"); err == nil {
			t.Error("a value opened for another resource")
		}
	}
}

func TestOpenRefusesWhatWasChanged(t *testing.T) {
	t.Parallel()
	k := newRing(t)
	sealed, err := k.Seal([]byte("value"), "r")
	if err != nil {
		t.Fatal(err)
	}
	id, text, _ := strings.Cut(string(sealed), ".")
	for i := range text {
		c := byte('A')
		if text[i] == c {
			c = 'B'
		}
		changed := Sealed(id + "." + text[:i] + string(c) + text[i+1:])
		if _, err := k.Open(changed, "r"); err == nil {
			t.Errorf("opened with character %d changed", i)
		}
	}
	for _, bad := range []Sealed{"", ".", "x", "x.y", Sealed(id), Sealed(id + "."), Sealed("other." + text), sealed + "\n"} {
		if _, err := k.Open(bad, "r"); err == nil {
			t.Errorf("opened %q", bad)
		}
	}
	if _, err := newRing(t).Open(sealed, "r"); err == nil {
		t.Error("another keyring opened it")
	}
}

func TestSealNeedsADataKey(t *testing.T) {
	t.Parallel()
	if _, err := NewKeyring(NewMasterKey()).Seal([]byte("v"), "r"); err == nil {
		t.Error("a keyring without data keys sealed a value")
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	oldMaster, newMaster := NewMasterKey(), NewMasterKey()
	before := NewKeyring(oldMaster)
	wrapped, err := before.NewDataKey()
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := before.Seal([]byte("v"), "r")
	if err != nil {
		t.Fatal(err)
	}

	during := NewKeyring(newMaster, oldMaster)
	if err := during.Add(wrapped); err != nil {
		t.Fatal(err)
	}
	if err := during.Verify(before.Check()); err != nil {
		t.Errorf("while two keys are valid, the old check value is refused: %v", err)
	}
	rewrapped, err := during.Rewrap(wrapped)
	if err != nil {
		t.Fatal(err)
	}
	if got := rewrapped.MasterKeyID(); got != newMaster.ID() {
		t.Errorf("rewrapped by %s; want %s", got, newMaster.ID())
	}
	second, err := during.NewDataKey()
	if err != nil {
		t.Fatal(err)
	}
	sealedByNew, err := during.Seal([]byte("w"), "r")
	if err != nil || sealedByNew.KeyID() == sealed.KeyID() || sealedByNew.KeyID() != during.Current() {
		t.Errorf("the new data key does not seal: %s, %v", sealedByNew, err)
	}

	after := NewKeyring(newMaster)
	if err := after.Add(rewrapped, second); err != nil {
		t.Fatal(err)
	}
	for s, want := range map[Sealed]string{sealed: "v", sealedByNew: "w"} {
		if got, err := after.Open(s, "r"); err != nil || string(got) != want {
			t.Errorf("after the rotation: opened %q, %v; want %q", got, err, want)
		}
	}
	if err := after.Add(wrapped); !fault.Is(err, fault.KindInvalid) || !strings.Contains(err.Error(), oldMaster.ID()) {
		t.Errorf("a data key of a master key that is gone: %v", err)
	}
}

func TestVerifyNamesBothKeys(t *testing.T) {
	t.Parallel()
	right, wrong := NewMasterKey(), NewMasterKey()
	check := NewKeyring(right).Check()
	if err := NewKeyring(right).Verify(check); err != nil {
		t.Fatal(err)
	}
	err := NewKeyring(wrong).Verify(check)
	if !fault.Is(err, fault.KindInvalid) {
		t.Fatalf("wrong master key: %v", err)
	}
	for _, part := range []string{right.ID(), wrong.ID(), "--master-key"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %s", err, part)
		}
	}
}

func TestMasterKeyFile(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	first, created, err := LoadOrCreateMasterKey(dir)
	if err != nil || !created {
		t.Fatalf("first start: created %v, %v", created, err)
	}
	second, created, err := LoadOrCreateMasterKey(dir)
	if err != nil || created || !second.Equal(first) {
		t.Errorf("second start: created %v, %v, same key %v", created, err, second.Equal(first))
	}
	path := filepath.Join(dir, MasterKeyFile)
	if names, _ := os.ReadDir(dir); len(names) != 1 {
		t.Errorf("the directory holds %v; want the key alone", names)
	}
	if runtime.GOOS != "windows" {
		if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
			t.Errorf("mode %04o; want 0600", info.Mode().Perm())
		}
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, _, err := LoadOrCreateMasterKey(dir); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("a key that everybody can read: %v", err)
		}
	}
	if err := os.WriteFile(path, []byte("cut"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := LoadOrCreateMasterKey(dir); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a damaged file: %v; want an error that names it", err)
	}
	if _, err := ReadMasterKeyFile(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestMasterKeyFileOfTwoFirstStarts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		made int
		keys = map[string]bool{}
	)
	for range 16 {
		wg.Go(func() {
			key, created, err := LoadOrCreateMasterKey(dir)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			if created {
				made++
			}
			keys[key.ID()] = true
		})
	}
	wg.Wait()
	if made != 1 || len(keys) != 1 {
		t.Errorf("%d made, %d different keys; want 1 and 1", made, len(keys))
	}
}

func TestPassword(t *testing.T) {
	t.Parallel()
	hash := HashPassword("correct horse")
	if HashPassword("correct horse") == hash {
		t.Error("two hashes of one password are equal: the salt repeats")
	}
	tests := []struct {
		name, hash, password string
		want                 bool
	}{
		{"right", hash, "correct horse", true},
		{"wrong", hash, "correct horsf", false},
		{"empty password", hash, "", false},
		{"no hash", "", "", false},
		{"plain text", "correct horse", "correct horse", false},
		{"other cost", "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$x9vY6bOxIr3pG6Wb7dCNTPDHsFNsnXfBCoa9OtvgJtA", "no", false},
		{"absurd cost", strings.Replace(hash, "m=19456", "m=4000000000", 1), "correct horse", false},
		{"cut", hash[:len(hash)-30], "correct horse", false},
	}
	for _, tt := range tests {
		if got := VerifyPassword(tt.hash, tt.password); got != tt.want {
			t.Errorf("%s: %v; want %v", tt.name, got, tt.want)
		}
	}
}

func TestAPIKey(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	counts := map[rune]int{}
	for range 2000 {
		key := NewAPIKey().Reveal()
		if !ValidAPIKey(key) || len(key) != 36 || seen[key] {
			t.Fatalf("key %q", key)
		}
		seen[key] = true
		for _, c := range key[4:] {
			counts[c]++
		}
	}
	// 64,000 characters over 36: 1,778 each, with a deviation of 42.
	for c, n := range counts {
		if n < 1500 || n > 2050 {
			t.Errorf("%c comes %d times", c, n)
		}
	}
	for _, bad := range []string{"", "API-", "API-SHORT", "api-ABCDEFGHIJKLMNOPQRST", "API-abcdefghijklmnopqrst", "API-ABCDEFGHIJKLMNOP RST"} {
		if ValidAPIKey(bad) {
			t.Errorf("%q is taken for a key", bad)
		}
	}
	const key = "API-ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	if diff := cmp.Diff("API-ABCD...", APIKeyHint(key)); diff != "" {
		t.Error(diff)
	}
	if !EqualHash(HashAPIKey(key), HashAPIKey(key)) || EqualHash(HashAPIKey(key), HashAPIKey(key+"6")) {
		t.Error("hashes compare wrongly")
	}
}

func TestRandomIDs(t *testing.T) {
	t.Parallel()
	if a, b := NewID(), NewID(); a == b || len(a) != 26 || a != strings.ToLower(a) {
		t.Errorf("IDs %q and %q", a, b)
	}
	if a, b := NewToken(), NewToken(); a.Equal(b) || len(a.Reveal()) != 43 {
		t.Error("tokens repeat or are short")
	}
}
