package registration

import (
	"net/url"
	"regexp"
	"strings"
)

// document is what the client reads of any document: its identity and its links.
type document struct {
	ID         string `json:"Id"`
	Name       string
	Slug       string
	Thumbprint string
	Version    string
	APIVersion string `json:"ApiVersion"`
	// InstallationID names the server's cookies.
	InstallationID string `json:"InstallationId"`
	Application    string
	IsDefault      bool
	Links          map[string]string
}

// page is one page of a list.
type page[T any] struct {
	Items []T
	Links map[string]string
}

var expression = regexp.MustCompile(`\{([/?]?)([^}]*)\}`) //nolint:gochecknoglobals // a compiled constant

// parameter is one value for a link's template.
type parameter struct{ name, value string }

// expand fills an RFC 6570 link. Values that the template does not declare are left out; declares reports whether
// all were taken.
func expand(template string, values ...parameter) (link string, declared bool) {
	used := 0
	link = expression.ReplaceAllStringFunc(template, func(text string) string {
		m := expression.FindStringSubmatch(text)
		var parts []string
		for _, name := range strings.Split(m[2], ",") {
			for _, v := range values {
				if !strings.EqualFold(v.name, name) {
					continue
				}
				used++
				if m[1] == "?" {
					parts = append(parts, name+"="+escapeQuery(v.value))
				} else {
					parts = append(parts, url.PathEscape(v.value))
				}
			}
		}
		if len(parts) == 0 {
			return ""
		}
		switch m[1] {
		case "?":
			return "?" + strings.Join(parts, "&")
		case "/":
			return "/" + strings.Join(parts, "/")
		default:
			return strings.Join(parts, ",")
		}
	})
	return link, used == len(values)
}

// escapeQuery escapes a value as RFC 3986 has it: a blank is %20.
func escapeQuery(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
