package systemapi

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/store"
)

// Status is the server's state in a few words.
type Status struct {
	IsDatabaseEncrypted                     bool
	IsUpgradeAvailable                      bool
	IsMajorMinorUpgrade                     bool
	IsInMaintenanceMode                     bool
	IsPotentialClone                        bool
	MaximumAvailableVersion                 *string
	MaximumAvailableVersionCoveredByLicense *string
	MaintenanceExpires                      *string
}

// Health tells whether the cluster works.
type Health struct {
	IsOperatingNormally          bool
	Description                  string
	IsEntireClusterReadOnly      bool
	IsEntireClusterDrainingTasks bool
	IsCompliantWithLicense       bool
}

// SystemInfo is about this process.
type SystemInfo struct {
	Version, OSVersion, ClrVersion string
	WorkingSetBytes                int64
	ThreadCount                    int
	Uptime                         string
}

type status struct {
	engine *api.Engine
	parts  Parts
}

func registerStatus(e *api.Engine, p Parts) {
	s := status{e, p}
	e.AddLink("ServerStatus", "/api/serverstatus")
	e.AddLink("ServerHealthStatus", "/api/serverstatus/health")
	e.AddLink("ExtensionStats", "/api/serverstatus/extensions")
	e.AddLink("Timezones", "/api/serverstatus/timezones")
	why := "clients ask for it before they do anything; it tells nothing secret"
	e.Handle(
		signedIn("serverstatus", why, "The server's state", Status{}, s.status),
		signedIn("serverstatus/health", why, "Whether the cluster works", Health{}, s.health),
		signedIn("serverstatus/timezones", why, "The time zones that schedules can name", []Zone{}, zones),
		signedIn("serverstatus/extensions", why, "Extensions", []string{}, func(c *api.Call) error { return c.JSON(http.StatusOK, []string{}) }),
		needs(access.ConfigureServer, http.MethodGet, "serverstatus/counts", "How many documents of each kind there are, also by area", map[string]any{}, s.counts),
		needs(access.ConfigureServer, http.MethodGet, "serverstatus/system-info", "About this process", SystemInfo{}, s.info),
		needs(access.ConfigureServer, http.MethodGet, "serverstatus/logs", "The newest warnings of this node", []LogEntry{}, func(c *api.Call) error { return c.JSON(http.StatusOK, s.logs()) }),
		needs(access.ConfigureServer, http.MethodGet, "serverstatus/system-report", "All of this as a zip", nil, s.report),
	)
}

func (s status) status(c *api.Call) error {
	on, err := isInMaintenance(c)
	if err != nil {
		return err
	}
	body, err := c.Resource(Status{IsInMaintenanceMode: on}, api.Links{
		"Self": "/api/serverstatus", "Logs": "/api/serverstatus/logs", "SystemInfo": "/api/serverstatus/system-info", "SystemReport": "/api/serverstatus/system-report",
		"Health": "/api/serverstatus/health", "Timezones": "/api/serverstatus/timezones", "Extensions": "/api/serverstatus/extensions",
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, body)
}

func (s status) health(c *api.Call) error {
	h := Health{IsOperatingNormally: true, IsCompliantWithLicense: true, Description: "the server works normally"}
	err := c.Read(func(tx *store.Tx) error {
		nodes, err := s.parts.Nodes.List(tx)
		if err != nil || len(nodes) == 0 {
			return err
		}
		online, draining := 0, 0
		for _, n := range nodes {
			if n.Problem != "" && h.IsOperatingNormally {
				h.IsOperatingNormally, h.Description = false, n.Name+": "+n.Problem
			}
			if !n.IsOffline {
				online++
				if n.IsInMaintenanceMode {
					draining++
				}
			}
		}
		h.IsEntireClusterDrainingTasks = online > 0 && draining == online
		if online < len(nodes) {
			h.IsOperatingNormally, h.Description = false, fmt.Sprintf("%d of %d nodes are offline", len(nodes)-online, len(nodes))
		}
		return nil
	})
	if err != nil {
		return err
	}
	body, err := c.Resource(h, api.Links{"Self": "/api/serverstatus/health"})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, body)
}

func (s status) counts(c *api.Call) error {
	counts := map[string]int{}
	err := c.Read(func(tx *store.Tx) error {
		clear(counts)
		for _, r := range c.Engine.Resources() {
			n, err := r.Count(tx)
			if err != nil {
				return err
			}
			counts[r.DocumentType] = n
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, grouped(counts))
}

// grouped adds, to the numbers by kind, those that clients read by area.
func grouped(counts map[string]int) map[string]any {
	all := map[string]any{}
	for kind, n := range counts {
		all[kind] = n
	}
	for area, kinds := range map[string]map[string]string{
		"Global":         {"Spaces": "Spaces", "Teams": "Teams", "Users": "Users"},
		"Infrastructure": {"DeploymentTargets": "Machines", "Environments": "Environments", "Tenants": "Tenants", "WorkerPools": "WorkerPools", "Workers": "Workers"},
		"Library":        {"Certificates": "Certificates", "Packages": "Packages", "VariableSets": "LibraryVariableSets"},
		"Project":        {"Deployments": "Deployments", "Projects": "Projects", "Releases": "Releases", "RunbookRuns": "RunbookRuns", "Runbooks": "Runbooks"},
	} {
		group := map[string]int{}
		for name, kind := range kinds {
			group[name] = counts[kind]
		}
		all[area] = group
	}
	return all
}

func (s status) systemInfo() SystemInfo {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	host, _ := os.Hostname()
	return SystemInfo{
		Version: s.engine.Version, OSVersion: runtime.GOOS + "/" + runtime.GOARCH + " " + host, ClrVersion: runtime.Version(),
		WorkingSetBytes: int64(m.Sys), ThreadCount: max(1, runtime.NumGoroutine()), Uptime: span(time.Since(s.engine.Started())),
	}
}

// span writes a duration as .NET does: D.HH:MM:SS.
func span(d time.Duration) string {
	total := int64(d / time.Second)
	text := fmt.Sprintf("%02d:%02d:%02d", total/3600%24, total/60%60, total%60)
	if days := total / 86400; days > 0 {
		return strconv.FormatInt(days, 10) + "." + text
	}
	return text
}

func (s status) info(c *api.Call) error {
	body, err := c.Resource(s.systemInfo(), api.Links{"Self": "/api/serverstatus/system-info"})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, body)
}

func (s status) logs() []LogEntry {
	if s.parts.Logs == nil {
		return []LogEntry{}
	}
	return append([]LogEntry{}, s.parts.Logs()...)
}

// report packs what an operator sends along with a question.
func (s status) report(c *api.Call) error {
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	for name, v := range map[string]any{"system-info.json": s.systemInfo(), "log.json": s.logs()} {
		text, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			return err
		}
		w, err := archive.Create(name)
		if err != nil {
			return err
		}
		if _, err := w.Write(text); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	h := c.Writer.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="system-report.zip"`)
	h.Set("Content-Length", strconv.Itoa(buffer.Len()))
	_, err := c.Writer.Write(buffer.Bytes())
	return err
}
