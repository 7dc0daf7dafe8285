package halibuttest_test

import (
	"bytes"
	"context"
	"io"
	"testing"

	"go.uber.org/goleak"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/halibut/halibuttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestQueue(t *testing.T) {
	t.Parallel()
	halibuttest.RunRouter(t, func(_ *testing.T, q *halibut.Queue) halibut.Router { return q })
}

// relay passes on only what can go between nodes: bytes, and a deadline.
type relay struct{ far *halibut.Queue }

func (r relay) Route(ctx context.Context, x halibut.Exchange) (*halibut.RawResponse, error) {
	request := &halibut.RawRequest{ID: x.Request.ID, BSON: bytes.Clone(x.Request.BSON)}
	var err error
	if request.Streams, err = copies(x.Request.Streams); err != nil {
		return nil, err
	}
	response, err := r.far.Route(ctx, halibut.Exchange{Subscription: x.Subscription, Request: request, Deadline: x.Deadline, Fence: x.Fence})
	if err != nil {
		return nil, err
	}
	streams, err := copies(response.Streams)
	if err != nil {
		return nil, err
	}
	return &halibut.RawResponse{BSON: bytes.Clone(response.BSON), Streams: streams}, response.Close()
}

// copies makes streams of the same IDs and contents.
func copies(streams []*halibut.DataStream) ([]*halibut.DataStream, error) {
	var list []*halibut.DataStream
	for _, s := range streams {
		content, err := s.ReadAll()
		if err != nil {
			return nil, err
		}
		c := halibut.StreamFunc(int64(len(content)), func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil })
		c.ID = s.ID
		list = append(list, c)
	}
	return list, nil
}

func TestRelay(t *testing.T) {
	t.Parallel()
	halibuttest.RunRouter(t, func(_ *testing.T, q *halibut.Queue) halibut.Router { return relay{q} })
}
