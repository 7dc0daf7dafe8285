// Package mask takes secret values out of the lines of a log before anybody can read them.
//
// A value is found wherever its characters follow each other, in plain or in base64 (at any of the three alignments, with
// either alphabet), also when line ends lie between them. A line whose end may be the beginning of a value is held back
// until the lines after it have settled the question, so that a value that is split over lines is masked too; the owner stores which
// lines were released, and reads the others again after a restart.
//
// The running packages that read output use it.
package mask

import (
	"encoding/base64"
	"strings"
)

// Shown stands where a value stood.
const Shown = "********"

// shortest is the length below which a value is not masked: it would hide half of the log and protects nothing.
const shortest = 3

// Masker masks lines of one stream. It is not safe for use by several goroutines.
type Masker struct {
	values map[string]bool
	root   *node
	// held are lines that were not released; state is where the automaton stands after them.
	held  []heldLine
	state *node
	// position counts bytes since the first held line's start.
	position int
}

type heldLine struct {
	text  string
	start int
	hits  []span
}

// span is a run of bytes, in positions of the stream without line ends.
type span struct{ from, to int }

// New returns a masker for the values. Values with several lines are found with any line ends.
func New(values ...string) *Masker {
	m := &Masker{values: map[string]bool{}}
	m.Add(values...)
	return m
}

// Add masks more values from the next line on.
func (m *Masker) Add(values ...string) {
	for _, value := range values {
		for _, form := range forms(value) {
			m.values[form] = true
		}
	}
	m.build()
}

// forms returns the texts in which a value can appear, without line ends.
func forms(value string) []string {
	plain := strings.NewReplacer("\r", "", "\n", "").Replace(value)
	if len(strings.TrimSpace(plain)) < shortest {
		return nil
	}
	all := []string{plain}
	for _, line := range strings.FieldsFunc(value, func(r rune) bool { return r == '\r' || r == '\n' }) {
		if len(strings.TrimSpace(line)) >= 2*shortest {
			all = append(all, line)
		}
	}
	for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for shift := range 3 {
			if inner := encoded(alphabet, value, shift); len(inner) >= 2*shortest {
				all = append(all, inner)
			}
		}
	}
	return all
}

// encoded returns the characters of base64 that depend on the value alone when shift bytes stand before it.
func encoded(alphabet *base64.Encoding, value string, shift int) string {
	text := alphabet.EncodeToString([]byte(strings.Repeat("\x00", shift) + value))
	first := []int{0, 2, 3}[shift]
	bits := (shift + len(value)) * 8
	last := bits / 6
	if last <= first {
		return ""
	}
	return text[first:last]
}

// Push takes the next line and returns the lines that are released, masked.
func (m *Masker) Push(line string) []string {
	if len(m.values) == 0 {
		return []string{line}
	}
	m.held = append(m.held, heldLine{text: line, start: m.position})
	for i := range len(line) {
		c := line[i]
		if c == '\r' {
			m.position++
			continue
		}
		m.state = m.state.step(c)
		m.position++
		if n := m.state.longest; n > 0 {
			m.hit(n)
		}
	}
	return m.release(m.state.depth)
}

// Flush releases what is held: the stream has ended.
func (m *Masker) Flush() []string {
	m.state = m.root
	return m.release(0)
}

// Held returns how many lines have been pushed and not released.
func (m *Masker) Held() int { return len(m.held) }

// hit marks the last n bytes (carriage returns not counted) of what was pushed.
func (m *Masker) hit(n int) {
	end := m.position
	for i := len(m.held) - 1; i >= 0 && n > 0; i-- {
		l := &m.held[i]
		from := end
		for from > l.start && n > 0 {
			from--
			if l.text[from-l.start] != '\r' {
				n--
			}
		}
		l.hits = merge(l.hits, span{from - l.start, end - l.start})
		end = l.start
	}
}

// merge adds a span that ends at or after all others.
func merge(hits []span, s span) []span {
	for len(hits) > 0 && hits[len(hits)-1].to >= s.from {
		s.from = min(s.from, hits[len(hits)-1].from)
		hits = hits[:len(hits)-1]
	}
	if s.from == s.to {
		return hits
	}
	return append(hits, s)
}

// release returns the held lines that end before the last depth bytes.
func (m *Masker) release(depth int) []string {
	var out []string
	keep := m.position
	for i := len(m.held) - 1; i >= 0 && depth > 0; i-- {
		for p := len(m.held[i].text); p > 0 && depth > 0; p-- {
			if m.held[i].text[p-1] != '\r' {
				depth--
			}
		}
		keep = m.held[i].start
	}
	n := 0
	for n < len(m.held) && m.held[n].start < keep || n < len(m.held) && keep == m.position {
		out = append(out, m.held[n].masked())
		n++
	}
	m.held = append([]heldLine(nil), m.held[n:]...)
	if len(m.held) == 0 {
		m.position = 0
	} else {
		base := m.held[0].start
		for i := range m.held {
			m.held[i].start -= base
		}
		m.position -= base
	}
	return out
}

func (l heldLine) masked() string {
	if len(l.hits) == 0 {
		return l.text
	}
	var b strings.Builder
	at := 0
	for _, h := range l.hits {
		b.WriteString(l.text[at:h.from])
		b.WriteString(Shown)
		at = h.to
	}
	b.WriteString(l.text[at:])
	return b.String()
}

// Text masks a text that stands alone, such as an error message.
func (m *Masker) Text(text string) string {
	if len(m.values) == 0 {
		return text
	}
	alone := &Masker{values: m.values, root: m.root, state: m.root}
	var out []string
	for _, line := range strings.Split(text, "\n") {
		out = append(out, alone.Push(line)...)
	}
	return strings.Join(append(out, alone.Flush()...), "\n")
}
