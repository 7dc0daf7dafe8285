package main

import (
	"context"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/admin"
)

// desk is where a command steers the cluster from: the database of the settings, or the API of a server.
type desk struct {
	place
	Server string `placeholder:"URL" help:"Ask this server's API instead of the database, such as https://mantle.example.org."`
	APIKey string `name:"api-key" placeholder:"API-…" help:"API key for --server. [OCTOPUS_API_KEY]"`
}

func newDesk() desk { return desk{place: newPlace()} }

func (d desk) steer(p process) (admin.Tool, error) {
	t, err := d.tool(p)
	t.API = admin.API{URL: d.Server, Key: d.APIKey}
	for _, e := range p.environ {
		if key, is := strings.CutPrefix(e, "OCTOPUS_API_KEY="); is && t.API.Key == "" {
			t.API.Key = key
		}
	}
	return t, err
}

type nodeCommand struct {
	List    nodeListCommand    `cmd:"" help:"List the nodes with their state, running tasks and version."`
	Show    nodeShowCommand    `cmd:"" help:"Show one node."`
	Drain   nodeDrainCommand   `cmd:"" help:"Keep a node from taking tasks; hand over what runs there, or wait for it."`
	Undrain nodeUndrainCommand `cmd:"" help:"Let a node take tasks again."`
	Delete  nodeDeleteCommand  `cmd:"" help:"Forget a node that is offline."`
	TaskCap nodeTaskCapCommand `cmd:"" help:"Set how many tasks a node runs at once."`
}

func newNodeCommand() nodeCommand {
	return nodeCommand{
		List: nodeListCommand{newDesk()}, Show: nodeShowCommand{desk: newDesk()}, Drain: nodeDrainCommand{desk: newDesk()}, Undrain: nodeUndrainCommand{desk: newDesk()},
		Delete: nodeDeleteCommand{desk: newDesk()}, TaskCap: nodeTaskCapCommand{desk: newDesk()},
	}
}

// Help tells what the flags do not.
func (nodeCommand) Help() string {
	return "Works from any machine: on the database of the settings (with SQLite only while the server is stopped), or, with --server and --api-key, through the API of " +
		"a running server, which answers the same at /api/octopusservernodes. Running nodes hear of a change at once."
}

type nodeListCommand struct{ desk }

// Run lists the nodes.
func (c *nodeListCommand) Run(ctx context.Context, p process) error {
	t, err := c.steer(p)
	if err != nil {
		return err
	}
	return t.ListNodes(ctx)
}

type nodeShowCommand struct {
	desk
	Node string `arg:"" help:"The node's name or ID."`
}

// Run shows one node.
func (c *nodeShowCommand) Run(ctx context.Context, p process) error {
	t, err := c.steer(p)
	if err != nil {
		return err
	}
	return t.ShowNode(ctx, c.Node)
}

type nodeDrainCommand struct {
	desk
	Node        string `arg:"" help:"The node's name or ID."`
	Wait        int    `placeholder:"SECONDS" help:"Let running tasks go on there for so long, and wait for them. Default: they are handed over to other nodes at once."`
	CancelTasks bool   `help:"Cancel what still runs there then, instead of handing it over."`
}

// Run drains a node.
func (c *nodeDrainCommand) Run(ctx context.Context, p process) error {
	t, err := c.steer(p)
	if err != nil {
		return err
	}
	return t.DrainNode(ctx, admin.Drain{Node: c.Node, Wait: time.Duration(max(c.Wait, 0)) * time.Second, CancelTasks: c.CancelTasks})
}

type nodeUndrainCommand struct {
	desk
	Node string `arg:"" help:"The node's name or ID."`
}

// Run undrains a node.
func (c *nodeUndrainCommand) Run(ctx context.Context, p process) error {
	t, err := c.steer(p)
	if err != nil {
		return err
	}
	return t.UndrainNode(ctx, c.Node)
}

type nodeDeleteCommand struct {
	desk
	Node string `arg:"" help:"The node's name or ID."`
}

// Run forgets a node.
func (c *nodeDeleteCommand) Run(ctx context.Context, p process) error {
	t, err := c.steer(p)
	if err != nil {
		return err
	}
	return t.DeleteNode(ctx, c.Node)
}

type nodeTaskCapCommand struct {
	desk
	Node    string `arg:"" help:"The node's name or ID."`
	TaskCap int    `arg:"" name:"cap" help:"How many tasks; 0 is a node that serves requests alone."`
}

// Run sets a node's task cap.
func (c *nodeTaskCapCommand) Run(ctx context.Context, p process) error {
	t, err := c.steer(p)
	if err != nil {
		return err
	}
	return t.SetTaskCap(ctx, c.Node, c.TaskCap)
}
