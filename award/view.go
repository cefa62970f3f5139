package award

import "time"

// View is the read-only window on the stored facts. Methods take no context
// and return no error (design.md D2): a View lives for one turn, remembers what
// it read, holds the first failure, and its owner asks for that before commit.
// What Decide reads through it is remembered with its revision and checked at
// commit. A call costs what its answer costs; nothing loads all topics.
type View interface {
	// Cycle returns the open cycle. While none is open it returns the one ended
	// last, the zero Cycle before the first, and false.
	Cycle() (Cycle, bool)
	// Person returns a member by userid (folded to lower case).
	Person(userid string) (Person, bool)
	// Named returns the members with exactly this name, at most 10.
	Named(name string) []Person
	// WithRole returns the members holding a role, in order, at most 50.
	WithRole(role Role) []Person
	// Unit returns a unit by its name.
	Unit(id string) (Unit, bool)
	// Units returns all units in the order of the imported file, by pages.
	Units(offset, limit int) UnitPage
	// FindUnits returns units whose name contains the words, at most 10.
	FindUnits(part string) []Unit
	// Topic returns a topic by internal id or by 备案编号.
	Topic(id string) (Topic, bool)
	// Topics returns topics of the open cycle by index, oldest first.
	Topics(q TopicQuery) TopicPage
	// Unfiled returns the units that owe a filing in the open cycle and have
	// none with the department yet (nothing, 待确认 or withdrawn), in order.
	Unfiled(offset, limit int) UnitPage
	// Delivered returns the units that have a filing with the department in the
	// open cycle, in the order in which their first one arrived.
	Delivered(offset, limit int) UnitPage
	// Wishing returns the units with an open wish for an extension, in order.
	Wishing(offset, limit int) UnitPage
	// Counts returns the figures of the open cycle, kept by commutative counters.
	Counts() Counts
	// Stats returns the open cycle's figures by kind, kept by commutative counters.
	Stats() Stats
	// Draft returns what is known of the unit's furthest unsubmitted filing draft.
	Draft(unit string) (DraftSummary, bool)
	// Failed returns the messages that could not be delivered, newest first.
	Failed(offset, limit int) ([]Failed, int)
	// Calendar returns the working-day table.
	Calendar() Calendar
	// NextNumber returns the next free serial of a sequence ("topic:2026",
	// "filing:2026"); reading it puts its revision under check.
	NextNumber(sequence string) int
	// Similar returns the titles at least LikeTitle alike, nearest first, at most
	// limit: of live topics of any cycle but the topic named except, and of past
	// results. It is an index: its cost does not grow with the titles stored.
	Similar(title, except string, limit int) []Likeness
	// Past returns results of earlier cycles.
	Past(q PastQuery) PastPage
	// Groups returns the bound groups.
	Groups() Groups
}

// TopicQuery selects topics by one index. As with every page, a Limit of 0
// returns no entries and the Total.
type TopicQuery struct {
	Status Status // "" with Unit set: any
	Unit   string // "" : any
	// Late selects the topics marked 逾期 that are not withdrawn, whatever their
	// status and unit.
	Late   bool
	Offset int
	Limit  int
}

// TopicPage is a page of topics and how many there are in all.
type TopicPage struct {
	Topics []Topic
	Total  int
}

// UnitPage is a page of units and how many there are in all.
type UnitPage struct {
	Units []Unit
	Total int
}

// Counts are the open cycle's figures. Units counts those that owe a filing;
// Filed those of them that have delivered (已报送, 退回补正 or 实施中).
type Counts struct {
	Units int
	Filed int
	// ByStatus counts topics.
	ByStatus map[Status]int
}

// Stats are the open cycle's figures by kind (统计). Units and Filed are by type of
// unit; the topics are those with the department (IsDelivered).
type Stats struct {
	Units map[string]int // units that owe a filing
	Filed map[string]int // those of them that have delivered
	// Topics counts the delivered topics by category code (C49), Late and Key
	// those of them marked 逾期 and 重点.
	Topics map[string]int
	Late   int
	Key    int
}

// Changes is what a decision does, all or nothing. Storage derives indexes,
// counters and facts from the records; it never decides anything itself.
type Changes struct {
	Cycle   *Cycle
	Topics  []TopicChange
	Units   []UnitChange
	Persons []Person // whole records, last writer wins
	// Sequences moves a serial forward: the new last-used value.
	Sequences map[string]int
	// Groups is the bound groups after; Groups.Rev is one more than before.
	Groups *Groups
	// Drafts puts or (Total 0) removes draft summaries.
	Drafts []DraftSummary
	// Resend puts these failed messages back into the outbox.
	Resend []string
	Log    []Entry
}

// TopicChange is a topic before (nil: new) and after. After.Rev = Before.Rev+1.
type TopicChange struct {
	Before *Topic
	After  Topic
}

// UnitChange is a unit before (nil: new) and after. After.Rev = Before.Rev+1.
type UnitChange struct {
	Before *Unit
	After  Unit
}

// IsEmpty reports whether nothing changes.
func (c Changes) IsEmpty() bool {
	return c.Cycle == nil && c.Groups == nil && len(c.Topics) == 0 && len(c.Units) == 0 && len(c.Persons) == 0 &&
		len(c.Sequences) == 0 && len(c.Drafts) == 0 && len(c.Resend) == 0 && len(c.Log) == 0
}

// Refusal is a decision against: words the member may read, saying what was
// understood, which rule stands against it, its clause and who can waive it.
//
//nolint:errname // A refusal is an answer, not a failure.
type Refusal struct {
	Text   string
	Rule   string // stable name for logs and tests, "filing.title-taken"
	Clause string // "C77", "" when the rule is a default
}

// Error makes a Refusal an error.
func (r *Refusal) Error() string { return "refused " + r.Rule }

// Command is something a person wants done. It is sealed: the cases below and
// in command.go are all there are.
type Command interface{ command() }

// FilingRecord is the record name of a unit's filing facts in conditions:
// chat.Condition{Record: FilingRecord(unit), Field: "filed", Value: "2026"}
// holds once the unit's filing is with the department in cycle 2026. Field "state"
// is the unit's FilingState.
func FilingRecord(unit string) string { return "unit:" + unit }

// CycleRecord is the record name of the open cycle's facts: field "deadline" is
// DeadlineFact, so that a queued reminder that names another day is not sent.
const CycleRecord = "cycle"

// DeadlineFact is the last day of the cycle's filing stage, "2026-12-21", as the
// fact of CycleRecord; "" when nothing is open.
func DeadlineFact(c Cycle) string {
	m, ok := c.Milestone(StageFiling)
	if !ok || !c.IsOpen() {
		return ""
	}
	return lastDay(m).String()
}

// ExtensionFact is the last day of the unit's individual extension as its record
// has it, of whatever cycle, as the fact "until" of FilingRecord; "" without one.
func ExtensionFact(u Unit) string {
	if u.Extended.IsZero() {
		return ""
	}
	return DateOf(u.Extended.Add(-time.Second)).String()
}

// TopicRecord is the record name of a topic's facts: field "status".
func TopicRecord(id string) string { return "topic:" + id }
