package dialog

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Label is one label a pasted text may use.
type Label struct {
	Key, Label string
	Aliases    []string
	// Long says that the value may hold lines that look like labels of their own
	// ("例会制度：…"); they then stay in the value instead of counting as unknown.
	Long bool
	// Ignore says that the label is common on such forms and not used here: it ends
	// the value before it and is no unknown label. Key is not looked at.
	Ignore bool
	// List says that the value is a list: lines of it may hold tabs between cells.
	List bool
	// Person says that the value is a person: labels of a person's parts behind it
	// (姓名, 职务, 电话) belong to it.
	Person bool
	// Boxes says that the value may be boxes to tick: "☑是 □否" is 是.
	Boxes bool
}

// Paste is what was read from a text with labels in it.
type Paste struct {
	Items   []PasteItem // in the order of the text; empty values are left out
	Unknown []string    // labels nobody knows and remarks at the end, as written
	Twice   []string    // keys of labels that came twice with different values; not in Items
	// Template is the heading before the first label ("课题备案表"), "" for none.
	Template string
	// Ignored are the values of labels with Ignore, Key being the label itself; empty
	// values are left out.
	Ignored []PasteItem
	// Labels counts the known labels that occurred, with or without a value, those
	// with Ignore too. From two on, one of them a field's, the text is a pasted form;
	// below, nothing else is set.
	Labels int
	// Fixed are labels in which one character was wrong: as written, and the label
	// they were taken for.
	Fixed []PasteItem
}

// PasteItem is one value as written.
type PasteItem struct{ Key, Raw string }

// Limits of the search for labels: a label with its number and note is short.
const (
	maxHeadRunes  = 40
	maxLabelRunes = 16
)

var (
	lineMark    = regexp.MustCompile(`^(?:[✓✔√⚠○●☑☐□■◆◇▪•·*>#-]\x{fe0f}?\s*)+`)
	fieldNumber = regexp.MustCompile(`^(?:\d{1,2}\x{fe0f}?\x{20e3}|[（(]?\d{1,2}[）)]|\d{1,2}[.．、:：]|[①-⑳]|[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十]{1,3}[）)]|\d{1,2} )\s*`)
	headNote    = regexp.MustCompile(`[（(][^（()）]*[）)]`)
	pageFoot    = regexp.MustCompile(`^[（(]第\s*\d+\s*/\s*\d+\s*页[^（()）]*[）)]$`)
	ownFoot     = regexp.MustCompile(`^（(?:接着填 .{1,40}|.{1,20}等您确认：.{1,30}|.{1,20}已填完，回复 提交 就报上去)）$`)
	footWords   = regexp.MustCompile(`^(?:返回|跳过|预览|帮助|提交|修改|存草稿)(?:\s*·\s*(?:返回|跳过|预览|帮助|提交|修改|存草稿))+$`)
	sectionHead = regexp.MustCompile(`^【[^】]*】$`)
	emptyValue  = regexp.MustCompile(`^(?:[（(](?:未填|空|空白|待填|选填|请?(?:此处|在此)?填写[^（()）]{0,20})[）)]|[_＿—…/]+|暂无|无|待填|待定|略|同上|同前|(?:详见|见|另)附(?:件|表|后|页)?|年 ?月 ?日?)$`)
	remark      = regexp.MustCompile(`^(?:.{0,6}(?:后补|稍后补?|晚点补?|回头补|再补|随后报)|谢谢|多谢|辛苦|麻烦|请审|请查收|以上|收到请回|不知道行不行|请指正).{0,8}$`)
	ownHead     = regexp.MustCompile(`^(?:第[一二三四五六七八九十\d]|[一二三四五六七八九十]是|首先|其次|再次|最后|例如|如|比如|注|其中|一方面|另一方面)|(?:阶段|步|环节|方面|机制|工作|行动|工程|年|月|季度)$`)
)

