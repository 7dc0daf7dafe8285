package release

import (
	"errors"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// Hold keeps the release from being removed until the transaction ends, which many may do at once. It is a fault of kind NotFound where the release
// has been removed. Whoever deploys it holds it first; whoever removes it reads it for update.
func Hold(tx *store.Tx, id string) error {
	var found string
	err := tx.QueryRow("SELECT id FROM project_release WHERE id = $1"+tx.ForShare(), id).Scan(&found)
	if errors.Is(err, store.ErrNoRow) {
		return fault.NotFound("the release %q was deleted meanwhile, by somebody or by a retention policy; create it again, or deploy another one", id)
	}
	return err
}
