package variables

import (
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/step/steptest"
)

type fileRow struct {
	ID    string `json:"id"`
	Files []struct {
		Text     string `json:"text"`
		Raw      []byte `json:"raw_b64"`
		Password string `json:"password"`
		Option   string `json:"option"`
	} `json:"files"`
	Args      []string     `json:"args"`
	Error     *struct{}    `json:"error"`
	Variables [][2]*string `json:"variables"`
}

func (row fileRow) write(t *testing.T) []File {
	t.Helper()
	dir := t.TempDir()
	passwords := map[string]string{}
	var files []File
	for _, arg := range row.Args {
		name, value, _ := strings.Cut(arg, "=")
		passwords[name] = value
		if name == "--variables" {
			files = append(files, File{Path: value})
		}
	}
	for i, f := range row.Files {
		content := f.Raw
		if content == nil {
			content = []byte(f.Text)
		}
		if f.Password != "" {
			var err error
			if content, err = Encrypt(content, f.Password); err != nil {
				t.Fatal(err)
			}
		}
		path := filepath.Join(dir, string(rune('a'+i)))
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if f.Option == "sensitiveVariables" {
			files = append(files, File{Path: path, Legacy: true, Password: passwords["--sensitiveVariablesPassword"]})
		} else {
			files = append(files, File{Path: path, Password: passwords["--variablesPassword"]})
		}
	}
	return files
}

func TestGoldenFiles(t *testing.T) {
	t.Parallel()
	const file = "testdata/variables-file.jsonl"
	tally := steptest.NewTally(t, "calamari", file, nil)
	for _, row := range steptest.Rows[fileRow](t, file) {
		t.Run(row.ID, func(t *testing.T) {
			t.Parallel()
			s, err := Load(row.write(t), nil)
			if err != nil || row.Error != nil {
				tally.Row(t, row.ID, cmp.Diff(row.Error != nil, err != nil))
				return
			}
			want, got := map[string]string{}, map[string]string{}
			for _, v := range row.Variables {
				want[*v[0]] = "null"
				if v[1] != nil {
					want[*v[0]] = "=" + *v[1]
				}
			}
			for name, v := range s.All() {
				got[name] = "null"
				if !v.Null {
					got[name] = "=" + v.Text
				}
			}
			tally.Row(t, row.ID, cmp.Diff(want, got))
		})
	}
}

func TestGoldenEncryption(t *testing.T) {
	t.Parallel()
	type row struct {
		ID       string `json:"id"`
		Password string `json:"password"`
		Text     string `json:"text"`
		Key      string `json:"key"`
		Cipher   string `json:"cipher_b64"`
	}
	const file = "testdata/variables-encryption.jsonl"
	tally := steptest.NewTally(t, "calamari", file, nil)
	for _, row := range steptest.Rows[row](t, file) {
		t.Run(row.ID, func(t *testing.T) {
			t.Parallel()
			key, err := deriveKey(row.Password, 32)
			if err != nil {
				t.Fatal(err)
			}
			secret, err := base64.StdEncoding.DecodeString(row.Cipher)
			if err != nil {
				t.Fatal(err)
			}
			any := func([]byte) bool { return true }
			plain, err := Decrypt(secret, row.Password, any)
			tally.Row(t, row.ID, cmp.Diff(row.Key, hex.EncodeToString(key))+cmp.Diff(row.Text, string(plain)))
			if err != nil {
				t.Error(err)
			}
			for _, size := range []int{16, 32} {
				again, err := encrypt([]byte(row.Text), row.Password, size)
				if err != nil {
					t.Fatal(err)
				}
				back, err := Decrypt(again, row.Password, func(p []byte) bool { return string(p) == row.Text })
				if err != nil || string(back) != row.Text {
					t.Errorf("with a key of %d bytes: %q (%v)", size, back, err)
				}
			}
		})
	}
}

func TestGoldenOutputVariables(t *testing.T) {
	t.Parallel()
	type row struct {
		ID    string      `json:"id"`
		Vars  [][2]string `json:"vars"`
		Name  string      `json:"name"`
		Value string      `json:"value"`
		New   [][2]string `json:"new_variables"`
	}
	const file = "testdata/output-variables.jsonl"
	tally := steptest.NewTally(t, "calamari", file, nil)
	for _, row := range steptest.Rows[row](t, file) {
		s := NewSet()
		for _, v := range row.Vars {
			s.Set(v[0], v[1])
		}
		if err := s.SetOutput(row.Name, row.Value); err != nil {
			t.Fatal(err)
		}
		want, got := map[string]string{}, map[string]string{}
		for _, v := range append(row.Vars, row.New...) {
			want[v[0]] = v[1]
		}
		for name, v := range s.All() {
			got[name] = v.Text
		}
		tally.Row(t, row.ID, cmp.Diff(want, got))
	}
}
