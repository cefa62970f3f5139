package wecom

import "sync"

// memory is a bounded map that forgets its oldest keys. It serves hints only
// (alarms, progress of a retried message): losing an entry is never wrong.
type memory struct {
	mu    sync.Mutex
	known map[string]uint64
	ring  []string
	next  int
}

// remembered is how many keys a memory holds.
const remembered = 4096

// newMemory makes an empty memory.
func newMemory() *memory {
	return &memory{known: make(map[string]uint64), ring: make([]string, remembered)}
}

// get returns what is kept under key.
func (m *memory) get(key string) (uint64, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, found := m.known[key]
	return value, found
}

// put keeps a value, dropping the oldest key when full.
func (m *memory) put(key string, value uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.store(key, value)
}

// meet keeps the value of a key seen for the first time; otherwise it returns
// the value kept before and leaves it.
func (m *memory) meet(key string, value uint64) (before uint64, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if before, known = m.known[key]; !known {
		m.store(key, value)
	}
	return before, known
}

// forget drops a key.
func (m *memory) forget(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.known, key)
}

func (m *memory) store(key string, value uint64) {
	if _, known := m.known[key]; !known {
		delete(m.known, m.ring[m.next])
		m.ring[m.next] = key
		m.next = (m.next + 1) % len(m.ring)
	}
	m.known[key] = value
}
