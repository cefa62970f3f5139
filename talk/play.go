package talk

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Difference is an utterance that is not what the script says. Want is empty
// when the bot said something extra, Got when it kept silent.
type Difference struct {
	Name string
	Line int // of the expected utterance, or of the step after which it was heard
	To   string
	Want string
	Got  string
}

// String shows both sides below the line they differ at.
func (d *Difference) String() string {
	show := func(s string) string {
		if s == "" {
			return indent + "(nothing)"
		}
		return indent + strings.ReplaceAll(s, "\n", "\n"+indent)
	}
	return fmt.Sprintf("%s:%d: %s%s\nwant:\n%s\ngot:\n%s", d.Name, d.Line, botMark, d.To, show(d.Want), show(d.Got))
}

// Result is what came of playing a script.
type Result struct {
	// Transcript is the talk as it really went, in talk syntax.
	Transcript string
	// Diff is the first difference, nil when all went as written. Differences
	// counts the steps that have one: playing goes on to the end.
	Diff        *Difference
	Differences int
	// Clauses lists the clauses tagged in steps that went as written, sorted.
	Clauses []string

	heard [][]Utterance // by step, as far as it was played
}

// Play plays a script on a world. After each step everything heard is compared
// with what the script expects after it: the same utterances to each receiver
// in the same order, no more and no fewer; the order between receivers is free,
// because they cannot hear each other. A difference does not stop the play. The
// error is the world's (a button that is not there), with the line.
func Play(script Script, world World) (Result, error) {
	var (
		result     Result
		transcript strings.Builder
		clauses    = map[string]bool{}
	)
	shown := ""
	for i, step := range script.Steps {
		err := act(world, step, i == 0)
		var heard []Utterance
		if err == nil {
			heard, err = world.Heard()
		}
		if err != nil {
			result.Transcript = transcript.String()
			return result, fmt.Errorf("%s:%d: %w", script.Name, step.Line, err)
		}
		if i > 0 {
			transcript.WriteByte('\n')
		}
		shown = record(&transcript, step, heard, shown)
		result.heard = append(result.heard, heard)
		if diff := compare(step, heard); diff != nil {
			diff.Name = script.Name
			result.Differences++
			if result.Diff == nil {
				result.Diff = diff
			}
			continue
		}
		for _, c := range stepClauses(step) {
			clauses[c] = true
		}
	}
	for c := range clauses {
		result.Clauses = append(result.Clauses, c)
	}
	slices.SortFunc(result.Clauses, byNumber)
	result.Transcript = transcript.String()
	return result, nil
}

// errPast refuses a clock line before the present moment: no world can go back.
var errPast = errors.New("the clock has passed this moment already")

// act does one step; the first clock line sets the clock, later ones let the
// time between pass.
func act(world World, step Step, first bool) error {
	var err error
	switch step.Do {
	case DoClock:
		wait := step.At.Sub(world.Now())
		switch {
		case first:
			err = world.Set(step.At)
		case wait < 0:
			err = errPast
		default:
			err = world.Wait(wait)
		}
	case DoWait:
		err = world.Wait(step.For)
	case DoSay:
		err = world.Say(step.Who, step.Group, step.Channel, step.Text)
	case DoAttach:
		err = world.Attach(step.Who, step.Channel, step.Kind, step.Name)
	case DoClick:
		err = world.Click(step.Who, step.Label, step.Old)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", step.Do, err)
	}
	return nil
}

// record writes a step and what was heard; a comment says when, where waiting
// went through several moments.
func record(b *strings.Builder, step Step, heard []Utterance, shown string) string {
	for _, line := range actionLines(step) {
		b.WriteString(line + "\n")
	}
	passing := step.Do == DoWait || step.Do == DoClock
	for _, u := range heard {
		if at := formatMoment(u.At.Truncate(time.Minute)); passing && !u.At.IsZero() && at != shown {
			b.WriteString("# " + at + "\n")
			shown = at
		}
		for _, line := range utteranceLines(u.To, u.Shown()) {
			b.WriteString(line + "\n")
		}
	}
	return shown
}

// compare returns the first difference in file order, receivers the script
// does not expect last.
func compare(step Step, heard []Utterance) *Difference {
	_, want := byReceiver(step.Heard, expectedTo)
	names, got := byReceiver(heard, utteranceTo)
	taken := map[string]int{}
	for _, e := range step.Heard {
		n := taken[e.To]
		taken[e.To]++
		text := strings.Join(e.Lines, "\n")
		if n >= len(got[e.To]) {
			return &Difference{Line: e.Line, To: e.To, Want: text}
		}
		if shown := heard[got[e.To][n]].Shown(); !matchLines(e.Lines, shown) {
			return &Difference{Line: e.Line, To: e.To, Want: text, Got: strings.Join(shown, "\n")}
		}
	}
	for _, name := range names {
		if n := len(want[name]); len(got[name]) > n {
			extra := strings.Join(heard[got[name][n]].Shown(), "\n")
			return &Difference{Line: step.Line, To: name, Got: extra}
		}
	}
	return nil
}

// stepClauses returns all tags of a step.
func stepClauses(step Step) []string {
	out := slices.Clone(step.Clauses)
	for _, e := range step.Heard {
		out = append(out, e.Clauses...)
	}
	return out
}

// byNumber orders C9 before C10.
func byNumber(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}
