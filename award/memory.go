package award

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ErrRevision says that a change was made for a state that is no longer there.
var ErrRevision = errors.New("award: changed since it was read")

var errNumberTaken = errors.New("award: number belongs to another topic")

// Memory is a View over plain maps: the reference for storage, and what the
// tests of every room use. It is not safe for concurrent use.
type Memory struct {
	calendar  Calendar
	cycle     *Cycle
	units     map[string]Unit
	persons   map[string]Person
	order     []string // userids as added
	topics    map[string]Topic
	numbers   map[string]string // 备案编号 → topic id
	sequences map[string]int
	drafts    map[draftKey]DraftSummary
	failed    []Failed
	groups    Groups
	past      []Past
	// Log and Resent collect what Apply was given, oldest first.
	Log    []Entry
	Resent []string
}

type draftKey struct{ unit, person, form string }

// NewMemory returns an empty store with the given working days.
func NewMemory(cal Calendar) *Memory {
	return &Memory{
		calendar: cal, units: map[string]Unit{}, persons: map[string]Person{}, topics: map[string]Topic{},
		numbers: map[string]string{}, sequences: map[string]int{}, drafts: map[draftKey]DraftSummary{},
	}
}

// Add puts units and persons in, replacing those of the same id. A unit without
// a revision gets 1.
func (m *Memory) Add(units []Unit, persons []Person) {
	for _, unit := range units {
		unit.Rev = max(unit.Rev, 1)
		m.units[unit.ID] = cloneUnit(unit)
	}
	for _, person := range persons {
		m.putPerson(person)
	}
}

// Fail puts undeliverable messages on the failed list.
func (m *Memory) Fail(failed ...Failed) { m.failed = append(m.failed, failed...) }

// AddPast puts in results of earlier cycles, replacing those of the same ID.
func (m *Memory) AddPast(results ...Past) {
	for _, p := range results {
		m.past = slices.DeleteFunc(m.past, func(have Past) bool { return have.ID == p.ID })
		m.past = append(m.past, p)
	}
}

// Apply commits changes, all or nothing. An error wrapping ErrRevision means a
// record was not in the state the changes were decided on; anything else is a
// decision no store may take.
func (m *Memory) Apply(c Changes) error {
	if err := m.check(c); err != nil {
		return err
	}
	if c.Cycle != nil {
		cycle := *c.Cycle
		cycle.Milestones = slices.Clone(cycle.Milestones)
		m.cycle = &cycle
	}
	if c.Groups != nil {
		m.groups = *c.Groups
	}
	for _, change := range c.Units {
		m.units[change.After.ID] = cloneUnit(change.After)
	}
	for _, change := range c.Topics {
		m.topics[change.After.ID] = cloneTopic(change.After)
		if change.After.Number != "" {
			m.numbers[change.After.Number] = change.After.ID
		}
	}
	for _, person := range c.Persons {
		m.putPerson(person)
	}
	maps.Copy(m.sequences, c.Sequences)
	for _, draft := range c.Drafts {
		key := draftKey{draft.Unit, draft.Person, draft.Form}
		if draft.Total == 0 {
			delete(m.drafts, key)
			continue
		}
		m.drafts[key] = draft
	}
	m.failed = slices.DeleteFunc(m.failed, func(f Failed) bool { return slices.Contains(c.Resend, f.Key) })
	m.Resent = append(m.Resent, c.Resend...)
	m.Log = append(m.Log, c.Log...)
	return nil
}

// check compares every revision before anything is written.
func (m *Memory) check(c Changes) error {
	if c.Cycle != nil {
		var have int64
		if m.cycle != nil {
			have = m.cycle.Rev
		}
		if c.Cycle.Rev != have+1 {
			return fmt.Errorf("cycle %s: revision %d after %d: %w", c.Cycle.ID, c.Cycle.Rev, have, ErrRevision)
		}
	}
	if c.Groups != nil && c.Groups.Rev != m.groups.Rev+1 {
		return fmt.Errorf("groups: revision %d after %d: %w", c.Groups.Rev, m.groups.Rev, ErrRevision)
	}
	for _, change := range c.Topics {
		have, known := m.topics[change.After.ID]
		var before int64
		if change.Before != nil {
			before = change.Before.Rev
		}
		if err := checkRevision("topic "+change.After.ID, have.Rev, known, before, change.Before == nil, change.After.Rev); err != nil {
			return err
		}
		owner, taken := m.numbers[change.After.Number]
		if change.After.Number != "" && taken && owner != change.After.ID {
			return fmt.Errorf("topic %s: %s of %s: %w", change.After.ID, change.After.Number, owner, errNumberTaken)
		}
	}
	for _, change := range c.Units {
		have, known := m.units[change.After.ID]
		var before int64
		if change.Before != nil {
			before = change.Before.Rev
		}
		if err := checkRevision("unit "+change.After.ID, have.Rev, known, before, change.Before == nil, change.After.Rev); err != nil {
			return err
		}
	}
	for name, last := range c.Sequences {
		if last <= m.sequences[name] {
			return fmt.Errorf("sequence %s: %d after %d: %w", name, last, m.sequences[name], ErrRevision)
		}
	}
	return nil
}