// ReadPaste reads a text in which two or more known labels stand before their
// values: "标签：值", "3. 标签：值", "【标签】值", table cells, labels on lines of
// their own, in any order, with OCR blanks inside. Values run on to the next
// label. Nothing is guessed: unknown labels are listed, a label with two
// different values is reported. The work is linear in the text. The time is not
// looked at; values are read by their kinds later.
func ReadPaste(text string, labels []Label, _ time.Time) Paste {
	return newLabelSet(labels).paste(text)
}

// paste is ReadPaste with labels made ready.
func (s *labelSet) paste(text string) Paste {
	text = Normalise(text)
	if !strings.Contains(text, "\n") && !strings.ContainsAny(text, "：:") {
		return Paste{} // two labels need two lines, or a colon behind the second
	}
	text, fixed := s.relabel(text)
	r := pasteReader{labels: s, seen: map[string]int{}}
	r.lines = s.pasteLines(text)
	r.structured = r.structure()
	foot := r.cutFoot()
	for r.at = range r.lines {
		r.line(r.lines[r.at])
	}
	r.close()
	if len(r.seen) < 2 || !r.anyField() {
		return Paste{}
	}
	r.out.Labels, r.out.Fixed = len(r.seen), fixed
	if foot != "" {
		r.out.Unknown = append(r.out.Unknown, foot)
	}
	return r.out
}

// ignoredHead begins the inner key of a label with Ignore; the label follows.
const ignoredHead = "\x00"

// anyField reports whether a label of a field occurred.
func (r *pasteReader) anyField() bool {
	for key := range r.seen {
		if !strings.HasPrefix(key, ignoredHead) {
			return true
		}
	}
	return false
}

// labelKey is a label without blanks, notes in brackets and marks.
func labelKey(s string) string {
	if strings.ContainsAny(s, "（(") {
		s = headNote.ReplaceAllString(s, "")
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune("*_【】[]#:：", r) {
			return -1
		}
		return unicode.ToLower(simplify(r))
	}, s)
}

// pasteReader collects the values line by line.
type pasteReader struct {
	labels     *labelSet
	lines      []string
	at         int  // the line that is read
	structured bool // labels begin lines: those inside lines, unless numbered, are part of values
	loose      bool // only a blank or a dash stands behind the labels
	key        string
	number     int // the open label's, 0 for none
	value      []string
	unknown    bool // an unknown label's lines are left out
	out        Paste
	seen       map[string]int // field → 1 + index in out.Items, 0 for empty so far
}

// structure reports whether two or more fields have their label first in a line.
// Where a blank or a dash is all that stands behind labels, it takes three.
func (r *pasteReader) structure() bool {
	var found, loose seenKeys
	for _, line := range r.lines {
		if found.add(r.head(line).key) > 1 {
			return true
		}
		key, _ := r.looseHead(strings.TrimSpace(line))
		loose.add(key)
	}
	const least = 3
	r.loose = len(found)+len(loose) >= least
	return r.loose
}

// seenKeys are the fields whose labels were met; there are few.
type seenKeys []string

// add notes a field, "" for none, and returns how many there are.
func (s *seenKeys) add(key string) int {
	if key != "" && !slices.Contains(*s, key) {
		*s = append(*s, key)
	}
	return len(*s)
}

// looseBreaks are what may stand between a label and its value besides a colon.
const looseBreaks = " —–-"

// looseHead finds a label that only a blank or a dash divides from its value:
// never an alias, which is a common word.
func (r *pasteReader) looseHead(line string) (key, value string) {
	at := strings.IndexAny(line, looseBreaks)
	if at <= 0 || at > maxLabelRunes*utf8.UTFMax {
		return "", ""
	}
	if value = strings.TrimLeft(line[at:], looseBreaks); value == "" {
		return "", ""
	}
	return r.labels.main[labelKey(line[:at])], value
}

// lineHead is a line's label: known (key), or only shaped like one (name).
type lineHead struct {
	key, name, value string
	marked           bool // a number or mark stands before it
	number           int  // 0 for none
}

