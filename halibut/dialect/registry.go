package dialect

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// Type is one entry of a Registry: a Go struct (or another named type) and its
// names on the wire, such as "Acme.Contracts.Ticket, Acme.Contracts".
type Type struct {
	Name    string   // written
	Aliases []string // read as well
	Value   any      // a zero value of the Go type
}

// Registry maps the wire's type names to Go types. It does not change once made,
// so it can be shared. Names are compared without case and without the Version,
// Culture and PublicKeyToken that .NET may append; unknown names are refused.
type Registry struct {
	byName map[string]reflect.Type
	byType map[reflect.Type]string
	plans  sync.Map // reflect.Type → *plan: what reflection found, never changed
}

// Named is a type that has its name without a Registry, and exactly: no alias, no
// suffix, no other case. The envelopes of messages are of this kind.
type Named interface{ WireName() string }

// StreamTypeName is the name of DataStream, which every Registry knows.
const StreamTypeName = "Halibut.DataStream, Halibut"

// NewRegistry makes a registry of types.
func NewRegistry(types ...Type) (*Registry, error) {
	r := &Registry{byName: map[string]reflect.Type{}, byType: map[reflect.Type]string{}}
	all := append([]Type{{Name: StreamTypeName, Value: DataStream{}}}, types...)
	for _, t := range all {
		if t.Value == nil || t.Name == "" {
			return nil, fmt.Errorf("type %q: a name and a value are needed", t.Name)
		}
		goType := reflect.TypeOf(t.Value)
		if goType.Kind() == reflect.Pointer {
			goType = goType.Elem()
		}
		if _, twice := r.byType[goType]; twice {
			return nil, fmt.Errorf("type %q: %s is registered already; give it aliases", t.Name, goType)
		}
		if goType.Kind() == reflect.Struct && goType != reflect.TypeFor[DataStream]() {
			if _, err := r.plan(goType); err != nil {
				return nil, fmt.Errorf("type %q: %w", t.Name, err)
			}
		}
		r.byType[goType] = t.Name
		for _, name := range append([]string{t.Name}, t.Aliases...) {
			key := typeKey(name)
			if _, twice := r.byName[key]; twice {
				return nil, fmt.Errorf("type %q: the name is registered already", name)
			}
			r.byName[key] = goType
		}
	}
	return r, nil
}

// lookup finds the Go type of a wire name.
func (r *Registry) lookup(name string) (reflect.Type, bool) {
	t, ok := r.byName[typeKey(name)]
	return t, ok
}

// typeKey drops what .NET may append to an assembly's name, and case.
func typeKey(name string) string {
	parts := strings.Split(name, ",")
	if len(parts) > 2 && !strings.ContainsAny(name, "[]") {
		parts = parts[:2]
	}
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return strings.ToLower(strings.Join(parts, ","))
}
