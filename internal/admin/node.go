package admin

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/store"
)

// ListNodes shows every node of the installation.
func (t Tool) ListNodes(ctx context.Context) error {
	var nodes []cluster.Node
	err := t.withDatabase(ctx, func(db *store.DB) error {
		return db.Read(ctx, func(tx *store.Tx) (err error) {
			nodes, err = cluster.Nodes(tx)
			return err
		})
	})
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.Out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tID\tSTATE\tTASKS\tVERSION\tLAST SEEN")
	for _, n := range nodes {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d of %d\t%s\t%s\n", n.Name, n.ID, state(n), n.Running, n.TaskCap, n.Version, n.LastSeenAt.Format(time.RFC3339))
	}
	return w.Flush()
}

// ShowNode shows one node, which is named by its name or its ID.
func (t Tool) ShowNode(ctx context.Context, name string) error {
	var n cluster.Node
	err := t.withDatabase(ctx, func(db *store.DB) error {
		return db.Read(ctx, func(tx *store.Tx) (err error) {
			n, err = cluster.Find(tx, name)
			return err
		})
	})
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.Out, 0, 8, 2, ' ', 0)
	for _, row := range [][2]string{
		{"Name", n.Name}, {"ID", n.ID}, {"State", state(n)}, {"Tasks", fmt.Sprintf("%d of %d", n.Running, n.TaskCap)}, {"Version", n.Version},
		{"Started", n.StartedAt.Format(time.RFC3339)}, {"Last seen", n.LastSeenAt.Format(time.RFC3339)}, {"Epoch", n.Epoch}, {"Address", n.Address},
	} {
		if row[1] != "" {
			fmt.Fprintf(w, "%s\t%s\n", row[0], row[1])
		}
	}
	return w.Flush()
}

func state(n cluster.Node) string {
	switch {
	case !n.Online():
		return "offline"
	case n.Draining:
		return "draining"
	}
	return "online"
}
