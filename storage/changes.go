package storage

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"cxbot/award"
	"cxbot/bot"
)

// decides reports whether the changes rest on what was read. A draft summary or
// a log line alone does not: a form answer never collides with a neighbour's.
func decides(c *award.Changes) bool {
	return c.Cycle != nil || c.Groups != nil || len(c.Topics) > 0 || len(c.Units) > 0 || len(c.Persons) > 0 ||
		len(c.Sequences) > 0 || len(c.Resend) > 0
}

// changes adds what a decision does.
func (b *batch) changes(v *view, c *award.Changes, now int64) error {
	if c.IsEmpty() {
		return nil
	}
	if decides(c) {
		if err := b.decision(v, c, now); err != nil {
			return err
		}
	}
	for i := range c.Drafts {
		if err := b.draft(&c.Drafts[i]); err != nil {
			return err
		}
	}
	return b.log(c.Log)
}

// decision adds the records with their indexes. What the rules read is checked
// first: those stamps and the stamps of the records changed.
func (b *batch) decision(v *view, c *award.Changes, now int64) error {
	// The indexes of an ended cycle are kept up too: it may be opened again.
	open, _ := v.cycle()
	changed := newReads(v)
	if c.Cycle != nil {
		changed.want(b.s.keys.open(), stampOf(v.openRaw()))
		changed.step("cycle", open.Rev, c.Cycle.Rev)
		if err := b.cycle(c.Cycle, open.ID == c.Cycle.ID); err != nil {
			return err
		}
		open = *c.Cycle
	}
	if err := b.groups(c.Groups, changed); err != nil {
		return err
	}
	for i := range c.Topics {
		if err := b.topic(&c.Topics[i], changed); err != nil {
			return err
		}
	}
	for i := range c.Units {
		if err := b.unit(&c.Units[i], &open, changed); err != nil {
			return err
		}
	}
	if err := b.persons(v, c.Persons, changed); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(c.Sequences)) {
		b.set(b.s.keys.sequence(name), strconv.Itoa(c.Sequences[name])+" ")
	}
	if err := b.resends(v, c.Resend, now); err != nil {
		return err
	}
	if v.err != nil {
		return v.err
	}
	return changed.check(b)
}

// reads collects the stamps to check, each key once.
type reads struct {
	stamps  map[string]string
	order   []string
	clashed string // a key wanted at two revisions: a conflict already
}

func newReads(v *view) *reads {
	r := &reads{stamps: make(map[string]string, len(v.reads))}
	for _, have := range v.reads {
		r.want(have.key, have.stamp)
	}
	return r
}

func (r *reads) want(key, stamp string) {
	have, ok := r.stamps[key]
	switch {
	case !ok:
		r.stamps[key] = stamp
		r.order = append(r.order, key)
	case have != stamp:
		r.clashed = key
	}
}

// step wants a revision to be the one after the stored.
func (r *reads) step(what string, before, after int64) {
	if after != before+1 {
		r.clashed = what
	}
}

func (r *reads) check(b *batch) error {
	if r.clashed != "" {
		return fmt.Errorf("%w: %s", bot.ErrConflict, r.clashed)
	}
	for _, key := range r.order {
		b.stamped(key, r.stamps[key])
	}
	return nil
}

// cycle writes the open cycle. A new one begins with every owing unit unfiled.
func (b *batch) cycle(c *award.Cycle, known bool) error {
	text, err := record(cycleStamp(c), c)
	if err != nil {
		return err
	}
	b.set(b.s.keys.open(), text)
	b.set(b.s.keys.cycle(c.ID), text)
	if !known {
		b.copySet(b.s.keys.unfiled(c.ID), b.s.keys.owing())
	}
	b.hset(b.s.keys.facts(), factField(award.CycleRecord, "deadline"), award.DeadlineFact(*c))
	return nil
}

// fact writes a fact conditions of messages are checked against; "" removes it.
func (b *batch) fact(record, field, value string) {
	if value == "" {
		b.hdel(b.s.keys.facts(), factField(record, field))
		return
	}
	b.hset(b.s.keys.facts(), factField(record, field), value)
}

// groups writes the bound groups.
func (b *batch) groups(g *award.Groups, changed *reads) error {
	if g == nil {
		return nil
	}
	key, before := b.s.keys.groups(), ""
	if g.Rev > 1 {
		before = revStamp(g.Rev - 1)
	}
	changed.want(key, before)
	text, err := record(revStamp(g.Rev), g)
	if err != nil {
		return err
	}
	b.set(key, text)
	return nil
}

