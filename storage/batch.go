package storage

import (
	"slices"

	"cxbot/chat"
)

// batch is the argument of one run of lua/commit.lua: the keys, the checks and
// the writes. The operations are documented there; each method adds one.
type batch struct {
	s      *Store
	keys   []string
	checks []any
	writes []any
	known  map[string]int // index by key, once there are many
	// outboxAt is the index of the outbox keys, 0 while they are not needed.
	outboxAt int
	// typed marks the keys whose type is checked already, by index.
	typed []bool
}

// The Redis types of keys whose writes do not replace them whole.
const (
	kindHash = "hash"
	kindZset = "zset"
	kindList = "list"
	kindSet  = "set"
	kindText = "string"
)

func (s *Store) batch() *batch {
	return &batch{
		s:      s,
		keys:   make([]string, 0, 8),
		checks: make([]any, 0, 16),
		writes: make([]any, 0, 32),
	}
}

// fewKeys is up to where a scan is cheaper than a map; a turn names fewer.
const fewKeys = 32

// key returns the index of a key, adding it when new.
func (b *batch) key(key string) int {
	if b.known != nil {
		if i, ok := b.known[key]; ok {
			return i
		}
	} else if i := slices.Index(b.keys, key); i >= 0 {
		return i + 1
	}
	b.keys = append(b.keys, key)
	if b.known != nil {
		b.known[key] = len(b.keys)
	} else if len(b.keys) > fewKeys {
		b.known = make(map[string]int, 2*len(b.keys))
		for i, k := range b.keys {
			b.known[k] = i + 1
		}
	}
	return len(b.keys)
}

// typedKey is key with a check that nothing of another type sits there.
func (b *batch) typedKey(key, kind string) int {
	i := b.key(key)
	b.need(i, kind)
	return i
}

func (b *batch) need(i int, kind string) {
	for len(b.typed) <= i {
		b.typed = append(b.typed, false)
	}
	if b.typed[i] {
		return
	}
	b.typed[i] = true
	b.checks = append(b.checks, "T", i, kind)
}

func (b *batch) unseen(key string)         { b.checks = append(b.checks, "S", b.key(key)) }
func (b *batch) stamped(key, stamp string) { b.checks = append(b.checks, "R", b.key(key), stamp) }

// newer wants a recorded slot to be older than ms.
func (b *batch) newer(key string, ms int64) { b.checks = append(b.checks, "V", b.key(key), ms) }

// setFor writes a text that is forgotten after ms.
func (b *batch) setFor(key string, value any, ms int64) {
	b.writes = append(b.writes, "s", b.key(key), value, ms)
}

func (b *batch) set(key string, value any) { b.writes = append(b.writes, "p", b.key(key), value) }

// raise adds one to a number.
func (b *batch) raise(key string) { b.writes = append(b.writes, "i", b.typedKey(key, kindText)) }

func (b *batch) zadd(key string, score int64, member string) {
	b.writes = append(b.writes, "a", b.typedKey(key, kindZset), score, member)
}

func (b *batch) zrem(key, member string) {
	b.writes = append(b.writes, "z", b.typedKey(key, kindZset), member)
}

// member adds to or removes from an index.
func (b *batch) member(key string, in bool, score int64, member string) {
	if in {
		b.zadd(key, score, member)
	} else {
		b.zrem(key, member)
	}
}

func (b *batch) hset(key, field string, value any) {
	b.writes = append(b.writes, "h", b.typedKey(key, kindHash), field, value)
}

func (b *batch) hdel(key, field string) {
	b.writes = append(b.writes, "x", b.typedKey(key, kindHash), field)
}

// count adds to a number of a hash; 0 writes nothing. A number that comes to 0 is
// removed.
func (b *batch) count(key, field string, by int) {
	if by != 0 {
		b.writes = append(b.writes, "c", b.typedKey(key, kindHash), field, by)
	}
}

func (b *batch) push(key string, value any) {
	b.writes = append(b.writes, "l", b.typedKey(key, kindList), value)
}

// copySet makes one zset a copy of another.
func (b *batch) copySet(to, from string) {
	b.writes = append(b.writes, "u", b.typedKey(to, kindZset), b.typedKey(from, kindZset))
}

// needOutbox names the outbox keys; the process's first commit with a message
// checks their types.
func (b *batch) needOutbox() {
	if b.outboxAt != 0 {
		return
	}
	b.outboxAt = len(b.keys) + 1
	for _, key := range b.s.outbox {
		b.key(key) // not named before, so they stand in a row
	}
	if !b.s.sound.Load() {
		for i, kind := range outboxKinds() {
			b.need(b.outboxAt+i, kind)
		}
	}
	b.writes = append(b.writes, "O", b.outboxAt)
}

// message queues one message unless its key was taken before.
func (b *batch) message(m *chat.Message, now int64) error {
	body, err := encodeMessage(m)
	if err != nil {
		return err
	}
	b.needOutbox()
	due := now
	if !m.NotBefore.IsZero() {
		due = max(now, m.NotBefore.UnixMilli())
	}
	to := receiver(m.To)
	b.writes = append(b.writes, "m", b.typedKey(b.s.keys.queue(to), kindZset),
		to, priority(m), due, clean(m.Replaces), m.Key, body)
	return nil
}

// resend queues a failed message again.
func (b *batch) resend(key, to string, now int64) {
	b.needOutbox()
	to = receiver(to)
	b.writes = append(b.writes, "f", b.typedKey(b.s.keys.queue(to), kindZset), key, to, now)
}
