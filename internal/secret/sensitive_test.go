package secret

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// plain is a Sensitive without methods, to see its fields.
type plain Sensitive

func TestSensitiveReads(t *testing.T) {
	t.Parallel()
	tests := []struct {
		json string
		want plain
	}{
		{`null`, plain{}},
		{`""`, plain{}},
		{`"pw"`, plain{HasValue: true, NewValue: new("pw")}},
		{`{}`, plain{}},
		{`{"HasValue":true}`, plain{HasValue: true}},
		{`{"HasValue":true,"NewValue":"pw","Hint":"h"}`, plain{HasValue: true, NewValue: new("pw"), Hint: new("h")}},
		{`{"hasValue":true,"newValue":"pw"}`, plain{HasValue: true, NewValue: new("pw")}},
		{`{"HasValue":true,"Sealed":"k.v"}`, plain{HasValue: true, Sealed: "k.v"}},
	}
	for _, tt := range tests {
		got := NewSensitive("what was there before")
		if err := json.Unmarshal([]byte(tt.json), &got); err != nil {
			t.Errorf("%s: %v", tt.json, err)
		}
		if diff := cmp.Diff(tt.want, plain(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.json, diff)
		}
	}
	for _, bad := range []string{`5`, `[]`, `{"HasValue":"yes"}`, `{"NewValue":5}`} {
		var s Sensitive
		if err := json.Unmarshal([]byte(bad), &s); err == nil {
			t.Errorf("%s was read as %+v", bad, plain(s))
		}
	}
}

