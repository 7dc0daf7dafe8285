package deployment

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/mantledeploy/mantle/internal/release"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/octostache"
)

// mostChanges bounds how many releases the changes of a deployment tell of.
const mostChanges = 100

// describeChanges collects the releases that the environment has not seen: those made after the one that was last deployed there,
// up to this one. A release that is not newer changes nothing but what it brings itself.
func (d *Deployment) describeChanges(tx *store.Tx, s *Subject) error {
	changes, err := Changes(tx, s.Release, d.EnvironmentID, d.Tenant())
	if err != nil {
		return err
	}
	d.Changes = changes
	d.ChangesMarkdown, err = markdown(changes, value(s.Project.DeploymentChangesTemplate))
	return err
}

// Changes returns what a deployment of the release would bring to the environment.
func Changes(tx *store.Tx, r *release.Release, environmentID, tenantID string) ([]Change, error) {
	changes := []Change{}
	last, err := LastIn(tx, r.ProjectID, environmentID, tenantID, 0)
	if err != nil {
		return nil, err
	}
	from := int64(0)
	if last != nil && last.ReleaseID != r.ID {
		if from, err = number(last.ReleaseID); err != nil {
			return nil, err
		}
	}
	to, err := number(r.ID)
	if err != nil {
		return nil, err
	}
	if last == nil || from >= to || last.ReleaseID == r.ID {
		from = to - 1
	}
	releases, err := release.Releases().Find(tx, store.Query{
		Where:   []store.Cond{store.Eq("project_id", r.ProjectID), store.Eq("channel_id", r.ChannelID), store.AtLeast("seq", from+1), store.Less("seq", to+1)},
		OrderBy: release.Newest(), Take: mostChanges,
	})
	for _, each := range releases {
		changes = append(changes, Change{Version: each.Version, ReleaseNotes: value(each.ReleaseNotes), BuildInformation: each.BuildInformation, WorkItems: []json.RawMessage{}, Commits: []json.RawMessage{}})
	}
	return changes, err
}

func number(id string) (int64, error) {
	return strconv.ParseInt(id[strings.LastIndexByte(id, '-')+1:], 10, 64)
}

// markdown words the changes: as the project's template says, or the notes of each release under its version.
func markdown(changes []Change, template string) (string, error) {
	if template == "" {
		var b strings.Builder
		for _, c := range changes {
			if strings.TrimSpace(c.ReleaseNotes) != "" {
				b.WriteString("# " + c.Version + "\n\n" + strings.TrimSpace(c.ReleaseNotes) + "\n\n")
			}
		}
		return strings.TrimSpace(b.String()), nil
	}
	text, err := json.Marshal(changes)
	if err != nil {
		return "", err
	}
	v := octostache.New(octostache.Config{})
	v.Set("Octopus.Deployment.Changes", string(text))
	out, err := v.Evaluate(template)
	if err != nil && !octostache.Soft(err) {
		return "The template of this project's deployment changes cannot be evaluated: " + err.Error(), nil
	}
	return out, nil
}
