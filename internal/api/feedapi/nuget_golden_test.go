package feedapi_test

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/feedapi"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// nugetRow is one command line of a NuGet client: what it asked, and what a feed answered.
type nugetRow struct {
	Scenario  string
	Exchanges []nugetExchange
}

type nugetExchange struct {
	Method, Path  string
	Headers       map[string]string
	PartHeaders   string `json:"multipart_part_headers"`
	MultipartTail string `json:"multipart_tail"`
	Response      struct {
		Status int
		Body   string
	}
}

// nugetDiffering are the rows in which our answers are others, and why.
func nugetDiffering() map[string]string {
	const open = "what clients ask for first holds addresses alone and is open, because those that push ask for it without their key"
	return map[string]string{
		"v3-search-basic":         open,
		"v3-search-basic-missing": open,
		"v2-search":               "the recorded feed did not evaluate $filter, and answered with older versions too",
		"v2-search-prerelease":    "the recorded feed did not evaluate $filter, and answered with older versions too",
		"v2-search-basic":         open,
		"v2-search-basic-missing": open,
	}
}

const recordedAddress = "http://127.0.0.1:18990"

// TestGoldenNuGet sends what real clients send, in their order, and compares the answers.
func TestGoldenNuGet(t *testing.T) {
	t.Parallel()
	agree, differ := 0, 0
	feeds := map[string]*nugetFeed{"v3": startNuGet(t, storetest.SQLite(t)), "v2": startNuGet(t, storetest.SQLite(t))}
	differing := nugetDiffering()
	for _, row := range nugetRows(t) {
		diff := feeds[row.Scenario[:2]].replay(t, row)
		reason, listed := differing[row.Scenario]
		delete(differing, row.Scenario)
		if diff == "" {
			agree++
		} else {
			differ++
		}
		switch {
		case diff == "" && listed:
			t.Errorf("%s agrees, but is listed as differing (%s); take it off the list", row.Scenario, reason)
		case diff != "" && !listed:
			t.Errorf("%s: %s", row.Scenario, diff)
		}
	}
	for scenario := range differing {
		t.Errorf("%s is listed as differing, and does not exist", scenario)
	}
	t.Logf("golden: area=nuget file=nuget-clients.jsonl rows=%d agree=%d differ=%d", agree+differ, agree, differ)
}

