package space

import (
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// Find returns the space with the ID, the slug or the name, in this order.
func Find(tx *store.Tx, idSlugOrName string) (*Space, error) {
	for _, cond := range []store.Cond{
		store.Eq("id", idSlugOrName), store.Eq("slug", store.Fold(idSlugOrName)), store.Eq("name_fold", store.Fold(idSlugOrName)),
	} {
		s, err := Spaces().First(tx, store.Query{Where: []store.Cond{cond}})
		if err != nil || s != nil {
			return s, err
		}
	}
	return nil, fault.NotFound("the space %q does not exist", idSlugOrName)
}

// Default returns the space that calls without a space mean.
func Default(tx *store.Tx) (*Space, error) {
	s, err := Spaces().First(tx, store.Query{Where: []store.Cond{store.Eq("is_default", true)}})
	if err == nil && s == nil {
		return nil, fault.NotFound("there is no default space; name the space in the path: /api/{space}/…")
	}
	return s, err
}
