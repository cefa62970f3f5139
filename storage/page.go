package storage

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"cxbot/award"
)

// The bounds of the lists a view gives (award.View).
const (
	maxNamed = 10
	maxRole  = 50
	maxFound = 10
)

// unmarshal reads the body of "stamp json".
func (v *view) unmarshal(key, raw string, into any) bool {
	if raw == "" {
		return false
	}
	_, body, _ := strings.Cut(raw, " ")
	if err := json.Unmarshal([]byte(body), into); err != nil {
		v.fail(key, err)
		return false
	}
	return true
}

// page reads one page of an index and its records in one call.
func (v *view) page(index, prefix string, offset, limit int) (ids, raws []string, total int) {
	if v.err != nil || limit <= 0 {
		limit = 0
	}
	got, err := v.s.run(v.ctx, v.s.scripts.page, []string{index}, []any{prefix, max(offset, 0), limit})
	if err != nil {
		v.fail(index, err)
		return nil, nil, 0
	}
	list, _ := got.([]any)
	if len(list) == 0 {
		return nil, nil, 0
	}
	count, _ := list[0].(int64)
	for i := 1; i+1 < len(list); i += 2 {
		id, _ := list[i].(string)
		raw, ok := list[i+1].(string)
		if !ok {
			continue // an index entry whose record is gone: nothing to show
		}
		ids, raws = append(ids, id), append(raws, raw)
		v.keep(prefix+id, raw)
	}
	return ids, raws, int(count)
}

// Topics implements award.View.
func (v *view) Topics(q award.TopicQuery) award.TopicPage {
	c, ok := v.cycle()
	if !ok {
		return award.TopicPage{}
	}
	index := v.s.keys.topics(c.ID, string(q.Status), q.Unit)
	if q.Late {
		index = v.s.keys.late(c.ID)
	}
	_, raws, total := v.page(index, v.s.keys.topic(""), q.Offset, q.Limit)
	out := award.TopicPage{Total: total}
	for _, raw := range raws {
		var t award.Topic
		if v.unmarshal("topic", raw, &t) {
			out.Topics = append(out.Topics, t)
		}
	}
	return out
}

// Unfiled implements award.View.
func (v *view) Unfiled(offset, limit int) award.UnitPage {
	out := v.unitPage(v.s.keys.unfiled, offset, limit)
	v.fetchDrafts(out.Units)
	return out
}

// Delivered implements award.View.
func (v *view) Delivered(offset, limit int) award.UnitPage {
	return v.unitPage(v.s.keys.delivered, offset, limit)
}

// Wishing implements award.View.
func (v *view) Wishing(offset, limit int) award.UnitPage {
	return v.unitPage(v.s.keys.wishing, offset, limit)
}

// unitPage reads one page of an index of the open cycle's units.
func (v *view) unitPage(index func(cycle string) string, offset, limit int) award.UnitPage {
	c, ok := v.cycle()
	if !ok {
		return award.UnitPage{}
	}
	ids, raws, total := v.page(index(c.ID), v.s.keys.unit(""), offset, limit)
	out := award.UnitPage{Total: total}
	for i, raw := range raws {
		if u, ok := decoded(v, v.s.caches.units, ids[i], raw); ok {
			out.Units = append(out.Units, cloneUnit(u))
		}
	}
	return out
}

// fetchDrafts reads the drafts of units together: whoever lists units without a
// filing says next how far each of them is.
func (v *view) fetchDrafts(units []award.Unit) {
	if v.err != nil || len(units) == 0 {
		return
	}
	pipe := v.s.client.Pipeline()
	all := make([]*redis.MapStringStringCmd, len(units))
	for i := range units {
		all[i] = pipe.HGetAll(v.ctx, v.s.keys.drafts(units[i].ID))
	}
	if _, err := pipe.Exec(v.ctx); err != nil {
		v.fail("drafts", err)
		return
	}
	if v.drafts == nil {
		v.drafts = make(map[string]map[string]string, len(units))
	}
	for i := range units {
		v.drafts[units[i].ID] = all[i].Val()
	}
}

// Named implements award.View.
func (v *view) Named(name string) []award.Person {
	return v.persons(v.s.keys.named(name), maxNamed)
}

// WithRole implements award.View.
func (v *view) WithRole(role award.Role) []award.Person {
	return v.persons(v.s.keys.role(string(role)), maxRole)
}

