package dialog

import (
	"fmt"
	"strings"
	"unicode"
)

// splitRunes is the length from which a message was probably cut in two by the
// platform, whose limit is 2,048 bytes (about 680 characters).
const splitRunes = 600

// Text is one line of free text of Min to Max characters as people count them;
// Max 0 is no limit. Line breaks become spaces, or vanish between Chinese
// characters.
type Text struct{ Min, Max int }

// Read implements Kind.
func (k Text) Read(text string, env Env) Reading {
	value := oneLineText(Normalise(text))
	if less, ok := textWithout(value, env.Old); ok {
		value = oneLineText(Normalise(less))
	}
	if r, ok := textProblem(value, k.Min, k.Max, env.Label); ok {
		return r
	}
	return Reading{Value: value}
}

// Show implements Kind.
func (Text) Show(value string) string { return value }

// Form implements Kind.
func (k Text) Form() string { return "写文字" + lengthRange(k.Min, k.Max) }

// Numeric implements Kind.
func (Text) Numeric() bool { return false }

// Long implements Kind.
func (Text) Long() bool { return false }

// LongText is free text of several lines, Min to Max characters. A message of
// 600 characters or more asks for the rest (Reading.More): WeCom splits there.
type LongText struct{ Min, Max int }

// Read implements Kind.
func (k LongText) Read(text string, env Env) Reading {
	value := Normalise(text)
	if less, ok := textWithout(value, env.Old); ok {
		value = Normalise(less)
	}
	if more, ok := strings.CutPrefix(value, "加 "); ok && env.Old != "" {
		value = env.Old + "\n" + more
	}
	n := Runes(value)
	more := n >= splitRunes && (k.Max == 0 || n < k.Max)
	if r, ok := textProblem(value, k.Min, k.Max, env.Label); ok {
		return r
	}
	return Reading{Value: value, More: more}
}

// Show implements Kind.
func (LongText) Show(value string) string { return value }

// Form implements Kind.
func (k LongText) Form() string {
	return "写文字" + lengthRange(k.Min, k.Max) + "，可分几条发"
}

// Numeric implements Kind.
func (LongText) Numeric() bool { return false }

// Long implements Kind.
func (LongText) Long() bool { return true }

// textWithout reads "删 X" when X stands in the text so far (an edit phrase that
// says what to take away).
func textWithout(typed, old string) (string, bool) {
	part, ok := strings.CutPrefix(typed, "删 ")
	if !ok || part == "" || !strings.Contains(old, part) {
		return "", false
	}
	return strings.ReplaceAll(old, part, ""), true
}

// oneLineText joins lines: without a space between Chinese characters.
func oneLineText(s string) string {
	if !strings.ContainsAny(s, "\n\t") {
		return s
	}
	runes := []rune(s)
	out := make([]rune, 0, len(runes))
	for i, r := range runes {
		if r != '\n' && r != '\t' {
			out = append(out, r)
			continue
		}
		if len(out) == 0 || i+1 == len(runes) || out[len(out)-1] == ' ' {
			continue
		}
		next := runes[i+1]
		if r == '\n' && wide(out[len(out)-1]) && wide(next) {
			continue
		}
		out = append(out, ' ')
	}
	return Normalise(string(out))
}

// wide reports Chinese characters and their punctuation.
func wide(r rune) bool {
	return unicode.Is(unicode.Han, r) || r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xff65 || r == '“' || r == '”' || r == '—' || r == '…'
}

// textProblem says why value is no answer: nothing to read in it, or the length
// rule it breaks; ok false means it stands.
func textProblem(value string, least, most int, label string) (r Reading, ok bool) {
	n := Runes(value)
	switch {
	case !Visible(value):
		return NotRead("没有看到内容，请写文字。"), true
	case least > 0 && onlyMarks(value):
		return NotRead(quoted("只有标点符号，请写文字。", value)), true
	case n < least:
		return Breaks(quoted(fmt.Sprintf("%s现在 %d 字，至少要 %d 字，请再补 %d 字以上。", label, n, least, least-n), value)), true
	case most > 0 && n > most:
		return Breaks(quoted(fmt.Sprintf("%s现在 %d 字，最多 %d 字，请删去 %d 字。", label, n, most, n-most), value)), true
	}
	return Reading{}, false
}

// onlyMarks reports text without any letter, digit or symbol that says something.
func onlyMarks(s string) bool {
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Co, r) || pictograph(r) {
			return false
		}
	}
	return true
}

// quoted adds what was typed, when it is short enough to be read again (UX rule 14).
func quoted(sentence, typed string) string {
	if n := Runes(typed); n == 0 || n > 120 {
		return sentence
	}
	return sentence + "您写的是：" + typed
}

// lengthRange renders "，6–40字".
func lengthRange(least, most int) string {
	switch {
	case least > 0 && most > 0:
		return fmt.Sprintf("，%d–%d字", least, most)
	case most > 0:
		return fmt.Sprintf("，最多%d字", most)
	case least > 0:
		return fmt.Sprintf("，至少%d字", least)
	}
	return ""
}
