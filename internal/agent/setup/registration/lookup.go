package registration

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
)

// everything is the page size that asks for all items at once.
const everything = "2147483647"

// matchIDs finds the documents that people named by name, slug or ID, in this order of preference; each word is
// used once, and the result has the server's order within each of the three.
func matchIDs(docs []document, words []string) (ids, missing []string) {
	left := slices.Clone(words)
	for _, key := range []func(document) string{
		func(d document) string { return d.Name },
		func(d document) string { return d.Slug },
		func(d document) string { return d.ID },
	} {
		var used []string
		for _, d := range docs {
			k := key(d)
			i := slices.IndexFunc(left, func(w string) bool { return k != "" && strings.EqualFold(w, k) })
			if i < 0 {
				continue
			}
			used = append(used, k)
			if !slices.Contains(ids, d.ID) {
				ids = append(ids, d.ID)
			}
		}
		left = slices.DeleteFunc(left, func(w string) bool {
			return slices.ContainsFunc(used, func(k string) bool { return strings.EqualFold(k, w) })
		})
	}
	return ids, left
}

// resolve finds IDs, or says which words match nothing and what there is.
func resolve(docs []document, kind string, words []string) ([]string, error) {
	ids, missing := matchIDs(docs, words)
	if len(missing) > 0 {
		var known []string
		for _, d := range docs {
			known = append(known, d.Name)
		}
		return nil, fault.NotFound("there is no %s named %s on the server, or you may not see it; known: %s", kind, quoted(missing), listOf(known))
	}
	return ids, nil
}

func quoted(words []string) string {
	q := make([]string, len(words))
	for i, w := range words {
		q[i] = fmt.Sprintf("%q", w)
	}
	return strings.Join(q, ", ")
}

// environments reads all environments: at the newer address, which older servers do not have.
func (s *Space) environments(ctx context.Context) ([]document, error) {
	docs, err := list[document](ctx, s, s.client.base.Path+"/api/"+s.doc.ID+"/environments/v2?skip=0&take="+everything)
	var answer *Error
	if errors.As(err, &answer) && answer.Status == http.StatusNotFound {
		return collection[document](ctx, s, "Environments")
	}
	return docs, err
}

// tags checks tag names such as Region/West; they are sent as they were typed.
func (s *Space) checkTags(ctx context.Context, words []string) error {
	sets, err := collection[struct {
		Tags []struct{ CanonicalTagName string }
	}](ctx, s, "TagSets")
	if err != nil {
		return err
	}
	var known, missing []string
	for _, set := range sets {
		for _, tag := range set.Tags {
			known = append(known, tag.CanonicalTagName)
		}
	}
	for _, w := range words {
		if !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, w) }) {
			missing = append(missing, w)
		}
	}
	if len(missing) > 0 {
		return fault.NotFound("there is no tenant tag named %s on the server, or you may not see it; known: %s", quoted(missing), listOf(known))
	}
	return nil
}

// named finds one document of a collection by its name only.
func (s *Space) named(ctx context.Context, link, kind, name string) (string, error) {
	docs, err := collection[document](ctx, s, link)
	if err != nil {
		return "", err
	}
	var known []string
	for _, d := range docs {
		if strings.EqualFold(d.Name, name) {
			return d.ID, nil
		}
		known = append(known, d.Name)
	}
	return "", fmt.Errorf("there is no %s named %q on the server, or you may not see it; known: %s", kind, name, listOf(known))
}
