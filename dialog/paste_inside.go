package dialog

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// inside reads a line that holds several labels, as one-line forms do.
func (r *pasteReader) inside(line string) bool {
	found := r.labelsIn(line)
	if len(found) == 0 {
		return false
	}
	if head := trimPiece(line[:found[0].from]); head != "" {
		if r.key == "" {
			r.heading(head)
		} else {
			r.value = append(r.value, head)
		}
	}
	for i, f := range found {
		end := len(line)
		if i+1 < len(found) {
			end = found[i+1].from
		}
		r.close()
		r.begin(f.key, f.number)
		r.value = append(r.value, strings.Trim(line[f.to:end], " ，,；;、*"))
	}
	return true
}

// rest takes the value on a label's own line, in which more labels may follow.
func (r *pasteReader) rest(value string) {
	if value == "" {
		return
	}
	if found := r.labelsIn(value); len(found) > 0 {
		r.value = append(r.value, strings.Trim(value[:found[0].from], " ，,；;、"))
		r.inside(value[found[0].from:])
		return
	}
	r.value = append(r.value, value)
}

// labelFound is a known label inside a line.
type labelFound struct {
	key      string
	number   int // 0 for none
	from, to int
}

// labelsIn finds known labels that stand at a border and before a colon; a
// number before one ("… 2. 类别：") is the label's. Where labels begin lines, only
// those count inside them that carry the number after the last label's.
func (r *pasteReader) labelsIn(line string) []labelFound {
	var found []labelFound
	last := r.number
	closed := max(strings.LastIndex(line, "）"), strings.LastIndex(line, ")"))
	depth := 0 // labels in brackets belong to the value: "柳林村（负责人：张明）"
	for i, c := range line {
		switch {
		case (c == '（' || c == '(') && i > 0:
			depth++
		case (c == '）' || c == ')') && depth > 0:
			depth--
		}
		if c != '：' && c != ':' || depth > 0 && i < closed {
			continue
		}
		if n := len(found); n > 0 && strings.Trim(line[found[n-1].to:i], " ：:") == "" {
			found[n-1].to = i + len(string(c)) // "责任人：：" is one label
			continue
		}
		if from, key := r.labelBefore(line[:i]); key != "" {
			start := numberStart(line[:from])
			n := markNumber(line[start:from])
			if m := blankNumber.FindString(numberTail(line[:from])); start == from && last > 0 && markNumber(m) == last+1 {
				start, n = from-len(m), last+1
			}
			if !r.structured || n > 1 && n == last+1 {
				found, last = append(found, labelFound{key, n, start, i + len(string(c))}), n
			}
		}
	}
	return found
}

// labelNumber is a field's number behind a value: after a blank or a mark, or
// right behind a Chinese character where it cannot close a bracket.
var labelNumber = regexp.MustCompile(`(?:^|[ \t，,；;。、])((?:\d{1,2} ?[.．、)）]|[（(](?:\d{1,2}|[一二三四五六七八九十]{1,3})[）)]|[一二三四五六七八九十]{1,3}[、.．]|[①-⑳])[ \t]*)$|\p{Han}((?:\d{1,2}[.．、]|[①-⑳])[ \t]*)$|[”"」』）)]((?:\d{1,2}[.．、]|[①-⑳])[ \t]*)$`)

// blankNumber is a number with nothing but a blank behind it, as previews write.
var blankNumber = regexp.MustCompile(`(?:^|[ ，,；;。、])\d{1,2} +$`)

// numberEnds are the characters labelNumber ends in.
const numberEnds = ".．、)）①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"

// markNumber is the number in a mark such as "2. " or "（二）", 0 for none.
func markNumber(mark string) int {
	n, _ := smallNumber(strings.Trim(mark, " \t.．、:：()（），,；;。"))
	return n
}

// numberTail is as much of a text's end as a number, its marks and blanks take.
func numberTail(s string) string {
	const most = 32
	tail := s[max(0, len(s)-most):]
	for len(tail) > 0 && !utf8.RuneStart(tail[0]) {
		tail = tail[1:]
	}
	return tail
}

// numberStart is where a field's number at the end of a text begins, its length
// when there is none.
func numberStart(s string) int {
	if end, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s, " \t")); !strings.ContainsRune(numberEnds, end) {
		return len(s)
	}
	tail := numberTail(s)
	m := labelNumber.FindStringSubmatchIndex(tail)
	for i := 2; i < len(m); i += 2 {
		if m[i] >= 0 {
			return len(s) - len(tail) + m[i]
		}
	}
	return len(s)
}

// labelBefore finds the longest known label a text ends in.
func (r *pasteReader) labelBefore(s string) (from int, key string) {
	at := len(s)
	for range maxLabelRunes {
		prev := strings.TrimRight(s[:at], " ")
		if prev == "" {
			break
		}
		at = len(prev) - len(lastRune(prev))
		if at > 0 && !strings.ContainsAny(lastRune(s[:at]), " \t，,；;。、】") && numberStart(s[:at]) == at {
			continue
		}
		if k := r.labels.index[labelKey(s[at:])]; k != "" {
			from, key = at, k
		}
	}
	return from, key
}
