package dialog

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// pattern is a regular expression over a whole message. Matching one costs
// microseconds, every message meets dozens, and hardly any fits; so two things
// are worked out beforehand that tell most misfits at a glance.
type pattern struct {
	*regexp.Regexp

	// longest is the most characters it can match, -1 without a bound.
	longest int
	// needs holds texts one of which every match contains; none when unknown.
	needs []string
}

func compilePattern(text string) (pattern, error) {
	text = "^(?:" + text + ")$"
	re, err := regexp.Compile(text)
	if err != nil {
		return pattern{}, err
	}
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return pattern{}, err
	}
	return pattern{re, longest(parsed), needed(parsed)}, nil
}

// find is FindStringSubmatch for messages that may fit; size is the message's
// length in characters.
func (p pattern) find(s string, size int) []string {
	if p.longest >= 0 && size > p.longest || len(p.needs) > 0 && !containsAny(s, p.needs) {
		return nil
	}
	return p.FindStringSubmatch(s)
}

// longest is the most characters an expression can match, -1 without a bound.
func longest(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1
	case syntax.OpStar, syntax.OpPlus:
		return -1
	}
	most := 0
	for _, sub := range re.Sub {
		n := longest(sub)
		switch {
		case n < 0:
			return -1
		case re.Op == syntax.OpAlternate:
			most = max(most, n)
		default:
			most += n
		}
	}
	if re.Op == syntax.OpRepeat {
		return max(most*re.Max, -1)
	}
	return most
}

// maxClass is how many characters a class may have to be worth listing.
const maxClass = 16

// needed lists texts one of which every match of an expression contains, nil
// when there is no such list.
func needed(re *syntax.Regexp) []string {
	switch {
	case re.Flags&syntax.FoldCase != 0:
		return nil
	case re.Op == syntax.OpLiteral:
		return []string{string(re.Rune)}
	case re.Op == syntax.OpCharClass:
		return members(re.Rune)
	case re.Op == syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			list := needed(sub)
			if list == nil {
				return nil
			}
			all = append(all, list...)
		}
		return all
	case re.Op == syntax.OpCapture, re.Op == syntax.OpPlus, re.Op == syntax.OpRepeat && re.Min > 0:
		return needed(re.Sub[0])
	case re.Op == syntax.OpConcat:
		var best []string
		for _, sub := range re.Sub {
			if list := needed(sub); list != nil && (best == nil || rarer(list, best)) {
				best = list
			}
		}
		return best
	default:
		return nil
	}
}

// members lists the characters of a class given as ranges, nil when there are many.
func members(ranges []rune) []string {
	var list []string
	for i := 0; i+1 < len(ranges); i += 2 {
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			if len(list) == maxClass {
				return nil
			}
			list = append(list, string(r))
		}
	}
	return list
}

// rarer reports whether a list is less likely to be met: of longer texts, or of
// fewer ones.
func rarer(a, b []string) bool {
	if x, y := shortest(a), shortest(b); x != y {
		return x > y
	}
	return len(a) < len(b)
}

// shortest is the length of the shortest text, counted up to two characters:
// longer ones are not rarer by much.
func shortest(list []string) int {
	n := 2
	for _, s := range list {
		n = min(n, utf8.RuneCountInString(s))
	}
	return n
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}
