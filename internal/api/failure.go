package api

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// Failure is the JSON of every error.
type Failure struct {
	ErrorMessage string
	// Errors are the single findings. A 404 must not have the member: clients would not see that something is gone.
	Errors          []string `json:",omitempty"`
	FullException   *string
	HelpText        *string
	HelpLink        *string
	ParsedHelpLinks []string
	RequestID       string `json:"RequestId"`
}

// status maps an error to HTTP.
func status(err error) int {
	var unique *store.UniqueError
	switch {
	case errors.As(err, new(errMethod)):
		return http.StatusMethodNotAllowed
	case errors.As(err, &unique):
		return http.StatusBadRequest
	}
	switch fault.KindOf(err) {
	case fault.KindInvalid:
		return http.StatusBadRequest
	case fault.KindUnauthenticated:
		return http.StatusUnauthorized
	case fault.KindForbidden:
		return http.StatusForbidden
	case fault.KindNotFound:
		return http.StatusNotFound
	case fault.KindConflict:
		return http.StatusConflict
	case fault.KindTooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.KindTooMany:
		return http.StatusTooManyRequests
	case fault.KindUnavailable:
		return http.StatusServiceUnavailable
	case fault.KindUnsupported:
		return http.StatusNotImplemented
	}
	return http.StatusInternalServerError
}

// fail renders an error. One without a kind is logged whole, and the caller gets the request's ID.
func (e *Engine) fail(c *Call, err error) {
	if c.Request.Context().Err() != nil && errors.Is(err, context.Canceled) {
		return // the caller has gone
	}
	var f *fault.Error
	code := status(err)
	answer := Failure{ParsedHelpLinks: []string{}, RequestID: c.RequestID}
	if errors.As(err, &f) {
		answer.ErrorMessage = f.Message
		switch code {
		case http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge:
			if answer.Errors = f.Details; len(f.Details) == 0 {
				answer.Errors = []string{f.Message}
			}
		}
	} else {
		answer.ErrorMessage = "something went wrong in the server; its log tells more under the request ID " + c.RequestID
	}
	if code >= http.StatusInternalServerError {
		e.Logger.Error("request failed", "request", c.RequestID, "method", c.Request.Method, "path", c.Request.URL.Path, "error", err, "cause", errors.Unwrap(err))
	}
	if w, ok := c.Writer.(*writer); ok && w.begun {
		panic(http.ErrAbortHandler) // a half-sent answer must not look whole
	}
	if code == http.StatusServiceUnavailable || code == http.StatusTooManyRequests {
		c.Writer.Header().Set("Retry-After", "5")
	}
	text, encodeErr := encode(answer)
	if encodeErr != nil {
		panic(encodeErr)
	}
	c.sendText(code, "", text)
}

// recover turns a panic into a 500 with its stack in the log.
func (e *Engine) recover(c *Call) {
	reason := recover()
	if reason == nil {
		return
	}
	if reason == http.ErrAbortHandler {
		panic(reason)
	}
	e.Logger.Error("request panicked", "request", c.RequestID, "method", c.Request.Method, "path", c.Request.URL.Path, "reason", reason, "stack", string(debug.Stack()))
	e.fail(c, errPanic)
}

var errPanic = errors.New("panic in a handler; see the log")

func ignoreNotFound(err error) error {
	if fault.Is(err, fault.KindNotFound) {
		return nil
	}
	return err
}

// notInSpace hides a space from who has no business in it.
func notInSpace(c *Call) error {
	return fault.NotFound("there is no space, and nothing else, called %q here", c.Param("space"))
}
