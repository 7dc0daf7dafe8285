package admin

import "context"

// ShowQueue tells whether the queue of tasks is paused.
func (t Tool) ShowQueue(ctx context.Context) error {
	return t.atDesk(ctx, func(d desk) error {
		paused, err := d.queuePaused(ctx)
		if err != nil {
			return err
		}
		if paused {
			return t.say("The queue is paused: no queued task is started.")
		}
		return t.say("The queue goes on.")
	})
}

// PauseQueue keeps queued tasks from being started, or lets them go on. Running ones are not touched.
func (t Tool) PauseQueue(ctx context.Context, paused bool) error {
	return t.atDesk(ctx, func(d desk) error {
		if err := d.pauseQueue(ctx, paused); err != nil {
			return err
		}
		if paused {
			return t.say("The queue is paused: no queued task is started; running ones go on.")
		}
		return t.say("The queue goes on.")
	})
}

// ShowMaintenance tells whether the installation is in maintenance mode.
func (t Tool) ShowMaintenance(ctx context.Context) error {
	return t.atDesk(ctx, func(d desk) error {
		on, err := d.maintenance(ctx)
		if err != nil {
			return err
		}
		if on {
			return t.say("Maintenance mode is on: only administrators change things.")
		}
		return t.say("Maintenance mode is off.")
	})
}

// SetMaintenance begins or ends maintenance mode.
func (t Tool) SetMaintenance(ctx context.Context, on bool) error {
	return t.atDesk(ctx, func(d desk) error {
		if err := d.setMaintenance(ctx, on); err != nil {
			return err
		}
		if on {
			return t.say("Maintenance mode is on: only administrators change things; tasks go on, those that are queued too.")
		}
		return t.say("Maintenance mode is off.")
	})
}
