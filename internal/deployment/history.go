package deployment

import (
	"strconv"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/project"
	"github.com/mantledeploy/mantle/internal/store"
)

// Row is a deployment in the history, with how it stands.
type Row struct {
	DeploymentID, SpaceID, ProjectID, EnvironmentID, TenantID, ChannelID string
	ReleaseID, ReleaseVersion, TaskID                                    string
	Seq                                                                  int64
	Created, Queued                                                      time.Time
	Started, Completed                                                   *time.Time
	// State is the task's.
	State, ErrorMessage                 string
	HasWarnings, IsCurrent, Interrupted bool
}

// Words of states that this package asks for; the task package has them all.
const (
	stateSuccess = "Success"
	stateQueued  = "Queued"
)

// Ended tells whether the state is final.
func (r *Row) Ended() bool {
	return r.State == stateSuccess || r.State == "Failed" || r.State == "Canceled" || r.State == "TimedOut"
}

// columns of a row. How it stands is its own where it has ended, its task's before. A deployment whose task is gone without an end was canceled.
const columns = `h.deployment_id, h.seq, h.space_id, h.project_id, h.environment_id, h.tenant_id, h.channel_id, h.release_id, h.release_version, h.task_id,
	h.created, h.queued, h.state, h.started, h.completed, h.error_message, h.has_warnings, h.is_current`

const taskColumns = `, COALESCE(t.state, ''), t.started_at, t.completed_at, COALESCE(t.error_message, ''), COALESCE(t.has_warnings, h.has_warnings), COALESCE(t.interrupted, h.has_warnings)`

const fromHistory = " FROM deployment_history h LEFT JOIN server_task t ON t.id = h.task_id "

func scanRow(row *store.Row) (*Row, error) {
	r := &Row{}
	var created, queued, started, completed, taskStarted, taskCompleted store.Time
	var taskState, taskError string
	var taskWarnings, interrupted bool
	err := row.Scan(&r.DeploymentID, &r.Seq, &r.SpaceID, &r.ProjectID, &r.EnvironmentID, &r.TenantID, &r.ChannelID, &r.ReleaseID, &r.ReleaseVersion, &r.TaskID,
		&created, &queued, &r.State, &started, &completed, &r.ErrorMessage, &r.HasWarnings, &r.IsCurrent,
		&taskState, &taskStarted, &taskCompleted, &taskError, &taskWarnings, &interrupted)
	if err != nil {
		return nil, err
	}
	r.Created, r.Queued, r.Started, r.Completed = created.Time, queued.Time, started.Ptr(), completed.Ptr()
	if taskState != "" { // the task is still there, and knows more
		r.ErrorMessage, r.HasWarnings, r.Interrupted = taskError, taskWarnings, interrupted
	}
	if r.State != "" {
		return r, nil
	}
	r.State, r.Started, r.Completed = taskState, taskStarted.Ptr(), taskCompleted.Ptr()
	if r.State == "" {
		r.State = "Canceled"
	}
	return r, nil
}

// Find returns rows of the history: those that meet the conditions, newest first.
type Find struct {
	SpaceID, ReleaseID                                     string
	IDs, ProjectIDs, EnvironmentIDs, TenantIDs, ChannelIDs []string
	ReleaseIDs, States                                     []string
	// Name is contained in the deployment's name, case ignored.
	Name string
	// Current keeps the newest deployment of each project to each environment for each tenant.
	Current bool
}

func (f Find) where() (string, []any) {
	var parts []string
	var args []any
	in := func(column string, values []string) {
		if values == nil {
			return
		}
		if len(values) == 0 {
			parts = append(parts, "1 = 0")
			return
		}
		marks := make([]string, len(values))
		for i, v := range values {
			args = append(args, v)
			marks[i] = "$" + strconv.Itoa(len(args))
		}
		parts = append(parts, column+" IN ("+strings.Join(marks, ", ")+")")
	}
	one := func(column, value string) {
		if value != "" {
			in(column, []string{value})
		}
	}
	one("h.space_id", f.SpaceID)
	one("h.release_id", f.ReleaseID)
	in("h.deployment_id", f.IDs)
	in("h.project_id", f.ProjectIDs)
	in("h.environment_id", f.EnvironmentIDs)
	in("h.tenant_id", f.TenantIDs)
	in("h.channel_id", f.ChannelIDs)
	in("h.release_id", f.ReleaseIDs)
	in("CASE WHEN h.state = '' THEN COALESCE(t.state, 'Canceled') ELSE h.state END", f.States)
	if f.Name != "" {
		args = append(args, "%"+strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(store.Fold(f.Name))+"%")
		parts = append(parts, "h.deployment_id IN (SELECT id FROM deployment WHERE name_fold LIKE $"+strconv.Itoa(len(args))+` ESCAPE '\')`)
	}
	if f.Current {
		parts = append(parts, "h.is_current")
	}
	if len(parts) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(parts, " AND "), args
}

// Each calls each with the rows that match, newest first; current ones come in no order, because they can be very many.
func (f Find) Each(tx *store.Tx, each func(*Row) error) error {
	where, args := f.where()
	order := " ORDER BY h.seq DESC"
	if f.Current {
		order = ""
	}
	return tx.Query("SELECT "+columns+taskColumns+fromHistory+where+order, args, func(row *store.Row) error {
		r, err := scanRow(row)
		if err != nil {
			return err
		}
		return each(r)
	})
}

// All returns the rows that match, newest first.
func (f Find) All(tx *store.Tx) ([]*Row, error) {
	rows := []*Row{}
	err := f.Each(tx, func(r *Row) error {
		rows = append(rows, r)
		return nil
	})
	return rows, err
}

