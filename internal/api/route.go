package api

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/mantledeploy/mantle/internal/fault"
)

// match finds the operation of the request. Literal segments match in any case; parameters keep theirs.
func (e *Engine) match(r *http.Request) (*Operation, map[string]string, error) {
	path := e.belowBase(r.URL.EscapedPath())
	lower := asciiLower(path)
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	pattern := e.matcher.Find(chi.NewRouteContext(), method, lower)
	op := e.routes[method+" "+pattern]
	if op == nil {
		return nil, nil, e.unmatched(method, lower, path)
	}
	params := map[string]string{}
	values := strings.Split(path, "/")
	for i, name := range strings.Split(pattern, "/") {
		if !strings.HasPrefix(name, "{") {
			if name == "*" {
				params["*"] = strings.Join(values[i:], "/")
			}
			continue
		}
		value, err := url.PathUnescape(values[i])
		if err != nil {
			return nil, nil, fault.Invalid("the path %q is not valid: %v", path, err)
		}
		params[strings.Trim(name, "{}")] = value
	}
	return op, params, nil
}

// Serves reports whether an operation answers the method at the path, which may hold any value for a parameter. A space's
// root document, whose path any word has, does not count.
func (e *Engine) Serves(method, path string) bool {
	pattern := e.matcher.Find(chi.NewRouteContext(), method, asciiLower(e.belowBase(path)))
	return pattern != "" && pattern != "/api/{space}"
}

// belowBase takes the virtual directory off, where the proxy has not, and a slash at the end.
func (e *Engine) belowBase(path string) string {
	base := e.BasePath
	if base != "" && len(path) >= len(base) && strings.EqualFold(path[:len(base)], base) && (len(path) == len(base) || path[len(base)] == '/') {
		path = path[len(base):]
	}
	return strings.TrimRight(path, "/")
}

func (e *Engine) unmatched(method, lower, path string) error {
	for _, other := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		if other != method && e.matcher.Match(chi.NewRouteContext(), other, lower) {
			return errMethod{fault.Unsupported("%s is not possible at %s", method, path)}
		}
	}
	if feature := absent(path); feature != "" {
		return fault.NotFound("this server has no %s: there is nothing at %s", feature, path)
	}
	return fault.NotFound("there is nothing at %s on this server", path)
}

// errMethod is answered with 405.
type errMethod struct{ error }

func (e errMethod) Unwrap() error { return e.error }

func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
