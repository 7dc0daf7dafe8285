package executor

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/google/uuid"

	"github.com/mantledeploy/mantle/internal/executor/journal"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/faultpoint"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/step/message"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
)

// act turns a service message into what is written with its line, and what the caller learns from it.
func (x *scriptRun) act(m message.Message) (func(*store.Tx) error, map[string]string) {
	taskID := x.job.Run.Task.ID
	switch m.Name {
	case message.SetVariable:
		return x.setVariable(m), nil
	case message.Mask:
		value := m.Value("value")
		if value == "" {
			return nil, nil
		}
		x.reader.masker.Add(value)
		return func(tx *store.Tx) error { return journal.PutSecret(tx, x.Keys, taskID, value) }, nil
	case message.CreateArtifact:
		a := journal.Artifact{Unit: x.unit.Key(), Path: m.Value("path"), Name: artifactName(m)}
		if a.Path == "" {
			return nil, nil
		}
		return func(tx *store.Tx) error { return journal.WantArtifact(tx, taskID, a) }, nil
	case message.Progress:
		return func(tx *store.Tx) error {
			return tasklog.SetProgress(tx, taskID, x.job.Block, percent(m.Value("percentage")), x.reader.masker.Text(m.Value("message")))
		}, nil
	case message.ResultMessage:
		return nil, map[string]string{resultFailure: x.reader.masker.Text(m.Value("message"))}
	}
	results := map[string]string{}
	for _, a := range m.Attributes {
		results[m.Name+"."+a.Name] = a.Value
	}
	return nil, results
}

func (x *scriptRun) setVariable(m message.Message) func(*store.Tx) error {
	o := journal.Output{Unit: x.unit.Key(), Action: x.job.Action.Name, Machine: x.job.subject().Name, Name: m.Value("name"),
		Value: secret.NewText(m.Value("value")), Sensitive: m.Bool("sensitive")}
	if o.Name == "" {
		return nil
	}
	if o.Sensitive {
		x.reader.masker.Add(o.Value.Reveal())
	}
	return func(tx *store.Tx) error { return journal.PutOutput(tx, x.Keys, x.job.Run.Task.ID, o) }
}

func artifactName(m message.Message) string {
	if name := m.Value("name"); name != "" {
		return name
	}
	return path.Base(strings.ReplaceAll(m.Value("path"), `\`, "/"))
}

// secretValues returns the values that the log must not show.
func (j *Job) secretValues() []string {
	var values []string
	for name := range j.Sensitive {
		if value, _ := j.Variables.Get(name); value != "" {
			values = append(values, value)
		}
	}
	return values
}

// artifacts fetches the files that the script asked the server to keep, before its result is written.
func (x *scriptRun) artifacts(ctx context.Context) error {
	var wanted []journal.Artifact
	err := x.job.Run.Read(ctx, func(tx *store.Tx) (err error) {
		wanted, err = journal.Wanted(tx, x.job.Run.Task.ID, x.unit.Key())
		return err
	})
	if err != nil {
		return err
	}
	for _, a := range wanted {
		if err := x.artifact(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// artifact fetches one file; one that cannot be had is a warning in the log, not a failure of the script.
func (x *scriptRun) artifact(ctx context.Context, a journal.Artifact) error {
	key := fmt.Sprintf("artifacts/%s/%s/%s", x.job.Run.Task.SpaceID, x.job.Run.Task.ID, uuid.NewString())
	size, problem := x.fetch(ctx, a, key)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	faultpoint.Hit("journal.artifact.before")
	err := x.job.Run.Write(ctx, func(tx *store.Tx) error {
		if err := journal.ArtifactDone(tx, x.job.Run.Task.ID, a, problem == ""); err != nil {
			return err
		}
		if problem == "" {
			return x.KeepArtifact(tx, x.job.Run.Task.ID, a.Name, x.job.Place.Name, key, size)
		}
		if err := x.job.Run.Warn(tx); err != nil {
			return err
		}
		return tasklog.Append(tx, x.job.Run.Task.ID, x.job.Block, []tasklog.Line{{Category: tasklog.Warning, At: tx.Now, Text: problem}})
	})
	faultpoint.Hit("journal.artifact.after")
	if err != nil && problem == "" {
		return errors.Join(err, x.Files.Delete(context.WithoutCancel(ctx), key))
	}
	return err
}

// fetch copies the file from the agent into the store.
func (x *scriptRun) fetch(ctx context.Context, a journal.Artifact, key string) (size int64, problem string) {
	type stored struct {
		size    int64
		missing bool
	}
	got, err := askFor(ctx, x.Patience, func() (stored, error) {
		faultpoint.Hit("agent.download.before")
		file, _, err := x.job.Place.Agent.Download(ctx, a.Path)
		faultpoint.Hit("agent.download.after")
		if err != nil {
			return stored{}, err
		}
		if file == nil {
			return stored{missing: true}, nil
		}
		defer file.Close()
		written, err := x.Files.Put(ctx, key, file)
		if fault.Is(err, fault.KindConflict) {
			info, err := x.Files.Stat(ctx, key)
			return stored{size: info.Size}, err
		}
		return stored{size: written.Size}, err
	})
	switch {
	case err != nil:
		return 0, fmt.Sprintf("The artifact %q could not be fetched from %s: %v", a.Name, a.Path, err)
	case got.missing:
		return 0, fmt.Sprintf("The artifact %q was not found at %s.", a.Name, a.Path)
	}
	return got.size, ""
}