func nugetRows(t *testing.T) (rows []nugetRow) {
	t.Helper()
	f, err := os.Open("testdata/nuget-clients.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var row nugetRow
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	return rows
}

// nugetFeed is a server, and which versions are to be pushed to it.
type nugetFeed struct {
	*server
	address string
	left    []string
}

func startNuGet(t *testing.T, db *store.DB) *nugetFeed {
	t.Helper()
	s := start(t, db)
	face := httptest.NewServer(feedapi.NuGetHandler(s.Engine))
	t.Cleanup(face.Close)
	return &nugetFeed{server: s, address: face.URL, left: []string{"1.2.3.4", "2.0.0-beta.1"}}
}

// replay sends the requests of a row. The recorded feed was open where a row has no credentials; ours gets a key there.
func (f *nugetFeed) replay(t *testing.T, row nugetRow) string {
	t.Helper()
	diff := ""
	for _, e := range row.Exchanges {
		if e.Response.Status == http.StatusServiceUnavailable {
			continue // the recorded feed was told to fail
		}
		var body io.Reader
		if e.Method == http.MethodPut {
			body = strings.NewReader(e.PartHeaders + "\r\n\r\n" + string(nupkg(t, "Acme.Web", f.version(row, e), "")) + e.MultipartTail[strings.LastIndex(e.MultipartTail, "\r\n--"):])
		}
		r, err := http.NewRequest(e.Method, f.address+e.Path, struct{ io.Reader }{body})
		if body == nil {
			r, err = http.NewRequest(e.Method, f.address+e.Path, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range e.Headers {
			if name != "Transfer-Encoding" && name != "Accept-Encoding" { // the client asks for gzip, and unpacks, by itself
				r.Header.Set(name, strings.Replace(value, "API-GOODKEY", apitest.Key, 1))
			}
		}
		if user, password, ok := r.BasicAuth(); ok && password == "API-GOODKEY" {
			r.SetBasicAuth(user, apitest.Key)
		}
		if e.Method == http.MethodGet && !strings.Contains(row.Scenario, "-basic") && !strings.HasSuffix(e.Path, "/v3/index.json") {
			r.SetBasicAuth("anybody", apitest.Key)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode != e.Response.Status {
			diff += fmt.Sprintf("%s %s: status %d, recorded %d: %.300s\n", e.Method, e.Path, answer.StatusCode, e.Response.Status, text)
			continue
		}
		if d := f.compare(t, strings.ReplaceAll(e.Response.Body, recordedAddress, f.address), string(text)); d != "" {
			diff += fmt.Sprintf("%s %s: %s\n", e.Method, e.Path, d)
		}
	}
	return diff
}

// version is the one that a recorded push is likely to have had.
func (f *nugetFeed) version(row nugetRow, e nugetExchange) string {
	switch {
	case strings.HasSuffix(row.Scenario, "-glob") && e.Response.Status == http.StatusCreated:
		next := f.left[0]
		f.left = f.left[1:]
		return next
	case strings.HasSuffix(row.Scenario, "-push") || strings.Contains(row.Scenario, "duplicate") || strings.HasSuffix(row.Scenario, "-glob"):
		return "1.0.0"
	}
	return "1.0.1"
}

// compare compares what was recorded with an answer, which may say more.
func (f *nugetFeed) compare(t *testing.T, want, got string) string {
	t.Helper()
	switch {
	case want == "" || strings.HasPrefix(want, "<") && strings.HasSuffix(want, " bytes>") || strings.HasPrefix(want, `{"ErrorMessage"`):
		return ""
	case strings.HasPrefix(want, "{"):
		var w, g any
		if err := json.Unmarshal([]byte(want), &w); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(got), &g); err != nil {
			return err.Error()
		}
		return covers("", w, g)
	case strings.Contains(want, "<service"):
		return cmp.Diff(true, strings.Contains(got, `<collection href="Packages">`) && strings.Contains(got, f.address))
	}
	return cmp.Diff(atomEntries(t, want), atomEntries(t, got))
}

// covers compares JSON: ours must have all that was recorded, save the name of a catalog that no client asks.
func covers(at string, want, got any) string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return at + " is no object\n"
		}
		diff := ""
		for name, value := range w {
			if name == "@id" && strings.HasSuffix(at, ".catalogEntry") {
				continue
			}
			diff += covers(at+"."+name, value, g[name])
		}
		return diff
	case []any:
		g, ok := got.([]any)
		if !ok {
			return at + " is no list\n"
		}
		if at == ".resources" { // any order, and more of them
			for _, one := range w {
				if !slices.ContainsFunc(g, func(other any) bool { return covers(at+"[]", one, other) == "" }) {
					return fmt.Sprintf("%s lacks %v\n", at, one)
				}
			}
			return ""
		}
		if len(w) != len(g) {
			return fmt.Sprintf("%s has %d items, recorded %d\n", at, len(g), len(w))
		}
		diff := ""
		for i := range w {
			diff += covers(fmt.Sprintf("%s[%d]", at, i), w[i], g[i])
		}
		return diff
	case string:
		if g, ok := got.(string); ok && strings.HasSuffix(at, ".id") && strings.EqualFold(w, g) {
			return "" // the recorded feed repeated the ID as it was asked for
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		return at + ": " + d
	}
	return ""
}

// atomEntries are the versions in an answer and where their files are.
func atomEntries(t *testing.T, text string) []string {
	t.Helper()
	var feed struct {
		Entries []struct {
			ID      string `xml:"id"`
			Title   string `xml:"title"`
			Content struct {
				Type   string `xml:"type,attr"`
				Source string `xml:"src,attr"`
			} `xml:"content"`
			Author     string                                                                `xml:"author>name"`
			Properties struct{ Id, Version, NormalizedVersion, Dependencies, Listed string } `xml:"properties"` //nolint:revive // NuGet's names
		} `xml:"entry"`
	}
	if err := xml.Unmarshal([]byte(text), &feed); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	list := []string{}
	for _, e := range feed.Entries {
		list = append(list, fmt.Sprintf("%+v", e))
	}
	return list
}

// nupkg makes a package.
func nupkg(t *testing.T, id, version, more string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{
		id + ".nuspec":    `<?xml version="1.0"?><package><metadata><id>` + id + `</id><version>` + version + `</version><authors>Acme</authors>` + more + `</metadata></package>`,
		"content/app.txt": "app",
	} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
