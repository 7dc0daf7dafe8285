package halibut

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// QueueConfig is what a Queue works with.
type QueueConfig struct {
	Timeouts Timeouts
	// OnConnect and OnDisconnect are called for each connection of a polling
	// service, in this order; they must not block for long.
	OnConnect, OnDisconnect func(Connection)
	Logger                  *slog.Logger
}

// Connection is one connection of a polling service.
type Connection struct {
	ID            uint64 // unique in the Queue
	Subscription  string
	Thumbprint    string
	RemoteAddress string
	Since         time.Time
}

// Queue holds the requests to polling services until one of their connections
// takes them, first come, first served.
type Queue struct {
	cfg QueueConfig
	log *slog.Logger

	mu     sync.Mutex
	subs   map[string]*subscription
	lastID uint64
}

// subscription is what waits for each other: jobs for a free connection, or
// connections for a job, never both.
type subscription struct {
	jobs  []*job
	idle  []*line
	lines map[*line]struct{}
}

// job is a request that waits for a connection.
type job struct {
	taken chan *line // gets the connection, once; closed never
}

// NewQueue makes a Queue.
func NewQueue(cfg QueueConfig) *Queue {
	cfg.Timeouts = cfg.Timeouts.orRecommended()
	return &Queue{cfg: cfg, log: logger(cfg.Logger), subs: map[string]*subscription{}}
}

// Route puts the exchange into the queue of its subscription and waits for the
// answer. It is a Router for the connections of this process.
func (q *Queue) Route(ctx context.Context, x Exchange) (*RawResponse, error) {
	subscription, err := NormalizeSubscription(x.Subscription)
	if err != nil {
		return nil, notRun(x.Subscription, err)
	}
	x.Subscription = subscription
	if x.Deadline.IsZero() {
		x.Deadline = time.Now().Add(q.cfg.Timeouts.PollingRequestQueueTimeout)
	}
	for again := false; ; again = true {
		ln, err := q.wait(ctx, x, again)
		if err != nil {
			return nil, notRun(subscription, err)
		}
		if err := x.check(ctx); err != nil {
			q.giveBack(ln)
			return nil, notRun(subscription, err)
		}
		response, err := ln.exchange(ctx, x)
		if !errors.Is(err, errNeverWritten) {
			return response, err
		}
	}
}

// check says whether the request may still be handed over.
func (x *Exchange) check(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !time.Now().Before(x.Deadline) {
		return ErrQueueTimeout
	}
	if x.Fence == nil {
		return nil
	}
	ctx, cancel := context.WithDeadline(ctx, x.Deadline)
	defer cancel()
	if err := x.Fence(ctx); err != nil {
		return fmt.Errorf("its fence: %w", err)
	}
	return ctx.Err()
}

// wait returns a connection that is free for the request; urgent requests have
// waited before.
func (q *Queue) wait(ctx context.Context, x Exchange, urgent bool) (*line, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	q.mu.Lock()
	sub := q.sub(x.Subscription)
	if len(sub.idle) > 0 {
		ln := sub.idle[0]
		sub.idle = slices.Delete(sub.idle, 0, 1)
		ln.take()
		q.mu.Unlock()
		return ln, nil
	}
	j := &job{taken: make(chan *line, 1)}
	if urgent {
		sub.jobs = slices.Insert(sub.jobs, 0, j)
	} else {
		sub.jobs = append(sub.jobs, j)
	}
	q.mu.Unlock()
	timer := time.NewTimer(time.Until(x.Deadline))
	defer timer.Stop()
	var err error
	select {
	case ln := <-j.taken:
		return ln, nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-timer.C:
		err = fmt.Errorf("%w: no connection of %s was free for it", ErrQueueTimeout, x.Subscription)
	case <-x.Withdraw:
		err = ErrWithdrawn
	}
	q.withdraw(x.Subscription, j)
	return nil, err
}

// withdraw takes a job out of the queue, and if a connection has just been given
// to it, gives that back.
func (q *Queue) withdraw(subscription string, j *job) {
	q.mu.Lock()
	if sub := q.subs[subscription]; sub != nil {
		if i := slices.Index(sub.jobs, j); i >= 0 {
			sub.jobs = slices.Delete(sub.jobs, i, i+1)
			q.tidy(subscription, sub)
			q.mu.Unlock()
			return
		}
	}
	q.mu.Unlock()
	q.giveBack(<-j.taken)
}

// sub returns a subscription's state; q.mu is held.
func (q *Queue) sub(name string) *subscription {
	s := q.subs[name]
	if s == nil {
		s = &subscription{lines: map[*line]struct{}{}}
		q.subs[name] = s
	}
	return s
}

// tidy forgets a subscription of which nothing is left; q.mu is held.
func (q *Queue) tidy(name string, s *subscription) {
	if len(s.jobs) == 0 && len(s.lines) == 0 {
		delete(q.subs, name)
	}
}

// Connections lists the live connections.
func (q *Queue) Connections() []Connection {
	q.mu.Lock()
	defer q.mu.Unlock()
	var list []Connection
	for _, s := range q.subs {
		for ln := range s.lines {
			list = append(list, ln.info)
		}
	}
	slices.SortFunc(list, func(a, b Connection) int { return int(a.ID) - int(b.ID) })
	return list
}

// Connected reports whether a subscription has a connection.
func (q *Queue) Connected(subscription string) bool {
	name, err := NormalizeSubscription(subscription)
	if err != nil {
		return false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.subs[name]
	return s != nil && len(s.lines) > 0
}

// Pending counts the requests of a subscription that no connection has taken.
func (q *Queue) Pending(subscription string) int {
	name, err := NormalizeSubscription(subscription)
	if err != nil {
		return 0
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if s := q.subs[name]; s != nil {
		return len(s.jobs)
	}
	return 0
}

// notRun and mayHaveRun are the two kinds of error of an exchange.
func notRun(endpoint string, err error) *Error {
	return &Error{Endpoint: endpoint, NotRun: true, Err: err}
}

func mayHaveRun(endpoint string, err error) *Error { return &Error{Endpoint: endpoint, Err: err} }
