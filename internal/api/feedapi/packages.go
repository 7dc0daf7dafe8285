package feedapi

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/store"
)

// Package is a version of a package of the built-in feed, as the wire has it.
type Package struct {
	ID                             string `json:"Id"`
	PackageID                      string `json:"PackageId"`
	NuGetPackageID                 string `json:"NuGetPackageId"`
	FeedID                         string `json:"FeedId"`
	NuGetFeedID                    string `json:"NuGetFeedId"`
	Version                        string
	Title, Summary, Description    string
	Published                      time.Time
	FileExtension                  string
	PackageSizeBytes               int64
	Hash                           string
	PackageVersionBuildInformation any
	// ReleaseNotes is null in lists unless it is asked for: a client takes it for a time there.
	ReleaseNotes   *string
	LastModifiedOn time.Time
	LastModifiedBy string `json:",omitempty"`
}

type packages struct{ Config }

func registerPackages(e *api.Engine, cfg Config) {
	p := packages{cfg}
	e.AddLink("Packages", "{s}/packages{/id}{?nuGetPackageId,filter,latest,skip,take,includeNotes}")
	e.AddLink("PackagesBulk", "{s}/packages/bulk{?ids}")
	e.AddLink("PackageNotesList", "{s}/packages/notes{?packageIds}")
	op := func(method, path, summary string, permission access.Permission, out any, queries string, handler func(*api.Call) error) api.Operation {
		o := api.Operation{Method: method, Path: "packages" + path, Where: api.InSpace, Permission: permission, Summary: summary, Out: out, Handler: handler}
		if queries != "" {
			o.Queries = strings.Split(queries, ",")
		}
		return o
	}
	list := op(http.MethodGet, "", "List packages of the built-in feed, page by page", access.FeedView, Package{}, "nuGetPackageId,packageId,filter,latest,skip,take,includeNotes", p.list)
	list.List = true
	update := op(http.MethodPut, "/{id}", "Change what is said about a package", access.BuiltInFeedAdminister, Package{}, "", p.update)
	update.In = texts{}
	e.Handle(
		list, update,
		op(http.MethodGet, "/{id}", "Get a package of the built-in feed", access.FeedView, Package{}, "includeNotes", p.get),
		op(http.MethodGet, "/notes", "The release notes of several packages", access.FeedView, NotesList{}, "packageIds", p.notes),
		op(http.MethodGet, "/{id}/raw", "Download the file of a package", access.BuiltInFeedDownload, nil, "", p.download),
		op(http.MethodDelete, "/{id}", "Delete a package", access.BuiltInFeedAdminister, nil, "", p.delete),
		op(http.MethodDelete, "/bulk", "Delete several packages", access.BuiltInFeedAdminister, nil, "ids", p.deleteMany),
	)
}

// show renders a package. notes says whether release notes are shown.
func (ps packages) show(c *api.Call, tx *store.Tx, p *feed.Package, feedID string, notes bool) (json.RawMessage, error) {
	shown := Package{
		ID: p.ID(), PackageID: p.PackageID, NuGetPackageID: p.PackageID, FeedID: feedID, NuGetFeedID: feedID, Version: p.Version,
		Title: p.Title, Summary: p.Summary, Description: p.Description, Published: p.Published, FileExtension: p.Extension,
		PackageSizeBytes: p.Size, Hash: p.SHA1, LastModifiedOn: p.Published, LastModifiedBy: p.PublishedBy,
	}
	if notes {
		shown.ReleaseNotes = &p.ReleaseNotes
	}
	if ps.BuildInformation != nil {
		info, err := ps.BuildInformation(tx, p.SpaceID, p.PackageID, p.Version)
		if err != nil {
			return nil, err
		}
		shown.PackageVersionBuildInformation = info
	}
	self := "{s}/packages/" + url.PathEscape(p.ID())
	return c.Resource(shown, api.Links{
		"Self": self, "Raw": self + "/raw", "Feed": "{s}/feeds/" + feedID, "AllVersions": "{s}/packages?nuGetPackageId=" + url.QueryEscape(p.PackageID) + "{&skip,take}",
		"Notes": "{s}/feeds/" + feedID + "/packages/notes?packageId=" + url.QueryEscape(p.PackageID) + "&version=" + url.QueryEscape(p.Version),
	})
}

