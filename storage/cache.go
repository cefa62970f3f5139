package storage

import (
	"encoding/json"
	"strings"
	"sync"

	"cxbot/award"
)

// cache remembers what a stored text decodes to. The text itself is the key,
// so an entry can never be stale; it is only ever useless. Values are shared:
// readers get copies of what they might change (see view.go).
type cache[T any] struct {
	mu    sync.RWMutex
	limit int
	got   map[string]*T
}

func newCache[T any](limit int) *cache[T] {
	return &cache[T]{limit: limit, got: make(map[string]*T)}
}

// decode reads "stamp json".
func (c *cache[T]) decode(raw string) (*T, error) {
	c.mu.RLock()
	have := c.got[raw]
	c.mu.RUnlock()
	if have != nil {
		return have, nil
	}
	_, body, _ := strings.Cut(raw, " ")
	fresh := new(T)
	if err := json.Unmarshal([]byte(body), fresh); err != nil {
		return nil, err
	}
	c.put(raw, fresh)
	return fresh, nil
}

// put adds an entry; a full cache starts anew, which costs one decode each.
func (c *cache[T]) put(raw string, v *T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.got) >= c.limit {
		clear(c.got)
	}
	c.got[raw] = v
}

func (c *cache[T]) get(raw string) (*T, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	v, ok := c.got[raw]
	return v, ok
}

// caches are everything a process remembers between turns. Only hints may be
// wrong, and a wrong hint costs one read.
type caches struct {
	persons   *cache[award.Person]
	units     *cache[award.Unit]
	cycles    *cache[award.Cycle]
	calendars *cache[award.Calendar]
	past      *cache[[]award.Past] // past results by revision
	names     *cache[[]string]     // unit names by revision of the set
	hints     *cache[string]       // userid → key of the unit's record
}

func newCaches(limit int) caches {
	return caches{
		persons:   newCache[award.Person](limit),
		units:     newCache[award.Unit](limit),
		cycles:    newCache[award.Cycle](limit),
		calendars: newCache[award.Calendar](2),
		past:      newCache[[]award.Past](2),
		names:     newCache[[]string](2),
		hints:     newCache[string](16 * limit),
	}
}
