package dialog

import "cxbot/chat"

// Form declares one conversation that collects answers and ends in a command
// (备案) or that does one thing (通过、退回): a literal, one line a field. Help,
// template, preview, menu and guide are computed from it. V is the view of the
// asker, C the command; handlers alias both once.
type Form[V, C any] struct {
	ID      string // ASCII, stored in drafts, never reused
	Version int    // raised when fields change; drafts of older versions are migrated
	Title   string // "课题备案"
	Minutes int    // honest estimate for the opening line
	Menu    string // how the menu offers it, "" keeps it out ("报课题")
	// Rare keeps it off the first screen of the menu; 更多 shows it.
	Rare   bool
	Intent Intent
	// Allow says who may start it: "" or a polite refusal that names who can.
	Allow func(V) string
	// Begin looks at the slots the intent filled and returns first answers by
	// field key, or a refusal in words. The object worked on (a topic) goes into
	// Start.Object and comes back in Answers.
	Begin  func(V, Slots) (Start, string)
	Fields []Field[V]
	// Ignore are labels found on the paper form that need no answer here (申报单位):
	// in a pasted text they are passed over without a word.
	Ignore []string
	// Rules span several fields; a broken one blames one field.
	Rules []Rule[V]
	// Confirm says how it ends: ConfirmSubmit shows the preview and waits for 提交,
	// ConfirmYes asks one yes/no line, ConfirmNone acts as soon as nothing is missing.
	Confirm Confirm
	// Summary is the text shown when asked to confirm; nil: the preview.
	Summary func(V, Answers) string
	// Facts are the 4–6 rows of the confirm card.
	Facts func(V, Answers) []chat.Row
	// Finish makes the command; a non-empty text refuses and keeps the draft.
	Finish func(V, Answers) (C, string)
	// Now makes the command out of the sentence alone, without a draft, or refuses
	// in words. With ok false the form asks; a form without Finish has no questions
	// and must be ok. nil: the form always begins a draft.
	Now func(V, Slots) (command C, refusal string, ok bool)
	// Group lets Now be used in a group, where nothing else of a form may be said (D29).
	Group bool
	// Keep makes the draft a record other people see the progress of (DraftSummary).
	Keep bool
	// Reuse proposes the answers of the person's last form (沿用上次): those that can
	// stand are taken, the others are asked. A non-empty text refuses. nil: never.
	Reuse func(V) (Start, string)
	// MayReuse says whether there is a last form, so that 沿用上次 is offered; it
	// must cost nothing.
	MayReuse func(V) bool
	// Hint is one gentle word at the last confirmation, "" for none; it never blocks.
	Hint func(V, Answers) string
	// Migrations bring drafts of older versions up, step by step.
	Migrations []Migration
}

// Confirm is how a form ends.
type Confirm int

// The ways a form ends.
const (
	ConfirmSubmit Confirm = iota
	ConfirmYes
	ConfirmNone
)

// Start is what Form.Begin returns.
type Start struct {
	Answers map[string]string // canonical values by field key
	Raw     map[string]string // answers as typed: read by the field's kind, problems are asked
	Object  string            // what the form works on, e.g. a topic id
	Note    string            // one sentence before the first question
	// Then is a change to be made at once in the opened draft, as a person says it.
	Then string
	// Asks are sentences to put before a field's question (a return's items), by
	// field key; those fields are asked although they have a value.
	Asks map[string]string
	// Items are things to be done that no field holds (a return's general items):
	// asked one by one after Asks, each answered with 已改.
	Items []string
}

