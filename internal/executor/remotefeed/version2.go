package remotefeed

import (
	"context"
	"encoding/xml"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/feed"
)

// atom is one page of a list.
type atom struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	Count   string   `xml:"http://schemas.microsoft.com/ado/2007/08/dataservices/metadata count"`
	Entries []entry  `xml:"entry"`
	Links   []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"link"`
}

// entry is one package of a list.
type entry struct {
	Title   string `xml:"title"`
	Content struct {
		Source string `xml:"src,attr"`
	} `xml:"content"`
	Properties struct {
		ID           string `xml:"Id"`
		Version      string `xml:"Version"`
		Title        string `xml:"Title"`
		Description  string `xml:"Description"`
		ReleaseNotes string `xml:"ReleaseNotes"`
		Published    string `xml:"Published"`
		PackageSize  string `xml:"PackageSize"`
	} `xml:"properties"`
}

// quoted writes a text as the protocol does, in single quotes.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

func (s *source) page(ctx context.Context, address *url.URL) (*atom, error) {
	text, err := s.get(ctx, address)
	if err != nil {
		return nil, err
	}
	if text == nil {
		return nil, s.notHere()
	}
	a := &atom{}
	if err := xml.Unmarshal(text, a); err != nil {
		return nil, s.strange(err)
	}
	return a, nil
}

func (s *source) function(name string, query url.Values) *url.URL {
	address := s.address.JoinPath(name)
	query.Set("semVerLevel", "2.0.0")
	address.RawQuery = query.Encode()
	return address
}

func (s *source) search2(ctx context.Context, term string, skip, take int) ([]feed.Description, int, error) {
	a, err := s.page(ctx, s.function("Search()", url.Values{
		"searchTerm": {quoted(term)}, "targetFramework": {"''"}, "includePrerelease": {"true"}, "$filter": {"IsAbsoluteLatestVersion"},
		"$skip": {strconv.Itoa(skip)}, "$top": {strconv.Itoa(take)}, "$inlinecount": {"allpages"},
	}))
	if err != nil {
		return nil, 0, err
	}
	list := []feed.Description{}
	for _, v := range a.versions() {
		if len(list) < take {
			list = append(list, feed.Description{PackageID: v.PackageID, Description: v.description, LatestVersion: v.Version.Version})
		}
	}
	total, _ := strconv.Atoi(a.Count) // a feed that does not count says at least what it shows
	return list, max(total, skip+len(list)), nil
}

func (s *source) versions2(ctx context.Context, packageID string) ([]Version, error) {
	list := []Version{}
	err := s.pages(ctx, packageID, func(_ *url.URL, a *atom) (bool, error) {
		for _, v := range a.versions() {
			list = append(list, v.Version)
		}
		return true, nil
	})
	return list, err
}

// pages calls take with every page of the list of a package's versions, and its address, until take does not want more.
func (s *source) pages(ctx context.Context, packageID string, take func(*url.URL, *atom) (more bool, err error)) error {
	address := s.function("FindPackagesById()", url.Values{"id": {quoted(packageID)}})
	for range maxPages {
		a, err := s.page(ctx, address)
		if err != nil {
			return err
		}
		next := a.next()
		if more, err := take(address, a); err != nil || !more || next == "" {
			return err
		}
		to, err := url.Parse(next)
		if err != nil {
			return s.strange(err)
		}
		address = address.ResolveReference(to)
	}
	return nil
}

// next is the address of the page that follows, or nothing.
func (a *atom) next() string {
	for _, l := range a.Links {
		if l.Rel == "next" {
			return l.Href
		}
	}
	return ""
}

type described struct {
	Version
	description string
}

func (a *atom) versions() []described {
	list := []described{}
	for _, e := range a.Entries {
		p := e.Properties
		v := described{Version{PackageID: p.ID, Version: p.Version, Title: p.Title, ReleaseNotes: p.ReleaseNotes}, p.Description}
		if v.PackageID == "" {
			v.PackageID = e.Title // some feeds say it there alone
		}
		if v.Title == "" {
			v.Title = v.PackageID
		}
		v.Size, _ = strconv.ParseInt(p.PackageSize, 10, 64)
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
			if at, err := time.Parse(layout, p.Published); err == nil {
				v.Published, v.Unlisted = at.UTC(), at.Year() == 1900 // how the protocol says it
				break
			}
		}
		list = append(list, v)
	}
	return list
}
