package option

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type parsed struct {
	Port    string
	Trust   []string
	Force   bool
	Count   string
	Given   bool
	Rest    []string
	Missing string
}

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		args []string
		want parsed
	}{
		{"separate value", []string{"--port", "1"}, parsed{Port: "1"}},
		{"equals", []string{"--port=1"}, parsed{Port: "1"}},
		{"colon", []string{"-port:1"}, parsed{Port: "1"}},
		{"slash", []string{"/port=1"}, parsed{Port: "1"}},
		{"case", []string{"--PORT", "1"}, parsed{Port: "1"}},
		{"alias", []string{"-p", "1"}, parsed{Port: "1"}},
		{"last wins", []string{"-p", "1", "--port=2"}, parsed{Port: "2"}},
		{"value that looks like an option", []string{"--port", "--trust"}, parsed{Port: "--trust"}},
		{"value with separators", []string{"--port", "https://h:1/?a=b"}, parsed{Port: "https://h:1/?a=b"}},
		{"value after equals has separators", []string{"--port=https://h:1"}, parsed{Port: "https://h:1"}},
		{"repeated", []string{"--trust", "a", "--trust=b"}, parsed{Trust: []string{"a", "b"}}},
		{"flag", []string{"--force"}, parsed{Force: true}},
		{"flag plus", []string{"-f+"}, parsed{Force: true}},
		{"flag minus", []string{"--force", "--force-"}, parsed{}},
		{"flag false", []string{"--force=False"}, parsed{}},
		{"flag true", []string{"--force=true"}, parsed{Force: true}},
		{"empty value", []string{"--count="}, parsed{Given: true}},
		{"empty value as argument", []string{"--count", ""}, parsed{Given: true}},
		{"unknown", []string{"--unknown", "x", "stray", "/home/x"}, parsed{Rest: []string{"--unknown", "x", "stray", "/home/x"}}},
		{"terminator", []string{"--", "--port", "1"}, parsed{Rest: []string{"--port", "1"}}},
		{"a dash alone", []string{"-"}, parsed{Rest: []string{"-"}}},
		{"missing value", []string{"--port"}, parsed{Missing: "--port"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got parsed
			var count *string
			s := New()
			s.String("port|p", "", &got.Port)
			s.Strings("trust", "", &got.Trust)
			s.Flag("force|f", "", &got.Force)
			s.Optional("count", "", &count)
			rest, err := s.Parse(tt.args)
			var missing *MissingValueError
			if errors.As(err, &missing) {
				got.Missing = missing.Option
			} else if err != nil {
				t.Fatal(err)
			}
			got.Rest, got.Given = rest, count != nil
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Parse(%q) (-want +got):\n%s", tt.args, diff)
			}
		})
	}
}
