package api

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/mantledeploy/mantle/internal/access"
)

// Where says under which paths an operation is served.
type Where int

// The places of an operation.
const (
	// InSpace is /api/{space}/x, /api/spaces/{space}/x, and /api/x for the default space.
	InSpace Where = iota
	// InSystem is /api/x; there is no space.
	InSystem
	// InBoth is /api/x without a space (all that the caller may see) and the two paths with one.
	InBoth
)

// Operation is one method of one path, with what it needs and what it takes and gives.
type Operation struct {
	Method string
	// Path is below /api or the space, without a slash before it: "projects/{id}/summary".
	Path  string
	Where Where
	// Permission is what the caller must hold, in any measure, in the space; the handler asks again with the scope of what
	// it touches (Call.Require). One of Permission, Anonymous and SignedIn must be set.
	Permission access.Permission
	// Anonymous operations are open to everyone.
	Anonymous bool
	// SignedIn operations are open to every user, those of a space to everyone who may enter it, for the reason given.
	SignedIn string
	// OpenSpace is for a SignedIn operation of a space whose answer is not the space's own: who may not enter the default space gets it too.
	OpenSpace bool
	// ChangesAccess is for a write that changes who may do what.
	ChangesAccess bool
	// Summary is one line for the OpenAPI document. In and Out are values of the types of the bodies; nil is none.
	Summary string
	In, Out any
	// List tells the OpenAPI document that Out is the item of a page; Beside is a struct of what this page has beside its items.
	List   bool
	Beside any
	// Queries are the names of the query's members.
	Queries []string
	Handler func(*Call) error
}

// Handle registers operations. A second one with the same method and path is a defect, and panics.
func (e *Engine) Handle(operations ...Operation) {
	for _, op := range operations {
		o := op
		o.Path = strings.Trim(o.Path, "/")
		e.operations = append(e.operations, &o)
		for _, pattern := range o.patterns() {
			e.route(pattern, &o)
		}
	}
}

func (o *Operation) patterns() []string {
	path := ""
	if o.Path != "" {
		path = "/" + o.Path
	}
	if o.Where == InSystem {
		return []string{"/api" + path}
	}
	return []string{"/api" + path, "/api/{space}" + path, "/api/spaces/{space}" + path}
}

func (e *Engine) route(pattern string, o *Operation) {
	pattern = lowerLiterals(pattern)
	key := o.Method + " " + pattern
	if e.routes[key] != nil {
		panic("api: registered twice: " + key)
	}
	e.routes[key] = o
	e.matcher.MethodFunc(o.Method, pattern, http.NotFound)
}

// lowerLiterals lowers the segments that are not parameters.
func lowerLiterals(pattern string) string {
	segments := strings.Split(pattern, "/")
	for i, s := range segments {
		if !strings.HasPrefix(s, "{") {
			segments[i] = strings.ToLower(s)
		}
	}
	return strings.Join(segments, "/")
}

func typeOf(v any) reflect.Type {
	if v == nil {
		return nil
	}
	t := reflect.TypeOf(v)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}
