package mask

// node is a state of an Aho–Corasick automaton: it finds every value in one pass.
type node struct {
	next map[byte]*node
	fail *node
	// depth is the length of the longest beginning of a value that the stream ends with.
	depth int
	// longest is the length of the longest value that the stream ends with, or 0.
	longest int
}

func newNode(depth int) *node { return &node{next: map[byte]*node{}, depth: depth} }

// build makes the automaton anew; the stream's state is found again from what is held.
func (m *Masker) build() {
	m.root = newNode(0)
	for value := range m.values {
		at := m.root
		for i := range len(value) {
			if at.next[value[i]] == nil {
				at.next[value[i]] = newNode(i + 1)
			}
			at = at.next[value[i]]
		}
		at.longest = len(value)
	}
	m.link()
	m.state = m.root
	for _, line := range m.held {
		for i := range len(line.text) {
			if line.text[i] != '\r' {
				m.state = m.state.step(line.text[i])
			}
		}
	}
}

func (m *Masker) link() {
	queue := []*node{m.root}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for c, child := range at.next {
			child.fail = m.root
			if at != m.root {
				child.fail = at.fail.step(c)
			}
			child.longest = max(child.longest, child.fail.longest)
			queue = append(queue, child)
		}
	}
}

func (n *node) step(c byte) *node {
	for at := n; at != nil; at = at.fail {
		if next := at.next[c]; next != nil {
			return next
		}
		if at.fail == nil {
			return at
		}
	}
	return n
}
