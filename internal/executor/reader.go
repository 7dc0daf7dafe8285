package executor

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/step/bootstrap"
	"github.com/mantledeploy/mantle/internal/step/message"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task/mask"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// reader turns the lines of one script, in their order, into lines of the log and effects. What a line causes is committed with
// it, and a line is committed once the masker has released it and all before it.
type reader struct {
	nonce  string
	masker *mask.Masker
	output *message.Output
	state  readerState
	// read is the ordinal of the last line taken in; items are those that are not committed yet.
	read    int64
	items   []*item
	waiting []*item
	// own handles lines that are the server's business, such as a probe's answer; it returns what they tell.
	own func(line, nonce string) (map[string]string, bool)
	// act turns a message into its effect; results are what the caller wants to know.
	act func(m message.Message) (effect func(*store.Tx) error, results map[string]string)
}

// readerState is what the next line depends on.
type readerState struct {
	Output message.State
	// End is the exit code of the end line; Ticket what a refused run said of its directory.
	End    *int             `json:",omitempty"`
	Ticket *bootstrap.State `json:",omitempty"`
}

// item is one line of the agent's log.
type item struct {
	ordinal  int64
	line     *tasklog.Line
	released bool
	effects  []func(*store.Tx) error
	results  map[string]string
	after    readerState
}

func newReader(nonce string, masker *mask.Masker, state readerState, read int64) *reader {
	return &reader{nonce: nonce, masker: masker, output: message.Resume(state.Output), state: state, read: read}
}

// take takes the lines of an answer in; next is the ordinal of the last one.
func (r *reader) take(lines []contract.ProcessOutput, next int64) {
	first := next - int64(len(lines)) + 1
	for i, l := range lines {
		ordinal := first + int64(i)
		if ordinal <= r.read {
			continue
		}
		if ordinal > r.read+1 {
			r.push(&item{ordinal: ordinal - 1}, tasklog.Warning, time.Now().UTC(), fmt.Sprintf("%d lines of the script's output were lost: its agent does not have them any more.", ordinal-1-r.read))
		}
		r.read = ordinal
		r.line(ordinal, l)
	}
}

func (r *reader) line(ordinal int64, l contract.ProcessOutput) {
	it := &item{ordinal: ordinal}
	text := l.Text
	if before, exit, ok := bootstrap.ParseEnd(text, r.nonce); ok {
		r.state.End, text = &exit, before
		if before == "" {
			r.add(it)
			return
		}
	} else if state, ok := bootstrap.ParseState(text, r.nonce); ok {
		r.state.Ticket = &state
		r.add(it)
		return
	} else if r.own != nil {
		if results, ok := r.own(text, r.nonce); ok {
			it.results = results
			r.add(it)
			return
		}
	}
	result := r.output.Line(source(l.Source), text)
	r.state.Output = r.output.State()
	if result.Message != nil && r.act != nil {
		effect, results := r.act(*result.Message)
		if effect != nil {
			it.effects = append(it.effects, effect)
		}
		it.results = results
	}
	if !result.Show {
		r.add(it)
		return
	}
	r.push(it, tasklog.Category(result.Level), l.Occurred, result.Text)
}

func source(s contract.OutputSource) message.Source {
	switch s {
	case contract.StdErr:
		return message.Stderr
	case contract.Debug:
		return message.Debug
	}
	return message.Stdout
}

// add keeps an item without a line.
func (r *reader) add(it *item) {
	it.after, it.released = r.state, true
	r.items = append(r.items, it)
}

// push keeps an item whose line must pass the masker.
func (r *reader) push(it *item, category tasklog.Category, at time.Time, text string) {
	it.after = r.state
	it.line = &tasklog.Line{Category: category, At: at}
	r.items = append(r.items, it)
	r.waiting = append(r.waiting, it)
	r.release(r.masker.Push(text))
}

func (r *reader) release(texts []string) {
	for _, text := range texts {
		r.waiting[0].line.Text, r.waiting[0].released = text, true
		r.waiting = r.waiting[1:]
	}
}

// flush releases what the masker holds: no more lines will come.
func (r *reader) flush() { r.release(r.masker.Flush()) }

// batch is what can be committed now.
type batch struct {
	lines   []tasklog.Line
	effects []func(*store.Tx) error
	results map[string]string
	to      int64
	state   readerState
	n       int
}

// ready returns what can be committed, or nil.
func (r *reader) ready() *batch {
	b := &batch{results: map[string]string{}}
	for _, it := range r.items {
		if !it.released {
			break
		}
		if it.line != nil {
			b.lines = append(b.lines, *it.line)
		}
		b.effects = append(b.effects, it.effects...)
		for k, v := range it.results {
			b.results[k] = v
		}
		b.to, b.state = it.ordinal, it.after
		b.n++
	}
	if b.n == 0 {
		return nil
	}
	return b
}

// committed forgets a batch.
func (r *reader) committed(b *batch) { r.items = r.items[b.n:] }

// encode writes the state; an unfinished message may hold a secret and is sealed.
func (s readerState) encode(keys *secret.Keyring, owner string) (json.RawMessage, error) {
	text, err := json.Marshal(s)
	if err != nil || len(s.Output.Body) == 0 {
		return text, err
	}
	sealed, err := keys.Seal(text, owner)
	if err != nil {
		return nil, err
	}
	return json.Marshal(string(sealed))
}

func decodeReader(text json.RawMessage, keys *secret.Keyring, owner string) (s readerState, err error) {
	if len(text) > 0 && text[0] == '"' {
		var sealed string
		if err := json.Unmarshal(text, &sealed); err != nil {
			return s, err
		}
		if text, err = keys.Open(secret.Sealed(sealed), owner); err != nil {
			return s, err
		}
	}
	return s, json.Unmarshal(text, &s)
}

// percent reads the number of a progress message.
func percent(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return min(max(n, 0), 100)
}
