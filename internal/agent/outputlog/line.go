// Package outputlog keeps the output of one script on disk: a writer that never blocks the script, a reader that
// answers in pages, and the splitter that makes lines out of bytes.
//
// The file is the Tentacle's Output.log: a byte order mark, then JSON arrays ["stdout","text","time"] one after the
// other. A line's sequence number is its ordinal in the file, from 1. It knows nothing of processes or of the wire.
// Only internal/agent and its sub-packages import it.
package outputlog

import (
	"fmt"
	"time"
)

// Source says where a line came from. The numbers are those of the wire.
type Source int

const (
	// Stdout is the script's standard output, and what the agent itself tells the server.
	Stdout Source = 0
	// Stderr is the script's standard error.
	Stderr Source = 1
	// Debug is the agent's own remark about starting and ending the process.
	Debug Source = 2
)

// Line is one line of output.
type Line struct {
	Source   Source
	Text     string
	Occurred time.Time
}

// stamp is the form of times in the file: seven digits and an offset.
const stamp = "2006-01-02T15:04:05.0000000-07:00"

func (s Source) name() string {
	switch s {
	case Stderr:
		return "stderr"
	case Debug:
		return "debug"
	}
	return "stdout"
}

func sourceOf(name string) (Source, error) {
	switch name {
	case "stdout":
		return Stdout, nil
	case "stderr":
		return Stderr, nil
	case "debug":
		return Debug, nil
	}
	return 0, fmt.Errorf("unknown source %q", name)
}

// appendLine adds the line's JSON array to b.
func appendLine(b []byte, l Line) []byte {
	b = append(b, `["`...)
	b = append(b, l.Source.name()...)
	b = append(b, `","`...)
	b = appendEscaped(b, l.Text)
	b = append(b, `","`...)
	b = l.Occurred.UTC().AppendFormat(b, stamp)
	return append(b, `"]`...)
}

func appendEscaped(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\t':
			b = append(b, `\t`...)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(b, s[start:]...)
}
