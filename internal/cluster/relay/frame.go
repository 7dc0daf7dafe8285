package relay

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/mantledeploy/mantle/halibut"
)

// kind says what a frame is.
type kind byte

const (
	kindAsk      kind = 'Q' // asker: the head of a request; its document follows
	kindHandOver kind = 'H' // far node: may I hand it over now?
	kindYes      kind = 'Y' // asker
	kindNo       kind = 'N' // asker
	kindStream   kind = 'O' // far node: send the stream with this number
	kindData     kind = 'D' // a part of a document or stream
	kindBroken   kind = 'X' // the stream under way cannot be read on
	kindReply    kind = 'R' // far node: the head of a response; its document and streams follow
	kindFailure  kind = 'E' // far node: there is no response
)

const (
	// chunk is how much of a document or stream is in one frame at most.
	chunk = 128 << 10
	// maxHead bounds every other frame: room for the heads of as many streams as a message may have.
	maxHead = 1 << 20
)

// head describes a request or response: its document follows, then, in this order and when it is asked for, each stream.
type head struct {
	// Subscription, ID and Within (what is left until the hand-over's deadline) are a request's alone.
	Subscription string `json:",omitempty"`
	ID           string `json:",omitempty"`
	Within       int64  `json:",omitempty"` // milliseconds

	Document int64
	Streams  []streamHead `json:",omitempty"`
}

type streamHead struct {
	ID     string
	Length int64
}

// failure is the far node's reason for no response.
type failure struct {
	NotRun  bool
	Reason  reason
	Message string
}

type reason string

const (
	reasonElsewhere reason = "elsewhere" // the agent is not connected there
	reasonTimeout   reason = "timeout"   // no connection was free in time
	reasonOther     reason = "other"
)

// checkHead bounds what the other node can make this one hold or write. Nodes trust each other; a bug in one must not stop another.
func checkHead(h head, l halibut.Limits) error {
	switch {
	case h.Document < 0 || h.Document > l.MaxMessageBytes:
		return fmt.Errorf("a document of %d bytes, and %d are allowed", h.Document, l.MaxMessageBytes)
	case len(h.Streams) > l.MaxStreamsPerMessage:
		return fmt.Errorf("%d streams, and %d are allowed", len(h.Streams), l.MaxStreamsPerMessage)
	}
	for _, s := range h.Streams {
		if s.Length < 0 || s.Length > l.MaxStreamBytes {
			return fmt.Errorf("a stream of %d bytes, and %d are allowed", s.Length, l.MaxStreamBytes)
		}
	}
	return nil
}

// headOf describes a document and streams.
func headOf(document []byte, streams []*halibut.DataStream) head {
	h := head{Document: int64(len(document))}
	for _, s := range streams {
		h.Streams = append(h.Streams, streamHead{s.ID.String(), s.Length})
	}
	return h
}

// wire is one end of an exchange. It belongs to one goroutine.
type wire struct {
	r     io.Reader
	w     *bufio.Writer
	flush func() error
}

// send writes a frame and sees to it that it leaves.
func (w *wire) send(k kind, content []byte) error {
	if err := w.put(k, content); err != nil {
		return err
	}
	return w.flushed()
}

func (w *wire) put(k kind, content []byte) error {
	header := binary.BigEndian.AppendUint32([]byte{byte(k)}, uint32(len(content)))
	if _, err := w.w.Write(header); err != nil {
		return err
	}
	_, err := w.w.Write(content)
	return err
}

func (w *wire) flushed() error {
	if err := w.w.Flush(); err != nil || w.flush == nil {
		return err
	}
	return w.flush()
}

// sendHead writes a head and the document that belongs to it.
func (w *wire) sendHead(k kind, h head, document []byte) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	if err := w.put(k, text); err != nil {
		return err
	}
	for part := range slices.Chunk(document, chunk) {
		if err := w.put(kindData, part); err != nil {
			return err
		}
	}
	return w.flushed()
}

// sendStream writes a stream's bytes; where it cannot be read the other end is told so, and unread is the reason.
func (w *wire) sendStream(s *halibut.DataStream, buffer []byte) (unread, err error) {
	in, err := s.Open()
	if err != nil {
		return err, w.send(kindBroken, []byte(err.Error()))
	}
	defer in.Close()
	for left := s.Length; left > 0; {
		part := buffer[:min(left, int64(len(buffer)))]
		if _, err := io.ReadFull(in, part); err != nil {
			return err, w.send(kindBroken, []byte(err.Error()))
		}
		if err := w.send(kindData, part); err != nil {
			return nil, err
		}
		left -= int64(len(part))
	}
	return nil, nil
}

// next reads a frame of one of the kinds that may come now.
func (w *wire) next(expected ...kind) (kind, []byte, error) {
	k, length, err := w.header()
	if err != nil {
		return 0, nil, err
	}
	if !slices.Contains(expected, k) {
		return 0, nil, fmt.Errorf("%w: a frame %q where %q may come", errProtocol, byte(k), expected)
	}
	if length > maxHead {
		return 0, nil, fmt.Errorf("%w: a frame of %d bytes, and %d are allowed", errProtocol, length, maxHead)
	}
	content := make([]byte, length)
	if _, err := io.ReadFull(w.r, content); err != nil {
		return 0, nil, noEOF(err)
	}
	return k, content, nil
}

func (w *wire) header() (kind, uint32, error) {
	var h [5]byte
	if _, err := io.ReadFull(w.r, h[:]); err != nil {
		return 0, 0, err
	}
	return kind(h[0]), binary.BigEndian.Uint32(h[1:]), nil
}

func readHead(text []byte, l halibut.Limits) (h head, err error) {
	if err = json.Unmarshal(text, &h); err == nil {
		err = checkHead(h, l)
	}
	if err != nil {
		return h, fmt.Errorf("%w: %w", errProtocol, err)
	}
	return h, nil
}

// incoming reads the data frames of one document or stream, of which the length is known.
type incoming struct {
	w    *wire
	left int64  // of the whole
	part uint32 // of the frame
}

func (i *incoming) Read(p []byte) (int, error) {
	for i.part == 0 {
		if i.left == 0 {
			return 0, io.EOF
		}
		k, length, err := i.w.header()
		switch {
		case err != nil:
			return 0, noEOF(err)
		case k == kindBroken && length <= maxHead:
			text := make([]byte, length)
			if _, err := io.ReadFull(i.w.r, text); err != nil {
				return 0, noEOF(err)
			}
			return 0, fmt.Errorf("the other node cannot read it on: %s", text)
		case k != kindData:
			return 0, fmt.Errorf("%w: a frame %q inside of data", errProtocol, byte(k))
		case length > chunk || int64(length) > i.left:
			return 0, fmt.Errorf("%w: %d bytes of data, where %d may come", errProtocol, length, min(chunk, i.left))
		}
		i.part = length
	}
	n, err := i.w.r.Read(p[:min(len(p), int(i.part))])
	i.part -= uint32(n)
	i.left -= int64(n)
	if err == io.EOF && i.left == 0 && i.part == 0 {
		err = nil
	}
	return n, noEOF(err)
}

// noEOF turns an end in the middle of something into an unexpected one.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
