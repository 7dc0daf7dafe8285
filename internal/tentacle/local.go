package tentacle

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// Local is an agent in this process: the built-in worker. Its scripts outlive the server, because a process of their own owns them.
type Local struct {
	start    func(context.Context, *contract.StartScriptCommandV2) (*contract.ScriptStatusResponseV2, error)
	status   func(context.Context, *contract.ScriptStatusRequestV2) (*contract.ScriptStatusResponseV2, error)
	cancel   func(context.Context, *contract.CancelScriptCommandV2) (*contract.ScriptStatusResponseV2, error)
	complete func(context.Context, *contract.CompleteScriptCommandV2) error
	upload   func(context.Context, string, *halibut.DataStream) (*contract.UploadResult, error)
	download func(context.Context, string) (*halibut.DataStream, error)
}

// NewLocal calls the services directly that an agent would offer on the wire: version 2 of the script service and the file transfer.
func NewLocal(services []halibut.Service) (*Local, error) {
	l := &Local{}
	for name, set := range map[string]func(method any) bool{
		contract.ScriptServiceV2 + ".StartScript":      fill(&l.start),
		contract.ScriptServiceV2 + ".GetStatus":        fill(&l.status),
		contract.ScriptServiceV2 + ".CancelScript":     fill(&l.cancel),
		contract.ScriptServiceV2 + ".CompleteScript":   fill(&l.complete),
		contract.FileTransferService + ".UploadFile":   fill(&l.upload),
		contract.FileTransferService + ".DownloadFile": fill(&l.download),
	} {
		if !set(method(services, name)) {
			return nil, fmt.Errorf("the built-in worker's services lack %s", name)
		}
	}
	return l, nil
}

func fill[F any](to *F) func(any) bool {
	return func(method any) bool {
		f, ok := method.(F)
		*to = f
		return ok
	}
}

func method(services []halibut.Service, name string) any {
	for _, s := range services {
		for m, f := range s.Methods {
			if s.Name+"."+m == name {
				return f
			}
		}
	}
	return nil
}

// Version is 2.
func (l *Local) Version(context.Context) (int, error) { return 2, nil }

// Waits: calls do not block each other.
func (l *Local) Waits() bool { return true }

// Start starts the script.
func (l *Local) Start(ctx context.Context, s Script) (Status, error) {
	return local(l.start(ctx, s.v2()))
}

// Status tells how far the script is.
func (l *Local) Status(ctx context.Context, handle string, after int64) (Status, error) {
	return local(l.status(ctx, &contract.ScriptStatusRequestV2{Ticket: &contract.ScriptTicket{TaskId: handle}, LastLogSequence: after}))
}

// Cancel ends the script.
func (l *Local) Cancel(ctx context.Context, handle string, after int64) (Status, error) {
	return local(l.cancel(ctx, &contract.CancelScriptCommandV2{Ticket: &contract.ScriptTicket{TaskId: handle}, LastLogSequence: after}))
}

func local(a *contract.ScriptStatusResponseV2, err error) (Status, error) {
	if err != nil {
		return Status{}, err
	}
	return status(a.Ticket.TaskId, a.State, a.ExitCode, a.Logs, a.NextLogSequence), nil
}

// Complete forgets the script.
func (l *Local) Complete(ctx context.Context, handle string, _ int64) error {
	if handle == "" {
		return errors.New("complete a script without a ticket")
	}
	return l.complete(ctx, &contract.CompleteScriptCommandV2{Ticket: &contract.ScriptTicket{TaskId: handle}})
}

// Upload writes a file below the worker's home.
func (l *Local) Upload(ctx context.Context, path string, content *halibut.DataStream) (contract.UploadResult, error) {
	result, err := l.upload(ctx, path, content)
	if err != nil {
		return contract.UploadResult{}, err
	}
	return *result, nil
}

// Download reads a file.
func (l *Local) Download(ctx context.Context, path string) (io.ReadCloser, int64, error) {
	stream, err := l.download(ctx, path)
	if err != nil || stream == nil {
		return nil, 0, err
	}
	return openStream(stream)
}
