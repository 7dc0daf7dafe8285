package storage

import (
	"context"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/blob"
)

// View is what somebody who is no node finds at a location.
type View struct {
	// Shown is the location as people are told it; IsURL: an object store.
	Shown  string
	IsURL  bool
	Places []Place
	// Fresh: no node has set the location up yet.
	Fresh   bool
	Problem Problem
	// Nodes are those that are online and whose markers are there.
	Nodes []string
}

// Examine probes every location in use as the nodes do, and leaves nothing behind: no marker, nothing in the database, no directory.
func Examine(ctx context.Context, c Config) ([]View, error) {
	c.defaults()
	f := &Files{
		c: c, shelves: map[string]*shelf{}, writing: map[int64]int{}, ended: make(chan struct{}, 1),
		problems: map[string]Problem{}, probing: map[string]bool{},
	}
	if err := f.refresh(ctx); err != nil {
		return nil, err
	}
	s := f.current()
	var all []View
	for _, location := range s.inUse() {
		at := f.shelf(location)
		v := View{Shown: at.shown, IsURL: blob.IsURL(at.shown), Fresh: s.identities[location] == ""}
		for _, p := range Places() {
			if slices.Contains(s.route(p).read, location) {
				v.Places = append(v.Places, p)
			}
		}
		if !v.Fresh {
			v.Problem, v.Nodes = f.probeOne(ctx, nil, at)
			v.Problem.Text = strings.TrimSuffix(v.Problem.Text, ".")
		}
		all = append(all, v)
	}
	return all, nil
}
