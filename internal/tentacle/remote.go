package tentacle

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// capabilityAge is how long an agent's answer about its services is believed.
const capabilityAge = 10 * time.Minute

// Agents calls agents over Halibut.
type Agents struct {
	client *halibut.Client

	mu    sync.Mutex
	known map[string]capabilities
}

type capabilities struct {
	version int
	until   time.Time
}

// NewAgents returns a caller; the client has the contract's registry, and its router reaches polling agents.
func NewAgents(client *halibut.Client) *Agents {
	return &Agents{client: client, known: map[string]capabilities{}}
}

// At returns the agent at an endpoint.
func (a *Agents) At(ep halibut.Endpoint) Agent { return &remote{agents: a, at: ep} }

// Discover returns the thumbprint of whoever listens at host:port.
func (a *Agents) Discover(ctx context.Context, address string) (string, error) {
	return a.client.Discover(ctx, halibut.Endpoint{URI: "https://" + address + "/"})
}

// Forget drops what is known of an endpoint, and its idle connections.
func (a *Agents) Forget(ep halibut.Endpoint) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.known, ep.URI+" "+ep.Thumbprint)
	a.client.Forget(ep)
}

type remote struct {
	agents *Agents
	at     halibut.Endpoint
}

// Version asks once in a while which script service the agent has. One that does not know the question is old: version 1.
func (r *remote) Version(ctx context.Context) (int, error) {
	key := r.at.URI + " " + r.at.Thumbprint
	r.agents.mu.Lock()
	known, ok := r.agents.known[key]
	r.agents.mu.Unlock()
	if ok && time.Now().Before(known.until) {
		return known.version, nil
	}
	answer, err := call[contract.CapabilitiesResponseV2](ctx, r, contract.CapabilitiesService, "GetCapabilities")
	version := 1
	switch {
	case err != nil && !hasNoCapabilities(err):
		return 0, err
	case err == nil && slices.Contains(answer.SupportedCapabilities, contract.ScriptServiceV2):
		version = 2
	}
	r.agents.mu.Lock()
	defer r.agents.mu.Unlock()
	r.agents.known[key] = capabilities{version, time.Now().Add(capabilityAge)}
	return version, nil
}

// hasNoCapabilities tells whether an error is that of an agent from before the capabilities service.
func hasNoCapabilities(err error) bool {
	if errors.Is(err, halibut.ErrNotFound) {
		return true
	}
	var e *halibut.Error
	if !errors.As(err, &e) || !errors.Is(err, halibut.ErrRemote) {
		return false
	}
	text := e.Message + "\n" + e.Details
	for _, sign := range []string{"Octopus.Tentacle.Communications.UnknownServiceNameException", "NotRegistered", contract.CapabilitiesService} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	stopping := strings.Contains(text, "The Tentacle service is shutting down and cannot process this request.") || strings.Contains(text, "ObjectDisposedException")
	return strings.Contains(text, "CreateService(") && !stopping
}

func call[R any](ctx context.Context, r *remote, service, method string, params ...any) (R, error) {
	return halibut.Call[R](ctx, r.agents.client, r.at, service, method, params...)
}

// Waits: a listening agent takes as many connections as it is called on.
func (r *remote) Waits() bool { return !strings.HasPrefix(strings.ToLower(r.at.URI), "poll:") }

func (r *remote) Start(ctx context.Context, s Script) (Status, error) {
	version, err := r.Version(ctx)
	if err != nil {
		return Status{}, err
	}
	if version == 1 {
		ticket, err := call[contract.ScriptTicket](ctx, r, contract.ScriptServiceV1, "StartScript", s.v1())
		return Status{Known: true, Handle: ticket.TaskId}, err
	}
	if !r.Waits() {
		s.Wait = 0
	}
	answer, err := call[contract.ScriptStatusResponseV2](ctx, r, contract.ScriptServiceV2, "StartScript", s.v2())
	return status(s.Ticket, answer.State, answer.ExitCode, answer.Logs, answer.NextLogSequence), err
}

func (r *remote) Status(ctx context.Context, handle string, after int64) (Status, error) {
	ticket := &contract.ScriptTicket{TaskId: handle}
	version, err := r.Version(ctx)
	if err != nil {
		return Status{}, err
	}
	if version == 1 {
		answer, err := call[contract.ScriptStatusResponse](ctx, r, contract.ScriptServiceV1, "GetStatus", &contract.ScriptStatusRequest{Ticket: ticket, LastLogSequence: after})
		return status(handle, answer.State, answer.ExitCode, answer.Logs, answer.NextLogSequence), err
	}
	answer, err := call[contract.ScriptStatusResponseV2](ctx, r, contract.ScriptServiceV2, "GetStatus", &contract.ScriptStatusRequestV2{Ticket: ticket, LastLogSequence: after})
	return status(handle, answer.State, answer.ExitCode, answer.Logs, answer.NextLogSequence), err
}

func (r *remote) Cancel(ctx context.Context, handle string, after int64) (Status, error) {
	ticket := &contract.ScriptTicket{TaskId: handle}
	version, err := r.Version(ctx)
	if err != nil {
		return Status{}, err
	}
	if version == 1 {
		answer, err := call[contract.ScriptStatusResponse](ctx, r, contract.ScriptServiceV1, "CancelScript", &contract.CancelScriptCommand{Ticket: ticket, LastLogSequence: after})
		return status(handle, answer.State, answer.ExitCode, answer.Logs, answer.NextLogSequence), err
	}
	answer, err := call[contract.ScriptStatusResponseV2](ctx, r, contract.ScriptServiceV2, "CancelScript", &contract.CancelScriptCommandV2{Ticket: ticket, LastLogSequence: after})
	return status(handle, answer.State, answer.ExitCode, answer.Logs, answer.NextLogSequence), err
}

func (r *remote) Complete(ctx context.Context, handle string, after int64) error {
	if handle == "" {
		return errors.New("complete a script without a ticket") // a Tentacle would delete every workspace
	}
	ticket := &contract.ScriptTicket{TaskId: handle}
	version, err := r.Version(ctx)
	if err != nil {
		return err
	}
	if version == 1 {
		_, err := call[contract.ScriptStatusResponse](ctx, r, contract.ScriptServiceV1, "CompleteScript", &contract.CompleteScriptCommand{Ticket: ticket, LastLogSequence: after})
		return err
	}
	return r.agents.client.Call(ctx, r.at, contract.ScriptServiceV2, "CompleteScript", nil, &contract.CompleteScriptCommandV2{Ticket: ticket})
}

func (r *remote) Upload(ctx context.Context, path string, content *halibut.DataStream) (contract.UploadResult, error) {
	return call[contract.UploadResult](ctx, r, contract.FileTransferService, "UploadFile", path, content)
}

func (r *remote) Download(ctx context.Context, path string) (io.ReadCloser, int64, error) {
	stream, err := call[*halibut.DataStream](ctx, r, contract.FileTransferService, "DownloadFile", path)
	if err != nil || stream == nil {
		return nil, 0, err
	}
	return openStream(stream)
}

// openStream opens a received stream; closing it deletes its temporary file.
func openStream(stream *halibut.DataStream) (io.ReadCloser, int64, error) {
	in, err := stream.Open()
	if err != nil {
		return nil, 0, errors.Join(err, stream.Close())
	}
	return &received{in, stream}, stream.Length, nil
}

type received struct {
	io.ReadCloser
	stream *halibut.DataStream
}

func (r *received) Close() error { return errors.Join(r.ReadCloser.Close(), r.stream.Close()) }