// head finds the label a line begins with.
func (r *pasteReader) head(line string) lineHead {
	line = strings.TrimSpace(line)
	body := withoutMark(line)
	marked, number := len(body) != len(line), 0
	if beginsWith(body, numberHeads) {
		if bare := fieldNumber.ReplaceAllString(body, ""); bare != body {
			number = markNumber(body[:len(body)-len(bare)])
			body, marked = bare, true
		}
	}
	body = withoutMark(body)
	name, value, sep := cutHead(body)
	if key := r.labels.named(name); key != "" && (sep || strings.TrimSpace(value) == "") {
		return lineHead{key: key, name: name, value: strings.Trim(strings.TrimSpace(value), "*"), marked: marked, number: number}
	}
	if r.loose {
		if key, value := r.looseHead(body); key != "" {
			return lineHead{key: key, value: value, marked: marked, number: number}
		}
	}
	if sep {
		return lineHead{name: strings.Trim(headNote.ReplaceAllString(name, ""), " *【】"), value: value, marked: marked, number: number}
	}
	return lineHead{marked: marked, number: number}
}

// The characters lineMark and fieldNumber begin with: most lines begin with none
// of them, which is quicker to see than to match.
const (
	markHeads   = "✓✔√⚠○●☑☐□■◆◇▪•·*>#-"
	numberHeads = "0123456789（(①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳一二三四五六七八九十"
)

func beginsWith(s, heads string) bool {
	r, size := utf8.DecodeRuneInString(s)
	return size > 0 && strings.ContainsRune(heads, r)
}

// plainMark reports arrows, shapes and dingbats, but no numbers in circles.
func plainMark(r rune) bool {
	return r >= 0x2190 && r < 0x2c00 && unicode.In(r, unicode.So, unicode.Sm) && (r < 0x2460 || r > 0x24ff) && (r < 0x2200 || r > 0x22ff)
}

// withoutMark takes the marks and pictures off a line's beginning.
func withoutMark(s string) string {
	for {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case strings.ContainsRune(markHeads, r) && size > 0:
			cut := lineMark.ReplaceAllString(s, "")
			if cut == s {
				return s
			}
			s = cut
		case r > hanLast && pictograph(r), plainMark(r):
			s = strings.TrimLeftFunc(s[size:], func(r rune) bool { return r == ' ' || r == zwj || extends(r) })
		default:
			return s
		}
	}
}

// cutHead divides a line at its first colon, tab or 】 outside brackets. sep is
// false for a line without one; then the whole line may be a label.
func cutHead(body string) (name, value string, sep bool) {
	if after, ok := strings.CutPrefix(body, "【"); ok {
		if name, value, ok = strings.Cut(after, "】"); ok {
			value = strings.TrimLeft(value, " ：:\t")
			return name, value, true
		}
	}
	depth, n := 0, 0
	for i, c := range body {
		if n++; n > maxHeadRunes {
			return "", "", false
		}
		switch c {
		case '（', '(':
			depth++
		case '）', ')':
			depth--
		case '：', ':', '\t', '=':
			if depth <= 0 {
				return strings.TrimRight(body[:i], " "), strings.TrimLeft(body[i+len(string(c)):], " ：:\t*"), true
			}
		}
	}
	return body, "", false
}

