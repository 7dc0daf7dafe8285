package apitest

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

//go:embed testdata/client-models.json.gz
var clientModels []byte

// Property is one member of a client's resource type.
type Property struct {
	Name, Type string
	// Write is "always", "create", or nothing for what a client cannot set.
	Write      string
	Unreadable bool
}

// EchoRow is a resource that Echo tests.
type EchoRow struct {
	// Type is the client's name of the type: "EnvironmentResource". Its base types' properties count too.
	Type string
	// Path is the collection, "/api/Spaces-1/environments". Method and Create path may differ: CreatePath, or Path.
	Path, CreatePath string
	// Sample is posted. Every property of the type is in it, or in Computed, or in Missing.
	Sample map[string]any
	// Change is what a PUT of the whole document changes, besides; it must come back, too.
	Change map[string]any
	// Computed are properties that the server sets: they must be there, whatever was sent.
	Computed []string
	// Missing are properties that this server does not have, each with the reason.
	Missing map[string]string
	// Singleton is a document that exists: Path is its own, it is put and not posted.
	Singleton bool
}

// Echo checks that the server stores and echoes every property that the newest client knows of a resource type: what is posted comes
// back from the POST, from GET and from the list, all three the same, and so after a PUT.
func Echo(t *testing.T, s *Server, row EchoRow) {
	t.Helper()
	properties := Properties(t, row.Type)
	checkSample(t, row, properties)
	path := row.Path
	var made map[string]any
	if row.Singleton {
		made = s.Do(t, http.MethodGet, path, nil).Want(http.StatusOK).Object()
	} else {
		create := row.Path
		if row.CreatePath != "" {
			create = row.CreatePath
		}
		made = s.Do(t, http.MethodPost, create, row.Sample).Want(http.StatusCreated).Object()
		path += "/" + made["Id"].(string)
		compareEcho(t, row, properties, row.Sample, made)
		compareSame(t, row, "GET", made, s.Do(t, http.MethodGet, path, nil).Want(http.StatusOK).Object())
		list := s.Do(t, http.MethodGet, row.Path+"?ids="+made["Id"].(string), nil).Want(http.StatusOK).Object()
		if items := list["Items"].([]any); len(items) != 1 {
			t.Fatalf("%s: the list with ids has %d items", row.Type, len(items))
		} else {
			compareSame(t, row, "the list", made, items[0])
		}
	}
	if row.Change == nil && !row.Singleton {
		return
	}
	wanted := maps.Clone(row.Sample)
	if row.Singleton {
		maps.Copy(made, row.Sample)
	}
	maps.Copy(wanted, row.Change)
	maps.Copy(made, row.Change)
	put := s.Do(t, http.MethodPut, path, made).Want(http.StatusOK).Object()
	compareEcho(t, row, properties, wanted, put)
	compareSame(t, row, "GET after PUT", put, s.Do(t, http.MethodGet, path, nil).Want(http.StatusOK).Object())
}

func checkSample(t *testing.T, row EchoRow, properties []Property) {
	t.Helper()
	for _, p := range properties {
		_, sampled := row.Sample[p.Name]
		_, missing := row.Missing[p.Name]
		if !sampled && !missing && !slices.Contains(row.Computed, p.Name) {
			t.Errorf("%s.%s (%s) is neither in the sample nor computed", row.Type, p.Name, p.Type)
		}
	}
}

func compareEcho(t *testing.T, row EchoRow, properties []Property, sent map[string]any, got map[string]any) {
	t.Helper()
	for _, p := range properties {
		if _, missing := row.Missing[p.Name]; missing {
			continue
		}
		value, has := got[p.Name]
		if p.Unreadable {
			if has {
				t.Errorf("%s.%s is shown, and must not be", row.Type, p.Name)
			}
			continue
		}
		if !has {
			t.Errorf("%s.%s is not in the answer", row.Type, p.Name)
			continue
		}
		want, sampled := sent[p.Name]
		if !sampled || slices.Contains(row.Computed, p.Name) {
			continue
		}
		if p.Type == "SensitiveValue" {
			want = map[string]any{"HasValue": true, "NewValue": nil, "Hint": nil}
		}
		if diff := cmp.Diff(plain(t, want), value); diff != "" {
			t.Errorf("%s.%s (-sent +got):\n%s", row.Type, p.Name, diff)
		}
	}
}

func compareSame(t *testing.T, row EchoRow, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: %s differs (-written +read):\n%s", row.Type, what, diff)
	}
}

// plain brings a Go value to what its JSON decodes to.
func plain(t *testing.T, v any) any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// Properties returns what the newest client library knows of a type, its bases included, without Links.
func Properties(t *testing.T, name string) []Property {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(clientModels))
	if err != nil {
		t.Fatal(err)
	}
	var models struct {
		Types map[string]struct {
			Base       string
			Properties []Property
		}
	}
	if err := json.NewDecoder(r).Decode(&models); err != nil {
		t.Fatal(err)
	}
	var all []Property
	for name != "" {
		typ, ok := models.Types[name]
		if !ok {
			t.Fatalf("the client models have no type %q", name)
		}
		all = append(all, typ.Properties...)
		name = typ.Base
	}
	return slices.DeleteFunc(all, func(p Property) bool { return p.Name == "Links" })
}
