package halibut

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestServicesRefuse(t *testing.T) {
	t.Parallel()
	ok := func(context.Context) error { return nil }
	for name, cfg := range map[string]ServicesConfig{
		"no registry":         {},
		"no name":             {Registry: goldenRegistry(t), Services: []Service{{}}},
		"a service twice":     {Registry: goldenRegistry(t), Services: []Service{{Name: "IA"}, {Name: "ia"}}},
		"a method twice":      {Registry: goldenRegistry(t), Services: []Service{{Name: "IA", Methods: map[string]any{"Do": ok, "do": ok}}}},
		"no function":         {Registry: goldenRegistry(t), Services: []Service{{Name: "IA", Methods: map[string]any{"Do": 1}}}},
		"nil":                 {Registry: goldenRegistry(t), Services: []Service{{Name: "IA", Methods: map[string]any{"Do": nil}}}},
		"no context":          {Registry: goldenRegistry(t), Services: []Service{{Name: "IA", Methods: map[string]any{"Do": func() error { return nil }}}}},
		"no error":            {Registry: goldenRegistry(t), Services: []Service{{Name: "IA", Methods: map[string]any{"Do": func(context.Context) int { return 1 }}}}},
		"three results":       {Registry: goldenRegistry(t), Services: []Service{{Name: "IA", Methods: map[string]any{"Do": func(context.Context) (int, int, error) { return 1, 1, nil }}}}},
		"any number of words": {Registry: goldenRegistry(t), Services: []Service{{Name: "IA", Methods: map[string]any{"Do": func(context.Context, ...string) error { return nil }}}}},
	} {
		if _, err := NewServices(cfg); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// TestErrorsOnTheWire has the texts by which callers recognise errors.
func TestErrorsOnTheWire(t *testing.T) {
	t.Parallel()
	boom := &Exception{Type: "System.IO.IOException", Message: "boom", Inner: &Exception{Message: "inner", Inner: errors.New("innermost")}}
	tests := []struct {
		name string
		got  *ServerError
		want ServerError
		err  error
	}{
		{"a method's exception", invocationError(boom), ServerError{Message: "boom", Details: "System.Reflection.TargetInvocationException: Exception has been thrown by the target of an invocation.\n" +
			" ---> System.IO.IOException: boom\n ---> System.Exception: inner\n ---> System.Exception: innermost"}, ErrInvocation},
		{"a method's error", invocationError(fmt.Errorf("read %w", errors.New("x"))), ServerError{Message: "read x", Details: "System.Reflection.TargetInvocationException: Exception has been thrown by the target of an invocation.\n ---> System.Exception: read x"}, ErrInvocation},
		{"an error that is one", invocationError(&ServerError{Message: "m", Details: "d", Type: "t"}), ServerError{Message: "m", Details: "d", Type: "t"}, nil},
		{"a service that is not there, in other words", lookupError(&Exception{Type: "A.B", Message: "Error: X has not been registered"}), ServerError{Message: "Error: X has not been registered", Details: "A.B: Error: X has not been registered"}, nil},
		{"a service that is not there", halibutError(typeServiceNotFound, "Service not found: X"), ServerError{Message: "Service not found: X", Type: typeServiceNotFound, Details: typeServiceNotFound + ": Service not found: X"}, ErrServiceNotFound},
		{"the same from an old peer", &ServerError{Message: "Service not found: X"}, ServerError{Message: "Service not found: X"}, ErrServiceNotFound},
		{"a method of an old peer", &ServerError{Message: "Service A::B not found"}, ServerError{Message: "Service A::B not found"}, ErrMethodNotFound},
		{"ambiguous of an old peer", &ServerError{Message: "m", Details: "System.Reflection.AmbiguousMatchException: m"}, ServerError{Message: "m", Details: "System.Reflection.AmbiguousMatchException: m"}, ErrAmbiguousMethod},
		{"a type that nobody knows", &ServerError{Message: "m", Type: "X.Y"}, ServerError{Message: "m", Type: "X.Y"}, nil},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, *test.got); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
		e := remoteError(test.got)
		if test.err != nil && !errors.Is(e, test.err) || test.err == nil && e.Err != nil {
			t.Errorf("%s is read as %v", test.name, e.Err)
		}
		if notRun := errors.Is(test.err, ErrServiceNotFound) || errors.Is(test.err, ErrMethodNotFound) || errors.Is(test.err, ErrAmbiguousMethod); e.NotRun != notRun {
			t.Errorf("%s: not run = %v", test.name, e.NotRun)
		}
	}
}

func TestRetryable(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  Error
		want bool
	}{
		{Error{Err: notFound{ErrServiceNotFound}}, false}, {Error{Err: ErrInvocation}, false}, {Error{Err: ErrUnexpectedCertificate}, false},
		{Error{Details: "System.IO.FileNotFoundException: x"}, false}, {Error{}, true}, {Error{Err: ErrQueueTimeout}, true}, {Error{Remote: true, Message: "shutting down"}, true},
	} {
		if got := test.err.Retryable(); got != test.want {
			t.Errorf("%+v: %v", test.err, got)
		}
	}
}
