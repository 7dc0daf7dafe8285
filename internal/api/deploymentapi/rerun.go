package deploymentapi

import (
	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/deployment"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
)

// Rerun makes the deployment of a task once more; taskapi offers it for tasks of the kind Deploy. by is the ID of the user.
func Rerun(w *deployment.Deployer) func(tx *store.Tx, t *task.Task, by string) (string, error) {
	return func(tx *store.Tx, t *task.Task, by string) (string, error) {
		author := deployment.Author{ID: by}
		if by != "" {
			u, err := access.Users().Get(tx, by)
			if err != nil {
				return "", err
			}
			author.Name, author.DisplayName, author.EmailAddress = u.Username, u.DisplayName, u.EmailAddress
		}
		d, err := w.Rerun(tx, t.ID, author)
		if err != nil {
			return "", err
		}
		return d.TaskID, nil
	}
}
