package halibut

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/mantledeploy/mantle/halibut/dialect"
)

// The documents around requests and responses. Names and order are the wire's.
type (
	requestBody struct {
		ID         string        `halibut:"id"`
		ActivityID GUID          `halibut:"activityId"`
		Endpoint   *endpointBody `halibut:"endpoint"`
		Service    string        `halibut:"service"`
		Method     string        `halibut:"method"`
		Params     []any         `halibut:"params"`
	}
	endpointBody struct {
		PollingRequestQueueTimeout  time.Duration
		RetryListeningSleepInterval time.Duration
		RetryCountLimit             int32
		ConnectionErrorRetryTimeout time.Duration
		TCPClientConnectTimeout     time.Duration `halibut:"TcpClientConnectTimeout"`
		BaseURI                     string        `halibut:"BaseUri"`
		RemoteThumbprint            string
		Proxy                       *struct{} // never sent: it would hold a password
		ForceResolveHost            *string
		IsWebSocketEndpoint         bool
	}
	requestIn struct {
		Message *requestInBody
	}
	requestInBody struct {
		ID         string          `halibut:"id"`
		ActivityID GUID            `halibut:"activityId"`
		Service    string          `halibut:"service"`
		Method     string          `halibut:"method"`
		Params     []dialect.Value `halibut:"params"`
	}
	responseBody struct {
		ID     string       `halibut:"id"`
		Error  *ServerError `halibut:"error"`
		Result any          `halibut:"result"`
	}
	responseIn struct {
		Message *responseInBody
	}
	responseInBody struct {
		ID     string        `halibut:"id"`
		Error  *ServerError  `halibut:"error"`
		Result dialect.Value `halibut:"result"`
	}
	// root declares its message as object, so that the type name is written.
	root struct{ Message any }
)

// ServerError is the error in a response. A method that returns one has it sent
// as it is.
type ServerError struct {
	Message string `halibut:"message"`
	Details string `halibut:"details,nullable"`
	Type    string `halibut:"HalibutErrorType,nullable"`
}

func (e *ServerError) Error() string { return e.Message }

const (
	requestType  = "Halibut.Transport.Protocol.RequestMessage, Halibut"
	responseType = "Halibut.Transport.Protocol.ResponseMessage, Halibut"
)

// WireName makes the envelopes known to package dialect.
func (requestBody) WireName() string    { return requestType }
func (requestInBody) WireName() string  { return requestType }
func (responseBody) WireName() string   { return responseType }
func (responseInBody) WireName() string { return responseType }

// nullMessage is what a polling service gets when there is nothing to do.
func nullMessage() []byte {
	return []byte("\x0e\x00\x00\x00\x0aMessage\x00\x00")
}

// isNull reports whether a value was absent or null.
func isNull(v dialect.Value) bool { return v.Type == 0 || v.Type == 0x0A || v.Type == 0x06 }

// newRequest writes a request.
func newRequest(r *Registry, b requestBody) (*RawRequest, error) {
	document, streams, err := r.Marshal(root{Message: b})
	if err != nil {
		return nil, err
	}
	return &RawRequest{ID: b.ID, BSON: document, Streams: streams}, nil
}

// reply is a response while its streams are still to be read.
type reply struct {
	id     string
	err    *ServerError
	result reflect.Value // of the type that the caller wants; invalid if it wants none
}

// readReply reads a response; the result's type is that of want, if it is valid.
func readReply(r *Registry, document []byte, want reflect.Type) (*reply, []*DataStream, error) {
	var in responseIn
	if _, err := r.Unmarshal(document, &in); err != nil {
		return nil, nil, err
	}
	if in.Message == nil {
		return nil, nil, errors.New("a null message where a response is expected")
	}
	rep := &reply{id: in.Message.ID, err: in.Message.Error}
	if isNull(in.Message.Result) {
		return rep, nil, nil
	}
	if want == nil {
		streams, err := dialect.Streams(document)
		return rep, streams, err
	}
	rep.result = reflect.New(want).Elem()
	streams, err := r.UnmarshalValue(in.Message.Result, rep.result)
	if err != nil {
		return nil, nil, fmt.Errorf("read the result: %w", err)
	}
	return rep, streams, nil
}