// line takes one line in.
func (r *pasteReader) line(line string) {
	trimmed := strings.TrimSpace(line)
	switch {
	case pageFoot.MatchString(trimmed), footWords.MatchString(trimmed), ownFoot.MatchString(trimmed):
		return
	case trimmed == "":
		if r.key != "" && len(r.value) > 0 {
			r.value = append(r.value, "")
		}
		return
	}
	h := r.head(line)
	switch {
	case r.tableHead(trimmed):
		r.value = append(r.value, trimmed)
	case h.key != "":
		r.close()
		r.begin(h.key, h.number)
		r.rest(h.value)
	case r.personPart(h):
		r.value = append(r.value, h.name+"："+h.value)
	case r.sectionLine(trimmed):
		r.heading(trimmed)
	case r.inside(trimmed):
	case sectionHead.MatchString(trimmed):
		r.heading(strings.Trim(trimmed, "【】"))
	case r.key == "" && !r.unknown:
		r.heading(trimmed)
	case r.labels.trait[r.key].list && tableRow(trimmed):
		r.value = append(r.value, trimmed)
	case r.foreign(h):
		r.close()
		r.unknown = true
		r.out.Unknown = append(r.out.Unknown, h.name)
	case r.unknown:
	case !r.labels.trait[r.key].long && Runes(trimmed) <= maxLabelRunes && remark.MatchString(trimmed) && len(r.value) > 0:
		r.close()
		r.out.Unknown = append(r.out.Unknown, trimmed)
		r.unknown = true
	default:
		r.value = append(r.value, strings.TrimRight(line, " "))
	}
}

// heading notes a line before the first label, or ends a value at a section.
func (r *pasteReader) heading(s string) {
	r.close()
	if len(r.seen) == 0 && r.out.Template == "" {
		r.out.Template = s
	}
}

// foreign reports a label nobody knows. Inside long texts and numbered lines
// such heads belong to the value, unless they are labels of any office's forms
// or carry the number after the last label's.
func (r *pasteReader) foreign(h lineHead) bool {
	if n := Runes(h.name); n > 10 || n < 2 {
		return false
	}
	if officeLabels[labelKey(h.name)] || h.number > 2 && h.number == r.number+1 {
		return true
	}
	if h.marked || r.labels.trait[r.key].long || ownHead.MatchString(h.name) {
		return false
	}
	for _, c := range h.name {
		if !unicode.IsLetter(c) && c != ' ' && c != '/' && c != '、' {
			return false
		}
	}
	return !strings.HasPrefix(h.value, "//") // https://
}

// tableRow reports a line of a list that came from a table: three cells or more,
// or a date beside something that is no label for one.
func tableRow(line string) bool {
	cells := strings.Split(line, "\t")
	if len(cells) != 2 {
		return len(cells) > 2
	}
	for i, other := range []string{cells[1], cells[0]} {
		if _, ok := exactDate(stripDateWords(cells[i]), dateContext{}); ok && !dateLabel.MatchString(other) {
			return true
		}
	}
	return false
}

// dateLabel is the end of labels whose value is a date.
var dateLabel = regexp.MustCompile(`(?:日期|时间|时限|期限|日)\s*$`)

func (r *pasteReader) begin(key string, number int) {
	r.key, r.number, r.unknown = key, number, false
	if _, ok := r.seen[key]; !ok {
		r.seen[key] = 0
	}
}

// close stores the value collected so far.
func (r *pasteReader) close() {
	key, raw := r.key, strings.Trim(strings.Join(r.value, "\n"), " \n\t")
	r.key, r.value = "", nil
	raw = strings.TrimLeft(raw, "：: ")
	if about := r.labels.trait[key]; !about.long && !about.list {
		raw = strings.TrimRight(raw, "；;，,、 ")
	}
	if r.labels.trait[key].boxes {
		raw = ticked(raw)
	}
	if key == "" || raw == "" || emptyValue.MatchString(raw) {
		return
	}
	at := r.seen[key]
	label, ignored := strings.CutPrefix(key, ignoredHead)
	switch {
	case ignored:
		r.out.Ignored = append(r.out.Ignored, PasteItem{label, raw})
	case slices.Contains(r.out.Twice, key):
	case at == 0:
		r.out.Items = append(r.out.Items, PasteItem{key, raw})
		r.seen[key] = len(r.out.Items)
	case compact(r.out.Items[at-1].Raw) != compact(raw):
		r.out.Twice = append(r.out.Twice, key)
		r.out.Items = slices.Delete(r.out.Items, at-1, at)
		for k, n := range r.seen {
			if n > at {
				r.seen[k] = n - 1
			}
		}
	}
}
