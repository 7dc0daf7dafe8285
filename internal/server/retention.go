package server

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/taskapi"
	"github.com/mantledeploy/mantle/internal/artifact"
	"github.com/mantledeploy/mantle/internal/retention"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
)

// retentions is the handler of the tasks that apply retention policies.
func (s *Server) retentions() *retention.Handler {
	return retention.NewHandler(retention.Config{DB: s.db, Logs: s.taskLog, Files: s.files, Repository: s.repository, Logger: s.log})
}

// scheduleRetention asks for the policies to be applied.
func (s *Server) scheduleRetention(ctx context.Context) error {
	return s.db.Write(ctx, retention.Schedule)
}

// sweepRemoved deletes the files of artifacts and logs that are gone.
func (s *Server) sweepRemoved(ctx context.Context) error {
	if !s.storeIsWell() {
		return nil
	}
	_, err := s.taskLog.DeleteFiles(ctx, 1000)
	return errors.Join(err, artifact.Sweep(ctx, s.db, s.files, 24*time.Hour))
}

// askRetention says what is enqueued for somebody who asks for the policies to be applied: to one space, or, where none is named, to all.
func askRetention(c *api.Call, tx *store.Tx, asked taskapi.Asked) (task.New, error) {
	ids := []string{asked.SpaceID}
	if asked.Everywhere {
		all, err := space.Spaces().Find(tx, store.Query{})
		if err != nil {
			return task.New{}, err
		}
		ids, asked.SpaceID = nil, ""
		for _, s := range all {
			ids = append(ids, s.ID)
		}
	}
	for _, id := range ids {
		for _, permission := range []access.Permission{access.TaskCreate, access.RetentionAdminister} {
			if err := c.Require(permission, access.Whichever(id)); err != nil {
				return task.New{}, err
			}
		}
	}
	description := strings.TrimSpace(asked.Description)
	if description == "" {
		description = retention.Description
	}
	return retention.New(asked.SpaceID, description, c.Principal.User.ID), nil
}

// repeatRetention enqueues a task like one that has ended.
func repeatRetention(tx *store.Tx, t *task.Task, by string) (string, error) {
	created, err := task.Enqueue(tx, retention.New(t.SpaceID, t.Description, by))
	if err != nil {
		return "", err
	}
	return created.ID, nil
}
