package dialog

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// leastPage is the smallest body a page is given, whatever the limit.
const leastPage = 64

// Pages cuts a text into pages of at most limit bytes each, footer included
// ("（第1/3页，回复 下一页）"; the last one "（第3/3页）"). It cuts at paragraphs,
// then lines, then sentences, then between characters, never inside one. The
// bodies joined are the text: nothing is lost (D7, B30). One page has no footer.
func Pages(text string, limit int) []string {
	if len(text) <= limit {
		return []string{text}
	}
	room := max(limit-len(footer(99, 99, false)), leastPage)
	bodies := cutBodies(text, room)
	if len(bodies) > 99 {
		room = max(limit-len(footer(99999, 99999, false)), leastPage)
		bodies = cutBodies(text, room)
	}
	for i := range bodies {
		bodies[i] += footer(i+1, len(bodies), i+1 == len(bodies))
	}
	return bodies
}

// footer is the last line of a page.
func footer(n, of int, last bool) string {
	if last {
		return fmt.Sprintf("\n（第%d/%d页）", n, of)
	}
	return fmt.Sprintf("\n（第%d/%d页，回复 下一页）", n, of)
}

// cutBodies cuts text into pieces of at most room bytes.
func cutBodies(text string, room int) []string {
	var bodies []string
	for len(text) > room {
		n := cutAt(text, room)
		bodies = append(bodies, text[:n])
		text = text[n:]
	}
	return append(bodies, text)
}

// cutAt finds the best place to cut within room bytes: the last paragraph in the
// second half, else the last line, else the last sentence, else a whole character.
func cutAt(text string, room int) int {
	window := text[:room]
	for _, ends := range [][]string{{"\n\n"}, {"\n"}, {"。", "！", "？", "；"}, {"，", "、", " "}} {
		best := 0
		for _, e := range ends {
			if i := strings.LastIndex(window, e); i >= 0 {
				best = max(best, i+len(e))
			}
		}
		if best > room/2 {
			return best
		}
	}
	return clusterCut(text, room)
}

// clusterCut is the last border between whole characters within n bytes, or,
// when one character alone is larger, the last border between runes.
func clusterCut(text string, n int) int {
	if n >= len(text) {
		return len(text)
	}
	i := runeBorder(text, n)
	for j := i; j > 0; {
		if border(text, j) {
			return j
		}
		_, size := utf8.DecodeLastRuneInString(text[:j])
		j -= size
	}
	return i
}

// runeBorder is the last rune border at or before n.
func runeBorder(text string, n int) int {
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return n
}

// border reports whether a character ends before byte j.
func border(text string, j int) bool {
	next, _ := utf8.DecodeRuneInString(text[j:])
	last, _ := utf8.DecodeLastRuneInString(text[:j])
	if next == zwj || last == zwj || extends(next) {
		return false
	}
	return !regional(next) || regionalRun(text[:j])%2 == 0
}

func regional(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

// regionalRun counts the flag letters a text ends in.
func regionalRun(text string) int {
	n := 0
	for text != "" {
		r, size := utf8.DecodeLastRuneInString(text)
		if !regional(r) {
			break
		}
		n++
		text = text[:len(text)-size]
	}
	return n
}

// Cut shortens s to at most the given bytes between whole characters, ending in
// "…" when something was left out and the mark fits.
func Cut(s string, bytes int) string {
	if len(s) <= bytes {
		return s
	}
	const mark = "…"
	if bytes < len(mark)+1 {
		return s[:runeBorder(s, max(bytes, 0))]
	}
	return s[:clusterCut(s, bytes-len(mark))] + mark
}
