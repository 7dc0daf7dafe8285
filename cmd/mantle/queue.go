package main

import "context"

type queueCommand struct {
	Show   queueShowCommand   `cmd:"" help:"Tell whether the queue of tasks is paused."`
	Pause  queuePauseCommand  `cmd:"" help:"Start no queued task anywhere; running ones go on."`
	Resume queueResumeCommand `cmd:"" help:"Let queued tasks be started again."`
}

func newQueueCommand() queueCommand {
	return queueCommand{queueShowCommand{newDesk()}, queuePauseCommand{newDesk()}, queueResumeCommand{newDesk()}}
}

type queueShowCommand struct{ desk }

// Run tells whether the queue is paused.
func (c *queueShowCommand) Run(ctx context.Context, p process) error {
	t, err := c.steer(p)
	if err != nil {
		return err
	}
	return t.ShowQueue(ctx)
}

type queuePauseCommand struct{ desk }

// Run pauses the queue.
func (c *queuePauseCommand) Run(ctx context.Context, p process) error {
	t, err := c.steer(p)
	if err != nil {
		return err
	}
	return t.PauseQueue(ctx, true)
}

type queueResumeCommand struct{ desk }

// Run lets the queue go on.
func (c *queueResumeCommand) Run(ctx context.Context, p process) error {
	t, err := c.steer(p)
	if err != nil {
		return err
	}
	return t.PauseQueue(ctx, false)
}

type maintenanceCommand struct {
	desk
	Mode string `arg:"" enum:"on,off,show" default:"show" help:"on: only administrators change things; off: everybody does again; show: tell which (default)."`
}

// Run shows or changes maintenance mode.
func (c *maintenanceCommand) Run(ctx context.Context, p process) error {
	t, err := c.steer(p)
	if err != nil {
		return err
	}
	if c.Mode == "show" {
		return t.ShowMaintenance(ctx)
	}
	return t.SetMaintenance(ctx, c.Mode == "on")
}