func checkRevision(what string, have int64, known bool, before int64, isNew bool, after int64) error {
	if known == isNew || have != before || after != before+1 {
		return fmt.Errorf("%s: stored %d, decided on %d, written %d: %w", what, have, before, after, ErrRevision)
	}
	return nil
}

func (m *Memory) putPerson(p Person) {
	id := strings.ToLower(p.UserID)
	if _, known := m.persons[id]; !known {
		m.order = append(m.order, id)
	}
	p.Roles = slices.Clone(p.Roles)
	m.persons[id] = p
}

// Cycle implements View.
func (m *Memory) Cycle() (Cycle, bool) {
	if m.cycle == nil {
		return Cycle{}, false
	}
	cycle := *m.cycle
	cycle.Milestones = slices.Clone(cycle.Milestones)
	return cycle, cycle.IsOpen()
}

// isOpen reports whether a cycle is open.
func (m *Memory) isOpen() bool { return m.cycle != nil && m.cycle.IsOpen() }

// Person implements View.
func (m *Memory) Person(userid string) (Person, bool) {
	p, ok := m.persons[strings.ToLower(userid)]
	p.Roles = slices.Clone(p.Roles)
	return p, ok
}

// Named implements View; members who left are not offered.
func (m *Memory) Named(name string) []Person {
	const most = 10
	return m.people(most, func(p Person) bool { return p.Name == name && !p.Left })
}

// WithRole implements View; members who left are not offered.
func (m *Memory) WithRole(role Role) []Person {
	const most = 50
	return m.people(most, func(p Person) bool { return p.Has(role) })
}

func (m *Memory) people(limit int, want func(Person) bool) []Person {
	var found []Person
	for _, id := range m.order {
		if p := m.persons[id]; want(p) && len(found) < limit {
			p.Roles = slices.Clone(p.Roles)
			found = append(found, p)
		}
	}
	return found
}

// Unit implements View.
func (m *Memory) Unit(id string) (Unit, bool) {
	unit, ok := m.units[id]
	return cloneUnit(unit), ok
}

// Units implements View.
func (m *Memory) Units(offset, limit int) UnitPage {
	found := m.unitsWhere(func(Unit) bool { return true })
	return UnitPage{Units: page(found, offset, limit), Total: len(found)}
}

// FindUnits implements View; every word must occur in the name.
func (m *Memory) FindUnits(part string) []Unit {
	const most = 10
	words := strings.Fields(part)
	if len(words) == 0 {
		return nil
	}
	found := m.unitsWhere(func(u Unit) bool {
		return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(u.Name, word) })
	})
	return found[:min(most, len(found))]
}

func (m *Memory) unitsWhere(want func(Unit) bool) []Unit {
	var found []Unit
	for _, unit := range m.units {
		if want(unit) {
			found = append(found, cloneUnit(unit))
		}
	}
	slices.SortFunc(found, func(a, b Unit) int { return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.ID, b.ID)) })
	return found
}

// Topic implements View.
func (m *Memory) Topic(id string) (Topic, bool) {
	if internal, ok := m.numbers[id]; ok {
		id = internal
	}
	topic, ok := m.topics[id]
	return cloneTopic(topic), ok
}

// Topics implements View.
func (m *Memory) Topics(q TopicQuery) TopicPage {
	found := m.topicsWhere(func(t Topic) bool {
		if q.Late {
			return t.Late && t.Status != StatusWithdrawn
		}
		return (q.Status == "" || t.Status == q.Status) && (q.Unit == "" || t.Unit == q.Unit)
	})
	return TopicPage{Topics: page(found, q.Offset, q.Limit), Total: len(found)}
}

// topicsWhere returns topics of the open cycle, oldest first.
func (m *Memory) topicsWhere(want func(Topic) bool) []Topic {
	var found []Topic
	for _, topic := range m.topics {
		if m.isOpen() && topic.Cycle == m.cycle.ID && want(topic) {
			found = append(found, cloneTopic(topic))
		}
	}
	// Serials grow past their four digits, so length goes before text.
	slices.SortFunc(found, func(a, b Topic) int {
		return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	})
	return found
}

// Unfiled implements View.
func (m *Memory) Unfiled(offset, limit int) UnitPage {
	if !m.isOpen() {
		return UnitPage{}
	}
	delivered := m.delivered()
	found := m.unitsWhere(func(u Unit) bool { return u.Owes && !delivered[u.ID] })
	return UnitPage{Units: page(found, offset, limit), Total: len(found)}
}

