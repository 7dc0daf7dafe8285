package halibut

import (
	"context"
	"fmt"
	"reflect"
	"runtime/debug"
	"strings"

	"github.com/mantledeploy/mantle/halibut/dialect"
)

// invocation is a request that was read: a method and its arguments, or the
// error that is the answer.
type invocation struct {
	services *Services
	request  Request
	method   *method
	args     []reflect.Value
	err      *ServerError
	streams  []*DataStream // of the arguments
}

// read reads a request; null reports the message of one that has no request.
// What cannot be understood within a sound envelope becomes an error to answer.
func (s *Services) read(document []byte) (call *invocation, streams []*DataStream, null bool, err error) {
	var in requestIn
	if _, err := s.registry.Unmarshal(document, &in); err != nil {
		return nil, nil, false, err
	}
	if in.Message == nil {
		return nil, nil, true, nil
	}
	m := in.Message
	call = &invocation{services: s, request: Request{ID: m.ID, ActivityID: m.ActivityID}}
	call.method, call.err = s.find(m.Service, m.Method)
	if call.err == nil {
		call.err = call.arguments(m.Params)
	}
	if call.err != nil { // the streams come all the same
		if call.streams, err = dialect.Streams(document); err != nil {
			return nil, nil, false, err
		}
	}
	return call, call.streams, false, nil
}

// arguments reads the parameters into the types of the method.
func (c *invocation) arguments(params []dialect.Value) *ServerError {
	if len(params) != len(c.method.params) {
		return c.ambiguous(params, "")
	}
	for i, t := range c.method.params {
		v := reflect.New(t).Elem()
		streams, err := c.services.registry.UnmarshalValue(params[i], v)
		if err != nil {
			return c.ambiguous(params, fmt.Sprintf("Parameter %d: %v\n", i+1, err))
		}
		c.streams = append(c.streams, streams...)
		c.args = append(c.args, v)
	}
	return nil
}

// ambiguous is the error for arguments that do not fit the method.
func (c *invocation) ambiguous(params []dialect.Value, reason string) *ServerError {
	var types, wanted []string
	for _, p := range params {
		types = append(types, clrType(p))
	}
	for _, t := range c.method.params {
		wanted = append(wanted, t.String())
	}
	message := "Could not decide which candidate to call out of the following methods:\n - " +
		c.method.name + "Async(" + strings.Join(wanted, ", ") + ")\nThe request arguments were:\n" + strings.Join(types, ", ") + "\n" + reason
	e := halibutError(typeAmbiguous, message)
	e.Details += "\n ---> " + ambiguousDetails + message
	return e
}

// clrType names the .NET type that a value would have there.
func clrType(v dialect.Value) string {
	if isNull(v) {
		return "<null>"
	}
	switch v.Type {
	case 0x01:
		return "Double"
	case 0x02:
		return "String"
	case 0x05:
		return "Byte[]"
	case 0x08:
		return "Boolean"
	case 0x09:
		return "DateTime"
	case 0x10, 0x12:
		return "Int64"
	}
	if d, ok := v.DocumentOK(); ok {
		if name, ok := d.Lookup("$type").StringValueOK(); ok {
			return clip(name)
		}
	}
	return "Object"
}

// run calls the method and writes the response.
func (c *invocation) run(ctx context.Context, peer Peer) (document []byte, streams []*DataStream, err error) {
	body := responseBody{ID: c.request.ID, Error: c.err}
	if c.err == nil {
		c.request.Peer = peer
		body.Result, err = c.call(context.WithValue(ctx, requestKey{}, c.request))
		if err != nil {
			body.Result, body.Error = nil, invocationError(err)
		}
	}
	document, streams, err = c.services.registry.Marshal(root{Message: body})
	if err != nil {
		unwritable := responseBody{ID: c.request.ID, Error: invocationError(fmt.Errorf("the result of %s: %w", c.method.name, err))}
		return c.services.registry.Marshal(root{Message: unwritable})
	}
	return document, streams, nil
}

// call calls the method. Its panic is an error to the caller, not our end.
func (c *invocation) call(ctx context.Context) (result any, err error) {
	defer func() {
		if p := recover(); p != nil {
			result, err = nil, &Exception{Type: "System.Exception", Message: fmt.Sprint(p), Inner: &Exception{Type: "Go.Panic", Message: string(debug.Stack())}}
		}
	}()
	out := c.method.call.Call(append([]reflect.Value{reflect.ValueOf(ctx)}, c.args...))
	err, _ = out[len(out)-1].Interface().(error)
	if c.method.result && err == nil {
		result = out[0].Interface()
	}
	return result, err
}

// close gives back the arguments' streams.
func (c *invocation) close() {
	for _, s := range c.streams {
		_ = s.Close()
	}
}
