package feedapi

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/store"
)

// writeService writes which lists the feed has.
func writeService(w http.ResponseWriter, base string) {
	type collection struct {
		Href  string `xml:"href,attr"`
		Title string `xml:"atom:title"`
	}
	document := struct {
		XMLName    xml.Name   `xml:"service"`
		Base       string     `xml:"xml:base,attr"`
		App        string     `xml:"xmlns,attr"`
		Atom       string     `xml:"xmlns:atom,attr"`
		Title      string     `xml:"workspace>atom:title"`
		Collection collection `xml:"workspace>collection"`
	}{
		Base: base, App: "http://www.w3.org/2007/app", Atom: "http://www.w3.org/2005/Atom", Title: "Default", Collection: collection{"Packages", "Packages"},
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	_ = writeXML(w, "application/xml;charset=utf-8", document) // there is nothing in it that cannot be written
}

// listed is a version in an answer, with its place among the versions of its package.
type listed struct {
	release
	latest, newest bool // the newest stable version; the newest of all
}

// odata is one question to the version 2 of the protocol.
type odata struct {
	name             string // search, findpackagesbyid, packages
	term             string
	ids              []string
	version          string
	latest, newest   bool
	prerelease, new2 bool
	skip, top        int
	descending       bool // the newest version first
}

// all conditions that clients put into $filter
func filterPattern() *regexp.Regexp {
	return regexp.MustCompile(`(?i)tolower\(Id\) eq '((?:[^']|'')*)'|\bId eq '((?:[^']|'')*)'|\b(?:Normalized)?Version eq '((?:[^']|'')*)'|\bIsLatestVersion\b(?: eq true)?|\bIsAbsoluteLatestVersion\b(?: eq true)?`)
}

func entityPattern() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^packages\(id='((?:[^']|'')*)',version='((?:[^']|'')*)'\)$`)
}

func (n nuget) readOData(c *api.Call) (q odata, err error) {
	q = odata{name: strings.ToLower(strings.TrimSuffix(c.Param("function"), "()")), prerelease: true, new2: semVer2(c)}
	if m := entityPattern().FindStringSubmatch(c.Param("function")); m != nil {
		q.name, q.ids, q.version, q.new2 = "packages", []string{unquote(m[1])}, unquote(m[2]), true
	}
	switch q.name {
	case "packages":
	case "search":
		q.term = literal(c.Query("searchTerm"))
		q.prerelease, err = c.QueryBool("includePrerelease")
	case "findpackagesbyid":
		q.ids = append(q.ids, literal(c.Query("id")))
	default:
		return q, fault.NotFound("the feed has no %q; it answers Search(), FindPackagesById() and Packages()", c.Param("function"))
	}
	if err != nil {
		return q, err
	}
	if err := q.filter(c.Query("$filter")); err != nil {
		return q, err
	}
	q.descending = strings.EqualFold(strings.Join(strings.Fields(c.Query("$orderby")), " "), "version desc")
	if q.skip, err = c.QueryInt("$skip", 0); err != nil {
		return q, err
	}
	q.top, err = c.QueryInt("$top", maxFound)
	q.top = min(q.top, maxFound)
	if q.name == "findpackagesbyid" && !c.Has("$top") {
		q.top = 1 << 30 // all versions of one package
	}
	return q, err
}

// filter reads the conditions of $filter that clients send: IDs, one of which must fit, a version, and which versions are wanted.
func (q *odata) filter(text string) error {
	rest := filterPattern().ReplaceAllStringFunc(text, func(condition string) string {
		m := filterPattern().FindStringSubmatch(condition)
		switch lower := strings.ToLower(condition); {
		case m[1] != "" || m[2] != "":
			q.ids = append(q.ids, unquote(m[1]+m[2]))
		case m[3] != "":
			q.version = unquote(m[3])
		case strings.HasPrefix(lower, "islatestversion"):
			q.latest = true
		case strings.HasPrefix(lower, "isabsolutelatestversion"):
			q.newest = true
		}
		return ""
	})
	rest = strings.NewReplacer("(", "", ")", "").Replace(strings.ToLower(rest))
	for _, word := range strings.Fields(rest) {
		if word != "and" && word != "or" {
			return fault.Unsupported("the feed cannot evaluate the $filter %.200q; it knows Id, Version, IsLatestVersion and IsAbsoluteLatestVersion", text)
		}
	}
	return nil
}

func unquote(text string) string { return strings.ReplaceAll(text, "''", "'") }

// literal reads a text in single quotes.
func literal(text string) string {
	if len(text) >= 2 && text[0] == '\'' && text[len(text)-1] == '\'' {
		text = text[1 : len(text)-1]
	}
	return unquote(text)
}

// find gives the page, and how many versions there are in all.
func (n nuget) findOData(c *api.Call, tx *store.Tx, q odata) (list []listed, total int, err error) {
	if len(q.ids) == 0 {
		return n.searchOData(c, tx, q)
	}
	slices.Sort(q.ids)
	for _, id := range slices.CompactFunc(q.ids, strings.EqualFold) {
		versions, err := n.listed(c, tx, id, q.prerelease, q.new2)
		if err != nil {
			return nil, 0, err
		}
		for _, v := range versions {
			if (!q.latest || v.latest) && (!q.newest || v.newest) && (q.version == "" || v.is(q.version)) {
				list = append(list, v)
			}
		}
	}
	if q.descending {
		slices.Reverse(list)
	}
	total = len(list)
	list = list[min(q.skip, total):]
	return list[:min(q.top, len(list))], total, nil
}

// searchOData finds by a part of the ID. Versions that are not the last ones of their package are only found by its ID.
func (n nuget) searchOData(c *api.Call, tx *store.Tx, q odata) (list []listed, total int, err error) {
	s := feed.Search{SpaceID: c.SpaceID(), Term: q.term, Extension: feed.NuGetExtension, Stable: q.latest || !q.prerelease, Latest: q.latest || q.newest, Skip: q.skip, Take: max(q.top, 1)}
	found, total, err := s.Find(tx)
	if err != nil || q.top == 0 {
		return nil, total, err
	}
	versions := map[string][]listed{}
	for _, p := range found {
		id := store.Fold(p.PackageID)
		if versions[id] == nil {
			if versions[id], err = n.listed(c, tx, p.PackageID, true, q.new2); err != nil {
				return nil, 0, err
			}
		}
		for _, v := range versions[id] {
			if v.Version == p.Version {
				list = append(list, v)
			}
		}
	}
	return list, total, nil
}

func (n nuget) listed(c *api.Call, tx *store.Tx, packageID string, prerelease, semVer2 bool) ([]listed, error) {
	if packageID == "" {
		return nil, nil
	}
	all, err := n.releases(c, tx, packageID, true, semVer2)
	if err != nil {
		return nil, err
	}
	list, stable := make([]listed, len(all)), -1
	for i, r := range all {
		list[i] = listed{release: r, newest: i == len(all)-1}
		if !r.version.IsPrerelease() {
			stable = i
		}
	}
	if stable >= 0 {
		list[stable].latest = true
	}
	if !prerelease {
		list = slices.DeleteFunc(list, func(v listed) bool { return v.version.IsPrerelease() })
	}
	return list, nil
}

func (v listed) is(version string) bool {
	return strings.EqualFold(v.normalized(), version) || strings.EqualFold(v.Version, version)
}

func (n nuget) count(c *api.Call) error {
	_, total, err := n.answerOData(c)
	if err != nil {
		return err
	}
	c.Writer.Header().Set("Content-Type", "text/plain;charset=utf-8")
	_, _ = c.Writer.Write([]byte(strconv.Itoa(total))) // the client is gone, or not
	return nil
}

func (n nuget) answerOData(c *api.Call) (list []listed, total int, err error) {
	q, err := n.readOData(c)
	if err != nil {
		return nil, 0, err
	}
	err = c.Read(func(tx *store.Tx) (err error) {
		list, total, err = n.findOData(c, tx, q)
		return err
	})
	return list, total, err
}

func (n nuget) function(c *api.Call) error {
	if strings.EqualFold(c.Param("function"), "$metadata") {
		return writeMetadata(c)
	}
	list, total, err := n.answerOData(c)
	if err != nil {
		return err
	}
	if entityPattern().MatchString(c.Param("function")) {
		if len(list) == 0 {
			return fault.NotFound("the feed has no %s; push it first", c.Param("function"))
		}
		e := n.entry(c, list[0])
		e.spaceNames = spaces(n.base(c))
		return writeXML(c.Writer, atomType, e)
	}
	f := atomFeed{spaceNames: spaces(n.base(c)), Count: total, ID: n.base(c) + "/" + url.PathEscape(c.Param("function")), Updated: atomTime(c.Engine.DB.Now())}
	for _, v := range list {
		f.Entries = append(f.Entries, n.entry(c, v))
	}
	return writeXML(c.Writer, atomType, f)
}

func writeXML(w http.ResponseWriter, contentType string, document any) error {
	text, err := xml.Marshal(document)
	if err != nil {
		return err
	}
	for _, name := range []string{"content", "category"} { // strict readers want these as one tag; no text has a > of its own
		text = bytes.ReplaceAll(text, []byte("></"+name+">"), []byte("/>"))
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(append([]byte(`<?xml version="1.0" encoding="utf-8"?>`), text...)) // the client is gone, or not
	return nil
}
