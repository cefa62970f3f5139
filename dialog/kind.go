package dialog

import "time"

// Kind reads, shows and describes one sort of answer. All faces of a kind stand
// in its own file kind_NAME.go. Kinds are stateless and safe to share.
type Kind interface {
	// Read turns what a person typed into a canonical string, or says why not.
	// It never guesses: what could be two things is NotUnderstood with a question.
	Read(text string, env Env) Reading
	// Show renders a canonical value for people; several lines where it is a list.
	Show(value string) string
	// Form names the expected form in at most 30 characters ("写日期，如 2027年6月30日").
	Form() string
	// Numeric reports whether a bare number answers the question (design.md D10).
	Numeric() bool
	// Long reports whether only whole-message reserved words interrupt (dialog.md 5.5).
	Long() bool
}

// Env is what a reading may depend on besides the text.
type Env struct {
	Now   time.Time
	Old   string // the value so far, canonical, "" for none: lets 加／删／改 work on lists
	Label string // the field's label, for sentences
}

// Reading is the result of Kind.Read: a value, or a problem. With a RuleBroken
// problem Value may hold what could be read already (a Contact without a phone,
// too few Rows): it is not an answer, but handed back as Env.Old with the next
// message it lets the person send only what is missing.
type Reading struct {
	Value string // canonical
	// Echo is what was understood, when normalising changed what was typed
	// ("2027-06-30（按 6 月底算）"); "" when nothing needs saying (UX rule 12).
	Echo    string
	Problem Problem
	// More asks for further messages until 完成 (long texts near the platform's
	// message limit, files); Value holds what is there so far.
	More bool
}

// ProblemKind tells the two failures of reading apart (feature 6).
type ProblemKind int

// The kinds of problems. None is no problem.
const (
	None ProblemKind = iota
	NotUnderstood
	RuleBroken
)

// Problem is one sentence about an answer that cannot stand: which form is
// expected, or which rule and limit it breaks. It never blames.
type Problem struct {
	Kind ProblemKind
	Text string
}

// OK reports whether there is no problem.
func (p Problem) OK() bool { return p.Kind == None }

// NotRead makes a Problem for an answer that was not understood.
func NotRead(text string) Reading { return Reading{Problem: Problem{NotUnderstood, text}} }

// Breaks makes a Problem for an answer that was understood and breaks a rule.
func Breaks(text string) Reading { return Reading{Problem: Problem{RuleBroken, text}} }