func (v *view) persons(index string, limit int) []award.Person {
	ids, raws, _ := v.page(index, v.s.keys.person(""), 0, limit)
	out := make([]award.Person, 0, len(raws))
	for i, raw := range raws {
		if p, ok := decoded(v, v.s.caches.persons, ids[i], raw); ok {
			p.Roles = slices.Clone(p.Roles)
			out = append(out, p)
		}
	}
	return out
}

// FindUnits implements award.View: every word must occur. The names are kept in
// the process and only read again when their revision has changed.
func (v *view) FindUnits(part string) []award.Unit {
	words := strings.Fields(part)
	if len(words) == 0 {
		return nil
	}
	var keys []string
	for _, name := range v.unitNames() {
		if len(keys) == maxFound {
			break
		}
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(name, word) }) {
			keys = append(keys, v.s.keys.unit(name))
		}
	}
	v.fetch(keys)
	var found []award.Unit
	for _, key := range keys {
		if u, ok := decoded(v, v.s.caches.units, key, v.rawUnit(key)); ok {
			found = append(found, cloneUnit(u))
		}
	}
	return found
}

// Units implements award.View.
func (v *view) Units(offset, limit int) award.UnitPage {
	names := v.unitNames()
	out := award.UnitPage{Total: len(names)}
	offset = max(0, min(offset, len(names)))
	names = names[offset:min(len(names), offset+max(0, limit))]
	keys := make([]string, len(names))
	for i, name := range names {
		keys[i] = v.s.keys.unit(name)
	}
	v.fetch(keys)
	for _, key := range keys {
		if u, ok := decoded(v, v.s.caches.units, key, v.rawUnit(key)); ok {
			out.Units = append(out.Units, cloneUnit(u))
		}
	}
	return out
}

// fetch reads records into the view's memory, those it lacks, in one call.
func (v *view) fetch(keys []string) {
	args := append(make([]any, 0, len(keys)+1), "mget")
	for _, key := range keys {
		if _, have := v.memo[key]; !have && (!v.loaded || key != v.unitKey) {
			args = append(args, key)
		}
	}
	if v.err != nil || len(args) == 1 {
		return
	}
	cmd := redis.NewSliceCmd(v.ctx, args...)
	if err := v.s.do(v.ctx, cmd); err != nil {
		v.fail("records", err)
		return
	}
	for i, got := range cmd.Val() {
		key, _ := args[i+1].(string)
		raw, _ := got.(string)
		v.keep(key, raw)
	}
}

func (v *view) unitNames() []string {
	rev := v.raw(v.s.keys.unitsRev())
	if v.err != nil {
		return nil
	}
	if have, ok := v.s.caches.names.get(rev); ok {
		return *have
	}
	cmd := redis.NewStringSliceCmd(v.ctx, "zrange", v.s.keys.units(), 0, -1)
	if err := v.s.do(v.ctx, cmd); err != nil {
		v.fail("units", err)
		return nil
	}
	names := cmd.Val()
	v.s.caches.names.put(rev, &names)
	return names
}

// Counts implements award.View: the sizes of the indexes, one pipelined call
// a turn, whatever the number of topics.
func (v *view) Counts() award.Counts {
	if v.counts == nil {
		counts := v.readCounts()
		if v.err != nil {
			return counts
		}
		v.counts = &counts
	}
	out := *v.counts
	out.ByStatus = maps.Clone(out.ByStatus)
	return out
}

func (v *view) readCounts() award.Counts {
	out := award.Counts{ByStatus: make(map[award.Status]int)}
	c, open := v.cycle()
	if v.err != nil {
		return out
	}
	pipe := v.s.client.Pipeline()
	owing := pipe.ZCard(v.ctx, v.s.keys.owing())
	var unfiled *redis.IntCmd
	statuses := make(map[award.Status]*redis.IntCmd)
	if open {
		unfiled = pipe.ZCard(v.ctx, v.s.keys.unfiled(c.ID))
		for _, st := range award.Statuses() {
			statuses[st] = pipe.ZCard(v.ctx, v.s.keys.topics(c.ID, string(st), ""))
		}
	}
	if _, err := pipe.Exec(v.ctx); err != nil {
		v.fail("counts", err)
		return out
	}
	out.Units = int(owing.Val())
	if open {
		out.Filed = int(owing.Val() - unfiled.Val())
	}
	for st, n := range statuses {
		if n.Val() > 0 {
			out.ByStatus[st] = int(n.Val())
		}
	}
	return out
}

