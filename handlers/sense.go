package handlers

import (
	"regexp"
	"slices"
	"time"

	"cxbot/award"
	"cxbot/dialog"
)

// sense is how a message is understood: what is wanted, and the parts of it in
// the shapes the programme's papers use (domain.md, appendix B).
type sense struct {
	Intent string
	Score  int
	Slots  map[string]any
	// Missing are the required fields of a filing the message does not give.
	Missing []string
	// Rivals are other purposes that fit as well.
	Rivals []string
	// text is the message, for conversations that look at it again.
	text string
}

// sensor reads messages; it keeps nothing between them.
type sensor struct {
	grammar *dialog.Grammar
	later   map[string]bool
}

func newSensor() (*sensor, error) {
	later := laterPurposes()
	g, err := dialog.NewGrammar(append(purposes(), later...))
	if err != nil {
		return nil, err
	}
	s := &sensor{grammar: g, later: map[string]bool{}}
	for _, p := range later {
		s.later[p.Name] = true
	}
	return s, nil
}

// read understands one message of somebody with these roles. ok is false when
// too little speaks for anything.
func (r *sensor) read(text string, now time.Time, cal award.Calendar, roles ...string) (out sense, ok bool) {
	s := listen(text, now)
	if form := readLabelled(s); form.labels >= 2 {
		out = sense{Intent: "topic.file", Score: 2 * dialog.GuessSure, Slots: form.slots(s), Missing: form.missing()}
		return out, true
	}
	guesses := r.grammar.Read(s.plain, roles...)
	if len(guesses) == 0 {
		return sense{}, false
	}
	out = sense{Intent: guesses[0].Name, Score: guesses[0].Score}
	for _, g := range guesses[1:] {
		if g.Score == out.Score || grave[g.Name] && grave[out.Intent] && g.Score >= out.Score-nearTie {
			out.Rivals = append(out.Rivals, g.Name)
		}
	}
	if other := otherVerdict[out.Intent]; other != "" && s.has(verdictBoth) && !slices.Contains(out.Rivals, other) {
		out.Rivals = append(out.Rivals, other)
	}
	out.Slots = r.slots(out.Intent, s, cal, roles)
	if out.Intent == "topic.file" {
		form := readSentence(s)
		out.Slots, out.Missing = form.slots(s), form.missing()
	}
	if len(s.asr) > 0 {
		fixes := map[string]any{}
		for wrong, right := range s.asr {
			fixes[wrong] = right
		}
		out.Slots["asr_fix"] = fixes
	}
	return out, true
}

// grave purposes are taken for one another at a cost: between two of them a
// near tie is asked, not decided.
var grave = map[string]bool{"topic.withdraw": true, "topic.terminate": true, "filing.approve": true, "filing.return": true}

// nearTie is how far apart two grave purposes still count as a tie.
const nearTie = 2

// otherVerdict names what else a message may want that passes one filing and
// sends another back: one of both is done at a time, so it is asked which.
var otherVerdict = map[string]string{"filing.approve": "filing.return", "filing.return": "filing.approve"}

// slots reads the parts of one purpose.
func (r *sensor) slots(intent string, s said, cal award.Calendar, roles []string) map[string]any {
	out := map[string]any{}
	read := slotReaders[intent]
	if read == nil {
		read = laterReaders[intent]
	}
	if read != nil {
		read(s, cal, roles, out)
	}
	return out
}

// slotReader fills the slots of one purpose.
type slotReader func(s said, cal award.Calendar, roles []string, out map[string]any)

func put(out map[string]any, key, value string) {
	if value != "" {
		out[key] = value
	}
}

var stageNames = []struct {
	words *regexp.Regexp
	name  string
}{
	{regexp.MustCompile(`备案`), string(award.StageFiling)},
	{regexp.MustCompile(`进展|季报`), "进展报告"},
	{regexp.MustCompile(`总结`), "总结报告"},
	{regexp.MustCompile(`成果申报|申奖|成果奖|申报奖|报奖`), "成果申报"},
	{regexp.MustCompile(`中期`), "中期检查"},
	{regexp.MustCompile(`督查`), "年度督查"},
	{regexp.MustCompile(`公示`), "公示"},
	{regexp.MustCompile(`评审`), "评审"},
	{regexp.MustCompile(`表彰`), "表彰"},
}

// stage is the stage of the programme a message names first, 备案 when none is.
func (s said) stage() string {
	best, at := "备案", len(s.plain)+1
	for _, st := range stageNames {
		if m := st.words.FindStringIndex(s.plain); m != nil && m[0] < at {
			best, at = st.name, m[0]
		}
	}
	return best
}

// roles are the roles of explain a member has.
func roleNames(p award.Person, inGroup bool) []string {
	if inGroup {
		return []string{group}
	}
	var out []string
	if p.Has(award.RoleStaff, award.RoleChief, award.RoleAdmin) {
		out = append(out, staff)
	}
	if p.Has(award.RoleReviewer) {
		out = append(out, reviewer)
	}
	if p.Has(award.RoleFiler, award.RoleHead, award.RoleDeputy) {
		out = append(out, secretary)
	}
	return out
}

func hasRole(roles []string, want string) bool {
	return slices.Contains(roles, want)
}