// builtIn returns the ID of the built-in feed of the call's space.
func builtIn(c *api.Call, tx *store.Tx) (string, error) {
	f, err := feed.Find(tx, c.SpaceID(), feed.BuiltInID)
	if err != nil {
		return "", err
	}
	return f.ID, nil
}

func (ps packages) list(c *api.Call) error {
	page, err := c.Paging()
	if err != nil {
		return err
	}
	latest, err := c.QueryBool("latest")
	if err != nil {
		return err
	}
	notes, err := c.QueryBool("includeNotes")
	if err != nil {
		return err
	}
	id := c.Query("nuGetPackageId")
	if id == "" {
		id = c.Query("packageId")
	}
	items, total := []json.RawMessage{}, 0
	err = c.Read(func(tx *store.Tx) error {
		items = items[:0]
		feedID, err := builtIn(c, tx)
		if err != nil {
			return err
		}
		found, n, err := feed.Search{SpaceID: c.SpaceID(), PackageID: id, Term: c.Query("filter"), Latest: latest, Skip: page.Skip, Take: page.Take}.Find(tx)
		if err != nil {
			return err
		}
		if total = n; page.Take == 0 {
			found = nil // the count alone was asked for
		}
		for _, p := range found {
			text, err := ps.show(c, tx, p, feedID, notes)
			if err != nil {
				return err
			}
			items = append(items, text)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, c.Page("PackageFromBuiltInFeed", "{s}/packages", c.Operation.Queries, page, total, items))
}

func (ps packages) get(c *api.Call) error {
	notes, err := c.QueryBool("includeNotes")
	if err != nil {
		return err
	}
	var out any
	err = c.Read(func(tx *store.Tx) error {
		p, err := feed.ByID(tx, c.SpaceID(), c.Param("id"))
		if err != nil {
			return err
		}
		feedID, err := builtIn(c, tx)
		if err != nil {
			return err
		}
		out, err = ps.show(c, tx, p, feedID, notes)
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}

// texts are what can be changed about a package that is there. What is null stays.
type texts struct{ Title, Summary, Description, ReleaseNotes *string }

func (ps packages) update(c *api.Call) error {
	var change texts
	if err := c.Decode(&change); err != nil {
		return err
	}
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		if err := c.Require(access.BuiltInFeedAdminister, access.Whichever(c.SpaceID())); err != nil {
			return api.Reply{}, err
		}
		p, err := feed.ByID(tx, c.SpaceID(), c.Param("id"))
		if err != nil {
			return api.Reply{}, err
		}
		for _, t := range []struct {
			at *string
			to *string
		}{{&p.Title, change.Title}, {&p.Summary, change.Summary}, {&p.Description, change.Description}, {&p.ReleaseNotes, change.ReleaseNotes}} {
			if t.to != nil {
				*t.at = *t.to
			}
		}
		if err := p.SetTexts(tx); err != nil {
			return api.Reply{}, err
		}
		if err := record(c, tx, audit.Modified, p, "Package "+p.PackageID+" version "+p.Version+" was modified"); err != nil {
			return api.Reply{}, err
		}
		feedID, err := builtIn(c, tx)
		if err != nil {
			return api.Reply{}, err
		}
		shown, err := ps.show(c, tx, p, feedID, false)
		return api.Reply{Body: shown}, err
	})
}

func record(c *api.Call, tx *store.Tx, category audit.Category, p *feed.Package, message string) error {
	return c.Record(tx, audit.Entry{
		Category: category, DocumentID: p.ID(), DocumentType: "Packages", Message: message,
		Subjects: []audit.Subject{{ID: p.ID(), Name: p.PackageID}},
	})
}

func (ps packages) delete(c *api.Call) error {
	return ps.remove(c, http.StatusOK, func(tx *store.Tx) ([]*feed.Package, error) {
		p, err := feed.ByID(tx, c.SpaceID(), c.Param("id"))
		return []*feed.Package{p}, err
	})
}

// deleteMany deletes those of the packages that are there: what is gone was to be deleted.
func (ps packages) deleteMany(c *api.Call) error {
	return ps.remove(c, http.StatusOK, func(tx *store.Tx) ([]*feed.Package, error) {
		list, seen := []*feed.Package{}, map[string]bool{}
		for _, id := range c.QueryList("ids") {
			p, err := feed.ByID(tx, c.SpaceID(), id)
			if fault.Is(err, fault.KindNotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
			if !seen[p.BlobKey] {
				seen[p.BlobKey] = true
				list = append(list, p)
			}
		}
		return list, nil
	})
}

func (ps packages) remove(c *api.Call, status int, find func(*store.Tx) ([]*feed.Package, error)) error {
	var gone []*feed.Package
	err := c.Write(func(tx *store.Tx) (api.Reply, error) {
		if err := c.Require(access.BuiltInFeedAdminister, access.Whichever(c.SpaceID())); err != nil {
			return api.Reply{}, err
		}
		found, err := find(tx)
		if err != nil {
			return api.Reply{}, err
		}
		for _, p := range found {
			if err := p.Delete(tx); err != nil {
				return api.Reply{}, err
			}
			if err := record(c, tx, audit.PackageDeleted, p, "Package "+p.PackageID+" version "+p.Version+" was deleted"); err != nil {
				return api.Reply{}, err
			}
		}
		gone = found
		if status == http.StatusNoContent {
			return api.Reply{Status: status}, nil
		}
		return api.Reply{Status: status, Body: struct{}{}}, nil
	})
	if err != nil {
		return err
	}
	for _, p := range gone {
		ps.Repository.Retire(c.Request.Context(), p)
	}
	return nil
}

// NotesList holds the release notes of several packages.
type NotesList struct{ Packages []Notes }

// Notes are the release notes of one package, or why there are none.
type Notes struct {
	PackageID string `json:"PackageId"`
	FeedID    string `json:"FeedId"`
	Version   string
	Notes     NotesResult
}

// NotesResult says whether notes were found.
type NotesResult struct {
	Succeeded      bool
	Notes          *string
	DisplayMessage *string
	FailureReason  *string
}

// notes answers with the notes of packages that are named as IDs of documents, or as "package:version" with or without the
// feed before it.
func (ps packages) notes(c *api.Call) error {
	out := NotesList{Packages: []Notes{}}
	err := c.Read(func(tx *store.Tx) error {
		out.Packages = out.Packages[:0]
		feedID, err := builtIn(c, tx)
		if err != nil {
			return err
		}
		for _, id := range c.QueryList("packageIds") {
			n := Notes{FeedID: feedID, PackageID: id}
			p, err := named(tx, c.SpaceID(), id)
			switch {
			case err == nil:
				n.PackageID, n.Version, n.Notes = p.PackageID, p.Version, NotesResult{Succeeded: true, Notes: &p.ReleaseNotes}
			case fault.KindOf(err) == fault.Unexpected:
				return err
			default:
				reason := err.Error()
				n.Notes = NotesResult{DisplayMessage: &reason, FailureReason: &reason}
			}
			out.Packages = append(out.Packages, n)
		}
		return nil
	})
	if err != nil {
		return err
	}
	text, err := c.Resource(out, api.Links{"Self": "{s}/packages/notes"})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, text)
}

func named(tx *store.Tx, spaceID, id string) (*feed.Package, error) {
	parts := strings.Split(id, ":")
	if len(parts) < 2 {
		return feed.ByID(tx, spaceID, id)
	}
	return feed.Open(tx, spaceID, parts[len(parts)-2], parts[len(parts)-1])
}
