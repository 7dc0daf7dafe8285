package tenantapi

import (
	"net/http"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/environment"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/tenant"
)

func registerTagSets(e *api.Engine, cfg Config) *api.Set[tenant.TagSet] {
	set := api.Register(e, api.Resource[tenant.TagSet]{
		Path: "tagsets", Where: api.InSpace, Collection: tenant.TagSets(),
		AnyoneViews: "tags are words by which everybody in the space groups things", Create: access.TagSetCreate, Edit: access.TagSetEdit, Delete: access.TagSetDelete,
		RootLink: "TagSets", OrderBy: []string{"sort_order", "name_fold"}, Filters: []api.Filter{api.FoldedOneOf("scopes", "scope")},
		Defaults: tenant.TagSetDefaults,
		Prepare:  func(_ *api.Call, tx *store.Tx, doc, old *tenant.TagSet) error { return doc.Prepare(tx, old) },
		Validate: func(_ *api.Call, tx *store.Tx, doc, old *tenant.TagSet) ([]string, error) {
			findings := doc.Validate()
			if old == nil {
				return findings, nil
			}
			_, gone := doc.Changes(old)
			users, err := tagUsers(tx, doc.SpaceID, gone, cfg)
			return append(findings, users...), err
		},
		Written: func(_ *api.Call, tx *store.Tx, doc, old *tenant.TagSet) error {
			if old == nil {
				return nil
			}
			renamed, _ := doc.Changes(old)
			if err := tenant.Retag(tx, doc.SpaceID, renamed); err != nil || cfg.OnTagRenamed == nil || len(renamed) == 0 {
				return err
			}
			return cfg.OnTagRenamed(tx, doc.SpaceID, renamed)
		},
		Referrers: func(_ *api.Call, tx *store.Tx, doc *tenant.TagSet) ([]string, error) {
			var names []string
			for _, t := range doc.Tags {
				names = append(names, t.CanonicalTagName)
			}
			return tagUsers(tx, doc.SpaceID, names, cfg)
		},
	})
	e.AddLink("TagSetSortOrder", "{s}/tagsets/sortorder")
	e.Handle(api.Operation{Method: http.MethodPut, Path: "tagsets/sortorder", Where: api.InSpace, Permission: access.TagSetEdit, Summary: "Put the tag sets into an order",
		In: []string{}, Handler: sortTagSets})
	return set
}

func tagUsers(tx *store.Tx, spaceID string, tags []string, cfg Config) ([]string, error) {
	var found []string
	for _, tag := range tags {
		users, err := tenant.TagUsers(tx, spaceID, tag)
		if err != nil {
			return nil, err
		}
		more, err := environment.Referrers(tx, tag, cfg.TagReferrers)
		if err != nil {
			return nil, err
		}
		found = append(append(found, users...), more...)
	}
	return found, nil
}

func sortTagSets(c *api.Call) error {
	var ids []string
	if err := c.Decode(&ids); err != nil {
		return err
	}
	return c.Write(func(tx *store.Tx) (api.Reply, error) {
		if err := c.Require(access.TagSetEdit, access.Whichever(c.SpaceID())); err != nil {
			return api.Reply{}, err
		}
		_, err := environment.Reorder(tx, tenant.TagSets(), c.SpaceID(), ids, []string{"sort_order", "name_fold"}, func(s *tenant.TagSet) *int { return &s.SortOrder })
		return api.Reply{Body: struct{}{}}, err
	})
}
