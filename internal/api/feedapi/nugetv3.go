package feedapi

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/versioning"
)

// maxFound is how many packages one answer of a search has at most.
const maxFound = 100

func (n nuget) flatIndex(c *api.Call) error {
	var index struct {
		Versions []string `json:"versions"`
	}
	err := c.Read(func(tx *store.Tx) error {
		list, err := n.some(c, tx, c.Param("packageId"))
		index.Versions = nil
		for _, r := range list {
			index.Versions = append(index.Versions, strings.ToLower(r.normalized()))
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, index)
}

func (n nuget) flatFile(c *api.Call) error {
	if err := c.Require(access.BuiltInFeedDownload, access.Whichever(c.SpaceID())); err != nil {
		return err
	}
	r, err := n.read(c)
	if err != nil {
		return err
	}
	id := strings.ToLower(r.PackageID)
	switch strings.ToLower(c.Param("file")) {
	case id + "." + strings.ToLower(r.normalized()) + feed.NuGetExtension:
		return n.send(c, r.Package)
	case id + ".nuspec":
		text, err := n.Repository.Manifest(c.Request.Context(), r.Package)
		if err != nil {
			return err
		}
		c.Writer.Header().Set("Content-Type", "application/xml")
		_, _ = c.Writer.Write(text) // the client is gone, or not
		return nil
	}
	return fault.NotFound("version %s of the NuGet package %q has no file %q", r.normalized(), r.PackageID, c.Param("file"))
}

// search is what was asked of a search.
type search struct {
	feed.Search
	semVer2 bool
}

func (n nuget) readSearch(c *api.Call) (s search, err error) {
	s = search{feed.Search{SpaceID: c.SpaceID(), Term: c.Query("q"), Extension: feed.NuGetExtension, Latest: true}, semVer2(c)}
	prerelease, err := c.QueryBool("prerelease")
	if err != nil {
		return s, err
	}
	s.Stable = !prerelease
	if s.Skip, err = c.QueryInt("skip", 0); err != nil {
		return s, err
	}
	s.Take, err = c.QueryInt("take", 20)
	s.Take = min(s.Take, maxFound)
	return s, err
}

// each runs f for each package of the page with its versions, the oldest first.
func (n nuget) each(c *api.Call, tx *store.Tx, s search, f func(list []release)) (total int, err error) {
	none := s.Take == 0 // the count alone
	if none {
		s.Take = 1
	}
	found, total, err := s.Find(tx)
	if err != nil || none {
		return total, err
	}
	for _, p := range found {
		list, err := n.releases(c, tx, p.PackageID, !s.Stable, s.semVer2)
		if err != nil {
			return 0, err
		}
		if len(list) > 0 {
			f(list)
		}
	}
	return total, nil
}

type foundVersion struct {
	ID        string `json:"@id"`
	Version   string `json:"version"`
	Downloads int    `json:"downloads"`
}

type foundPackage struct {
	ID           string `json:"@id"`
	Type         string `json:"@type"`
	Registration string `json:"registration"`
	PackageID    string `json:"id"`
	Version      string `json:"version"`
	packageFacts
	Authors        []string       `json:"authors"`
	TotalDownloads int            `json:"totalDownloads"`
	Versions       []foundVersion `json:"versions"`
}

func (n nuget) query(c *api.Call) error {
	s, err := n.readSearch(c)
	if err != nil {
		return err
	}
	var out struct {
		Total int            `json:"totalHits"`
		Data  []foundPackage `json:"data"`
	}
	err = c.Read(func(tx *store.Tx) (err error) {
		out.Data = []foundPackage{}
		out.Total, err = n.each(c, tx, s, func(list []release) {
			last := list[len(list)-1]
			at := n.registrationOf(c, last)
			p := foundPackage{
				ID: at + "index.json", Type: "Package", Registration: at + "index.json", PackageID: last.PackageID, Version: last.version.Full(),
				packageFacts: factsOf(last), Authors: authorsOf(last),
			}
			for _, r := range list {
				p.Versions = append(p.Versions, foundVersion{ID: at + leaf(r), Version: r.version.Full()})
			}
			out.Data = append(out.Data, p)
		})
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}

func (n nuget) autocomplete(c *api.Call) error {
	s, err := n.readSearch(c)
	if err != nil {
		return err
	}
	var out struct {
		Total int      `json:"totalHits"`
		Data  []string `json:"data"`
	}
	err = c.Read(func(tx *store.Tx) (err error) {
		out.Data = []string{}
		if id := c.Query("id"); id != "" {
			list, err := n.releases(c, tx, id, !s.Stable, s.semVer2)
			for _, r := range list {
				out.Data = append(out.Data, r.version.Full())
			}
			out.Total = len(out.Data)
			return err
		}
		out.Total, err = n.each(c, tx, s, func(list []release) { out.Data = append(out.Data, list[0].PackageID) })
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}

func (n nuget) registrationOf(c *api.Call, r release) string {
	return n.base(c) + "/v3/registration/" + url.PathEscape(strings.ToLower(r.PackageID)) + "/"
}

func leaf(r release) string { return strings.ToLower(r.normalized()) + ".json" }

type catalogEntry struct {
	ID        string `json:"@id"`
	PackageID string `json:"id"`
	Version   string `json:"version"`
	packageFacts
	Authors          string            `json:"authors"`
	Language         string            `json:"language"`
	MinClient        string            `json:"minClientVersion"`
	AcceptLicense    bool              `json:"requireLicenseAcceptance"`
	Listed           bool              `json:"listed"`
	Published        time.Time         `json:"published"`
	PackageContent   string            `json:"packageContent"`
	DependencyGroups []dependencyGroup `json:"dependencyGroups"`
}

type registrationLeaf struct {
	ID             string       `json:"@id"`
	Entry          catalogEntry `json:"catalogEntry"`
	PackageContent string       `json:"packageContent"`
	Registration   string       `json:"registration"`
}

type registrationPage struct {
	ID    string             `json:"@id"`
	Count int                `json:"count"`
	Lower string             `json:"lower"`
	Upper string             `json:"upper"`
	Items []registrationLeaf `json:"items"`
}

type registrationIndex struct {
	ID    string             `json:"@id"`
	Count int                `json:"count"`
	Items []registrationPage `json:"items"`
}

// registration answers with what is known of all versions on one page, or of one.
func (n nuget) registration(c *api.Call) error {
	var list []release
	err := c.Read(func(tx *store.Tx) (err error) {
		list, err = n.some(c, tx, c.Param("packageId"))
		return err
	})
	if err != nil {
		return err
	}
	at := n.registrationOf(c, list[0])
	if !strings.EqualFold(c.Param("file"), "index.json") {
		return n.oneLeaf(c, list)
	}
	page := registrationPage{ID: at + "index.json#page", Count: len(list), Lower: list[0].normalized(), Upper: list[len(list)-1].normalized()}
	for _, r := range list {
		page.Items = append(page.Items, n.leaf(c, r))
	}
	return c.JSON(http.StatusOK, registrationIndex{ID: at + "index.json", Count: 1, Items: []registrationPage{page}})
}

func (n nuget) oneLeaf(c *api.Call, list []release) error {
	name := c.Param("file")
	if version, err := versioning.ParseNuGet(strings.TrimSuffix(strings.ToLower(name), ".json")); err == nil {
		for _, r := range list {
			if r.version.Compare(version) == 0 {
				return c.JSON(http.StatusOK, n.leaf(c, r))
			}
		}
	}
	return fault.NotFound("the feed knows no %q of the NuGet package %q", name, list[0].PackageID)
}

func (n nuget) leaf(c *api.Call, r release) registrationLeaf {
	at, id, version := n.registrationOf(c, r), strings.ToLower(r.PackageID), strings.ToLower(r.normalized())
	content := n.base(c) + "/v3/flat/" + url.PathEscape(id) + "/" + version + "/" + url.PathEscape(id+"."+version+feed.NuGetExtension)
	return registrationLeaf{
		ID: at + leaf(r), PackageContent: content, Registration: at + "index.json",
		Entry: catalogEntry{
			ID: at + leaf(r), PackageID: r.PackageID, Version: r.version.Full(), packageFacts: factsOf(r), Authors: r.authors(),
			Language: r.Facts.Language, MinClient: r.Facts.MinClient, AcceptLicense: r.Facts.AcceptLicense,
			Listed: true, Published: r.Published, PackageContent: content, DependencyGroups: n.dependencyGroups(c, r),
		},
	}
}
