package process

import (
	"strconv"

	"github.com/mantledeploy/mantle/internal/space"
)

// slugs keeps the slugs of one process apart.
type slugs struct{ steps, actions taken }

type taken map[string]bool

func newSlugs() *slugs { return &slugs{taken{}, taken{}} }

// take returns the slug, or one made from the name, with a number where it is taken.
func (t taken) take(slug, name string) string {
	if slug == "" {
		slug = space.Slug(name)
	}
	unique := slug
	for n := 1; t[unique]; n++ {
		unique = slug + "-" + strconv.Itoa(n)
	}
	t[unique] = true
	return unique
}
