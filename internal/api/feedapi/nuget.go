package feedapi

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/feed"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/versioning"
)

// registerNuGet serves the NuGet packages of the built-in feed in the two protocols of NuGet's clients. The operations stand below
// {s}/nuget, where the rules of every other operation hold; NuGetHandler makes them what a client expects at /nuget.
func registerNuGet(e *api.Engine, cfg Config) {
	n := nuget{packages{cfg}}
	op := func(method, path, summary string, permission access.Permission, queries string, handler func(*api.Call) error) api.Operation {
		o := api.Operation{Method: method, Path: "nuget" + path, Where: api.InSpace, Permission: permission, Summary: "NuGet: " + summary, Handler: handler}
		if queries != "" {
			o.Queries = strings.Split(queries, ",")
		}
		return o
	}
	const odata = "$filter,$orderby,$skip,$top,searchTerm,targetFramework,includePrerelease,id,semVerLevel"
	e.Handle(
		op(http.MethodPut, "", "push a package", access.BuiltInFeedPush, "replace,overwriteMode", n.push),
		op(http.MethodPut, "/v3/publish", "push a package", access.BuiltInFeedPush, "replace,overwriteMode", n.push),
		op(http.MethodDelete, "/{packageId}/{version}", "delete a package", access.BuiltInFeedAdminister, "", n.remove),
		op(http.MethodDelete, "/v3/publish/{packageId}/{version}", "delete a package", access.BuiltInFeedAdminister, "", n.remove),

		op(http.MethodGet, "/{function}", "search, or list versions (version 2)", access.FeedView, odata, n.function),
		op(http.MethodGet, "/{function}/$count", "how many packages a search finds (version 2)", access.FeedView, odata, n.count),
		op(http.MethodGet, "/package/{packageId}/{version}", "download a package (version 2)", access.BuiltInFeedDownload, "", n.download),

		op(http.MethodGet, "/v3/flat/{packageId}/index.json", "the versions of a package", access.FeedView, "", n.flatIndex),
		op(http.MethodGet, "/v3/flat/{packageId}/{version}/{file}", "download a package, or its manifest", access.BuiltInFeedDownload, "", n.flatFile),
		op(http.MethodGet, "/v3/query", "search packages", access.FeedView, "q,skip,take,prerelease,semVerLevel,packageType", n.query),
		op(http.MethodGet, "/v3/autocomplete", "the IDs of packages, or the versions of one", access.FeedView, "q,id,skip,take,prerelease,semVerLevel,packageType", n.autocomplete),
		op(http.MethodGet, "/v3/registration/{packageId}/{file}", "what is known of a package's versions", access.FeedView, "", n.registration),
	)
}

type nuget struct{ packages }

// base is the address of the feed as the client called it.
func (n nuget) base(c *api.Call) string {
	return nugetBase(c.Engine, c.Request, c.Param("space"))
}

func nugetBase(e *api.Engine, r *http.Request, space string) string {
	path := "/nuget/"
	if space != "" {
		path += url.PathEscape(space) + "/"
	}
	return e.Origin(r) + e.BasePath + path + "packages"
}

// push takes a package whose name is what its manifest says. The rest is as with every upload.
func (n nuget) push(c *api.Call) error {
	if err := c.Require(access.BuiltInFeedPush, access.Whichever(c.SpaceID())); err != nil {
		return err
	}
	mode, err := overwrite(c)
	if err != nil {
		return err
	}
	file, err := uploaded(c.Request)
	if err != nil {
		return err
	}
	p, name, err := n.Repository.StoreNuGet(c.Request.Context(), c.SpaceID(), file)
	drain(file) // the end of a multipart body, or what is left after an error
	if err != nil {
		return err
	}
	return n.answer(c, p, name, mode)
}

// remove deletes a version. One that is not there was to be deleted.
func (n nuget) remove(c *api.Call) error {
	return n.packages.remove(c, http.StatusNoContent, func(tx *store.Tx) ([]*feed.Package, error) {
		v, err := n.find(c, tx)
		if fault.Is(err, fault.KindNotFound) {
			return nil, nil
		}
		return []*feed.Package{v.Package}, err
	})
}

// release is one version of a package, as NuGet reads it.
type release struct {
	*feed.Package
	version versioning.NuGet
}

// normalized is the version in addresses and lists.
func (r release) normalized() string { return r.version.Normalized() }

// authors are those that the manifest names. Packages of older releases of this server have none, nor do some others.
func (r release) authors() string {
	if r.Facts.Authors == "" {
		return r.PublishedBy
	}
	return r.Facts.Authors
}

// releases are the versions of a package, the oldest first. Clients that do not know SemVer 2 get none of its versions.
func (n nuget) releases(c *api.Call, tx *store.Tx, packageID string, prerelease, semVer2 bool) ([]release, error) {
	found, _, err := feed.Versions{SpaceID: c.SpaceID(), PackageID: packageID, Prerelease: prerelease}.Find(tx)
	if err != nil {
		return nil, err
	}
	list := []release{}
	for _, p := range found {
		v, err := versioning.ParseSemVer(p.Version)
		if err != nil || p.Extension != feed.NuGetExtension {
			continue
		}
		if r := (release{p, versioning.NuGetOf(v)}); semVer2 || !r.version.IsSemVer2() {
			list = append(list, r)
		}
	}
	slices.Reverse(list)
	return list, nil
}

// some is releases, and a fault where there are none.
func (n nuget) some(c *api.Call, tx *store.Tx, packageID string) ([]release, error) {
	list, err := n.releases(c, tx, packageID, true, true)
	if err == nil && len(list) == 0 {
		err = fault.NotFound("the feed has no NuGet package %q; push it first", packageID)
	}
	return list, err
}

// find finds the version that the path names. Metadata does not count: NuGet leaves it out of addresses.
func (n nuget) find(c *api.Call, tx *store.Tx) (release, error) {
	version, err := versioning.ParseNuGet(strings.TrimSuffix(c.Param("version"), ".json"))
	if err != nil {
		return release{}, fault.NotFound("the feed has no version %q of the package %q: it is no version", c.Param("version"), c.Param("packageId"))
	}
	list, err := n.releases(c, tx, c.Param("packageId"), true, true)
	if err != nil {
		return release{}, err
	}
	for _, r := range slices.Backward(list) {
		if r.version.Compare(version) == 0 {
			return r, nil
		}
	}
	return release{}, fault.NotFound("the feed has no version %s of the NuGet package %q; push it first", version, c.Param("packageId"))
}

// read runs f with the version that the path names.
func (n nuget) read(c *api.Call) (r release, err error) {
	err = c.Read(func(tx *store.Tx) (err error) {
		r, err = n.find(c, tx)
		return err
	})
	return r, err
}

func (n nuget) download(c *api.Call) error {
	if err := c.Require(access.BuiltInFeedDownload, access.Whichever(c.SpaceID())); err != nil {
		return err
	}
	r, err := n.read(c)
	if err != nil {
		return err
	}
	return n.send(c, r.Package)
}

// semVer2 tells whether the client knows versions of SemVer 2.
func semVer2(c *api.Call) bool {
	level, err := versioning.ParseNuGet(c.Query("semVerLevel"))
	return err == nil && level.Parts().Major >= 2
}
