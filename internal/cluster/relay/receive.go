package relay

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/mantledeploy/mantle/halibut"
)

// receive takes a response in. Small streams stay in memory; others go to files, as they do on a connection of the agent's own.
func (a *asking) receive(text []byte) (*halibut.RawResponse, error) {
	h, err := readHead(text, a.limits)
	if err != nil {
		return nil, err
	}
	var document bytes.Buffer
	if _, err := io.Copy(&document, &incoming{w: &a.wire, left: h.Document}); err != nil {
		return nil, err
	}
	response := &halibut.RawResponse{BSON: document.Bytes()}
	memory := a.limits.MemoryMessageBytes
	for _, s := range h.Streams {
		stream, err := a.receiveStream(s, &memory)
		if err != nil {
			return nil, errors.Join(err, response.Close())
		}
		response.Streams = append(response.Streams, stream)
	}
	return response, nil
}

func (a *asking) receiveStream(s streamHead, memory *int64) (*halibut.DataStream, error) {
	id, err := halibut.ParseGUID(s.ID)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errProtocol, err)
	}
	in := &incoming{w: &a.wire, left: s.Length}
	if s.Length <= a.limits.MemoryStreamBytes && s.Length <= *memory {
		*memory -= s.Length
		content, err := io.ReadAll(in)
		stream := halibut.StreamBytes(content)
		stream.ID = id
		return stream, err
	}
	name, err := toFile(a.limits.TempDir, in)
	if err != nil {
		return nil, err
	}
	stream := &halibut.DataStream{ID: id}
	stream.SetContent(s.Length, func() (io.ReadCloser, error) { return os.Open(name) }, func() error { return os.Remove(name) })
	return stream, nil
}

// toFile writes what comes to a temporary file.
func toFile(dir string, in io.Reader) (name string, err error) {
	f, err := os.CreateTemp(dir, "relay-*.stream")
	if err != nil {
		return "", err
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{f}, in, make([]byte, chunk))
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}
