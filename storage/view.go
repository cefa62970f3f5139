package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"cxbot/award"
	"cxbot/bot"
)

// view is the window of one turn on the facts. It reads what is asked for, once,
// remembers the revision of what a decision may rest on, and keeps its first
// failure. It belongs to one goroutine.
type view struct {
	ctx context.Context //nolint:containedctx // View methods take no context (award.View)
	s   *Store
	err error

	// What Load brought.
	loaded       bool
	person       string // folded userid
	conversation string
	rev          int64
	stamp        string
	broken       bool
	personRaw    string
	unitKey      string
	unitRaw      string
	cycleRaw     string
	calendarRev  string

	// What was read since. "" is a record that does not exist.
	memo map[string]string
	// counts are the figures, nil before they were asked for; drafts is what is
	// known of the units' drafts.
	counts *award.Counts
	drafts map[string]map[string]string
	// reads are the stamps under check at commit, by key.
	reads []read
}

type read struct{ key, stamp string }

var _ bot.View = (*view)(nil)

func newView(ctx context.Context, s *Store) *view { return &view{ctx: ctx, s: s} }

// ViewAt opens a view outside a turn, for the scheduler and the commands of the
// operator.
func (s *Store) ViewAt(ctx context.Context) bot.View { return newView(ctx, s) }

// Err implements bot.View.
func (v *view) Err() error { return v.err }

// fail keeps the first failure.
func (v *view) fail(doing string, err error) {
	if err != nil && v.err == nil {
		v.err = fmt.Errorf("storage: read %s: %w", doing, err)
	}
}

// raw reads a record once per turn.
func (v *view) raw(key string) string {
	if raw, ok := v.memo[key]; ok {
		return raw
	}
	if v.err != nil {
		return ""
	}
	cmd := redis.NewStringCmd(v.ctx, "get", key)
	err := v.s.do(v.ctx, cmd)
	if err != nil && !errors.Is(err, redis.Nil) {
		v.fail(key, err)
		return ""
	}
	v.keep(key, cmd.Val())
	return cmd.Val()
}

func (v *view) keep(key, raw string) {
	if v.memo == nil {
		v.memo = make(map[string]string)
	}
	v.memo[key] = raw
}

// check puts a record under check; the first reading counts.
func (v *view) check(key, raw string) {
	for i := range v.reads {
		if v.reads[i].key == key {
			return
		}
	}
	v.reads = append(v.reads, read{key, stampOf(raw)})
}

// stampOf is a record's revision with the space behind it, "" for none.
func stampOf(raw string) string {
	if i := strings.IndexByte(raw, ' '); i >= 0 {
		return raw[:i+1]
	}
	return raw
}

// decoded runs a record through its cache.
func decoded[T any](v *view, c *cache[T], key, raw string) (T, bool) {
	var none T
	if raw == "" {
		return none, false
	}
	got, err := c.decode(raw)
	if err != nil {
		v.fail(key, err)
		return none, false
	}
	return *got, true
}

// Cycle implements award.View.
func (v *view) Cycle() (award.Cycle, bool) {
	c, ok := v.cycle()
	v.check(v.s.keys.open(), v.openRaw())
	c.Milestones = slices.Clone(c.Milestones)
	return c, ok
}

// cycle reads the cycle opened last without putting it under check: an index of another
// cycle than the reader's is no reason to start anew.
func (v *view) cycle() (award.Cycle, bool) {
	c, _ := decoded(v, v.s.caches.cycles, v.s.keys.open(), v.openRaw())
	return c, c.IsOpen()
}

func (v *view) openRaw() string {
	if v.loaded {
		return v.cycleRaw
	}
	return v.raw(v.s.keys.open())
}

// Person implements award.View.
func (v *view) Person(userid string) (award.Person, bool) {
	key := v.s.keys.person(userid)
	p, ok := decoded(v, v.s.caches.persons, key, v.rawPerson(userid))
	p.Roles = slices.Clone(p.Roles)
	if ok && v.loaded && fold(userid) == v.person {
		v.hint(p.Unit)
	}
	return p, ok
}

// hint remembers the asker's unit for the next load.
func (v *view) hint(unit string) {
	key := v.s.keys.unit(unit)
	if unit != "" && key != v.unitKey {
		v.s.caches.hints.put(v.person, &key)
	}
}

func (v *view) rawPerson(userid string) string {
	if !v.loaded || fold(userid) != v.person {
		return v.raw(v.s.keys.person(userid))
	}
	return v.personRaw
}

// Unit implements award.View.
func (v *view) Unit(id string) (award.Unit, bool) {
	key := v.s.keys.unit(id)
	raw := v.rawUnit(key)
	v.check(key, raw)
	u, ok := decoded(v, v.s.caches.units, key, raw)
	return cloneUnit(u), ok
}

func (v *view) rawUnit(key string) string {
	if v.loaded && key == v.unitKey {
		return v.unitRaw
	}
	return v.raw(key)
}

// cloneUnit keeps the cached unit out of reach of a decision's appends.
func cloneUnit(u award.Unit) award.Unit {
	u.Heads = slices.Clone(u.Heads)
	u.Deputys = slices.Clone(u.Deputys)
	u.Filers = slices.Clone(u.Filers)
	u.Confirmers = slices.Clone(u.Confirmers)
	u.Topics = slices.Clone(u.Topics)
	u.Aides = slices.Clone(u.Aides)
	u.Promises = slices.Clone(u.Promises)
	return u
}

// Topic implements award.View.
func (v *view) Topic(id string) (award.Topic, bool) {
	key := v.s.keys.topic(id)
	raw, known := v.memo[key]
	if !known {
		key, raw = v.findTopic(id)
	}
	v.check(key, raw)
	var t award.Topic
	ok := v.unmarshal(key, raw, &t)
	return t, ok
}

// findTopic reads a topic by internal id or 备案编号 in one call.
func (v *view) findTopic(id string) (key, raw string) {
	key = v.s.keys.topic(id)
	if v.err != nil {
		return key, ""
	}
	got, err := v.s.run(v.ctx, v.s.scripts.topic, []string{v.s.keys.numbers()}, []any{id, v.s.keys.topic("")})
	if err != nil {
		v.fail(key, err)
		return key, ""
	}
	if list, _ := got.([]any); len(list) == 2 {
		internal, _ := list[0].(string)
		raw, _ = list[1].(string)
		key = v.s.keys.topic(internal)
	}
	v.keep(key, raw)
	return key, raw
}

// Groups implements award.View.
func (v *view) Groups() award.Groups {
	key := v.s.keys.groups()
	raw := v.raw(key)
	v.check(key, raw)
	var g award.Groups
	v.unmarshal(key, raw, &g)
	return g
}

// NextNumber implements award.View.
func (v *view) NextNumber(sequence string) int {
	key := v.s.keys.sequence(sequence)
	v.check(key, v.raw(key))
	return v.serial(key)
}

// serial is the next free number of a sequence's record.
func (v *view) serial(key string) int {
	raw := v.raw(key)
	if raw == "" {
		return 1
	}
	last, err := strconv.Atoi(strings.TrimSuffix(raw, " "))
	v.fail(key, err)
	return last + 1
}
