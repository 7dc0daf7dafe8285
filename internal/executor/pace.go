package executor

import (
	"context"
	"errors"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/task"
)

// pace says how long to wait before a script's status is asked for again: often while it talks, seldom while it is silent.
type pace struct {
	least, most, next time.Duration
}

func newPace(waits bool) *pace {
	if waits {
		return &pace{least: 100 * time.Millisecond, most: time.Second}
	}
	return &pace{least: 200 * time.Millisecond, most: 2 * time.Second}
}

// wait ends early when the task is cancelled, unless the runner knows that already.
func (p *pace) wait(ctx context.Context, talked bool, cancelled <-chan struct{}, known bool) error {
	if talked || p.next < p.least {
		p.next = p.least
	} else {
		p.next = min(p.next*3/2, p.most)
	}
	if known {
		cancelled = nil
	}
	t := time.NewTimer(p.next)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-cancelled:
	case <-t.C:
	}
	return nil
}

// unreachableError says that an agent did not answer for as long as anybody would wait.
type unreachableError struct{ cause error }

func (e *unreachableError) Error() string { return "the agent did not answer: " + e.cause.Error() }
func (e *unreachableError) Unwrap() error { return e.cause }

// How long one attempt at a call may take. A connection that is lost without a sign would keep it for minutes, and the agent has come back over
// another one by then.
const (
	// questionWithin is for calls whose answers are small and come at once.
	questionWithin = 40 * time.Second
	// startWithin is for calls that carry a script and its files.
	startWithin = 2 * time.Minute
)

// within bounds one attempt.
func within[R any](ctx context.Context, d time.Duration, call func(context.Context) (R, error)) (R, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return call(ctx)
}

// ask repeats a call that is safe to repeat until it is answered, the agent's refusal is final, or patience ends.
func ask[R any](ctx context.Context, x *scriptRun, call func() (R, error)) (R, error) {
	return askFor(ctx, x.Patience, call)
}

func askFor[R any](ctx context.Context, patience time.Duration, call func() (R, error)) (R, error) {
	var none R
	deadline := time.Now().Add(patience)
	delay := 250 * time.Millisecond
	for {
		r, err := call()
		if err == nil {
			return r, nil
		}
		if ctx.Err() != nil {
			return none, context.Cause(ctx)
		}
		if errors.Is(err, task.ErrLost) {
			return none, task.ErrLost
		}
		if final(err) {
			return none, err
		}
		if time.Now().After(deadline) {
			return none, &unreachableError{err}
		}
		t := time.NewTimer(delay)
		select {
		case <-ctx.Done():
			t.Stop()
			return none, context.Cause(ctx)
		case <-t.C:
		}
		delay = min(2*delay, 5*time.Second)
	}
}

// final tells whether asking again would give the same answer.
func final(err error) bool {
	return errors.Is(err, halibut.ErrInvocation) || errors.Is(err, halibut.ErrUnexpectedCertificate) || errors.Is(err, halibut.ErrNotFound)
}