// Field declares one answer. Asked fields are put one by one in order; Quiet
// ones are prefilled by Default and read back once, or optional and offered in
// one closing question.
type Field[V any] struct {
	Key     string   // ASCII, stored, never reused
	Label   string   // as in the template, unique in the form
	Aliases []string // other labels accepted in pasted text
	Section string
	Kind    Kind
	Ask     string // at most 40 characters
	Example string
	// Note is said behind a derived value when it is read back, "" for nothing.
	Note     func(value string) string
	Help     string // the rules in full, shown by 帮助 or after failures
	Required bool
	Quiet    bool
	// Silent keeps an optional field out of every offer: it is there for those
	// who name it (逾期原因).
	Silent bool
	// When limits the field to drafts where it applies; nil: always. A value that
	// stops applying is kept, not counted (B65). At most maxWhen fields of a form
	// have one.
	When func(Answers) bool
	// WhenNote says in words when the field applies ("只有方向选 2.3 时才填").
	WhenNote string
	// Complete fills in what the partial reading of a text lacks from what is known, "" when it
	// is not known: "夏素珍副书记" gets the telephone of the list of people.
	Complete func(v V, text, partial string) string
	// Resolve completes what was read by looking at the facts (part of a unit's
	// name → the unit) or says what is unclear. value is canonical.
	Resolve func(v V, a Answers, value string) (string, Problem)
	// Heard is a regular expression over a whole message that is plainly this
	// field's answer although something else was asked ("书记同意了"), "" for none.
	Heard string
	// Default proposes a canonical value; it is checked like a typed one.
	Default func(V, Answers) string
	// Check holds rules that need the view or other answers; its problem is
	// RuleBroken. value is canonical.
	Check func(V, Answers, string) Problem
	// Warn returns a sentence to add although the value stands ("与往届…相近").
	Warn func(V, Answers, string) string
}

// Rule is a check across fields (end before start).
type Rule[V any] struct {
	Name string
	// Blames lists the fields it can blame; it is looked at with those only.
	Blames []string
	Check  func(V, Answers) (field string, problem Problem)
}

// Query declares a question that is answered at once (进度, 截止, 谁没报).
type Query[V any] struct {
	ID     string
	Title  string
	Menu   string
	Rare   bool // see Form.Rare
	Intent Intent
	Allow  func(V) string
	Answer func(V, Slots) Answer
	// Group answers in a group: public facts and counts only (D29, UX rule 41).
	// nil: the asker is led to the single chat.
	Group func(V, Slots) Answer
}

// Answer is a query's result.
type Answer struct {
	Text string
	Card *chat.Card
	// List is remembered for 24 h so that "2号" can mean its second item.
	List *List
	// Private goes to the asker alone when asked in a group.
	Private string
	// Files are sent to the asker after the text; About names the record they are of.
	Files []chat.Attachment
	About string
}

// Intent says which messages start a form or a query. A message is compared
// after Normalise and stripping of politeness and punctuation. Score: exact >
// full pattern > keywords; roles and state filter; a tie is asked as 1/2/3.
type Intent struct {
	Exact []string
	// Patterns are regular expressions over the whole message; named groups
	// become slots.
	Patterns []string
	// Keywords: the message must contain a word of every group.
	Keywords [][]string
	// Idle intents are small talk and bare consent: they count only when no
	// question is open.
	Idle bool
}

// Slots are the parts of a message an intent cut out, as typed, and the whole
// text under "text". A slot "new" asks for a second draft beside an open one,
// "object" names what to work on.
type Slots map[string]string

// Answers gives typed access to the values of a draft.
type Answers struct {
	Object string
	list   []Value // a draft's, shared and never changed
	key    string  // one value looked at before it is stored
	text   string
}

// Get returns the canonical value of a field, "" when unset.
func (a Answers) Get(key string) string {
	if key == a.key {
		return a.text
	}
	for i := range a.list {
		if a.list[i].Key == key {
			return a.list[i].Text
		}
	}
	return ""
}

// with is the answers with one more, or another, value.
func (a Answers) with(key, text string) Answers {
	a.key, a.text = key, text
	return a
}

// Has reports whether the field has a value.
func (a Answers) Has(key string) bool { return a.Get(key) != "" }
