package dialog

import (
	"strings"
	"unicode/utf8"
)

// Limits of mending labels.
const (
	// minMended is the shortest label in which one wrong character is mended.
	minMended = 3
	maxMended = 8
	// minSpaced is how many lines must have "label value" with a blank alone
	// before that counts as a form.
	minSpaced = 2
)

// Labels are labels made ready for reading pasted texts.
type Labels struct{ set *labelSet }

// NewLabels makes labels ready once, for many texts.
func NewLabels(labels []Label) Labels { return Labels{newLabelSet(labels)} }

// Paste is ReadPaste with labels made ready.
func (l Labels) Paste(text string) Paste { return l.set.paste(text) }

// relabel brings odd spellings of labels into the usual one: "👉课题：", "课题名称
// 某某" with a blank for the colon, "贵任人：" with one character wrong. What was
// mended is reported, wrong → right.
func (s *labelSet) relabel(text string) (string, []PasteItem) {
	lines := strings.Split(text, "\n")
	var fixed []PasteItem
	spaced, heads := 0, 0
	for i, line := range lines {
		line = withoutPictures(line)
		lines[i] = line
		if s.spaced(line) {
			spaced++
			continue
		}
		wrong, right := s.mended(line)
		if wrong != "" {
			lines[i] = strings.Replace(line, wrong, right, 1)
			fixed = append(fixed, PasteItem{wrong, right})
			heads++
		} else if s.head(line).key != "" {
			heads++
		}
	}
	if spaced >= minSpaced && spaced+heads > minSpaced {
		for i, line := range lines {
			if s.spaced(line) {
				name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
				lines[i] = name + "：" + value
			}
		}
	}
	return strings.Join(lines, "\n"), fixed
}

// withoutPictures takes pictures and hands off a line's beginning.
func withoutPictures(line string) string {
	for line != "" {
		r, size := utf8.DecodeRuneInString(line)
		if !pictograph(r) && !extends(r) || strings.ContainsRune(markHeads, r) {
			break
		}
		line = strings.TrimLeft(line[size:], " ")
	}
	return line
}

// spaced reports "label value" with nothing but a blank between.
func (s *labelSet) spaced(line string) bool {
	name, value, ok := strings.Cut(strings.TrimSpace(line), " ")
	return ok && strings.TrimSpace(value) != "" && !strings.ContainsAny(name, "：:\t") && s.index[labelKey(name)] != "" && Runes(name) > 1
}

// mended finds a label before a colon in which one character is wrong; of two
// labels that could be meant it takes none.
func (s *labelSet) mended(line string) (wrong, right string) {
	if !strings.ContainsAny(line, "：:") || s.head(line).key != "" {
		return "", ""
	}
	name := (&pasteReader{labels: s}).head(line).name
	n := utf8.RuneCountInString(name)
	if n < minMended || n > maxMended {
		return "", ""
	}
	found := ""
	for _, l := range s.names {
		if utf8.RuneCountInString(l.name) != n || !oneApart(name, l.name) {
			continue
		}
		if found != "" && found != l.key {
			return "", ""
		}
		found, right = l.key, l.name
	}
	if found == "" {
		return "", ""
	}
	return name, right
}

// oneApart reports two texts of one length that differ in exactly one character.
func oneApart(a, b string) bool {
	x, y := []rune(a), []rune(b)
	apart := 0
	for i := range x {
		if x[i] != y[i] {
			apart++
		}
	}
	return apart == 1
}
