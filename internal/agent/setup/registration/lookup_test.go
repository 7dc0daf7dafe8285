package registration

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestExpand(t *testing.T) {
	t.Parallel()
	const machines = "/api/Spaces-1/machines{/id}{?skip,take,name,thumbprint}"
	tests := []struct {
		template string
		values   []parameter
		want     string
		declared bool
	}{
		{machines, nil, "/api/Spaces-1/machines", true},
		{machines, []parameter{{"name", "Machine One"}}, "/api/Spaces-1/machines?name=Machine%20One", true},
		{machines, []parameter{{"name", "a&b=c/d+e"}}, "/api/Spaces-1/machines?name=a%26b%3Dc%2Fd%2Be", true},
		{machines, []parameter{{"id", "all"}, {"thumbprint", "AB"}}, "/api/Spaces-1/machines/all?thumbprint=AB", true},
		{machines, []parameter{{"take", "1"}, {"skip", "2"}}, "/api/Spaces-1/machines?skip=2&take=1", true},
		{"/api/machines", []parameter{{"name", "x"}}, "/api/machines", false},
		{"/api/{spaceId}", []parameter{{"spaceid", "Spaces-1"}}, "/api/Spaces-1", true},
		{"/api/x{/id}", []parameter{{"id", "a/b ü"}}, "/api/x/a%2Fb%20%C3%BC", true},
	}
	for _, tt := range tests {
		got, declared := expand(tt.template, tt.values...)
		if got != tt.want || declared != tt.declared {
			t.Errorf("expand(%s, %v) = %s, %v; want %s, %v", tt.template, tt.values, got, declared, tt.want, tt.declared)
		}
	}
}

func TestMatchIDs(t *testing.T) {
	t.Parallel()
	docs := []document{
		{ID: "Environments-1", Name: "Development", Slug: "development"},
		{ID: "Environments-2", Name: "Production", Slug: "prod"},
		{ID: "Environments-3", Name: "Test Lab", Slug: "test-lab"},
		{ID: "Environments-9", Name: "prod", Slug: "prod-9"},
	}
	tests := []struct{ words, ids, missing []string }{
		{[]string{"development"}, []string{"Environments-1"}, nil},
		{[]string{"Production", "Development"}, []string{"Environments-1", "Environments-2"}, nil},
		{[]string{"ENVIRONMENTS-2", "test lab", "TEST-LAB"}, []string{"Environments-3", "Environments-2"}, nil},
		{[]string{"prod"}, []string{"Environments-9"}, nil},
		{[]string{"Nope", "Development", ""}, []string{"Environments-1"}, []string{"Nope", ""}},
	}
	for _, tt := range tests {
		ids, missing := matchIDs(docs, tt.words)
		if diff := cmp.Diff(tt.ids, ids); diff != "" {
			t.Errorf("%q: ids (-want +got):\n%s", tt.words, diff)
		}
		if len(missing) != len(tt.missing) || len(missing) > 0 && !cmp.Equal(missing, tt.missing) {
			t.Errorf("%q: missing %q, want %q", tt.words, missing, tt.missing)
		}
	}
}

func TestParseServer(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"http://Octopus.Example":                 "http://octopus.example",
		" https://h:8443/ ":                      "https://h:8443",
		"https://h/api":                          "https://h",
		"https://h/octopus/":                     "https://h/octopus",
		"https://h/octopus/api/":                 "https://h/octopus",
		"https://h/app#/Spaces-1/infrastructure": "https://h",
		"https://h/app":                          "https://h/app",
		"h":                                      "",
		"h:8080":                                 "",
		"ftp://h":                                "",
		"":                                       "",
	} {
		u, err := ParseServer(text)
		if (err != nil) != (want == "") || err == nil && u.String() != want {
			t.Errorf("%q: %v, %v; want %q", text, u, err, want)
		}
	}
}

func TestEndpointURI(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]Endpoint{
		"https://machine.example:10933/": {Host: "Machine.Example", Port: 10933},
		"https://[::1]:10933/":           {Host: "::1", Port: 10933},
		"https://[fe80::2]:1/":           {Host: "[fe80::2]", Port: 1},
		"poll://x/":                      {Subscription: "poll://x/", Host: "ignored"},
	} {
		if got := e.URI(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
