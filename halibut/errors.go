package halibut

import (
	"errors"
	"strings"
)

// What errors.Is finds in an *Error.
var (
	// ErrNotRun: the request certainly did not run.
	ErrNotRun = errors.New("the request did not run")
	// ErrMayHaveRun: the request was sent, in part at least; whether it ran is unknown.
	ErrMayHaveRun = errors.New("the request may have run")
	// ErrRemote: the peer answered with an error.
	ErrRemote = errors.New("the peer answered with an error")
	// ErrNotFound: any of the next three.
	ErrNotFound        = errors.New("no such service or method")
	ErrServiceNotFound = errors.New("service not found")
	ErrMethodNotFound  = errors.New("method not found")
	ErrAmbiguousMethod = errors.New("ambiguous method")
	// ErrInvocation: the method ran and failed.
	ErrInvocation = errors.New("the method failed")
	// ErrUnexpectedCertificate: the peer is not the one that was asked for.
	ErrUnexpectedCertificate = errors.New("unexpected certificate")
	// ErrQueueTimeout: no connection of the polling service took the request in time.
	ErrQueueTimeout = errors.New("the request was not collected in time")
	// ErrWithdrawn: the request was taken back before a connection took it.
	ErrWithdrawn = errors.New("the request was withdrawn")
	// ErrProtocol: the peer broke the protocol or a limit.
	ErrProtocol = errors.New("protocol error")
	// ErrClosed: the Client, Queue or Listener has been closed.
	ErrClosed = errors.New("closed")
)

// Error is what a failed call returns. Message and Details are the peer's where
// it answered; Err is one of the sentinels above or a cause of our own.
type Error struct {
	Endpoint string
	Service  string
	Method   string
	Message  string
	Details  string // the peer's stack trace, if it sent one
	Type     string // HalibutErrorType, if it sent one
	NotRun   bool   // certainly not run; otherwise it may have
	Remote   bool   // the peer answered
	Err      error
}

// Error names the call and the reason.
func (e *Error) Error() string {
	reason := e.Message
	if reason == "" && e.Err != nil {
		reason = e.Err.Error()
	}
	return "call " + e.Service + "." + e.Method + " on " + e.Endpoint + ": " + reason
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is matches the sentinels that follow from the members.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrNotRun:
		return e.NotRun
	case ErrMayHaveRun:
		return !e.NotRun
	case ErrRemote:
		return e.Remote
	case ErrNotFound:
		return errors.Is(e.Err, ErrServiceNotFound) || errors.Is(e.Err, ErrMethodNotFound) || errors.Is(e.Err, ErrAmbiguousMethod)
	}
	return false
}

// Retryable reports whether the same call may succeed later. Whether it may be
// sent again is another question: see NotRun.
func (e *Error) Retryable() bool {
	switch {
	case errors.Is(e, ErrNotFound), errors.Is(e, ErrInvocation), errors.Is(e, ErrUnexpectedCertificate),
		errors.Is(e, ErrClosed), strings.Contains(e.Details, "System.IO.FileNotFoundException"):
		return false
	}
	return true
}
