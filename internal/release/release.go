package release

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// Release is one release of a project, as the wire has it.
type Release struct {
	store.Meta
	space.Member
	Version            string
	ProjectID          string `json:"ProjectId"`
	ChannelID          string `json:"ChannelId"`
	ReleaseNotes       *string
	IgnoreChannelRules bool
	Assembled          time.Time
	SelectedPackages   []SelectedPackage
	// SelectedGitResources and BuildInformation are stored and shown; nothing here reads them.
	SelectedGitResources []SelectedGitResource
	BuildInformation     []json.RawMessage
	// The snapshots that the release is made of. The library sets' are in the order of their inclusion.
	ProjectDeploymentProcessSnapshotID string   `json:"ProjectDeploymentProcessSnapshotId"`
	ProjectVariableSetSnapshotID       string   `json:"ProjectVariableSetSnapshotId"`
	LibraryVariableSetSnapshotIDs      []string `json:"LibraryVariableSetSnapshotIds"`
	VersionControlReference            *GitReference
	CustomFields                       map[string]string
}

// SelectedPackage is the version that was chosen for a package of the process. The primary package has no reference name.
type SelectedPackage struct {
	StepName             string
	ActionName           string
	PackageReferenceName string
	Version              string
}

// SelectedGitResource is the commit that was chosen for a repository of the process.
type SelectedGitResource struct {
	ActionName               string
	GitReferenceResource     *GitReference
	GitResourceReferenceName string
}

// GitReference names a commit.
type GitReference struct {
	GitRef             *string
	GitCommit          *string
	VariablesGitCommit *string `json:",omitempty"`
}

// maxVersion is the longest version, in characters.
const maxVersion = 349

// Releases are the releases.
func Releases() *store.Collection[Release] {
	return &store.Collection[Release]{
		Table: "project_release", Prefix: "Releases-", Noun: "release",
		Columns: []store.Column[Release]{
			{Name: "space_id", Value: func(r *Release) any { return r.SpaceID }},
			{Name: "project_id", Value: func(r *Release) any { return r.ProjectID }},
			{Name: "channel_id", Value: func(r *Release) any { return r.ChannelID }},
			{Name: "version_fold", Value: func(r *Release) any { return store.Fold(r.Version) }},
		},
		Links: []store.Link[Release]{{Name: "snapshot", Values: func(r *Release) []string {
			return append([]string{r.ProjectDeploymentProcessSnapshotID, r.ProjectVariableSetSnapshotID}, r.LibraryVariableSetSnapshotIDs...)
		}}},
		Keys: []store.Key[Release]{{Columns: []string{"project_id", "version_fold"}, Taken: func(r *Release) string { return takenVersion(r.Version) }}},
	}
}

func takenVersion(version string) string {
	return "a release with the version " + version + " exists already in this project; choose another version, or send IgnoreIfAlreadyExists"
}

// Newest is the order in which lists have the newest release first.
func Newest() []string { return []string{"seq DESC"} }

// Find returns the release of a project with the version or the ID.
func Find(tx *store.Tx, projectID, versionOrID string) (*Release, error) {
	for _, cond := range []store.Cond{store.Eq("version_fold", store.Fold(strings.TrimSpace(versionOrID))), store.Eq("id", versionOrID)} {
		r, err := Releases().First(tx, store.Query{Where: []store.Cond{store.Eq("project_id", projectID), cond}})
		if err != nil || r != nil {
			return r, err
		}
	}
	return nil, fault.NotFound("the release %q was not found in this project", versionOrID)
}

// Last returns the newest release of a project, or of one of its channels; nil where there is none.
func Last(tx *store.Tx, projectID, channelID string) (*Release, error) {
	q := store.Query{Where: []store.Cond{store.Eq("project_id", projectID)}, OrderBy: Newest()}
	if channelID != "" {
		q = q.With(store.Eq("channel_id", channelID))
	}
	return Releases().First(tx, q)
}

// complete turns what is missing into what is empty.
func (r *Release) complete() {
	r.Version = strings.TrimSpace(r.Version)
	r.SelectedPackages, r.SelectedGitResources = nonNil(r.SelectedPackages), nonNil(r.SelectedGitResources)
	r.BuildInformation, r.LibraryVariableSetSnapshotIDs = nonNil(r.BuildInformation), nonNil(r.LibraryVariableSetSnapshotIDs)
	if r.CustomFields == nil {
		r.CustomFields = map[string]string{}
	}
}

// Keep makes of what a client sent for a stored release what may be changed: version, notes, custom fields. Everything else stays.
func (r *Release) Keep(old *Release) {
	changed := *r
	*r = *old
	r.ReleaseNotes = changed.ReleaseNotes
	if changed.Version != "" {
		r.Version = changed.Version
	}
	if changed.CustomFields != nil {
		r.CustomFields = changed.CustomFields
	}
	r.IgnoreChannelRules = changed.IgnoreChannelRules
	r.complete()
}

// Selected returns the version chosen for a package of an action, or "".
func (r *Release) Selected(actionName, stepName, reference string) string {
	for _, name := range []string{actionName, stepName} {
		i := slices.IndexFunc(r.SelectedPackages, func(p SelectedPackage) bool {
			return strings.EqualFold(p.ActionName, name) && strings.EqualFold(p.PackageReferenceName, reference)
		})
		if i >= 0 && name != "" {
			return r.SelectedPackages[i].Version
		}
	}
	return ""
}

// VariableSets are the IDs of the variable snapshots, the project's first.
func (r *Release) VariableSets() []string {
	return append([]string{r.ProjectVariableSetSnapshotID}, r.LibraryVariableSetSnapshotIDs...)
}

// CheckVersion refuses what cannot be a release's version.
func CheckVersion(version string) error {
	switch {
	case version == "":
		return fault.Invalid("the release has no version; give it one, or leave it out so that the project's template makes it")
	case len([]rune(version)) > maxVersion:
		return fault.Invalid("the version has %d characters; at most %d are allowed", len([]rune(version)), maxVersion)
	case strings.ContainsAny(version, "/?#% \t\r\n"):
		return fault.Invalid("the version %q may not contain blanks or any of / ? # %%; use numbers, letters, dots and dashes, such as 1.0.0-beta.1", version)
	}
	return nil
}

// Remove deletes a release with its defects. Its snapshots stay: others may share them.
func Remove(tx *store.Tx, id string) error {
	if err := RemoveDefects(tx, id); err != nil {
		return err
	}
	return Releases().Delete(tx, id)
}

// OfProject returns the IDs of all releases of a project.
func OfProject(tx *store.Tx, projectID string) ([]string, error) {
	ids := []string{}
	err := tx.Query("SELECT id FROM project_release WHERE project_id = $1 ORDER BY seq", []any{projectID}, func(row *store.Row) error {
		var id string
		err := row.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// exists tells whether the project has a release with the version.
func exists(tx *store.Tx, projectID, version string) (*Release, error) {
	r, err := Find(tx, projectID, version)
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.KindNotFound || r != nil && !strings.EqualFold(r.Version, version) {
		return nil, nil
	}
	return r, err
}

func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Before returns the release of the project that was made last before the one with the sequence number; nil where there is none.
func Before(tx *store.Tx, projectID string, seq int64) (*Release, error) {
	return Releases().First(tx, store.Query{Where: []store.Cond{store.Eq("project_id", projectID), store.Less("seq", seq)}, OrderBy: Newest()})
}
