package dialog

import (
	"regexp"
	"strings"
)

var (
	// ruleLine stands above the foot of a mail.
	ruleLine = regexp.MustCompile(`^[-—_=*~]{4,}$`)
	// sentFrom is the foot phones add.
	sentFrom = regexp.MustCompile(`^发自.{1,20}$`)
	// yearFirst is a day written in full, as under a signature.
	yearFirst = regexp.MustCompile(`^(?:\d{4}|[一二][〇○零一二三四五六七八九]{3})`)
	// stamped is what stands beside an office's name under a form.
	stamped = regexp.MustCompile(`[ （(]*(?:盖章|公章|章)[)） ]*$`)
)

// footLines is how many lines a foot has at most.
const footLines = 4

// cutFoot takes the foot off a pasted form: the office and the day below the last
// value, or what a mail program adds. It returns the foot in one line.
func (r *pasteReader) cutFoot() string {
	if !r.structured {
		return ""
	}
	var last []int // lines with something in them, from the end
	for i := len(r.lines) - 1; i >= 0 && len(last) <= footLines; i-- {
		if strings.TrimSpace(r.lines[i]) != "" {
			last = append(last, i)
		}
	}
	for n, i := range last {
		line := strings.TrimSpace(r.lines[i])
		switch {
		case ruleLine.MatchString(line), sentFrom.MatchString(line):
			return r.cutFrom(i)
		case r.head(line).key != "":
			return ""
		case n > 0 && n+1 < len(last) && officeLine(line) && signedDay(r.lines[last[n-1]]) && !r.bareHead(r.lines[last[n+1]]):
			return r.cutFrom(i)
		}
	}
	return ""
}

// cutFrom ends the lines before one of them and returns the rest in one line.
func (r *pasteReader) cutFrom(i int) string {
	foot := strings.TrimLeft(oneLine(strings.Join(r.lines[i:], " ")), "-—_=*~ ")
	r.lines = r.lines[:i]
	return foot
}

// officeLine reports the name of an office alone in a line.
func officeLine(line string) bool {
	const most = 25
	return Runes(line) <= most && bodyLike(strings.TrimPrefix(stamped.ReplaceAllString(line, ""), "中共"))
}

// signedDay reports a day with its year alone in a line.
func signedDay(line string) bool {
	line = strings.TrimSpace(line)
	if !yearFirst.MatchString(line) {
		return false
	}
	d, ok := exactDate(line, dateContext{})
	return ok && d.precision == byDay
}

// bareHead reports a label whose value is still to come.
func (r *pasteReader) bareHead(line string) bool {
	h := r.head(line)
	return h.key != "" && strings.TrimSpace(h.value) == ""
}

// ellipsis ends what was shown cut ("…议题公开征…"); people write two of them.
const ellipsis = "…"

// cutShort reports a value that was copied from where it is shown cut.
func cutShort(raw string) bool {
	raw = strings.TrimSpace(raw)
	return strings.HasSuffix(raw, ellipsis) && !strings.HasSuffix(raw, ellipsis+ellipsis)
}

// sameShown reports whether a pasted value is the old one as it is shown, in full
// or cut in one line.
func sameShown(shown, raw string) bool {
	if Normalise(shown) == Normalise(raw) {
		return true
	}
	short := oneLine(raw)
	return cutShort(raw) && strings.HasPrefix(oneLine(shown), strings.TrimSuffix(short, ellipsis))
}
