package admin

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
)

// ListNodes shows every node of the installation.
func (t Tool) ListNodes(ctx context.Context) error {
	return t.atDesk(ctx, func(d desk) error {
		nodes, err := d.nodes(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.Out, 0, 8, 2, ' ', 0)
		fmt.Fprintln(w, "NAME\tID\tSTATE\tTASKS\tVERSION\tLAST SEEN\tPROBLEM")
		for _, n := range nodes {
			fmt.Fprintf(w, "%s\t%s\t%s\t%d of %d\t%s\t%s\t%s\n", n.Name, n.ID, n.State, n.Running, n.TaskCap, n.Version, n.LastSeenAt.UTC().Format(time.RFC3339), n.Problem)
		}
		return w.Flush()
	})
}

// ShowNode shows one node, which is named by its name or its ID.
func (t Tool) ShowNode(ctx context.Context, name string) error {
	return t.atDesk(ctx, func(d desk) error {
		n, err := findNode(ctx, d, name)
		if err != nil {
			return err
		}
		at := func(t time.Time) string {
			if t.IsZero() {
				return ""
			}
			return t.UTC().Format(time.RFC3339)
		}
		w := tabwriter.NewWriter(t.Out, 0, 8, 2, ' ', 0)
		for _, row := range [][2]string{
			{"Name", n.Name}, {"ID", n.ID}, {"State", n.State}, {"Problem", n.Problem}, {"Tasks", fmt.Sprintf("%d of %d", n.Running, n.TaskCap)}, {"Stay until", at(n.StaysUntil)},
			{"Version", n.Version}, {"Started", at(n.StartedAt)}, {"Last seen", at(n.LastSeenAt)}, {"Address", n.Address},
		} {
			if row[1] != "" {
				fmt.Fprintf(w, "%s\t%s\n", row[0], row[1])
			}
		}
		return w.Flush()
	})
}

func findNode(ctx context.Context, d desk, name string) (nodeRow, error) {
	nodes, err := d.nodes(ctx)
	if err != nil {
		return nodeRow{}, err
	}
	var names []string
	for _, n := range nodes {
		if n.ID == name || strings.EqualFold(n.Name, name) {
			return n, nil
		}
		names = append(names, n.Name)
	}
	return nodeRow{}, fault.NotFound("the node %q does not exist; there are: %s", name, strings.Join(names, ", "))
}

// Drain says how a node is drained.
type Drain struct {
	Node string
	// Wait is how long tasks may go on there before they are handed over, or cancelled; the command waits for them to end. 0: they are handed over, and
	// the command does not wait.
	Wait time.Duration
	// CancelTasks cancels what still runs there after Wait.
	CancelTasks bool
}

// DrainNode keeps a node from taking tasks, and gets it rid of those that it has.
func (t Tool) DrainNode(ctx context.Context, o Drain) error {
	return t.atDesk(ctx, func(d desk) error {
		n, err := findNode(ctx, d, o.Node)
		if err != nil {
			return err
		}
		if err := d.drain(ctx, n, o.Wait); err != nil {
			return err
		}
		if o.Wait > 0 && n.Running > 0 {
			if err := t.say("%s is being drained: it takes no new tasks; waiting up to %s for the %d that run there.", n.Name, o.Wait, n.Running); err != nil {
				return err
			}
			if n, err = awaitIdle(ctx, d, n, o.Wait); err != nil {
				return err
			}
		}
		switch {
		case n.Running == 0:
			return t.say("%s is drained: nothing runs there, and it takes no tasks until mantle node undrain.", n.Name)
		case o.CancelTasks:
			cancelled, err := d.cancelTasks(ctx, n)
			if err != nil {
				return err
			}
			return t.say("%s takes no new tasks; %d that ran there are being cancelled.", n.Name, cancelled)
		}
		return t.say("%s takes no new tasks; the %d that run there are handed over to other nodes, or end there where no other node takes them.", n.Name, n.Running)
	})
}

// awaitIdle waits until nothing runs on the node, or the time is over.
func awaitIdle(ctx context.Context, d desk, n nodeRow, wait time.Duration) (nodeRow, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			if context.Cause(ctx) == context.DeadlineExceeded {
				return n, nil
			}
			return n, ctx.Err()
		case <-tick.C:
			found, err := findNode(ctx, d, n.ID)
			if err != nil && ctx.Err() == nil {
				return n, err
			}
			if err == nil {
				if n = found; n.Running == 0 || n.Offline {
					n.Running = 0
					return n, nil
				}
			}
		}
	}
}

// UndrainNode lets a node take tasks again.
func (t Tool) UndrainNode(ctx context.Context, name string) error {
	return t.changeNode(ctx, name, "%s takes tasks again.", func(d desk, n nodeRow) error { return d.undrain(ctx, n) })
}

// DeleteNode forgets a node that is offline.
func (t Tool) DeleteNode(ctx context.Context, name string) error {
	return t.changeNode(ctx, name, "%s is deleted.", func(d desk, n nodeRow) error { return d.remove(ctx, n) })
}

// SetTaskCap sets how many tasks a node runs at once.
func (t Tool) SetTaskCap(ctx context.Context, name string, taskCap int) error {
	return t.changeNode(ctx, name, fmt.Sprintf("%%s runs %d tasks at once.", taskCap), func(d desk, n nodeRow) error { return d.setTaskCap(ctx, n, taskCap) })
}

func (t Tool) changeNode(ctx context.Context, name, done string, change func(desk, nodeRow) error) error {
	return t.atDesk(ctx, func(d desk) error {
		n, err := findNode(ctx, d, name)
		if err == nil {
			err = change(d, n)
		}
		if err != nil {
			return err
		}
		return t.say(done, n.Name)
	})
}
