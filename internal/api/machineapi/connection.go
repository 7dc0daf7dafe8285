package machineapi

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/infrastructure"
	"github.com/mantledeploy/mantle/internal/store"
)

// Connection is what the last contact with a machine or a worker gave.
type Connection struct {
	ID                     string `json:"Id"`
	MachineID              string `json:"MachineId"`
	Status                 string
	Logs                   []LogLine
	CurrentTentacleVersion string
	LastChecked            *time.Time
}

// LogLine is one line of what happened.
type LogLine struct {
	Category    string
	OccurredAt  time.Time
	MessageText string
}

// connection answers with the Connection of the machine whose ID find returns.
func connection(c *api.Call, path string, find func(*store.Tx) (string, error)) error {
	var out any
	err := c.Read(func(tx *store.Tx) error {
		id, err := find(tx)
		if err != nil {
			return err
		}
		h, err := infrastructure.GetHealth(tx, id)
		if err != nil {
			return err
		}
		status := Connection{ID: id + "-connection", MachineID: id, Status: "Unknown", Logs: []LogLine{}, CurrentTentacleVersion: h.AgentVersion, LastChecked: h.CheckedAt}
		category := "Info"
		switch h.Status {
		case infrastructure.Healthy, infrastructure.HasWarnings:
			status.Status = "Online"
		case infrastructure.Unhealthy, infrastructure.Unavailable:
			status.Status, category = "Offline", "Error"
		}
		if h.CheckedAt != nil {
			status.Logs = append(status.Logs, LogLine{category, *h.CheckedAt, h.Summary})
		}
		links := api.Links{"Self": "{s}/" + path + "/" + id + "/connection", "Machine": "{s}/" + path + "/" + id}
		if h.TaskID != "" {
			links["Task"] = "/api/tasks/" + h.TaskID
		}
		out, err = c.Resource(status, links)
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, out)
}

// Discovered is an agent that answered.
type Discovered struct {
	Name       string
	Thumbprint string
	URI        string `json:"Uri"`
	Endpoint   discoveredEndpoint
}

type discoveredEndpoint struct {
	CommunicationStyle string
	URI                string `json:"Uri"`
	Thumbprint         string
	ProxyID            *string `json:"ProxyId"`
}

func registerDiscover(e *api.Engine, cfg Config, link, path string, permission access.Permission) {
	e.AddLink(link, "{s}/"+path+"{?host,port,type,proxyId}")
	e.Handle(api.Operation{Method: http.MethodGet, Path: path, Where: api.InSpace, Permission: permission, Summary: "Ask a listening agent who it is",
		Out: Discovered{}, Queries: []string{"host", "port", "type", "proxyId"}, Handler: func(c *api.Call) error { return discover(c, cfg, permission) }})
}

func discover(c *api.Call, cfg Config, permission access.Permission) error {
	scope := access.Whichever(c.SpaceID())
	if err := c.Require(permission, scope); err != nil {
		return err
	}
	host := strings.TrimSpace(c.Query("host"))
	port, err := c.QueryInt("port", 10933)
	style := c.Query("type")
	switch {
	case err != nil:
		return err
	case host == "" || strings.ContainsAny(host, "/@?#") || len(host) > 253:
		return fault.Invalid("the query's host is %q; give the name or the address of the machine whose agent is asked", c.Query("host"))
	case port < 1 || port > 65535:
		return fault.Invalid("the query's port must be from 1 to 65535, not %d", port)
	case style != "" && !strings.EqualFold(style, infrastructure.Listening), c.Has("proxyId"):
		return fault.Unsupported("only listening agents that are reached without a proxy can be asked who they are; enter the thumbprint by hand")
	case cfg.Discover == nil:
		return fault.Unavailable("this server is not able to contact agents now; try again later")
	}
	thumbprint, err := cfg.Discover(c.Request.Context(), host, port)
	if err != nil && fault.KindOf(err) == fault.Unexpected {
		return fault.Invalid("no agent answers at port %d of %s; check that it runs and listens there, and that the server reaches it through the firewalls", port, host).Because(err)
	}
	if err != nil {
		return err
	}
	thumbprint = infrastructure.NormalThumbprint(thumbprint)
	uri := "https://" + net.JoinHostPort(strings.ToLower(host), strconv.Itoa(port)) + "/"
	return c.JSON(http.StatusOK, Discovered{
		Name: host, URI: uri, Thumbprint: thumbprint,
		Endpoint: discoveredEndpoint{CommunicationStyle: infrastructure.Listening, URI: uri, Thumbprint: thumbprint},
	})
}
