package machineapi

import (
	"context"
	"strings"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/store"
)

// longPage is from how many items on a list reads the health of the whole space at once, and not that of each item.
const longPage = 100

// loaded is the key in a call's context under which a long list keeps the health of its space.
type loaded struct{}

// preload is run before a list: a long one gets the health of all machines, or of all workers, with one query.
func preload(workers bool) func(*api.Call, *store.Tx) ([]store.Cond, error) {
	return func(c *api.Call, tx *store.Tx) ([]store.Cond, error) {
		page, err := c.Paging()
		if err != nil || page.Take < longPage && !strings.HasSuffix(c.Operation.Path, "/all") {
			return nil, err
		}
		all, err := infrastructure.HealthOf(tx, c.SpaceID(), workers)
		if err != nil {
			return nil, err
		}
		c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), loaded{}, all))
		return nil, nil
	}
}

// healthOf returns the health of one machine or worker.
func healthOf(c *api.Call, tx *store.Tx, id string) (infrastructure.Health, error) {
	if all, ok := c.Request.Context().Value(loaded{}).(map[string]infrastructure.Health); ok {
		if h, ok := all[id]; ok {
			return h, nil
		}
	}
	return infrastructure.GetHealth(tx, id)
}