// Stats implements award.View: two small hashes in one call.
func (v *view) Stats() award.Stats {
	out := award.Stats{Units: map[string]int{}, Filed: map[string]int{}, Topics: map[string]int{}}
	c, open := v.cycle()
	if v.err != nil {
		return out
	}
	pipe := v.s.client.Pipeline()
	all := []*redis.MapStringStringCmd{pipe.HGetAll(v.ctx, v.s.keys.stats(""))}
	if open {
		all = append(all, pipe.HGetAll(v.ctx, v.s.keys.stats(c.ID)))
	}
	if _, err := pipe.Exec(v.ctx); err != nil {
		v.fail("figures", err)
		return out
	}
	for _, cmd := range all {
		for figure, text := range cmd.Val() {
			n, err := strconv.Atoi(text)
			v.fail("figures", err)
			name, kind, _ := strings.Cut(figure, "|")
			switch name {
			case statUnits:
				out.Units[kind] = n
			case statFiled:
				out.Filed[kind] = n
			case statTopics:
				out.Topics[kind] = n
			case statLate:
				out.Late = n
			case statKey:
				out.Key = n
			}
		}
	}
	return out
}

// Draft implements award.View.
func (v *view) Draft(unit string) (award.DraftSummary, bool) {
	var best award.DraftSummary
	if v.err != nil {
		return best, false
	}
	all, known := v.drafts[unit]
	if !known {
		cmd := redis.NewMapStringStringCmd(v.ctx, "hgetall", v.s.keys.drafts(unit))
		if err := v.s.do(v.ctx, cmd); err != nil {
			v.fail("drafts", err)
			return best, false
		}
		all = cmd.Val()
	}
	found := false
	for _, raw := range all {
		var d award.DraftSummary
		if err := json.Unmarshal([]byte(raw), &d); err != nil {
			v.fail("drafts", err)
			return best, false
		}
		if !found || further(d, best) {
			best, found = d, true
		}
	}
	return best, found
}

// further orders drafts by the share that is done; everything else only breaks
// ties, so that the answer does not depend on the order of a map.
func further(a, b award.DraftSummary) bool {
	return cmp.Or(
		cmp.Compare(a.Done*max(b.Total, 1), b.Done*max(a.Total, 1)),
		a.At.Compare(b.At), cmp.Compare(a.Person, b.Person), cmp.Compare(a.Form, b.Form),
	) > 0
}

// Failed implements award.View.
func (v *view) Failed(offset, limit int) ([]award.Failed, int) {
	if v.err != nil {
		return nil, 0
	}
	keys := []string{v.s.outbox[outFailix], v.s.outbox[outFailed]}
	got, err := v.s.run(v.ctx, v.s.scripts.failed, keys, []any{max(offset, 0), max(limit, 0)})
	if err != nil {
		v.fail("failed", err)
		return nil, 0
	}
	list, _ := got.([]any)
	if len(list) == 0 {
		return nil, 0
	}
	total, _ := list[0].(int64)
	var out []award.Failed
	for _, raw := range list[1:] {
		text, ok := raw.(string)
		if !ok {
			continue
		}
		var f award.Failed
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			v.fail("failed", err)
			return nil, 0
		}
		out = append(out, f)
	}
	return out, int(total)
}

// Calendar implements award.View.
func (v *view) Calendar() award.Calendar {
	rev := v.calendarRev
	if !v.loaded {
		rev = v.raw(v.s.keys.calendarRev())
	}
	if rev == "" || v.err != nil {
		return award.Calendar{}
	}
	if c, ok := v.s.caches.calendars.get(rev); ok {
		return *c
	}
	cmd := redis.NewStringCmd(v.ctx, "get", v.s.keys.calendar())
	if err := v.s.do(v.ctx, cmd); err != nil && !errors.Is(err, redis.Nil) {
		v.fail("calendar", err)
		return award.Calendar{}
	}
	var c award.Calendar
	if v.unmarshal("calendar", cmd.Val(), &c) && stampOf(cmd.Val()) == rev+" " {
		v.s.caches.calendars.put(rev, &c)
	}
	return c
}
