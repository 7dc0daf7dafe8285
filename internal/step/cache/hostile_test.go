package cache

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestHostileNames: names of a megabyte are refused or read in moments, and errors stay short.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"a", "1", ".", "1.", "@", "%", "%4", "-", "a.1.", "@S1", "é", "\xff", ".tar", "+"} {
		for _, name := range []string{strings.Repeat(part, 1<<20), "A@S1.0.0@" + strings.Repeat(part, 1000) + ".zip", "A." + strings.Repeat(part, 1000) + ".zip", "A.1.0.0." + strings.Repeat(part, 1000)} {
			if _, err := Parse(name); err != nil && len(err.Error()) > 1000 {
				t.Errorf("many %q: an error of %d bytes", part, len(err.Error()))
			}
			if short := name[:min(len(name), 5000)]; utf8.ValidString(short) && Unescape(Escape(short)) != short {
				t.Errorf("many %q are another text after escaping and back", part)
			}
		}
	}
}

// FuzzParse: a name that is read is written and read again as the same.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"Acme.Web.1.0.0.zip", "Acme@S1.0.0@0123456789ABCDEF0123456789ABCDEF.tar.gz", "a@M1@x.jar", "a%2Fb@O1@x.zip", "A.1.0.0-beta+m.nupkg", "@@.", "a.1.tar.gz"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		p, err := Parse(name)
		if err != nil || !utf8.ValidString(name) {
			return
		}
		again := Name(p.ID, p.Version.String(), p.Format, p.Extension)
		if q, err := Parse(again); err != nil || q.ID != p.ID {
			t.Errorf("%q became %q: %+v, %v", name, again, q, err)
		}
	})
}
