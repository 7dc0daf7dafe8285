package halibut

import (
	"context"
	"errors"
	"time"
)

// RawRequest is a request in wire form: the BSON of its envelope and the streams
// that follow it, in the order of the document. It can be kept, relayed and sent
// without knowing its types.
type RawRequest struct {
	ID      string // unique among requests under way; the response repeats it
	BSON    []byte
	Streams []*DataStream
}

// RawResponse is the answer to a RawRequest.
type RawResponse struct {
	BSON    []byte
	Streams []*DataStream
}

// Close gives back the response's streams.
func (r *RawResponse) Close() error {
	var errs []error
	for _, s := range r.Streams {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// Exchange is a request on its way to a polling service.
type Exchange struct {
	Subscription string // poll://id/
	Request      *RawRequest
	// Deadline is when it must have been handed over; zero means
	// PollingRequestQueueTimeout from now.
	Deadline time.Time
	// Fence runs right before the request is written to the service. An error
	// drops the request, which then certainly did not run.
	Fence func(context.Context) error
	// Withdraw, once it is closed, takes the request back while no connection has
	// taken it: ErrWithdrawn. What has been handed over is not touched.
	Withdraw <-chan struct{}

	// inspect finds the streams of the response by its types; nil looks for
	// documents that look like streams.
	inspect func(document []byte) ([]*DataStream, error)
}

// Router carries an exchange to the connection of a subscription, wherever that
// is. When ctx ends the asker has gone: a request that was not handed over is
// dropped. An error that does not match ErrMayHaveRun should match ErrNotRun.
type Router interface {
	Route(ctx context.Context, x Exchange) (*RawResponse, error)
}

type exchangeKey struct{}

// exchangeOptions are what WithFence and WithHandover attach to one call.
type exchangeOptions struct {
	fence    func(context.Context) error
	handover time.Time
}

// WithFence attaches a check to the calls made with the context it returns: it
// runs right before a request is written, and its error drops the request.
func WithFence(ctx context.Context, fence func(context.Context) error) context.Context {
	o := optionsOf(ctx)
	o.fence = fence
	return context.WithValue(ctx, exchangeKey{}, o)
}

// WithHandover sets when the requests of calls made with the context it returns
// must have been handed over: collected by a polling service, or begun to be
// written to a listening one.
func WithHandover(ctx context.Context, deadline time.Time) context.Context {
	o := optionsOf(ctx)
	o.handover = deadline
	return context.WithValue(ctx, exchangeKey{}, o)
}

func optionsOf(ctx context.Context) exchangeOptions {
	o, _ := ctx.Value(exchangeKey{}).(exchangeOptions)
	return o
}
