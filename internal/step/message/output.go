package message

import (
	"bytes"
	"strings"
)

// Source is the stream that a line came from, as agents name it.
type Source string

// The sources of lines.
const (
	Stdout Source = "stdout"
	Stderr Source = "stderr"
	Debug  Source = "debug"
)

// Level is how a log line is shown, in the words of the task log.
type Level string

// The levels. Ignore is never the level of a line that is shown.
const (
	Verbose   Level = "Verbose"
	Info      Level = "Info"
	Warning   Level = "Warning"
	Error     Level = "Error"
	Highlight Level = "Highlight"
	Wait      Level = "Wait"
	Ignore    Level = "Ignore"
)

// Result is what one line amounts to.
type Result struct {
	// Message is the message that the line completed; messages that change a stream's level are applied already.
	Message *Message
	// Text is what to show, if Show is set: the line, or what stood around the message in it.
	Text  string
	Level Level
	Show  bool
}

// State is everything that the next line depends on; it survives a change of the reader.
type State struct {
	StdoutLevel Level  `json:"out,omitempty"`
	StderrLevel Level  `json:"err,omitempty"`
	Matched     int    `json:"matched,omitempty"`
	Inside      bool   `json:"inside,omitempty"`
	Body        []byte `json:"body,omitempty"`
}

// Output turns the lines of one script, in their order, into log lines and messages.
type Output struct {
	stdout   Parser
	out, err Level
}

// NewOutput is the state before a script's first line.
func NewOutput() *Output { return &Output{out: Info, err: Error} }

// Resume goes on where State left off. The zero State is the beginning.
func Resume(s State) *Output {
	o := NewOutput()
	if s.StdoutLevel != "" {
		o.out = s.StdoutLevel
	}
	if s.StderrLevel != "" {
		o.err = s.StderrLevel
	}
	if s.Matched > 0 && s.Matched < len(label) {
		o.stdout.matched = s.Matched
	}
	o.stdout.inside, o.stdout.body = s.Inside, bytes.Clone(s.Body)
	return o
}

// State returns what Resume needs.
func (o *Output) State() State {
	return State{
		StdoutLevel: o.out, StderrLevel: o.err,
		Matched: o.stdout.matched, Inside: o.stdout.inside, Body: bytes.Clone(o.stdout.body),
	}
}

// Line reads the next line. On stderr only "mask" is a message; the agent's own lines are verbose text.
func (o *Output) Line(src Source, text string) Result {
	switch src {
	case Stderr:
		return o.stderrLine(text)
	case Debug:
		return Result{Text: text, Level: Verbose, Show: true}
	}
	m, ok := o.stdout.Line(text)
	if !ok {
		return shown(text, o.out)
	}
	around := o.stdout.before + o.stdout.after
	level := o.out
	o.apply(m.Name)
	r := Result{Message: &m, Level: level}
	if strings.TrimSpace(around) != "" {
		r = shown(around, level)
		r.Message = &m
	}
	return r
}

// stderrLine honours a whole "mask" message in one line; a split one could let half a secret through, so nothing is
// kept between lines.
func (o *Output) stderrLine(text string) Result {
	var p Parser
	if m, ok := p.Line(text); ok && m.Name == Mask {
		return Result{Message: &m, Level: o.err}
	}
	return shown(text, o.err)
}

func shown(text string, level Level) Result {
	return Result{Text: text, Level: level, Show: level != Ignore}
}

// apply changes the level of the lines that follow.
func (o *Output) apply(name string) {
	switch name {
	case "stdout-default":
		o.out = Info
	case "stdout-verbose":
		o.out = Verbose
	case "stdout-warning":
		o.out = Warning
	case "stdout-error":
		o.out = Error
	case "stdout-highlight":
		o.out = Highlight
	case "stdout-wait":
		o.out = Wait
	case "stdout-ignore":
		o.out = Ignore
	case "stderr-default", "stderr-error":
		o.err = Error
	case "stderr-progress":
		o.err = Verbose
	case "stderr-ignore":
		o.err = Ignore
	}
}
