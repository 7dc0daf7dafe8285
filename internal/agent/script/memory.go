package script

// memory keeps the exit codes of the last scripts that are gone, the oldest leaving first.
type memory struct {
	limit int
	codes map[string]int32
	order []string
}

func newMemory(limit int) *memory { return &memory{limit: limit, codes: map[string]int32{}} }

func (m *memory) get(key string) (int32, bool) {
	code, ok := m.codes[key]
	return code, ok
}

func (m *memory) put(key string, code int32) {
	if _, ok := m.codes[key]; !ok {
		m.order = append(m.order, key)
	}
	m.codes[key] = code
	if len(m.order) > m.limit {
		delete(m.codes, m.order[0])
		m.order = m.order[1:]
	}
}
