package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
)

// apiDesk steers through the API of a node, or of the load balancer before them.
type apiDesk struct {
	base   *url.URL
	key    string
	client *http.Client
}

func newAPIDesk(a API) (*apiDesk, error) {
	base, err := url.Parse(strings.TrimSuffix(a.URL, "/"))
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fault.Invalid("--server is %q; it must be like https://mantle.example.org", a.URL)
	}
	if a.Key == "" {
		return nil, fault.Invalid("the API of %s needs an API key; give one with --api-key, or in the variable OCTOPUS_API_KEY", base.Host)
	}
	return &apiDesk{base: base, key: a.Key, client: &http.Client{Timeout: 30 * time.Second}}, nil
}

// call sends a request and reads the answer into out, unless that is nil.
func (d *apiDesk) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, d.base.String()+"/api/"+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("X-Octopus-ApiKey", d.key)
	req.Header.Set("Content-Type", "application/json")
	res, err := d.client.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return fault.Unavailable("the server %s does not answer: %v", d.base.Host, err).Because(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 32<<20))
	if err != nil {
		return fmt.Errorf("read the answer of %s: %w", d.base.Host, err)
	}
	if res.StatusCode >= 300 {
		var failure struct{ ErrorMessage string }
		_ = json.Unmarshal(text, &failure) // another server's answer is told by its status alone
		return fault.Invalid("the server %s answered %s: %s", d.base.Host, res.Status, failure.ErrorMessage)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fault.Invalid("the answer of %s is not that of a Mantle server", d.base.Host).Because(err)
	}
	return nil
}

func (d *apiDesk) nodes(ctx context.Context) ([]nodeRow, error) {
	var summary struct {
		Nodes []struct {
			ID                             string `json:"Id"`
			Name                           string
			MaxConcurrentTasks             int
			IsInMaintenanceMode, IsOffline bool
			LastSeen                       time.Time
			RunningTaskCount               int
			State, Problem                 string
			Version, Address               string
			StartedAt, StaysUntil          *time.Time
		}
	}
	if err := d.call(ctx, http.MethodGet, "octopusservernodes/summary", nil, &summary); err != nil {
		return nil, err
	}
	at := func(t *time.Time) time.Time {
		if t == nil {
			return time.Time{}
		}
		return *t
	}
	var rows []nodeRow
	for _, n := range summary.Nodes {
		rows = append(rows, nodeRow{
			ID: n.ID, Name: n.Name, State: n.State, Problem: n.Problem, Version: n.Version, Address: n.Address, Running: n.RunningTaskCount, TaskCap: n.MaxConcurrentTasks,
			Offline: n.IsOffline, Draining: n.IsInMaintenanceMode, StartedAt: at(n.StartedAt), LastSeenAt: n.LastSeen, StaysUntil: at(n.StaysUntil),
		})
	}
	return rows, nil
}

// putNode is what a PUT of a node says.
type putNode struct {
	ID                  string `json:"Id"`
	Name                string
	MaxConcurrentTasks  int
	IsInMaintenanceMode bool
	DrainWaitSeconds    int
}

func (d *apiDesk) put(ctx context.Context, n nodeRow, drain bool, taskCap int, stays time.Duration) error {
	return d.call(ctx, http.MethodPut, "octopusservernodes/"+url.PathEscape(n.ID),
		putNode{ID: n.ID, Name: n.Name, MaxConcurrentTasks: taskCap, IsInMaintenanceMode: drain, DrainWaitSeconds: int(stays.Seconds())}, nil)
}

func (d *apiDesk) drain(ctx context.Context, n nodeRow, stays time.Duration) error {
	return d.put(ctx, n, true, n.TaskCap, stays)
}

func (d *apiDesk) undrain(ctx context.Context, n nodeRow) error {
	return d.put(ctx, n, false, n.TaskCap, 0)
}

func (d *apiDesk) setTaskCap(ctx context.Context, n nodeRow, taskCap int) error {
	return d.put(ctx, n, n.Draining, taskCap, 0)
}

func (d *apiDesk) remove(ctx context.Context, n nodeRow) error {
	return d.call(ctx, http.MethodDelete, "octopusservernodes/"+url.PathEscape(n.ID), nil, nil)
}

func (d *apiDesk) cancelTasks(ctx context.Context, n nodeRow) (int, error) {
	var page struct {
		Items []struct {
			ID    string `json:"Id"`
			State string
		}
	}
	query := url.Values{"node": {n.Name}, "running": {"true"}, "includeSystem": {"true"}, "take": {"1000"}}
	if err := d.call(ctx, http.MethodGet, "tasks?"+query.Encode(), nil, &page); err != nil {
		return 0, err
	}
	cancelled := 0
	for _, t := range page.Items {
		if t.State == "Cancelling" {
			continue
		}
		if err := d.call(ctx, http.MethodPost, "tasks/"+url.PathEscape(t.ID)+"/cancel", struct{}{}, nil); err != nil {
			return cancelled, err
		}
		cancelled++
	}
	return cancelled, nil
}

func (d *apiDesk) queuePaused(ctx context.Context) (bool, error) {
	var q struct{ IsPaused bool }
	err := d.call(ctx, http.MethodGet, "tasks/queue", nil, &q)
	return q.IsPaused, err
}

func (d *apiDesk) pauseQueue(ctx context.Context, paused bool) error {
	return d.call(ctx, http.MethodPut, "tasks/queue", struct{ IsPaused bool }{paused}, nil)
}

func (d *apiDesk) maintenance(ctx context.Context) (bool, error) {
	var m struct{ IsInMaintenanceMode bool }
	err := d.call(ctx, http.MethodGet, "maintenanceconfiguration", nil, &m)
	return m.IsInMaintenanceMode, err
}

func (d *apiDesk) setMaintenance(ctx context.Context, on bool) error {
	return d.call(ctx, http.MethodPut, "maintenanceconfiguration", struct {
		ID                  string `json:"Id"`
		IsInMaintenanceMode bool
	}{"maintenance", on}, nil)
}
