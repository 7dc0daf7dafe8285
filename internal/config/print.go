package config

import (
	"fmt"
	"io"
	"reflect"
	"text/tabwriter"

	"github.com/mantledeploy/mantle/internal/secret"
)

// Origin says where a setting's value came from.
func (c Config) Origin(name string) string { return c.origins[name] }

// Shown is a setting as it is in force: its value without secrets, and where it came from.
type Shown struct{ Name, Value, Origin string }

// Show returns every setting.
func (c Config) Show() []Shown {
	var all []Shown
	v := reflect.ValueOf(c)
	for _, s := range Settings() {
		all = append(all, Shown{s.Name, show(v.Field(s.index)), c.origins[s.Name]})
	}
	return all
}

// Print writes every setting.
func (c Config) Print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, s := range c.Show() {
		if _, err := fmt.Fprintf(t, "%s\t%s\t%s\n", s.Name, s.Value, s.Origin); err != nil {
			return err
		}
	}
	return t.Flush()
}

// show asks String before fmt does: fmt would prefer the Format of an embedded secret.
func show(v reflect.Value) string {
	if s, is := v.Interface().(fmt.Stringer); is {
		return s.String()
	}
	return v.String()
}

// String names the key, which gives nothing of it away.
func (k Key) String() string {
	if k.IsZero() {
		return "(" + secret.MasterKeyFile + " in the data directory)"
	}
	return secret.Redacted + " (key " + k.ID() + ")"
}

// String never shows the password.
func (p Password) String() string { return shown(p.Text) }

// String never shows the key.
func (a APIKey) String() string { return shown(a.Text) }

// String returns the number of tasks.
func (t TaskCap) String() string { return fmt.Sprintf("%d", int(t)) }

func shown(t secret.Text) string {
	if t.Empty() {
		return "(random)"
	}
	return secret.Redacted
}
