package deployment

import "github.com/mantledeploy/mantle/internal/store"

// RemoveOf deletes all deployments of a release: documents, rows, and the marks of their places go to the ones before.
func RemoveOf(tx *store.Tx, releaseID string) error {
	rows, err := Find{ReleaseID: releaseID}.All(tx)
	if err != nil || len(rows) == 0 {
		return err
	}
	for _, statement := range []string{
		"DELETE FROM deployment_link WHERE owner_id IN (SELECT id FROM deployment WHERE release_id = $1)",
		"DELETE FROM deployment WHERE release_id = $1",
		"DELETE FROM deployment_history WHERE release_id = $1",
	} {
		if _, err := tx.Exec(statement, releaseID); err != nil {
			return err
		}
	}
	marked := map[[2]string]bool{}
	for _, row := range rows {
		place := [2]string{row.EnvironmentID, row.TenantID}
		if !row.IsCurrent || marked[place] {
			continue
		}
		marked[place] = true
		if err := mark(tx, row.ProjectID, row.EnvironmentID, row.TenantID); err != nil {
			return err
		}
	}
	return nil
}

// mark makes the newest deployment of a place the current one.
func mark(tx *store.Tx, projectID, environmentID, tenantID string) error {
	_, err := tx.Exec(`UPDATE deployment_history SET is_current = $4 WHERE deployment_id = (SELECT deployment_id FROM deployment_history
		WHERE project_id = $1 AND environment_id = $2 AND tenant_id = $3 ORDER BY seq DESC LIMIT 1)`, projectID, environmentID, tenantID, true)
	return err
}