// Page returns the IDs of one page of the rows that match and that the caller may see (nil: all), newest first, and how many they are.
func (f Find) Page(tx *store.Tx, skip, take int, visible func(*Row) bool) (ids []string, total int, err error) {
	where, args := f.where()
	if visible == nil {
		if err := tx.QueryRow("SELECT COUNT(*)"+fromHistory+where, args...).Scan(&total); err != nil || take == 0 {
			return nil, total, err
		}
		query := "SELECT h.deployment_id" + fromHistory + where + " ORDER BY h.seq DESC LIMIT " + strconv.Itoa(take) + " OFFSET " + strconv.Itoa(skip)
		err = tx.Query(query, args, func(row *store.Row) error {
			var id string
			err := row.Scan(&id)
			ids = append(ids, id)
			return err
		})
		return ids, total, err
	}
	err = f.Each(tx, func(r *Row) error {
		if !visible(r) {
			return nil
		}
		if total >= skip && len(ids) < take {
			ids = append(ids, r.DeploymentID)
		}
		total++
		return nil
	})
	return ids, total, err
}

// remember writes the history's row of a new deployment, which becomes the current one of its place.
func (d *Deployment) remember(tx *store.Tx, version string) error {
	_, err := tx.Exec("UPDATE deployment_history SET is_current = $4 WHERE project_id = $1 AND environment_id = $2 AND tenant_id = $3 AND is_current",
		d.ProjectID, d.EnvironmentID, d.Tenant(), false)
	if err != nil {
		return err
	}
	queued := d.Created
	if d.QueueTime != nil {
		queued = *d.QueueTime
	}
	seq, err := strconv.ParseInt(strings.TrimPrefix(d.ID, "Deployments-"), 10, 64)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO deployment_history (deployment_id, seq, space_id, project_id, environment_id, tenant_id, channel_id, release_id, release_version,
		task_id, created, queued, state, error_message, has_warnings, is_current) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '', '', $13, $14)`,
		d.ID, seq, d.SpaceID, d.ProjectID, d.EnvironmentID, d.Tenant(), d.ChannelID, d.ReleaseID, version, d.TaskID, store.At(d.Created), store.At(queued), false, true)
	return err
}

// settle copies the end of the deployment's task into the history. The task's row does not have it yet; its message and its
// warnings are read there as long as it exists.
func settle(tx *store.Tx, deploymentID, taskID, state string) error {
	var started store.Time
	if err := tx.QueryRow("SELECT started_at FROM server_task WHERE id = $1", taskID).Scan(&started); err != nil {
		return err
	}
	_, err := tx.Exec("UPDATE deployment_history SET state = $2, started = $3, completed = $4 WHERE deployment_id = $1", deploymentID, state, started, store.At(tx.Now))
	return err
}

// Remove deletes a deployment: its document, its row, and the mark of its place goes to the one before.
func Remove(tx *store.Tx, d *Deployment) error {
	if err := Deployments().Delete(tx, d.ID); err != nil {
		return err
	}
	return Forget(tx, d)
}

// Forget removes the row of a deployment whose document is deleted.
func Forget(tx *store.Tx, d *Deployment) error {
	if _, err := tx.Exec("DELETE FROM deployment_history WHERE deployment_id = $1", d.ID); err != nil {
		return err
	}
	return mark(tx, d.ProjectID, d.EnvironmentID, d.Tenant())
}

// Rename keeps the release's version that the history shows true.
func Rename(tx *store.Tx, releaseID, version string) error {
	_, err := tx.Exec("UPDATE deployment_history SET release_version = $2 WHERE release_id = $1", releaseID, version)
	return err
}

// Succeeded returns the successful deployments of a release.
func Succeeded(tx *store.Tx, releaseID string) ([]project.Deployed, error) {
	var done []project.Deployed
	err := tx.Query("SELECT DISTINCT environment_id, tenant_id FROM deployment_history WHERE release_id = $1 AND state = $2", []any{releaseID, stateSuccess}, func(row *store.Row) error {
		var d project.Deployed
		err := row.Scan(&d.EnvironmentID, &d.TenantID)
		done = append(done, d)
		return err
	})
	return done, err
}

// LastIn returns the newest successful deployment of a project to an environment for a tenant before the one with the
// sequence number (0: of all); nil where there is none.
func LastIn(tx *store.Tx, projectID, environmentID, tenantID string, before int64) (*Row, error) {
	query := "SELECT " + columns + taskColumns + fromHistory + " WHERE h.project_id = $1 AND h.environment_id = $2 AND h.tenant_id = $3 AND h.state = $4"
	args := []any{projectID, environmentID, tenantID, stateSuccess}
	if before > 0 {
		query, args = query+" AND h.seq < $5", append(args, before)
	}
	var found *Row
	err := tx.Query(query+" ORDER BY h.seq DESC LIMIT 1", args, func(row *store.Row) (err error) {
		found, err = scanRow(row)
		return err
	})
	return found, err
}

// Under returns how many deployments of what the column names (release_id, project_id, channel_id …) are under way or waiting.
func Under(tx *store.Tx, column, id string) (n int, err error) {
	switch column {
	case "release_id", "project_id", "channel_id", "environment_id", "tenant_id":
	default:
		panic("deployment: no column " + column)
	}
	err = tx.QueryRow("SELECT COUNT(*) FROM deployment_history h JOIN server_task t ON t.id = h.task_id WHERE h."+column+" = $1 AND h.state = '' AND t.state IN ('Queued', 'Executing', 'Cancelling')", id).Scan(&n)
	return n, err
}

// Count returns how many deployments there are of what the column names.
func Count(tx *store.Tx, column, id string) (int, error) {
	return Deployments().Count(tx, store.Eq(column, id))
}
