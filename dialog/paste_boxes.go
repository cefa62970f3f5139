package dialog

import (
	"regexp"
	"strings"
)

// Boxes of paper forms, ticked and empty.
const (
	tickedBoxes = "☑☒✅✔✓√■●"
	emptyBoxes  = "□☐○◯◻▢"
)

var (
	// tickInside and gapInside are boxes drawn with brackets.
	tickInside = regexp.MustCompile(`[（(\[] ?[√✓✔☑✅] ?[）)\]]`)
	gapInside  = regexp.MustCompile(`[（(\[] *[）)\]]`)
)

// optionHead is an option's number before its name.
var optionHead = regexp.MustCompile(`^\d{1,2}[.．、 ] ?(\p{Han})`)

// ticked is what boxes say: "□先进性 ☑活力" is 活力, "是□ 否√" is 否. Boxes nobody
// ticked say nothing; a text without boxes is itself.
func ticked(s string) string {
	if !strings.ContainsAny(s, tickedBoxes+emptyBoxes+"（([") {
		return s
	}
	line := gapInside.ReplaceAllString(tickInside.ReplaceAllString(oneLineText(strings.ReplaceAll(s, "\ufe0f", "")), "☑"), "□")
	if !strings.ContainsAny(line, tickedBoxes+emptyBoxes) {
		return s
	}
	var chosen []string
	words := false
	for _, option := range boxed(line) {
		words = words || option.word != ""
		if option.ticked && option.word != "" {
			chosen = append(chosen, optionHead.ReplaceAllString(option.word, "$1"))
		}
	}
	if !words {
		return s // a bare "√" answers by itself
	}
	return strings.Join(chosen, "、")
}

// boxedWord is one box and the word it belongs to.
type boxedWord struct {
	word   string
	ticked bool
}

// boxed takes "☑是 □否" and "是□ 否√" apart: where the line begins with a box, each
// stands before its word, else behind it.
func boxed(line string) []boxedWord {
	isBox := func(r rune) bool { return strings.ContainsRune(tickedBoxes+emptyBoxes, r) }
	before := isBox([]rune(line)[0])
	var out []boxedWord
	rest := line
	for rest != "" {
		at := strings.IndexFunc(rest, isBox)
		if at < 0 {
			if word := trimPiece(rest); word != "" {
				out = append(out, boxedWord{word: word})
			}
			return out
		}
		box := firstRune(rest[at:])
		word, behind := rest[:at], rest[at+len(box):]
		if before {
			end := strings.IndexFunc(behind, isBox)
			if end < 0 {
				end = len(behind)
			}
			word, behind = behind[:end], behind[end:]
		}
		out = append(out, boxedWord{trimPiece(word), strings.Contains(tickedBoxes, box)})
		rest = behind
	}
	return out
}
