package main

import (
	"context"

	"github.com/mantledeploy/mantle/internal/admin"
	"github.com/mantledeploy/mantle/internal/cluster/storage"
)

type pathCommand struct {
	place
	ClusterShared   string `name:"clusterShared" placeholder:"DIR|URL" help:"Where everything is that has no place of its own."`
	Artifacts       string `name:"artifacts" placeholder:"DIR|URL" help:"Where artifacts are."`
	TaskLogs        string `name:"taskLogs" placeholder:"DIR|URL" help:"Where the logs of ended tasks are."`
	NugetRepository string `name:"nugetRepository" placeholder:"DIR|URL" help:"Where the packages of the built-in feed are."`
	Imports         string `name:"imports" placeholder:"DIR|URL" help:"Where archives of imported and exported projects are."`
	EventExports    string `name:"eventExports" placeholder:"DIR|URL" help:"Where archived audit logs are."`
	Move            bool   `help:"Take the files along while everything runs; a move that was cut goes on."`
	AbandonFiles    bool   `help:"Leave the files behind, and give the location this cluster's mark anew."`
}

// Help tells what the flags do not.
func (pathCommand) Help() string {
	return "Without options it shows where files are kept, and what the nodes find there. A location is the absolute path of a directory that every node " +
		"reaches under this path, s3://BUCKET/PREFIX, azblob://CONTAINER/PREFIX or gs://BUCKET/PREFIX (credentials come from each node's environment), or the " +
		"word default. It is kept in the database, for all nodes. With SQLite stop the server first.\n\nExample: mantle path --database postgres://… --artifacts /mnt/mantle --move"
}

// Run shows or changes the places.
func (c *pathCommand) Run(ctx context.Context, p process) error {
	t, err := c.tool(p)
	if err != nil {
		return err
	}
	change := admin.PathChange{To: map[storage.Place]string{}, Move: c.Move, Abandon: c.AbandonFiles}
	for name, to := range map[storage.Place]string{
		storage.Shared: c.ClusterShared, storage.Artifacts: c.Artifacts, storage.TaskLogs: c.TaskLogs, storage.Packages: c.NugetRepository,
		storage.Imports: c.Imports, storage.EventExports: c.EventExports,
	} {
		if to != "" {
			change.To[name] = to
		}
	}
	return t.ChangePaths(ctx, change)
}
