// Package clock gives the time to whatever must be tested with another one.
//
// Leases and heartbeats do not use it: no wall clock decides who is alive (they count, and use the monotonic
// clock). Everything that a person reads as a date does.
package clock

import (
	"context"
	"time"
)

// Clock tells the time. The zero Clock is the machine's.
type Clock struct {
	now func() time.Time
}

// At returns a clock that calls now.
func At(now func() time.Time) Clock { return Clock{now: now} }

// Now returns the current time in UTC, cut to microseconds: what the database can keep.
func (c Clock) Now() time.Time {
	if c.now != nil {
		return Cut(c.now())
	}
	return Cut(time.Now())
}

// Cut brings a time to the one representation that is stored and shown: UTC, whole microseconds.
func Cut(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// Wait waits for so long, or until ctx has ended, and returns why it has.
func Wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
