package variables

import (
	"errors"
	"strings"
	"testing"
)

// TestHostileVariables has texts that are made to take all memory or time; the error says where and why.
func TestHostileVariables(t *testing.T) {
	t.Parallel()
	const deep, wide = 10_000, 1 << 20
	for name, text := range map[string]string{
		"deep":           strings.Repeat("[", deep),
		"deep value":     `[{"k":"a","v":` + strings.Repeat("[", deep) + strings.Repeat("]", deep) + `}]`,
		"deep members":   `[{"k":"a","v":` + strings.Repeat(`{"a":`, deep),
		"long number":    `[{"k":1` + strings.Repeat("0", wide) + `}]`,
		"cut":            `[{"k":"` + strings.Repeat("n", wide),
		"nothing":        "",
		"another object": `{"k":["a"]}`,
	} {
		if _, err := Decode([]byte(text)); !errors.Is(err, ErrForm) || len(err.Error()) > 500 {
			t.Errorf("%s: %.200v", name, err)
		}
		if _, err := DecodeLegacy([]byte(text)); !errors.Is(err, ErrForm) || len(err.Error()) > 500 {
			t.Errorf("%s, in the older form: %.200v", name, err)
		}
	}
	long := strings.Repeat("n", wide)
	vs, err := Decode([]byte(`[{"k":"` + long + `","v":"1"}]`))
	if err != nil || len(vs) != 1 || vs[0].Name != long {
		t.Errorf("a name of a megabyte: %d variables, %.200v", len(vs), err)
	}
}

// FuzzDecode: what is read is written and read again as the same.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{`[{"k":"a","v":"b","s":true}]`, `[{"k":"a","v":null,"s":"true"}]`, `[{"k":"a","v":1.50}]`, `{"a":"b","c":null}`, "\ufeff[]", `[{"k":"é\u0000"}]`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		_, _ = DecodeLegacy(text)
		vs, err := Decode(text)
		if err != nil {
			return
		}
		again, err := Encode(vs)
		if err != nil {
			t.Fatal(err)
		}
		if read, err := Decode(again); err != nil || len(read) != len(vs) {
			t.Errorf("%d variables became %d, %v", len(vs), len(read), err)
		}
	})
}