// topic writes a topic and its place in the indexes.
func (b *batch) topic(c *award.TopicChange, changed *reads) error {
	t, before := &c.After, c.Before
	key := b.s.keys.topic(t.ID)
	if before == nil {
		changed.want(key, "")
		changed.step(key, 0, t.Rev)
	} else {
		changed.want(key, revStamp(before.Rev))
		changed.step(key, before.Rev, t.Rev)
	}
	text, err := record(revStamp(t.Rev), t)
	if err != nil {
		return err
	}
	b.set(key, text)
	at := topicScore(t)
	if before != nil && before.Status != t.Status {
		b.zrem(b.s.keys.topics(t.Cycle, string(before.Status), ""), t.ID)
		b.zrem(b.s.keys.topics(t.Cycle, string(before.Status), t.Unit), t.ID)
	}
	for _, status := range []string{"", string(t.Status)} {
		b.zadd(b.s.keys.topics(t.Cycle, status, ""), at, t.ID)
		b.zadd(b.s.keys.topics(t.Cycle, status, t.Unit), at, t.ID)
	}
	if t.Number != "" {
		b.hset(b.s.keys.numbers(), t.Number, t.ID)
	}
	b.fact(award.TopicRecord(t.ID), "status", string(t.Status))
	b.topicStats(c, at)
	return b.indexTopic(c)
}

// topicStats keeps the list of late topics and the figures by kind.
func (b *batch) topicStats(c *award.TopicChange, at int64) {
	t := &c.After
	late := func(t *award.Topic) bool { return t != nil && t.Late && t.Status != award.StatusWithdrawn }
	if late(t) || late(c.Before) {
		b.member(b.s.keys.late(t.Cycle), late(t), at, t.ID)
	}
	stats, before, after := b.s.keys.stats(t.Cycle), topicFigures(c.Before), topicFigures(t)
	for _, figure := range figures(before, after) {
		b.count(stats, figure, after[figure]-before[figure])
	}
}

// topicFigures is what a topic counts for; nothing until it is delivered.
func topicFigures(t *award.Topic) map[string]int {
	if t == nil || !t.Status.IsDelivered() {
		return nil
	}
	f := t.Current().Filing
	out := map[string]int{factField(statTopics, f.Category): 1}
	if t.Late {
		out[statLate] = 1
	}
	if f.Key {
		out[statKey] = 1
	}
	return out
}

// The figures of keys.stats; a kind follows those that have one.
const (
	statTopics = "topics"
	statLate   = "late"
	statKey    = "key"
	statFiled  = "filed"
	statUnits  = "units"
)

