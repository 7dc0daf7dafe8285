package halibut

import "context"

// ExchangeRaw sends a request in wire form, so that a test can choose its ID.
func (c *Client) ExchangeRaw(ctx context.Context, ep Endpoint, x Exchange) (*RawResponse, error) {
	if x.inspect == nil {
		x.inspect = inspectStreams
	}
	return c.exchange(ctx, ep, x)
}
