// Package fault is the vocabulary of errors that people may see.
//
// A fault has a kind, which decides how a face (the REST API, a command) shows it, and a message that names
// the thing, the reason and the way out. An error without a kind is a defect or an accident: a face shows it as
// "internal error" with a request ID and logs it whole. Every package of internal/ may import fault; fault imports
// none of them.
package fault

import (
	"errors"
	"fmt"
)

// Kind classifies a fault. The zero Kind means "no kind": an unexpected error.
type Kind int

const (
	// Unexpected is the kind of every error that is not a fault.
	Unexpected Kind = iota
	// KindInvalid is bad input: the caller must change the request.
	KindInvalid
	// KindUnauthenticated means that the caller did not say who it is, or said it wrongly.
	KindUnauthenticated
	// KindForbidden means that the caller is known and may not do this.
	KindForbidden
	// KindNotFound means that the thing named does not exist, or the caller may not know that it does.
	KindNotFound
	// KindConflict means that the thing is in another state than the request assumes.
	KindConflict
	// KindTooLarge means that a stated limit was exceeded.
	KindTooLarge
	// KindTooMany means that the caller must slow down.
	KindTooMany
	// KindUnavailable is a passing condition: the same request may succeed later, unchanged.
	KindUnavailable
	// KindUnknownResult means that a write may or may not have happened (its answer was lost).
	KindUnknownResult
	// KindUnsupported means that this server does not do this, in a known and stated way.
	KindUnsupported
)

// Error is a fault: an error with a kind and a message for people.
type Error struct {
	Kind    Kind
	Message string
	// Details are the single findings of a validation, in the order of the fields.
	Details []string
	cause   error
}

// Error returns the message, with its details where there are any.
func (e *Error) Error() string {
	if len(e.Details) == 0 {
		return e.Message
	}
	return fmt.Sprintf("%s %q", e.Message, e.Details)
}

// Unwrap returns what caused the fault, or nil. The cause is for the log, never for the caller.
func (e *Error) Unwrap() error { return e.cause }

// Because returns a copy of the fault that carries its cause.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// With returns a copy of the fault with findings added.
func (e *Error) With(details ...string) *Error {
	c := *e
	c.Details = append(append([]string(nil), e.Details...), details...)
	return &c
}

func newError(kind Kind, format string, args []any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Invalid reports bad input.
func Invalid(format string, args ...any) *Error { return newError(KindInvalid, format, args) }

// Unauthenticated reports a caller that is not known.
func Unauthenticated(format string, args ...any) *Error {
	return newError(KindUnauthenticated, format, args)
}

// Forbidden reports a caller that may not do this.
func Forbidden(format string, args ...any) *Error { return newError(KindForbidden, format, args) }

// NotFound reports a thing that does not exist.
func NotFound(format string, args ...any) *Error { return newError(KindNotFound, format, args) }

// Conflict reports a state that does not allow the request.
func Conflict(format string, args ...any) *Error { return newError(KindConflict, format, args) }

// TooLarge reports an exceeded limit.
func TooLarge(format string, args ...any) *Error { return newError(KindTooLarge, format, args) }

// TooMany reports a caller that asks too often.
func TooMany(format string, args ...any) *Error { return newError(KindTooMany, format, args) }

// Unavailable reports a passing condition.
func Unavailable(format string, args ...any) *Error { return newError(KindUnavailable, format, args) }

// UnknownResult reports a write whose outcome is not known.
func UnknownResult(format string, args ...any) *Error {
	return newError(KindUnknownResult, format, args)
}

// Unsupported reports something that this server does not do.
func Unsupported(format string, args ...any) *Error { return newError(KindUnsupported, format, args) }

// KindOf returns the kind of the first fault in err's chain, or Unexpected.
func KindOf(err error) Kind {
	var f *Error
	if errors.As(err, &f) {
		return f.Kind
	}
	return Unexpected
}

// Is reports whether err is a fault of the given kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }
