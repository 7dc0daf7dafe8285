package remotefeed

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/versioning"
)

// registration is what a feed says about each version of a package: a list of pages, some of which lie elsewhere.
type registration struct {
	Items []struct {
		ID    string `json:"@id"`
		Items []leaf `json:"items"`
	} `json:"items"`
}

type leaf struct {
	CatalogEntry struct {
		Version string `json:"version"`
		Listed  *bool  `json:"listed"`
	} `json:"catalogEntry"`
}

// markUnlisted marks the versions that the feed does not want to be chosen. The list of files does not tell; a feed without registrations has
// none that are unlisted.
func (s *source) markUnlisted(ctx context.Context, packageID string, list []Version) error {
	leaves, err := s.leaves(ctx, packageID)
	if errors.Is(err, ErrPassing) || ctx.Err() != nil {
		return err
	}
	unlisted := map[string]bool{}
	for _, l := range leaves {
		if l.CatalogEntry.Listed != nil && !*l.CatalogEntry.Listed {
			unlisted[usual(l.CatalogEntry.Version)] = true
		}
	}
	for i := range list {
		list[i].Unlisted = unlisted[usual(list[i].Version)]
	}
	return nil
}

// usual writes a version as equal ones are written.
func usual(version string) string {
	if n, err := versioning.ParseNuGet(version); err == nil {
		version = n.Normalized()
	}
	return strings.ToLower(version)
}

func (s *source) leaves(ctx context.Context, packageID string) ([]leaf, error) {
	var address *url.URL
	var err error
	for _, name := range []string{"RegistrationsBaseUrl/3.6.0", "RegistrationsBaseUrl"} { // the first knows all versions, if the feed has it
		if address, err = s.service(ctx, name); err == nil {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	at := address.JoinPath(url.PathEscape(strings.ToLower(packageID)), "index.json")
	var index registration
	if err := s.getJSON(ctx, at, &index); err != nil {
		return nil, err
	}
	var all []leaf
	for i, page := range index.Items {
		if page.Items == nil && i < maxPages {
			to, err := url.Parse(page.ID)
			if err != nil {
				return nil, s.strange(err)
			}
			if err := s.getJSON(ctx, at.ResolveReference(to), &page); err != nil {
				return nil, err
			}
		}
		all = append(all, page.Items...)
	}
	return all, nil
}

// getJSON asks for a document that must be there.
func (s *source) getJSON(ctx context.Context, address *url.URL, into any) error {
	text, err := s.get(ctx, address)
	if err != nil {
		return err
	}
	if text == nil {
		return fault.NotFound("the feed %q has nothing at %s", s.Name, address.Path)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return s.strange(err)
	}
	return nil
}