// Delivered implements View.
func (m *Memory) Delivered(offset, limit int) UnitPage {
	if !m.isOpen() {
		return UnitPage{}
	}
	at := func(u Unit) int64 {
		first, _ := u.DeliveredAt(m.cycle.ID)
		return first.Unix()
	}
	found := m.unitsWhere(func(u Unit) bool {
		_, delivered := u.DeliveredAt(m.cycle.ID)
		return delivered
	})
	slices.SortStableFunc(found, func(a, b Unit) int { return cmp.Or(cmp.Compare(at(a), at(b)), cmp.Compare(a.ID, b.ID)) })
	return UnitPage{Units: page(found, offset, limit), Total: len(found)}
}

// Wishing implements View.
func (m *Memory) Wishing(offset, limit int) UnitPage {
	if !m.isOpen() {
		return UnitPage{}
	}
	found := m.unitsWhere(func(u Unit) bool { return u.Cycle == m.cycle.ID && u.Wish != nil })
	return UnitPage{Units: page(found, offset, limit), Total: len(found)}
}

// Stats implements View.
func (m *Memory) Stats() Stats {
	out := Stats{Units: map[string]int{}, Filed: map[string]int{}, Topics: map[string]int{}}
	delivered := m.delivered()
	for _, u := range m.units {
		if u.Owes {
			out.Units[u.Type]++
		}
		if u.Owes && delivered[u.ID] {
			out.Filed[u.Type]++
		}
	}
	for _, t := range m.topicsWhere(func(t Topic) bool { return t.Status.IsDelivered() }) {
		f := t.Current().Filing
		out.Topics[f.Category]++
		if t.Late {
			out.Late++
		}
		if f.Key {
			out.Key++
		}
	}
	return out
}

// delivered returns the units that have a filing with the department.
func (m *Memory) delivered() map[string]bool {
	units := map[string]bool{}
	for _, topic := range m.topicsWhere(func(t Topic) bool { return t.Status.IsDelivered() }) {
		units[topic.Unit] = true
	}
	return units
}

// Counts implements View. Without an open cycle only Units is counted.
func (m *Memory) Counts() Counts {
	counts := Counts{ByStatus: map[Status]int{}}
	delivered := m.delivered()
	for _, unit := range m.units {
		if unit.Owes {
			counts.Units++
			if delivered[unit.ID] {
				counts.Filed++
			}
		}
	}
	for _, topic := range m.topicsWhere(func(Topic) bool { return true }) {
		counts.ByStatus[topic.Status]++
	}
	return counts
}

// Draft implements View: the furthest of the unit's drafts, the newest of equals.
func (m *Memory) Draft(unit string) (DraftSummary, bool) {
	var best DraftSummary
	for key, draft := range m.drafts {
		if key.unit == unit && furthest(draft, best) > 0 {
			best = draft
		}
	}
	best.Missing = slices.Clone(best.Missing)
	return best, best.Total > 0
}

// furthest orders drafts by the share that is done; everything else only breaks
// ties, so that the answer does not depend on the order of a map.
func furthest(a, b DraftSummary) int {
	return cmp.Or(
		cmp.Compare(a.Done*max(b.Total, 1), b.Done*max(a.Total, 1)),
		a.At.Compare(b.At), cmp.Compare(a.Person, b.Person), cmp.Compare(a.Form, b.Form),
	)
}

// Similar implements View.
func (m *Memory) Similar(title, except string, limit int) []Likeness {
	var all []Likeness
	for _, t := range m.topics {
		if t.ID != except && t.Status != StatusWithdrawn {
			all = append(all, Likeness{ID: t.ID, Title: t.Title(), Unit: t.Unit, Cycle: t.Cycle})
		}
	}
	for _, p := range m.past {
		all = append(all, Likeness{ID: p.ID, Title: p.Title, Unit: p.Unit, Cycle: p.Cycle})
	}
	return Nearest(title, all, limit)
}

// Past implements View.
func (m *Memory) Past(q PastQuery) PastPage { return SelectPast(m.past, q) }

// Groups implements View.
func (m *Memory) Groups() Groups {
	return Groups{Rev: m.groups.Rev, List: slices.Clone(m.groups.List)}
}

// Failed implements View.
func (m *Memory) Failed(offset, limit int) ([]Failed, int) {
	newest := slices.Clone(m.failed)
	slices.SortStableFunc(newest, func(a, b Failed) int { return b.At.Compare(a.At) })
	return page(newest, offset, limit), len(newest)
}

// Calendar implements View.
func (m *Memory) Calendar() Calendar { return m.calendar }

// NextNumber implements View.
func (m *Memory) NextNumber(sequence string) int { return m.sequences[sequence] + 1 }

// page cuts limit entries from offset on; out of range is empty.
func page[T any](all []T, offset, limit int) []T {
	if offset < 0 || limit <= 0 || offset >= len(all) {
		return nil
	}
	return all[offset:min(offset+limit, len(all))]
}
