package feedapi

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/mantledeploy/mantle/internal/api"
)

// NuGetHandler serves /nuget/packages, and /nuget/{space}/packages for the other spaces, to NuGet's clients. It translates: their paths
// into the API's, a key in X-NuGet-ApiKey or in the password of basic authentication into X-Octopus-ApiKey, and the answer to strangers
// into what makes a client ask for a password, or give up. The two documents that clients ask for first have only addresses, and are
// open: clients that push ask for them without their key, and would want a password before they use it.
func NuGetHandler(e *api.Engine) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		space, rest, ok := nugetPath(r.URL.EscapedPath(), e.BasePath)
		if !ok {
			http.NotFound(w, r)
			return
		}
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			switch base := nugetBase(e, r, space); strings.ToLower(rest) {
			case "":
				writeService(w, base)
				return
			case "/v3/index.json":
				writeIndex(w, base)
				return
			}
		}
		path := "/api"
		if space != "" {
			path += "/" + url.PathEscape(space)
		}
		in := r.Clone(r.Context())
		target, err := url.Parse(e.BasePath + path + "/nuget" + rest)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		in.URL.Path, in.URL.RawPath = target.Path, target.RawPath
		takeKey(in.Header)
		e.ServeHTTP(&nugetWriter{ResponseWriter: w, method: r.Method}, in)
	})
}

// nugetPath splits a path, escaped as it came, into the space and what follows the feed's address.
func nugetPath(path, basePath string) (space, rest string, ok bool) {
	if len(path) >= len(basePath) && strings.EqualFold(path[:len(basePath)], basePath) {
		path = path[len(basePath):]
	}
	segments := strings.SplitN(strings.TrimPrefix(path, "/"), "/", 4)
	if len(segments) < 2 || !strings.EqualFold(segments[0], "nuget") {
		return "", "", false
	}
	rest, after := "", segments[2:]
	if !strings.EqualFold(segments[1], "packages") {
		if len(segments) < 3 || !strings.EqualFold(segments[2], "packages") {
			return "", "", false
		}
		var err error
		if space, err = url.PathUnescape(segments[1]); err != nil || space == "" {
			return "", "", false
		}
		after = segments[3:]
	}
	if len(after) > 0 {
		rest = "/" + strings.Join(after, "/")
	}
	return space, strings.TrimRight(rest, "/"), true
}

// takeKey puts the caller's key where the API looks for it.
func takeKey(h http.Header) {
	request := http.Request{Header: h}
	if h.Get("X-Octopus-ApiKey") != "" {
		return
	}
	if key := h.Get("X-NuGet-ApiKey"); key != "" {
		h.Set("X-Octopus-ApiKey", key)
		return
	}
	if _, password, ok := request.BasicAuth(); ok {
		h.Set("X-Octopus-ApiKey", password)
		h.Del("Authorization")
	}
}

// nugetWriter answers strangers as a feed does.
type nugetWriter struct {
	http.ResponseWriter
	method string
}

func (w *nugetWriter) WriteHeader(status int) {
	if status == http.StatusUnauthorized {
		switch w.method {
		case http.MethodGet, http.MethodHead:
			w.Header().Set("WWW-Authenticate", `Basic realm="NuGet feed: any user name, and an API key as the password"`)
		default: // the key is wrong or missing, and no password will do
			status = http.StatusForbidden
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *nugetWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

type nugetResource struct {
	ID      string `json:"@id"`
	Type    string `json:"@type"`
	Comment string `json:"comment,omitempty"`
}

// writeIndex writes what a client needs to find the parts of the feed. A client searches only where it knows the very type: some
// look for a beta of it.
func writeIndex(w http.ResponseWriter, base string) {
	index := struct {
		Version   string          `json:"version"`
		Resources []nugetResource `json:"resources"`
	}{Version: "3.0.0"}
	add := func(path string, types ...string) {
		for _, t := range types {
			index.Resources = append(index.Resources, nugetResource{ID: base + "/v3/" + path, Type: t})
		}
	}
	add("publish", "PackagePublish/2.0.0")
	add("flat/", "PackageBaseAddress/3.0.0")
	add("query", "SearchQueryService", "SearchQueryService/3.0.0-beta", "SearchQueryService/3.0.0-rc", "SearchQueryService/3.4.0", "SearchQueryService/3.5.0")
	add("registration/", "RegistrationsBaseUrl", "RegistrationsBaseUrl/3.0.0-beta", "RegistrationsBaseUrl/3.0.0-rc", "RegistrationsBaseUrl/3.4.0", "RegistrationsBaseUrl/3.6.0")
	add("autocomplete", "SearchAutocompleteService", "SearchAutocompleteService/3.0.0-beta", "SearchAutocompleteService/3.0.0-rc", "SearchAutocompleteService/3.5.0")
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(index) // the client is gone, or not
}
