package octostache

import (
	"errors"
	"testing"
	"time"
)

// TestLanguage holds places of the language of which no row is recorded.
func TestLanguage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		template, want string
		lenient        bool
		variables      map[string]string
	}{
		{template: "#{A. }", want: "#{A.}"}, // nothing is looked for in front of the very last character
		{template: "#{A. }x", want: "#{A. }x"},
		{template: "#{Obj[]}", want: "#{Obj[]}", variables: map[string]string{"Obj": `{"":1}`}},
		{template: "#{each x in L}<#{x}>#{/each}", want: "<v>", variables: map[string]string{"L": "#{", "L[k]": "v"}},
		{template: "#{each x in L}<#{x}>#{/each}", want: "<a><b>", variables: map[string]string{"L": "a,b", "L[k]": "v"}},
		{template: "#{V | Format #{F}}", want: "1.50", variables: map[string]string{"V": "1.5", "F": "F2\x00x"}},
		{template: "#{V | Format #{F}}", want: "02", variables: map[string]string{"V": "1.5", "F": "00\x00'x"}},
		{template: "#{V | Format #{F}}", want: "1.5", variables: map[string]string{"V": "1.5", "F": "\x00"}},
		{template: "#{calc {  in\t}}", want: "5", variables: map[string]string{"in": "5"}},
		{template: `#{if \"a"b} #{B}#{/if}`, want: `#{if \"a"b} #{B}#{/if}`, lenient: true, variables: map[string]string{"B": "1"}},
		{template: `#{V | Replace #{P} x}`, want: "xabc", variables: map[string]string{"V": "abc", "P": `\G`}},
		{template: `#{V | Replace #{P} "-"}`, want: "--cab", variables: map[string]string{"V": "abcab", "P": `\G[ab]`}},
		{template: `#{V | Replace #{P} "."}`, want: ".a.b.", variables: map[string]string{"V": "ab", "P": `\G|(?=b)|$`}},
	} {
		vs := New(Config{Location: time.UTC})
		for name, value := range tt.variables {
			vs.Set(name, value)
		}
		got, err := vs.EvaluateValue(tt.template)
		if tt.lenient {
			got, err = vs.EvaluateLenient(tt.template)
		}
		var missing *MissingError
		if err != nil && !errors.As(err, &missing) && !Soft(err) {
			t.Errorf("%s: %v", tt.template, err)
		}
		if got.Text != tt.want {
			t.Errorf("%s gives %q, want %q", tt.template, got.Text, tt.want)
		}
	}
}
