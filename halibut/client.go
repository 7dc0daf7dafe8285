package halibut

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"reflect"
	"strconv"
	"sync/atomic"
)

// ClientConfig is what a Client works with.
type ClientConfig struct {
	Certificate   tls.Certificate
	Registry      *Registry
	Router        Router // for poll:// endpoints; a *Queue, or whatever knows more nodes
	Timeouts      Timeouts
	Limits        Limits
	MinTLSVersion uint16 // 0 = TLS 1.2
	Logger        *slog.Logger
	// Dial replaces net.Dialer, for tests and unusual networks.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Client calls services. It keeps idle connections to listening ones; polling
// ones it reaches through its Router. It may be used by many goroutines.
type Client struct {
	*dialer
	cfg   ClientConfig
	pool  *pool
	log   *slog.Logger
	calls atomic.Int64
}

// NewClient makes a Client.
func NewClient(cfg ClientConfig) (*Client, error) {
	if cfg.Registry == nil {
		return nil, errors.New("a client needs a registry")
	}
	s := newSetup(cfg.Timeouts, cfg.Limits)
	d, err := newDialer(s, cfg.Certificate, cfg.MinTLSVersion, cfg.Dial)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	return &Client{dialer: d, cfg: cfg, pool: newPool(s.timeouts.PooledConnectionTimeout), log: logger(cfg.Logger)}, nil
}

// Call calls a method and stores its result in result, a pointer, or nowhere if
// that is nil. Streams in the result belong to the caller, who closes them.
// Errors are *Error.
func (c *Client) Call(ctx context.Context, ep Endpoint, service, method string, result any, params ...any) error {
	err := c.call(ctx, ep, service, method, result, params)
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*Error](err)
	if !ok { // of somebody else's Router
		e = &Error{NotRun: errors.Is(err, ErrNotRun), Err: err}
	}
	e.Endpoint, e.Service, e.Method = ep.URI, service, method
	return e
}

// Call is Client.Call with a typed result.
func Call[R any](ctx context.Context, c *Client, ep Endpoint, service, method string, params ...any) (R, error) {
	var result R
	err := c.Call(ctx, ep, service, method, &result, params...)
	return result, err
}

func (c *Client) call(ctx context.Context, ep Endpoint, service, method string, result any, params []any) error {
	target := reflect.ValueOf(result)
	var want reflect.Type
	if result != nil {
		if target.Kind() != reflect.Pointer || target.IsNil() {
			return notRun(ep.URI, fmt.Errorf("the result goes into a pointer, not a %T", result))
		}
		want = target.Type().Elem()
	}
	request, err := c.request(ep, service, method, params)
	if err != nil {
		return notRun(ep.URI, err)
	}
	o := optionsOf(ctx)
	x := Exchange{Subscription: ep.URI, Request: request, Deadline: o.handover, Fence: o.fence}
	var read *reply
	x.inspect = func(document []byte) (streams []*DataStream, err error) {
		read, streams, err = readReply(c.cfg.Registry, document, want)
		return streams, err
	}
	response, err := c.exchange(ctx, ep, x)
	if err != nil {
		return err
	}
	if read == nil { // it came through somebody else's Router
		streams, err := x.inspect(response.BSON)
		if err == nil {
			err = adopt(streams, response.Streams)
		}
		if err != nil {
			_ = response.Close()
			return mayHaveRun(ep.URI, errors.Join(ErrProtocol, err))
		}
	}
	if read.id != request.ID {
		_ = response.Close()
		return mayHaveRun(ep.URI, fmt.Errorf("%w: the response is to %q, and the request was %q", ErrProtocol, clip(read.id), request.ID))
	}
	return c.settle(read, response, target, want)
}

// settle hands the result over, or the error.
func (c *Client) settle(read *reply, response *RawResponse, target reflect.Value, want reflect.Type) error {
	if read.err != nil {
		_ = response.Close()
		return remoteError(read.err)
	}
	if want == nil {
		return ignoreError(response.Close())
	}
	if read.result.IsValid() {
		target.Elem().Set(read.result)
	} else {
		target.Elem().SetZero()
	}
	return nil
}

// ignoreError: a temporary file that stays does not make the call a failure.
func ignoreError(error) error { return nil }

// request writes the envelope.
func (c *Client) request(ep Endpoint, service, method string, params []any) (*RawRequest, error) {
	activity := NewGUID()
	n := c.calls.Add(1)
	t := c.timeouts
	if params == nil {
		params = []any{}
	}
	return newRequest(c.cfg.Registry, requestBody{
		ID:         service + "::" + method + "Async[" + strconv.FormatInt(n, 10) + "] / " + activity.String(),
		ActivityID: activity,
		Endpoint: &endpointBody{
			PollingRequestQueueTimeout:  t.PollingRequestQueueTimeout,
			RetryListeningSleepInterval: t.RetryListeningSleepInterval,
			RetryCountLimit:             int32(t.RetryCountLimit),
			ConnectionErrorRetryTimeout: t.ConnectionErrorRetryTimeout,
			TCPClientConnectTimeout:     t.ConnectTimeout,
			BaseURI:                     ep.URI,
			RemoteThumbprint:            ep.Thumbprint,
		},
		Service: service, Method: method, Params: params,
	})
}

// exchange carries a request to the service and its response back.
func (c *Client) exchange(ctx context.Context, ep Endpoint, x Exchange) (*RawResponse, error) {
	if !ep.polling() {
		return c.exchangeListening(ctx, ep, x)
	}
	if c.cfg.Router == nil {
		return nil, notRun(ep.URI, errors.New("this client has no router to polling services"))
	}
	return c.cfg.Router.Route(ctx, x)
}

// adopt gives the streams of a document the contents that came with it.
func adopt(streams, contents []*DataStream) error {
	byID := map[GUID][]*DataStream{}
	for _, s := range contents {
		byID[s.ID] = append(byID[s.ID], s)
	}
	for _, s := range streams {
		list := byID[s.ID]
		if len(list) == 0 {
			return fmt.Errorf("the stream %s is missing", s.ID)
		}
		byID[s.ID] = list[1:]
		s.SetContent(list[0].Length, list[0].Open, list[0].Close)
	}
	return nil
}

// Discover returns the thumbprint of the certificate at a listening endpoint.
// The endpoint's own thumbprint is not looked at.
func (c *Client) Discover(ctx context.Context, ep Endpoint) (string, error) {
	thumbprint, err := c.discover(ctx, ep)
	if err != nil {
		return "", fmt.Errorf("discover %s: %w", ep.URI, err)
	}
	return thumbprint, nil
}

// Forget drops the idle connections to an endpoint.
func (c *Client) Forget(ep Endpoint) { c.pool.clear(ep.key()) }

// Close ends idle connections; calls under way end with an error.
func (c *Client) Close() error {
	c.pool.close()
	return nil
}
