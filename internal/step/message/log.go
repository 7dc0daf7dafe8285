package message

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// Log writes a tool's own lines, and tells the server the level of each where it changes. It is safe for concurrent use.
type Log struct {
	mu       sync.Mutex
	out, err io.Writer
	mode     string
	secrets  []string
}

// NewLog makes a log of a tool's two streams.
func NewLog(out, err io.Writer) *Log { return &Log{out: out, err: err} }

// Redact replaces a text in all lines that follow, but not in messages, which the server reads.
func (l *Log) Redact(secret, replacement string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.secrets = append(l.secrets, secret, replacement)
}

// Forget makes the next line state its level again, because something else wrote in between.
func (l *Log) Forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mode = ""
}

// Verbosef writes a line that is shown on demand.
func (l *Log) Verbosef(format string, args ...any) { l.line("stdout-verbose", format, args) }

// Infof writes a line.
func (l *Log) Infof(format string, args ...any) { l.line("stdout-default", format, args) }

// Link writes an address as a link; without a text it is its own.
func (l *Log) Link(address, text string) {
	if text == "" {
		text = address
	}
	l.Infof("[%s](%s)", text, address)
}

// Warnf writes a line that makes the step end with warnings.
func (l *Log) Warnf(format string, args ...any) { l.line("stdout-warning", format, args) }

// Errorf writes a line to the stream of errors.
func (l *Log) Errorf(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintln(l.err, l.redacted(fmt.Sprintf(format, args...)))
}

func (l *Log) line(mode, format string, args []any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.enter(mode)
	fmt.Fprintln(l.out, l.redacted(fmt.Sprintf(format, args...)))
}

func (l *Log) enter(mode string) {
	if l.mode != mode {
		fmt.Fprintf(l.out, "%s[%s]\n", label, mode)
		l.mode = mode
	}
}

func (l *Log) redacted(text string) string {
	if len(l.secrets) == 0 {
		return text
	}
	return strings.NewReplacer(l.secrets...).Replace(text)
}

// Send writes a message.
func (l *Log) Send(m Message) { l.send("stdout-default", m) }

// SendVerbose writes a message among the verbose lines.
func (l *Log) SendVerbose(m Message) { l.send("stdout-verbose", m) }

func (l *Log) send(mode string, m Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.enter(mode)
	fmt.Fprintln(l.out, m)
}

// Variable sets an output variable.
func (l *Log) Variable(name, value string, sensitive bool) {
	m := New(SetVariable, "name", name, "value", value)
	if sensitive {
		m.Attributes = append(m.Attributes, Attribute{"sensitive", "True"})
	}
	l.Send(m)
}

// Progress tells how far the step is.
func (l *Log) Progress(percentage int, text string) {
	l.SendVerbose(New(Progress, "percentage", strconv.Itoa(percentage), "message", text))
}
