package dashboard

import (
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// Configuration is what a user has chosen to see on the dashboard of a space. Empty lists choose everything.
type Configuration struct {
	store.Meta
	space.Member
	IncludedProjectGroupIDs []string `json:"IncludedProjectGroupIds"`
	IncludedProjectIDs      []string `json:"IncludedProjectIds"`
	IncludedProjectTags     []string
	IncludedEnvironmentIDs  []string `json:"IncludedEnvironmentIds"`
	IncludedEnvironmentTags []string
	IncludedTenantIDs       []string `json:"IncludedTenantIds"`
	IncludedTenantTags      []string
	// ProjectLimit is how many projects are shown; nil: all of them.
	ProjectLimit *int
}

// Configurations are those of all users.
func Configurations() *store.Collection[Configuration] {
	return &store.Collection[Configuration]{
		Table: "dashboard_configuration", Prefix: "dashboardconfiguration-", Noun: "dashboard configuration",
		Columns: []store.Column[Configuration]{{Name: "space_id", Value: func(c *Configuration) any { return c.SpaceID }}},
	}
}

// ConfigurationOf returns what the user has chosen in the space; a user who has not sees everything. stored tells which.
func ConfigurationOf(tx *store.Tx, spaceID, userID string) (c *Configuration, stored bool, err error) {
	id := Configurations().Prefix + spaceID + "-" + userID
	c, err = Configurations().First(tx, store.Query{Where: []store.Cond{store.Eq("id", id)}})
	if err != nil || c != nil {
		return c, c != nil, err
	}
	c = &Configuration{}
	c.ID, c.SpaceID = id, spaceID
	c.Complete()
	return c, false, nil
}

// Complete turns what is missing into what is empty.
func (c *Configuration) Complete() {
	for _, list := range []*[]string{
		&c.IncludedProjectGroupIDs, &c.IncludedProjectIDs, &c.IncludedProjectTags, &c.IncludedEnvironmentIDs, &c.IncludedEnvironmentTags, &c.IncludedTenantIDs, &c.IncludedTenantTags,
	} {
		if *list == nil {
			*list = []string{}
		}
	}
}

// Filters tells whether anything is left out.
func (c *Configuration) Filters() bool {
	n := len(c.IncludedProjectGroupIDs) + len(c.IncludedProjectIDs) + len(c.IncludedProjectTags) + len(c.IncludedEnvironmentIDs) +
		len(c.IncludedEnvironmentTags) + len(c.IncludedTenantIDs) + len(c.IncludedTenantTags)
	return n > 0
}
