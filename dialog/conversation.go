package dialog

import (
	"time"

	"cxbot/chat"
)

// Conversation is all the bot remembers of its talk with one person: drafts,
// the list last shown, pages not yet read. It belongs to the person, not to a
// channel. One record, one revision, one write a turn.
type Conversation struct {
	Person string
	Rev    int64 // 0: never stored
	Serial int   // number of the last draft made
	// Drafts holds up to five; the first is the active one when Active is set,
	// the others are parked.
	Drafts []Draft
	Active bool
	Pages  []string // what is left to read of a long reply (下一页)
	List   List
	Choice OpenChoice // an open 1/2/3 question
	// Unsaid are the first lines of replies to a burst that were not sent yet.
	Unsaid []string
	// Dropped is the draft last deleted or restarted, kept 24 h for 撤销.
	Dropped   *Draft
	DroppedAt time.Time
	SeenAt    time.Time // last event, for the recap after two hours
	// Receipt is what the last 提交 was answered with: a second tap gets it again.
	Receipt    string
	ReceiptAt  time.Time
	ReceiptRef chat.Ref
	// Asked marks a message that was held back because of a word in it; sent
	// again unchanged, it is taken. It is a hash, never the text.
	Asked   string
	AskedAt time.Time
	// Pictures on their way, those that wait for a draft, and what has not been
	// said about them (files.go).
	Coming []Coming
	Tray   []Kept
	Burst  Burst
}

// Draft is a form somebody is filling in.
type Draft struct {
	Form    string
	Version int
	N       int    // distinguishes drafts of one form; "filing.3" names it in cards
	Rev     int64  // raised by every change of a value
	Object  string // what is worked on; a revision may follow after "@"
	Values  []Value
	Pos     string // field jumped to, "" lets the first open one be asked
	Back    string // where to return to after an edit, "" none
	Confirm bool   // waiting for 提交 / yes
	Readied bool   // the read-back of prefilled values was shown
	Tries   int    // failed attempts at the current field
	Partial string // long text being collected, canonical so far
	Asks    []Value
	Undo    []Change
	Redo    []Change
	Archive []Value // values of fields that no longer exist
	Created time.Time
	Changed time.Time
}

// Value is one answer: the canonical text, what was typed, and where from.
type Value struct {
	Key  string
	Text string
	From string // "typed", "default", "paste", "begin"
	Skip bool   // deliberately left empty
}

// Change is one undoable step: the values before it.
type Change struct {
	Before []Value // values of the touched keys before; Text "" and From "" for unset
	Pos    string
	Asks   []Value // what the draft was asked for before (a return's items)
}

// List is what was last shown as a numbered list.
type List struct {
	Kind string // "topics", "units", "failed"
	IDs  []string
	At   time.Time
}

// OpenChoice is an open question "1/2/3?" and what each answer stands for.
type OpenChoice struct {
	Text    string // the message that was ambiguous
	Options []string
	At      time.Time
}
