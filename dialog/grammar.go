package dialog

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"sort"
	"unicode/utf8"
)

// Purpose is something people want, told by words of its kind rather than by
// whole sentences: every cue that occurs adds its weight, once.
type Purpose struct {
	Name string
	// Who lists the roles that would say it; said by others it counts for less.
	Who  []string
	Cues []Cue
}

// Cue is a regular expression that may occur anywhere in a message, and how much
// it speaks for a purpose (5 nearly settles it, a negative weight speaks against).
type Cue struct {
	Pattern string
	Weight  int
}

// Guess is how much speaks for a purpose.
type Guess struct {
	Name  string
	Score int
}

// Weights of the grammar.
const (
	// GuessLeast is the least score that counts as understood.
	GuessLeast = 4
	// GuessSure is the least score of a purpose that needs no second thought.
	GuessSure = 5
	// wrongRole is what a purpose loses when somebody else says it.
	wrongRole = 3
	// grammarHead and grammarTail are how many characters of a long message are
	// looked at: people say what they want first or last.
	grammarHead = 110
	grammarTail = 50
)

// Grammar is a set of purposes made ready for reading.
type Grammar struct{ purposes []purpose }

type purpose struct {
	name string
	who  map[string]bool
	cues []cue
}

type cue struct {
	pattern

	weight int
}

// NewGrammar compiles purposes; a bad expression is an error.
func NewGrammar(list []Purpose) (*Grammar, error) {
	g := &Grammar{}
	for _, p := range list {
		c := purpose{name: p.Name, who: map[string]bool{}}
		for _, who := range p.Who {
			c.who[who] = true
		}
		for _, one := range p.Cues {
			re, err := regexp.Compile(one.Pattern)
			if err != nil {
				return nil, fmt.Errorf("dialog: purpose %s: %w", p.Name, err)
			}
			parsed, err := syntax.Parse(one.Pattern, syntax.Perl)
			if err != nil {
				return nil, fmt.Errorf("dialog: purpose %s: %w", p.Name, err)
			}
			c.cues = append(c.cues, cue{pattern{re, -1, needed(parsed)}, one.Weight})
		}
		g.purposes = append(g.purposes, c)
	}
	return g, nil
}

// Read weighs every purpose for a message of somebody with these roles; the best
// come first, those below GuessLeast are left out. No roles means anybody.
func (g *Grammar) Read(text string, roles ...string) []Guess {
	text = ends(text)
	var out []Guess
	for i := range g.purposes {
		p := &g.purposes[i]
		score := 0
		for j := range p.cues {
			if c := &p.cues[j]; c.occurs(text) {
				score += c.weight
			}
		}
		if score >= GuessLeast && !p.fits(roles) {
			score -= wrongRole
		}
		if score >= GuessLeast {
			out = append(out, Guess{p.name, score})
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Score > out[j].Score })
	return out
}

func (p *purpose) fits(roles []string) bool {
	if len(p.who) == 0 || len(roles) == 0 {
		return true
	}
	for _, r := range roles {
		if p.who[r] {
			return true
		}
	}
	return false
}

func (c *cue) occurs(text string) bool {
	if len(c.needs) > 0 && !containsAny(text, c.needs) {
		return false
	}
	return c.MatchString(text)
}

// ends leaves the beginning and the end of a long text.
func ends(text string) string {
	if len(text) <= grammarHead+grammarTail || utf8.RuneCountInString(text) <= grammarHead+grammarTail {
		return text
	}
	runes := []rune(text)
	return string(runes[:grammarHead]) + "\n" + string(runes[len(runes)-grammarTail:])
}
