package tasklog

import (
	"context"
	"errors"

	"github.com/mantledeploy/mantle/internal/store"
)

// DeleteFiles deletes files of compacted logs whose tasks are gone, at most so many, and returns how many it deleted. What a node that died left behind
// is found the next time.
func (l *Log) DeleteFiles(ctx context.Context, most int) (deleted int, err error) {
	type lost struct{ task, key string }
	var all []lost
	err = l.db.Read(ctx, func(tx *store.Tx) error {
		all = nil
		return tx.Query(`SELECT f.task_id, f.key FROM task_log_file f LEFT JOIN server_task t ON t.id = f.task_id WHERE t.id IS NULL ORDER BY f.task_id LIMIT $1`,
			[]any{most}, func(row *store.Row) error {
				var f lost
				err := row.Scan(&f.task, &f.key)
				all = append(all, f)
				return err
			})
	})
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, f := range all {
		if err := l.files.Delete(ctx, f.key); err != nil { // its row stays, and says where it is
			errs = append(errs, err)
			continue
		}
		err := l.db.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec("DELETE FROM task_log_file WHERE task_id = $1 AND key = $2", f.task, f.key)
			return err
		})
		if err != nil {
			return deleted, errors.Join(append(errs, err)...)
		}
		deleted++
	}
	return deleted, errors.Join(errs...)
}