// figures lists the names of figures, each once, in order.
func figures(before, after map[string]int) []string {
	names := slices.Collect(maps.Keys(before))
	for name := range after {
		if _, known := before[name]; !known {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// topicScore orders topics by the serial of their id ("2026-0012" → 12), which
// is the order of submitting.
func topicScore(t *award.Topic) int64 {
	serial, err := strconv.ParseInt(t.ID[strings.LastIndexByte(t.ID, '-')+1:], 10, 64)
	if err != nil {
		return t.SubmittedAt.UnixMilli()
	}
	return serial
}

// unit writes a unit, its places among the owing, unfiled, delivered and wishing
// ones, its facts and its part in the figures of the open cycle.
func (b *batch) unit(c *award.UnitChange, cycle *award.Cycle, changed *reads) error {
	u, before := &c.After, c.Before
	key := b.s.keys.unit(u.ID)
	if before == nil {
		changed.want(key, "")
		changed.step(key, 0, u.Rev)
	} else {
		changed.want(key, revStamp(before.Rev))
		changed.step(key, before.Rev, u.Rev)
	}
	text, err := record(revStamp(u.Rev), u)
	if err != nil {
		return err
	}
	b.set(key, text)
	b.hset(b.s.keys.facts(), factField(award.FilingRecord(u.ID), "state"), award.FilingState(*u))
	if before == nil || before.Order != u.Order {
		b.zadd(b.s.keys.units(), int64(u.Order), u.ID)
		b.raise(b.s.keys.unitsRev())
	}
	b.member(b.s.keys.owing(), u.Owes, int64(u.Order), u.ID)
	b.kinds(b.s.keys.stats(""), statUnits, kindIf(before, owes), kindIf(u, owes))
	if cycle.ID == "" {
		return nil
	}
	first, done := u.DeliveredAt(cycle.ID)
	wishes := u.Cycle == cycle.ID && u.Wish != nil
	b.member(b.s.keys.unfiled(cycle.ID), u.Owes && !done, int64(u.Order), u.ID)
	b.member(b.s.keys.delivered(cycle.ID), done, first.Unix(), u.ID)
	b.member(b.s.keys.wishing(cycle.ID), wishes, int64(u.Order), u.ID)
	counts := func(u *award.Unit) bool { return u.Owes && filed(u, cycle.ID) }
	b.kinds(b.s.keys.stats(cycle.ID), statFiled, kindIf(before, counts), kindIf(u, counts))
	value := ""
	if done {
		value = cycle.ID
	}
	b.fact(award.FilingRecord(u.ID), "filed", value)
	until := award.ExtensionFact(*u)
	if until != "" || before != nil && award.ExtensionFact(*before) != "" {
		b.hset(b.s.keys.facts(), factField(award.FilingRecord(u.ID), "until"), until)
	}
	return nil
}

func owes(u *award.Unit) bool { return u.Owes }

// filed reports whether a unit has a filing with the department in a cycle.
func filed(u *award.Unit, cycle string) bool {
	_, delivered := u.DeliveredAt(cycle)
	return delivered
}

// kindIf is the figure's kind a unit counts under, "" when it does not count.
func kindIf(u *award.Unit, counts func(*award.Unit) bool) string {
	if u == nil || !counts(u) {
		return ""
	}
	return "|" + u.Type
}

// kinds moves one unit from a kind of a figure to another.
func (b *batch) kinds(stats, figure, before, after string) {
	if before == after {
		return
	}
	if before != "" {
		b.count(stats, figure+before, -1)
	}
	if after != "" {
		b.count(stats, figure+after, 1)
	}
}

// personStamp begins a member's record: the place in which members were added,
// which orders every list of them, and half a digest in the place of a revision.
func personStamp(order int, body string) string {
	return strconv.Itoa(order) + "." + digest(body) + " "
}

// digest is half the SHA-256 of a record.
func digest(body string) string {
	const half = 16
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:half])
}

// peopleSequence numbers members in the order in which they were added.
const peopleSequence = "people"

// persons writes members and their indexes; new ones go to the end of the lists.
func (b *batch) persons(v *view, list []award.Person, changed *reads) error {
	if len(list) == 0 {
		return nil
	}
	seq := b.s.keys.sequence(peopleSequence)
	next := v.serial(seq)
	first := next
	for i := range list {
		p := &list[i]
		key, raw := b.s.keys.person(p.UserID), v.rawPerson(p.UserID)
		was, known := v.Person(p.UserID)
		order := next
		if known {
			order = orderOf(raw)
		} else {
			next++
		}
		changed.want(key, stampOf(raw))
		if err := b.person(key, p, was, order); err != nil {
			return err
		}
	}
	if next > first {
		changed.want(seq, stampOf(v.raw(seq)))
		b.set(seq, revStamp(int64(next-1)))
	}
	return nil
}

// orderOf reads the place out of a member's stamp.
func orderOf(raw string) int {
	text, _, _ := strings.Cut(raw, ".")
	order, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return order
}

// person writes one member; was is the record before, zero for a new one.
func (b *batch) person(key string, p *award.Person, was award.Person, order int) error {
	body, err := record("", p)
	if err != nil {
		return err
	}
	id := fold(p.UserID)
	b.set(key, personStamp(order, body)+body)
	b.zadd(b.s.keys.people(), int64(order), id)
	if was.Name != "" && was.Name != p.Name {
		b.zrem(b.s.keys.named(was.Name), id)
	}
	b.member(b.s.keys.named(p.Name), !p.Left, int64(order), id)
	for _, role := range award.Roles {
		if in := p.Has(role); in || slices.Contains(was.Roles, role) {
			b.member(b.s.keys.role(string(role)), in, int64(order), id)
		}
	}
	return nil
}

// draft puts a draft summary, or removes it when its total is 0.
func (b *batch) draft(d *award.DraftSummary) error {
	key, field := b.s.keys.drafts(d.Unit), factField(fold(d.Person), d.Form)
	if d.Total == 0 {
		b.hdel(key, field)
		return nil
	}
	text, err := record("", d)
	if err != nil {
		return err
	}
	b.hset(key, field, text)
	return nil
}

// log appends audit lines, each to the list of its day.
func (b *batch) log(entries []award.Entry) error {
	for i := range entries {
		line, err := AuditLine(entries[i])
		if err != nil {
			return err
		}
		b.push(b.s.keys.audit(award.DateOf(entries[i].At).String()), line)
	}
	return nil
}

// resends queues failed messages again. Whom they go to stands in the failed
// list, which is read here because every key has to be named to the script.
func (b *batch) resends(v *view, failed []string, now int64) error {
	if len(failed) == 0 {
		return nil
	}
	cmd := redis.NewSliceCmd(v.ctx, append([]any{"hmget", b.s.outbox[outFailed]}, boxed(failed)...)...)
	if err := b.s.do(v.ctx, cmd); err != nil {
		return fmt.Errorf("storage: read failed messages: %w", err)
	}
	for i, got := range cmd.Val() {
		text, ok := got.(string)
		if !ok {
			continue // somebody else sent it again meanwhile
		}
		var f award.Failed
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			return fmt.Errorf("storage: failed message: %w", err)
		}
		b.resend(failed[i], f.To, now)
	}
	return nil
}

// boxed makes arguments of texts.
func boxed(list []string) []any {
	out := make([]any, len(list))
	for i := range list {
		out[i] = list[i]
	}
	return out
}
