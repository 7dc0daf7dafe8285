package remotefeed

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/feed"
)

// flatContainer is where packages lie as files, by ID and version.
const flatContainer = "PackageBaseAddress"

// service finds the address of what the feed offers under a type. A type may have a version behind it.
func (s *source) service(ctx context.Context, name string) (*url.URL, error) {
	text, err := s.get(ctx, s.address)
	if err != nil {
		return nil, err
	}
	if text == nil {
		return nil, s.notHere()
	}
	var index struct {
		Resources []struct {
			ID   string `json:"@id"`
			Type any    `json:"@type"` // a text, or a list of them
		} `json:"resources"`
	}
	if err := json.Unmarshal(text, &index); err != nil {
		return nil, s.strange(err)
	}
	for _, r := range index.Resources {
		types, _ := r.Type.([]any)
		if one, ok := r.Type.(string); ok {
			types = []any{one}
		}
		for _, t := range types {
			if kind, _ := t.(string); kind == name || strings.HasPrefix(kind, name+"/") {
				found, err := url.Parse(r.ID)
				if err != nil {
					return nil, s.strange(err)
				}
				return s.address.ResolveReference(found), nil
			}
		}
	}
	return nil, fault.Invalid("the feed %q offers no %s, so it cannot be asked; check that its address is that of a NuGet feed", s.Name, name)
}

func (s *source) search3(ctx context.Context, term string, skip, take int) ([]feed.Description, int, error) {
	address, err := s.service(ctx, "SearchQueryService")
	if err != nil {
		return nil, 0, err
	}
	q := address.Query()
	for name, value := range map[string]string{"q": term, "skip": strconv.Itoa(skip), "take": strconv.Itoa(take), "prerelease": "true", "semVerLevel": "2.0.0"} {
		q.Set(name, value)
	}
	address.RawQuery = q.Encode()
	text, err := s.get(ctx, address)
	if err != nil {
		return nil, 0, err
	}
	var found struct {
		TotalHits int `json:"totalHits"`
		Data      []struct {
			ID          string `json:"id"`
			Version     string `json:"version"`
			Description string `json:"description"`
		} `json:"data"`
	}
	if err := json.Unmarshal(text, &found); err != nil {
		return nil, 0, s.strange(err)
	}
	list := []feed.Description{}
	for _, p := range found.Data[:min(take, len(found.Data))] {
		list = append(list, feed.Description{PackageID: p.ID, Description: p.Description, LatestVersion: p.Version})
	}
	return list, max(found.TotalHits, skip+len(list)), nil
}

func (s *source) versions3(ctx context.Context, packageID string) ([]Version, error) {
	if strings.Trim(packageID, ".") == "" {
		return nil, nil // it would be another place, not a package
	}
	address, err := s.service(ctx, flatContainer)
	if err != nil {
		return nil, err
	}
	list, err := s.flatVersions(ctx, address, packageID)
	if err != nil || len(list) == 0 {
		return list, err
	}
	return list, s.markUnlisted(ctx, packageID, list)
}

// flatVersions lists the versions that lie below an address.
func (s *source) flatVersions(ctx context.Context, address *url.URL, packageID string) ([]Version, error) {
	text, err := s.get(ctx, address.JoinPath(url.PathEscape(strings.ToLower(packageID)), "index.json"))
	if err != nil || text == nil {
		return nil, err
	}
	var found struct {
		Versions []string `json:"versions"`
	}
	if err := json.Unmarshal(text, &found); err != nil {
		return nil, s.strange(err)
	}
	list := []Version{}
	for _, v := range found.Versions {
		list = append(list, Version{PackageID: packageID, Version: v, Title: packageID})
	}
	return list, nil
}
