package feed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/versioning"
)

// NuGetExtension is the ending of NuGet's packages.
const NuGetExtension = ".nupkg"

// StoreNuGet is Store for an upload whose name says nothing: ID and version are those of its manifest.
func (r *Repository) StoreNuGet(ctx context.Context, spaceID string, content io.Reader) (*Package, FileName, error) {
	p, err := r.put(ctx, spaceID, content)
	if err != nil {
		return nil, FileName{}, fmt.Errorf("keep a NuGet package: %w", err)
	}
	name, err := r.identify(ctx, p)
	if err != nil {
		r.Discard(ctx, p)
		return nil, FileName{}, err
	}
	p.PackageID, p.Version, p.Extension = name.PackageID, name.Version.String(), name.Extension
	if p.Title == "" {
		p.Title = p.PackageID
	}
	return p, name, nil
}

// identify reads what the manifest says.
func (r *Repository) identify(ctx context.Context, p *Package) (FileName, error) {
	text, err := r.Manifest(ctx, p)
	if err != nil {
		return FileName{}, err
	}
	m, err := parseManifest(text)
	if err != nil {
		return FileName{}, fault.Invalid("the file is no NuGet package: its .nuspec is not valid XML; pack it again").Because(err)
	}
	id := clean(m.Metadata.ID)
	if !idPattern().MatchString(id) {
		return FileName{}, fault.Invalid("the package's .nuspec has the ID %.200q; an ID consists of letters, digits and underscores, with single dots and hyphens between them", id)
	}
	if _, err := versioning.ParseNuGet(m.Metadata.Version); err != nil {
		return FileName{}, fault.Invalid("the package's .nuspec has no version that can be read: %v", err)
	}
	version, err := versioning.ParseSemVer(m.Metadata.Version)
	if err != nil {
		return FileName{}, fault.Invalid("the package's .nuspec has no version that can be read: %v", err)
	}
	name := FileName{PackageID: id, Version: version, Extension: NuGetExtension}
	if n := len(name.String()); n > maxFileName {
		return FileName{}, fault.Invalid("the package's ID and version have %d bytes together; at most %d are allowed", n, maxFileName)
	}
	p.take(m)
	return name, nil
}

func idPattern() *regexp.Regexp {
	return regexp.MustCompile(`^[\p{L}\p{N}_]+(?:[_.-][\p{L}\p{N}_]+)*$`)
}

// Manifest gives the .nuspec of a NuGet package.
func (r *Repository) Manifest(ctx context.Context, p *Package) ([]byte, error) {
	text, err := r.manifest(ctx, p)
	if errors.Is(err, errNoManifest) {
		return nil, fault.Invalid("the file is no NuGet package: it is no zip archive with a .nuspec at its root").Because(err)
	}
	if errors.Is(err, errBadManifest) {
		return nil, fault.Invalid("the file is no NuGet package: its .nuspec cannot be unpacked; pack it again").Because(err)
	}
	return text, err
}