func TestSensitiveKeep(t *testing.T) {
	t.Parallel()
	previous := Sensitive{HasValue: true, Sealed: "key.old", Hint: new("h")}
	tests := []struct {
		name, sent     string
		previous, want Sensitive
	}{
		{"a new value replaces", `{"HasValue":true,"NewValue":"n"}`, previous, Sensitive{HasValue: true, NewValue: new("n")}},
		{"a new value needs no HasValue", `{"NewValue":"n"}`, previous, Sensitive{HasValue: true, NewValue: new("n")}},
		{"HasValue keeps", `{"HasValue":true,"NewValue":null,"Hint":null}`, previous, previous},
		{"HasValue of a new document is nothing", `{"HasValue":true}`, Sensitive{}, Sensitive{}},
		{"no value clears", `{"HasValue":false}`, previous, Sensitive{}},
		{"an empty value clears", `{"HasValue":true,"NewValue":""}`, previous, Sensitive{}},
		{"null clears", `null`, previous, Sensitive{}},
		{"a client cannot bring a sealed value", `{"HasValue":true,"Sealed":"key.forged"}`, previous, previous},
		{"nor beside a new one", `{"HasValue":true,"NewValue":"n","Sealed":"key.forged"}`, previous, Sensitive{HasValue: true, NewValue: new("n")}},
		{"nor in a new document", `{"HasValue":true,"Sealed":"key.forged"}`, Sensitive{}, Sensitive{}},
		{"nor without a value", `{"HasValue":false,"Sealed":"key.forged"}`, Sensitive{}, Sensitive{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got Sensitive
			if err := json.Unmarshal([]byte(tt.sent), &got); err != nil {
				t.Fatal(err)
			}
			got.Keep(tt.previous)
			if diff := cmp.Diff(plain(tt.want), plain(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestSensitiveRoundTrip(t *testing.T) {
	t.Parallel()
	k := newRing(t)
	const plain = "a password with spaces" // no sealed text has one
	s := NewSensitive(plain)
	if b, err := json.Marshal(s); err == nil {
		t.Fatalf("marshalled before it was sealed: %s", b)
	}
	if err := s.Seal(k, "Accounts-1"); err != nil {
		t.Fatal(err)
	}
	stored, err := json.Marshal(map[string]any{"Password": s})
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(stored, []byte(plain)) || !bytes.Contains(stored, []byte(`"Sealed":"`+s.Sealed)) {
		t.Errorf("stored as %s", stored)
	}
	if got, want := string(StripSealed(stored)), `{"Password":{"HasValue":true,"NewValue":null,"Hint":null}}`; got != want {
		t.Errorf("shown as %s; want %s", got, want)
	}
	var read struct{ Password, None Sensitive }
	if err := json.Unmarshal(stored, &read); err != nil {
		t.Fatal(err)
	}
	if got, err := read.Password.Open(k, "Accounts-1"); err != nil || got.Reveal() != plain {
		t.Errorf("opened %q, %v", got.Reveal(), err)
	}
	if _, err := read.Password.Open(k, "Accounts-2"); err == nil {
		t.Error("it opened in another resource")
	}
	if got, err := read.None.Open(k, "Accounts-1"); err != nil || !got.Empty() {
		t.Errorf("no value opened as %q, %v", got.Reveal(), err)
	}
	if _, err := (Sensitive{HasValue: true}).Open(k, "Accounts-1"); err == nil {
		t.Error("a value that is missing opened")
	}
}

func TestStripSealed(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{`{"A":1}`, `{"A":1}`},
		{`{"Sealed":"x"}`, `{}`},
		{`{"A":1,"Sealed":"x"}`, `{"A":1}`},
		{`{"Sealed":"x","A":1}`, `{"A":1}`},
		{`{"A":1,"Sealed":"x","B":2}`, `{"A":1,"B":2}`},
		{`{"Sealed":{"a":[1,{"b":"]}"}]},"A":1,"Sealed":"y"}`, `{"A":1}`},
		{`[{"V":{"HasValue":true,"Sealed":"k.v"}},"Sealed",{"Sealed":null}]`, `[{"V":{"HasValue":true}},"Sealed",{}]`},
		{`{"A":"Sealed","B":"\"Sealed\":\"x\"","Sealed":"x"}`, `{"A":"Sealed","B":"\"Sealed\":\"x\""}`},
		{`{"Unsealed":1,"sealed":2,"Sealed2":3,"Sealed":4}`, `{"Unsealed":1,"sealed":2,"Sealed2":3}`},
		{"{ \"A\" : [ ] ,\n \"Sealed\" : \"x\" }\n", "{ \"A\" : [ ]  }\n"},
		{`"Sealed"`, `"Sealed"`},
		{`{"Sealed":"x"`, ``},
		{`{"Sealed" "x"}`, ``},
		{`{"Sealed":"x"}}`, ``},
		{`{"Sealed":"x\`, ``},
		{`["Sealed",]`, ``},
	}
	for _, tt := range tests {
		if got := string(StripSealed([]byte(tt.in))); got != tt.want {
			t.Errorf("%s gives %s; want %s", tt.in, got, tt.want)
		}
	}
}

// Not parallel: AllocsPerRun counts what the whole process allocates.
func TestStripSealedIsFree(t *testing.T) {
	in := []byte(`{"A":"` + strings.Repeat("x", 1000) + `"}`)
	if n := testing.AllocsPerRun(10, func() { StripSealed(in) }); n != 0 {
		t.Errorf("%v allocations where there is nothing to strip", n)
	}
}

// FuzzStripSealed compares with a slow and plain implementation, over every valid document.
func FuzzStripSealed(f *testing.F) {
	for _, seed := range []string{`{"A":1,"Sealed":"x"}`, `[{"Sealed":[]},2,"Sealed"]`, ` { "Sealed" : {"Sealed":1} , "B" : null } `, `{"\u0053ealed":1,"Sealed":2}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		out := StripSealed(in)
		if !json.Valid(in) {
			return
		}
		// An escaped spelling of the name is not ours, and stays.
		if bytes.Contains(in, []byte(`\`)) {
			if !json.Valid(out) {
				t.Fatalf("%q gives %q", in, out)
			}
			return
		}
		var want, got any
		if json.Unmarshal(in, &want) != nil { // a number out of range
			return
		}
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatalf("%q gives %q: %v", in, out, err)
		}
		if want = without(want); !reflect.DeepEqual(want, got) {
			t.Fatalf("%q gives %q", in, out)
		}
	})
}

func without(v any) any {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "Sealed")
		for name := range v {
			v[name] = without(v[name])
		}
	case []any:
		for i := range v {
			v[i] = without(v[i])
		}
	}
	return v
}
