package halibut

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// Service is a named set of methods. A method is a func(context.Context, A, B…)
// that returns error, or (R, error); its name is without Async.
type Service struct {
	Name    string         // IScriptServiceV2
	ClrType string         // class named in error texts; "" = Name without the leading I
	Methods map[string]any // StartScript: func(context.Context, …) (…, error)
}

// ServicesConfig is what Services is made of.
type ServicesConfig struct {
	Registry *Registry
	Services []Service
	// UnknownService makes the error for a service that is not there, for peers
	// that rely on another text than Halibut's own.
	UnknownService func(name string) error
}

// Services answers requests. Names are found in any case.
type Services struct {
	registry *Registry
	services map[string]*service
	unknown  func(name string) error
}

type service struct {
	clrType string
	methods map[string]*method
}

// method is a Go function and what it takes.
type method struct {
	name   string
	call   reflect.Value
	params []reflect.Type
	result bool
}

// NewServices checks the methods' signatures and makes a Services.
func NewServices(cfg ServicesConfig) (*Services, error) {
	if cfg.Registry == nil {
		return nil, errors.New("services need a registry")
	}
	s := &Services{registry: cfg.Registry, services: map[string]*service{}, unknown: cfg.UnknownService}
	for _, one := range cfg.Services {
		key := strings.ToLower(one.Name)
		if key == "" || s.services[key] != nil {
			return nil, fmt.Errorf("service %q: the name is empty or not unique", one.Name)
		}
		made := &service{clrType: one.ClrType, methods: map[string]*method{}}
		if made.clrType == "" {
			made.clrType = strings.TrimPrefix(one.Name, "I")
		}
		for name, f := range one.Methods {
			m, err := newMethod(name, f)
			if err != nil {
				return nil, fmt.Errorf("service %s: %w", one.Name, err)
			}
			if made.methods[strings.ToLower(name)] != nil {
				return nil, fmt.Errorf("service %s: two methods have the name %s", one.Name, name)
			}
			made.methods[strings.ToLower(name)] = m
		}
		s.services[key] = made
	}
	return s, nil
}

func newMethod(name string, f any) (*method, error) {
	v := reflect.ValueOf(f)
	bad := fmt.Errorf("method %s is %T: func(context.Context, …) error or (R, error) is expected", name, f)
	if name == "" || !v.IsValid() || v.Kind() != reflect.Func || v.IsNil() {
		return nil, bad
	}
	t := v.Type()
	if t.IsVariadic() || t.NumIn() < 1 || t.In(0) != reflect.TypeFor[context.Context]() ||
		t.NumOut() < 1 || t.NumOut() > 2 || t.Out(t.NumOut()-1) != reflect.TypeFor[error]() {
		return nil, bad
	}
	m := &method{name: name, call: v, result: t.NumOut() == 2}
	for i := 1; i < t.NumIn(); i++ {
		m.params = append(m.params, t.In(i))
	}
	return m, nil
}

// find looks a method up; the error is for the caller.
func (s *Services) find(serviceName, methodName string) (*method, *ServerError) {
	found := s.services[strings.ToLower(serviceName)]
	if found == nil {
		if s.unknown != nil {
			return nil, lookupError(s.unknown(serviceName))
		}
		return nil, halibutError(typeServiceNotFound, "Service not found: "+clip(serviceName))
	}
	m := found.methods[strings.ToLower(methodName)]
	if m == nil {
		return nil, halibutError(typeMethodNotFound, "Method "+found.clrType+"::"+clip(methodName)+"Async not found")
	}
	return m, nil
}

// halibutError is an error of the protocol itself.
func halibutError(typeName, message string) *ServerError {
	return &ServerError{Message: message, Details: typeName + ": " + message, Type: typeName}
}

// Exception is an error with the name of a .NET type, for the details that a
// caller sees. Other errors appear as System.Exception.
type Exception struct {
	Type    string // System.IO.FileNotFoundException
	Message string
	Inner   error
}

func (e *Exception) Error() string { return e.Message }

// Unwrap returns the inner error.
func (e *Exception) Unwrap() error { return e.Inner }

// lookupError is an error that comes before any method is called.
func lookupError(err error) *ServerError {
	if s, ok := errors.AsType[*ServerError](err); ok {
		return s
	}
	return &ServerError{Message: err.Error(), Details: exceptionText(err)}
}

// invocationError is the error of a method that was called and failed: the text
// of what it returned, and the chain below it in the details.
func invocationError(err error) *ServerError {
	if s, ok := errors.AsType[*ServerError](err); ok {
		return s
	}
	return &ServerError{Message: err.Error(), Details: invocationDetails + "\n ---> " + exceptionText(err)}
}

// exceptionText writes an error and what is below it as .NET does, without stacks.
func exceptionText(err error) string {
	x, ok := err.(*Exception) //nolint:errorlint // each of the chain has its line
	if !ok {
		return "System.Exception: " + err.Error()
	}
	name := x.Type
	if name == "" {
		name = "System.Exception"
	}
	text := name + ": " + x.Message
	if x.Inner != nil {
		text += "\n ---> " + exceptionText(x.Inner)
	}
	return text
}
