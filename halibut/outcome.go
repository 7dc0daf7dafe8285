package halibut

import (
	"errors"
	"strings"
)

// The names that Halibut gives its own errors.
const (
	typeServiceNotFound = "Halibut.Exceptions.ServiceNotFoundHalibutClientException"
	typeMethodNotFound  = "Halibut.Exceptions.MethodNotFoundHalibutClientException"
	typeAmbiguous       = "Halibut.Exceptions.AmbiguousMethodMatchHalibutClientException"
	typeInvocation      = "Halibut.Exceptions.ServiceInvocationHalibutClientException"
	typeConnecting      = "Halibut.Exceptions.ConnectingRequestCancelledException"
	typeTransferring    = "Halibut.Exceptions.TransferringRequestCancelledException"

	invocationDetails = "System.Reflection.TargetInvocationException: Exception has been thrown by the target of an invocation."
	ambiguousDetails  = "System.Reflection.AmbiguousMatchException: "
)

// remoteError is the Go error for an error that the peer answered.
func remoteError(s *ServerError) *Error {
	e := &Error{Message: s.Message, Details: s.Details, Type: s.Type, Remote: true}
	e.Err = classify(s)
	e.NotRun = errors.Is(e.Err, errNoMethod) || s.Type == typeConnecting
	return e
}

// classify goes through the signs in the order of the original: the type, then
// texts, which is all that older peers send.
func classify(s *ServerError) error {
	switch s.Type {
	case typeServiceNotFound:
		return notFound{ErrServiceNotFound}
	case typeMethodNotFound:
		return notFound{ErrMethodNotFound}
	case typeAmbiguous:
		return notFound{ErrAmbiguousMethod}
	case typeInvocation:
		return ErrInvocation
	}
	switch {
	case strings.HasPrefix(s.Message, "Service not found: "):
		return notFound{ErrServiceNotFound}
	case strings.HasPrefix(s.Message, "Service ") && strings.HasSuffix(s.Message, " not found"):
		return notFound{ErrMethodNotFound}
	case strings.HasPrefix(s.Details, ambiguousDetails):
		return notFound{ErrAmbiguousMethod}
	case strings.HasPrefix(s.Details, invocationDetails):
		return ErrInvocation
	}
	return nil
}

// errNoMethod is common to the errors that mean that nothing was called.
var errNoMethod = errors.New("nothing was called")

// notFound is one of those.
type notFound struct{ error }

func (n notFound) Unwrap() error        { return n.error }
func (n notFound) Is(target error) bool { return target == errNoMethod }
