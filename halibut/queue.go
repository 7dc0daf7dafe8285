package halibut

import (
	"context"
	"errors"
	"log/slog"
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
// takes them.
type Queue struct{ cfg QueueConfig }

// NewQueue makes a Queue.
func NewQueue(cfg QueueConfig) *Queue { return &Queue{cfg: cfg} }

// Route puts the exchange into the queue of its subscription and waits for the answer.
func (q *Queue) Route(ctx context.Context, x Exchange) (*RawResponse, error) {
	return nil, errors.ErrUnsupported
}

// Connections lists the live connections.
func (q *Queue) Connections() []Connection { return nil }

// Connected reports whether a subscription has a connection.
func (q *Queue) Connected(subscription string) bool { return false }

// Pending counts the requests of a subscription that no connection has taken.
func (q *Queue) Pending(subscription string) int { return 0 }
