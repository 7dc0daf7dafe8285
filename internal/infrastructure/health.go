package infrastructure

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/mantledeploy/mantle/internal/infrastructure/variant"
	"github.com/mantledeploy/mantle/internal/store"
)

// The states of health.
const (
	Healthy     = "Healthy"
	HasWarnings = "HasWarnings"
	Unhealthy   = "Unhealthy"
	Unavailable = "Unavailable"
	Unknown     = "Unknown"
)

// Health is what the last health check found out about a machine or a worker.
type Health struct {
	// Status is one of the states of health. Summary says it in a sentence.
	Status, Summary string
	// CheckedAt is nil before the first check. Since is when the status last changed.
	CheckedAt *time.Time
	Since     time.Time
	// TaskID is the task that checked.
	TaskID                                  string
	AgentVersion                            string
	OperatingSystem, OperatingSystemVersion string
	ShellName, ShellVersion, Architecture   string
	SignatureAlgorithm                      string
	HasLatestTool, UpgradeAvailable         bool
	// Latency is how long the agent took for its answer.
	Latency time.Duration
}

// neverChecked is the health of a machine that was just created.
func neverChecked(at time.Time) Health {
	return Health{Status: Unknown, Summary: "This machine was recently added. Please perform a health check.", Since: at}
}

// SetHealth writes what a health check found out. Its CheckedAt is the transaction's time unless it is given; a
// change of the status moves Since. It returns the status that the machine had before.
func SetHealth(tx *store.Tx, machineID string, h Health) (before string, err error) {
	old, err := GetHealth(tx, machineID)
	if err != nil {
		return "", err
	}
	if h.CheckedAt == nil {
		h.CheckedAt = &tx.Now
	}
	h.Since = old.Since
	if old.Status != h.Status {
		h.Since = tx.Now
	}
	if h.Status == Unavailable { // nothing was found out about what runs there
		kept := old
		kept.Status, kept.Summary, kept.CheckedAt, kept.Since, kept.TaskID, kept.Latency = h.Status, h.Summary, h.CheckedAt, h.Since, h.TaskID, h.Latency
		h = kept
	}
	return old.Status, writeHealth(tx, machineID, h)
}

func writeHealth(tx *store.Tx, machineID string, h Health) error {
	_, err := tx.Exec(`INSERT INTO machine_health (machine_id, status, summary, checked_at, since, task_id, agent_version, os, os_version, shell_name, shell_fold,
		shell_version, architecture, signature_algorithm, has_latest_tool, upgrade_available, latency_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
		ON CONFLICT (machine_id) DO UPDATE SET status = excluded.status, summary = excluded.summary, checked_at = excluded.checked_at, since = excluded.since,
		task_id = excluded.task_id, agent_version = excluded.agent_version, os = excluded.os, os_version = excluded.os_version,
		shell_name = excluded.shell_name, shell_fold = excluded.shell_fold, shell_version = excluded.shell_version, architecture = excluded.architecture,
		signature_algorithm = excluded.signature_algorithm, has_latest_tool = excluded.has_latest_tool, upgrade_available = excluded.upgrade_available,
		latency_us = excluded.latency_us`,
		machineID, h.Status, h.Summary, store.AtPtr(h.CheckedAt), store.At(h.Since), h.TaskID, h.AgentVersion, h.OperatingSystem, h.OperatingSystemVersion,
		h.ShellName, store.Fold(h.ShellName), h.ShellVersion, h.Architecture, h.SignatureAlgorithm, h.HasLatestTool, h.UpgradeAvailable, h.Latency.Microseconds())
	return err
}

const healthColumns = `status, summary, checked_at, since, task_id, agent_version, os, os_version, shell_name, shell_version, architecture,
	signature_algorithm, has_latest_tool, upgrade_available, latency_us`

// GetHealth returns what is known about a machine or a worker: Unknown where nothing is.
func GetHealth(tx *store.Tx, machineID string) (Health, error) {
	h, err := scanHealth(tx.QueryRow("SELECT "+healthColumns+" FROM machine_health WHERE machine_id = $1", machineID))
	if errors.Is(err, store.ErrNoRow) {
		return neverChecked(tx.Now), nil
	}
	return h, err
}

func scanHealth(row *store.Row, before ...any) (Health, error) {
	var h Health
	var checked, since store.Time
	var latency int64
	err := row.Scan(append(before, &h.Status, &h.Summary, &checked, &since, &h.TaskID, &h.AgentVersion, &h.OperatingSystem, &h.OperatingSystemVersion,
		&h.ShellName, &h.ShellVersion, &h.Architecture, &h.SignatureAlgorithm, &h.HasLatestTool, &h.UpgradeAvailable, &latency)...)
	h.CheckedAt, h.Since, h.Latency = checked.Ptr(), since.Time, time.Duration(latency)*time.Microsecond
	return h, err
}

// HealthOf returns the health of every machine of the space, or with workers set of every worker, by ID.
func HealthOf(tx *store.Tx, spaceID string, workers bool) (map[string]Health, error) {
	table := "machine"
	if workers {
		table = "worker"
	}
	all := map[string]Health{}
	err := tx.Query("SELECT machine_id, "+healthColumns+" FROM machine_health WHERE machine_id IN (SELECT id FROM "+table+" WHERE space_id = $1)", []any{spaceID},
		func(row *store.Row) error {
			var id string
			h, err := scanHealth(row, &id)
			all[id] = h
			return err
		})
	return all, err
}

// Describe fills in the computed members of a machine or a worker.
func (h *Host) Describe(health Health) {
	h.HealthStatus, h.StatusSummary, h.HasLatestCalamari = health.Status, health.Summary, health.HasLatestTool
	h.OperatingSystem, h.OperatingSystemVersion = health.OperatingSystem, health.OperatingSystemVersion
	h.ShellName, h.ShellVersion, h.Architecture = health.ShellName, health.ShellVersion, health.Architecture
	h.Status = map[string]string{Healthy: "Online", HasWarnings: "Online", Unhealthy: "Offline", Unavailable: "Offline"}[health.Status]
	if h.Status == "" {
		h.Status = "Unknown"
	}
	if h.IsDisabled {
		h.Status = "Disabled"
	}
	switch h.Endpoint.CommunicationStyle {
	case Listening, Polling:
		h.Endpoint.CertificateSignatureAlg = health.SignatureAlgorithm
		details := AgentDetails{Version: health.AgentVersion, UpgradeAvailable: health.UpgradeAvailable, UpgradeSuggested: health.UpgradeAvailable}
		if h.Endpoint.TentacleVersionDetails != nil {
			details.UpgradeLocked = h.Endpoint.TentacleVersionDetails.UpgradeLocked
		}
		h.Endpoint.TentacleVersionDetails = nil
		if details != (AgentDetails{}) {
			h.Endpoint.TentacleVersionDetails = &details
		}
	}
}

// Show writes a machine as the wire has it.
func (m Machine) Show(health Health) (json.RawMessage, error) {
	m.Describe(health)
	return variant.Show(m)
}

// Show writes a worker as the wire has it.
func (w Worker) Show(health Health) (json.RawMessage, error) {
	w.Describe(health)
	return variant.Show(w)
}
