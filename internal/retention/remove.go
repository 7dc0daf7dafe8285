package retention

import (
	"encoding/json"
	"fmt"

	"github.com/mantledeploy/mantle/internal/artifact"
	"github.com/mantledeploy/mantle/internal/audit"
	"github.com/mantledeploy/mantle/internal/deployment"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/release"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
)

// removed is what went with a release; why says, where nothing did, what had changed since it was decided on.
type removed struct {
	deployments int
	why         string
	// already: it was gone before.
	already bool
}

// remove takes a release away with its deployments, their tasks and artifacts, unless something has happened since the decision that it was made on: a
// deployment was made, or ended otherwise, or a policy changed. The release stays locked until the transaction ends: nobody can begin to deploy it.
func (s *subject) remove(tx *store.Tx, r Release, newest int64) (removed, error) {
	doc, err := release.Releases().GetForUpdate(tx, r.ID)
	if fault.Is(err, fault.KindNotFound) {
		return removed{already: true}, nil
	}
	if err != nil {
		return removed{}, err
	}
	if holds, err := s.current(tx, r.LifecycleID); err != nil || !holds {
		return removed{why: "a policy was changed meanwhile"}, err
	}
	rows, err := deployment.Find{ReleaseID: r.ID}.All(tx)
	if err != nil {
		return removed{}, err
	}
	if len(rows) > 0 && rows[0].Seq > newest {
		return removed{why: "it was deployed meanwhile"}, nil
	}
	for _, row := range rows {
		if !row.Ended() {
			return removed{why: "a deployment of it is queued or under way"}, nil
		}
		if stays, err := s.stillCurrent(tx, row); err != nil || stays {
			return removed{why: "it is deployed now, because a newer deployment was deleted"}, err
		}
	}
	if err := s.removeDeployments(tx, r.ID, rows); err != nil {
		return removed{}, err
	}
	if err := release.Remove(tx, r.ID); err != nil {
		return removed{}, err
	}
	return removed{deployments: len(rows)}, s.record(tx, doc, len(rows))
}

// stillCurrent tells whether the deployment is the last successful one of its place, as it can be once a newer one is deleted.
func (s *subject) stillCurrent(tx *store.Tx, row *deployment.Row) (bool, error) {
	if row.State != string(task.Success) || s.Gone(Place{row.EnvironmentID, row.TenantID}) {
		return false, nil
	}
	last, err := deployment.LastIn(tx, row.ProjectID, row.EnvironmentID, row.TenantID, 0)
	return err == nil && last != nil && last.DeploymentID == row.DeploymentID, err
}

func (s *subject) removeDeployments(tx *store.Tx, releaseID string, rows []*deployment.Row) error {
	var tasks []string
	for _, row := range rows {
		tasks = append(tasks, row.TaskID)
	}
	if err := artifact.RemoveOf(tx, tasks...); err != nil {
		return err
	}
	if err := task.Forget(tx, tasks...); err != nil {
		return err
	}
	return deployment.RemoveOf(tx, releaseID)
}

// record writes the event: the system did it.
func (s *subject) record(tx *store.Tx, doc *release.Release, deployments int) error {
	before, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	message := fmt.Sprintf("Release %s was deleted by the retention policy", doc.Version)
	if deployments > 0 {
		message += " with " + many(deployments, "deployment")
	}
	_, err = audit.Record(tx, audit.Entry{
		Category: audit.Deleted, SpaceID: doc.SpaceID, DocumentID: doc.ID, DocumentType: "Releases", Message: message, Before: before,
		Subjects: []audit.Subject{{ID: doc.ID, Name: doc.Version}}, Related: []string{doc.ProjectID, doc.ChannelID},
	})
	return err
}
