package artifact

import "github.com/mantledeploy/mantle/internal/store"

// RemoveOf removes the artifacts of tasks. Their files are found by Sweep, once the transaction has committed.
func RemoveOf(tx *store.Tx, taskIDs ...string) error {
	for _, id := range taskIDs {
		found, err := keys(tx, "SELECT owner_id FROM artifact_link WHERE kind = 'regarding' AND value = $1", id)
		if err != nil {
			return err
		}
		for _, artifactID := range found {
			if err := Artifacts().Delete(tx, artifactID); err != nil {
				return err
			}
		}
	}
	return nil
}
