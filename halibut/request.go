package halibut

import "context"

// Request is what a method can learn about the call it answers.
type Request struct {
	ID         string
	ActivityID GUID
	Peer       Peer
}

type requestKey struct{}

// RequestInfo returns the request that the method with this context answers.
func RequestInfo(ctx context.Context) (Request, bool) {
	r, ok := ctx.Value(requestKey{}).(Request)
	return r, ok
}
