package dialog

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// dateFound is a date cut out of a row.
type dateFound struct {
	found     bool
	d         dateRead
	raw, rest string
	until     bool    // "到" or "至" stands before it
	problem   Problem // found is false; d is the date the words were beside
}

// dateAlphabet are the characters a date may be made of.
const dateAlphabet = "0123456789〇零一二三四五六七八九十两年月日号底末初旬上中下第季度前之以内后天周星期礼拜今明本这个半去大元旦春节清明端午国庆秋劳动建党军-—–~～至到./Qq"

// findDate cuts the date out of a row: in brackets, first, last, or alone
// between commas. A bare year gives way to a better date at the end. Where words
// beside the date say that another day is meant, they are asked about.
func findDate(s string, ctx dateContext) dateFound {
	f := anyDate(s, ctx)
	switch {
	case f.found:
		if words := otherTime(f.d, f.rest); words != "" {
			return dateFound{problem: whichDay(words, ctx)}
		}
	case f.problem.Kind == None:
		f.problem = unreadTime(s, ctx)
	}
	return f
}

// anyDate is findDate for the date alone.
func anyDate(s string, ctx dateContext) dateFound {
	if f := bracketDate(s, ctx); f.found {
		return f
	}
	first := dateFirst(s, ctx)
	if first.found && first.d.precision != byYear {
		return onlyDate(first, ctx)
	}
	if first.problem.Kind != None && first.d.precision != byYear {
		return first
	}
	if last := dateLast(s, ctx); last.found && (last.rest != "" || first.rest == "") && (first.problem.Kind == None || last.d.precision != byYear) {
		return last
	}
	if first.found || first.problem.Kind != None {
		return first
	}
	return datePiece(s, ctx)
}

// onlyDate asks when a row that begins with a date runs on to a second one:
// "2027年3月试点到2027年底".
func onlyDate(f dateFound, ctx dateContext) dateFound {
	last := dateLast(f.rest, ctx)
	if !last.found || !last.until {
		return f
	}
	return dateFound{problem: Problem{NotUnderstood, fmt.Sprintf("“%s”和“%s”，哪一个是完成的时间？请只写这一个。", f.raw, last.raw)}}
}

var brackets = regexp.MustCompile(`[（(]([^（()）]{1,48})[）)]`)

// bracketDate finds "调研（2027年3月）".
func bracketDate(s string, ctx dateContext) dateFound {
	for _, m := range brackets.FindAllStringSubmatchIndex(s, 4) {
		if d, ok := exactDate(stripDateWords(s[m[2]:m[3]]), ctx); ok {
			head, tail := strings.TrimRight(s[:m[0]], " "), strings.TrimLeft(s[m[1]:], " ")
			if head != "" && tail != "" && !strings.ContainsAny(firstRune(tail), "：:，,、；;。") {
				head += " "
			}
			return dateFound{found: true, d: d, raw: s[m[2]:m[3]], rest: trimCell(head + tail)}
		}
	}
	return dateFound{}
}

// dateFirst finds the longest date a row begins with. An impossible date, or one
// that has to be asked about, is a problem and not a shorter date.
func dateFirst(s string, ctx dateContext) dateFound {
	s = quotedFirst.ReplaceAllString(s, "$1$2$3$4")
	run := leadingRun(s)
	for end := len(run); end > 0; {
		try := strings.TrimRight(run[:end], " ")
		next, _ := utf8.DecodeRuneInString(s[len(try):])
		if try != "" && (closed(next) || !needsEnd(try)) {
			d, ok, p := tryDate(try, ctx)
			if ok {
				if words := besideDate(try, d, s[len(try):]); words != "" {
					return dateFound{d: d, problem: whichDay(words, ctx)}
				}
				return dateFound{found: true, d: d, raw: try, rest: trimCell(s[len(try):])}
			}
			if p.Text != "" && (p.Kind == RuleBroken || closed(next) || strings.HasSuffix(try, "前") && next != '期') {
				return dateFound{problem: p}
			}
		}
		_, size := utf8.DecodeLastRuneInString(run[:end])
		end -= size
	}
	return dateFound{}
}

// dateLast finds the longest date a row ends with.
func dateLast(s string, ctx dateContext) dateFound {
	s = quotedLast.ReplaceAllString(strings.TrimRight(s, " 。.；;，,）)"), "$1$2$3")
	body := s
	if at := dateTail.FindStringIndex(s); at != nil && at[1] == len(s) {
		body = s[:at[0]]
	}
	run := trailingRun(body)
	for from := len(body) - len(run); from < len(body); {
		before, _ := utf8.DecodeLastRuneInString(body[:from])
		if try := body[from:]; closed(before) || !startsLoose(try, before) {
			if d, ok, _ := tryDate(try, ctx); ok {
				rest, word := cutDangling(body[:from])
				return dateFound{found: true, d: d, raw: try, rest: trimCell(rest), until: strings.HasSuffix(word, "到") || strings.HasSuffix(word, "至")}
			}
		}
		_, size := utf8.DecodeRuneInString(body[from:])
		from += size
	}
	return dateFound{}
}

// datePiece finds a date alone between commas or blanks.
func datePiece(s string, ctx dateContext) dateFound {
	for _, p := range splitTrim(s, "，,；; ：:") {
		if d, ok := exactDate(stripDateWords(p), ctx); ok {
			at := strings.Index(s, p)
			return dateFound{found: true, d: d, raw: p, rest: trimCell(trimCell(s[:at]) + "，" + trimCell(s[at+len(p):]))}
		}
	}
	return dateFound{}
}

// exactDate reads a date or the end of a span.
func exactDate(s string, ctx dateContext) (dateRead, bool) {
	d, ok, _ := tryDate(s, ctx)
	return d, ok
}

func tryDate(s string, ctx dateContext) (dateRead, bool, Problem) {
	s = dateText(s)
	if s == "" || Runes(s) > 40 {
		return dateRead{}, false, Problem{}
	}
	d, problem := dateCore(s, ctx)
	if problem.Kind == None && inWindow(d, s).Kind == None {
		return d, true, Problem{}
	}
	if end, ok := spanEnd(s, ctx); ok {
		return end, inWindow(end, s).Kind == None, Problem{}
	}
	return dateRead{}, false, problem
}

// leadingRun is the part a date at the start can reach.
func leadingRun(s string) string {
	n := 0
	for i, r := range s {
		if n >= 24 || r != ' ' && !strings.ContainsRune(dateAlphabet, r) {
			return s[:i]
		}
		n++
	}
	return s
}

// trailingRun is the part a date at the end can reach.
func trailingRun(s string) string {
	from := len(s)
	for n := 0; from > 0 && n < 24; n++ {
		r, size := utf8.DecodeLastRuneInString(s[:from])
		if !strings.ContainsRune(dateAlphabet, r) {
			break
		}
		from -= size
	}
	return s[from:]
}

// closed reports the end of a text or a character no word continues over.
func closed(r rune) bool {
	return r == utf8.RuneError || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '%' && r != '.'
}

// needsEnd reports dates that could be the start of another word: digits
// ("1.5万元"), numerals ("12月 两个村试点") and feasts ("七一表彰").
func needsEnd(try string) bool {
	last, _ := utf8.DecodeLastRuneInString(try)
	if unicode.IsDigit(last) || numeral(last) {
		return true
	}
	m := holidayForm.FindStringSubmatch(try)
	return m != nil && m[3] == "" && m[5] == ""
}

// startsLoose reports a date at the end that may be the tail of a word.
func startsLoose(try string, before rune) bool {
	first, _ := utf8.DecodeRuneInString(try)
	return unicode.IsDigit(first) && (unicode.IsDigit(before) || before == '.') || numeral(first) && !unicode.IsDigit(first) || first == '年' || first == '月' || first == '周'
}

func firstRune(s string) string {
	r, _ := utf8.DecodeRuneInString(s)
	return string(r)
}

// trimCell trims blanks and the marks around a cell.
func trimCell(s string) string {
	return strings.Trim(s, " \t：:，,；;、。-—–")
}

// readRow reads one row into canonical cells. ctx moves on with each date, so
// that months without a year follow the step before.
func (k Rows) readRow(it item, n int, old []string, ctx *dateContext) ([]string, Problem) {
	if m := rowWish.FindStringSubmatch(it.text); m != nil {
		return nil, Problem{NotUnderstood, fmt.Sprintf("还没有第 %s %s可改。请%s。", m[2], m[3], k.Form())}
	}
	if problem := k.undatedPart(it, n, *ctx); problem.Kind != None {
		return nil, problem
	}
	typed, problem := k.divide(it, ctx)
	if problem.Kind != None {
		return nil, rowProblem(n, problem)
	}
	row := make([]string, len(k.Columns))
	for i, c := range k.Columns {
		cell := typed[i]
		if cell == "" {
			if c.Required {
				return nil, Problem{RuleBroken, k.missingCell(n, c, it.text)}
			}
			continue
		}
		value, problem := k.readCell(c, cell, cellOf(old, i), ctx)
		if problem.Kind != None {
			return nil, rowProblem(n, problem)
		}
		row[i] = value
	}
	return row, Problem{}
}

// undatedPart reports a part before ； that has no date while one after it has:
// these are two rows, and the date is not the first one's.
func (k Rows) undatedPart(it item, n int, ctx dateContext) Problem {
	parts := splitTrim(oneLineText(it.text), "；;")
	at := k.dateColumn()
	if at < 0 || it.cells != nil || len(parts) < 2 {
		return Problem{}
	}
	undated := -1
	for i, part := range parts {
		f := findDate(part, ctx)
		switch {
		case f.problem.Kind != None:
			return rowProblem(n+i, f.problem)
		case !f.found && undated < 0:
			undated = i
		case f.found && undated >= 0:
			return Problem{RuleBroken, fmt.Sprintf("第 %d 条“%s”还没有%s。每一条都要写；和后面是同一条的，请用逗号隔开。", n+undated, shortQuote(parts[undated]), k.Columns[at].Label)}
		}
	}
	return Problem{}
}

func cellOf(row []string, i int) string {
	if i < len(row) {
		return row[i]
	}
	return ""
}

// readCell reads one cell by its column's kind.
func (k Rows) readCell(c Column, cell, old string, ctx *dateContext) (string, Problem) {
	if dates, ok := c.Kind.(Date); ok {
		own := *ctx
		own.past = dates.Past
		d, ok, problem := tryDate(stripDateWords(cell), own)
		if !ok {
			if problem.Text == "" {
				_, problem = readDate(cell, own)
			}
			return "", problem
		}
		ctx.base = day(d.t.Year(), int(d.t.Month()), 1)
		if iso, precision, _ := SplitDate(old); iso == d.iso() && precision == d.precision {
			return old, Problem{}
		}
		if !dates.Past && d.t.Year() < ctx.today().Year() {
			return "", Problem{NotUnderstood, fmt.Sprintf("%s已经过去，%s是哪一天？请再写一次，如 %s。", shownPast(cell, d), c.Label, sampleDate(*ctx))}
		}
		return JoinDate(d.iso(), d.precision, cell), Problem{}
	}
	r := c.Kind.Read(cell, Env{Now: ctx.now, Label: c.Label})
	return r.Value, r.Problem
}

// shownPast names a date gone by, in the words of the person and as understood.
func shownPast(typed string, d dateRead) string {
	if shown := d.show(); compact(typed) != shown {
		return "“" + shortQuote(typed) + "”（" + shown + "）"
	}
	return d.show()
}

func rowProblem(n int, p Problem) Problem {
	return Problem{p.Kind, fmt.Sprintf("第 %d 条：%s", n, p.Text)}
}

func (k Rows) missingCell(n int, c Column, text string) string {
	s := fmt.Sprintf("第 %d 条还差%s。", n, c.Label)
	if c.Example != "" {
		s = fmt.Sprintf("第 %d 条还差%s（如 %s）。", n, c.Label, c.Example)
	}
	return quoted(s, shortQuote(text))
}

// divide gives each column its text.
func (k Rows) divide(it item, ctx *dateContext) ([]string, Problem) {
	if len(k.Columns) == 1 {
		return []string{strings.TrimRight(oneLineText(it.text), "；;，,、 ")}, Problem{}
	}
	if it.said != nil {
		return k.divideSaid(it, ctx)
	}
	if it.cells != nil {
		return k.divideCells(it, ctx)
	}
	return k.divideText(oneLineText(it.head), ctx)
}

// divideSaid joins a row's head with what brackets at its end say of it.
func (k Rows) divideSaid(it item, ctx *dateContext) ([]string, Problem) {
	row, problem := k.divide(item{text: it.text, head: it.head, cells: it.cells}, ctx)
	if problem.Kind != None {
		return nil, problem
	}
	for i, cell := range it.said {
		switch {
		case cell == "":
		case row[i] == "" || row[i] == cell:
			row[i] = cell
		default:
			return nil, Problem{NotUnderstood, fmt.Sprintf("%s写了两个：%s 和 %s，请留一个。", k.Columns[i].Label, row[i], cell)}
		}
	}
	return row, Problem{}
}

// divideCells takes the cells of a table as they stand when each fits its
// column, else each where it fits.
func (k Rows) divideCells(it item, ctx *dateContext) ([]string, Problem) {
	cells := make([]string, 0, len(it.cells))
	for _, c := range it.cells {
		c = strings.TrimSpace(c)
		if c == emptyCell || c == "/" || c == "无" || c == unfilled {
			c = ""
		}
		cells = append(cells, c)
	}
	for len(cells) > len(k.Columns) && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) <= len(k.Columns) && k.fits(cells, *ctx) {
		return append(cells, make([]string, len(k.Columns)-len(cells))...), Problem{}
	}
	if len(cells) > len(k.Columns) {
		return nil, Problem{NotUnderstood, fmt.Sprintf("有 %d 栏，这里只有 %d 栏：%s。", len(cells), len(k.Columns), k.labels())}
	}
	row, problem := k.place(cells, *ctx)
	if problem.Kind != None || k.filled(row) {
		return row, problem
	}
	if again, p := k.divideText(oneLineText(it.head), ctx); p.Kind == None && k.filled(again) {
		return again, p // a border in the wrong place is a blank
	}
	return row, Problem{}
}

// filled reports that no required cell is empty.
func (k Rows) filled(row []string) bool {
	for i, c := range k.Columns {
		if c.Required && row[i] == "" {
			return false
		}
	}
	return true
}

func (k Rows) labels() string {
	labels := make([]string, 0, len(k.Columns))
	for _, c := range k.Columns {
		labels = append(labels, c.Label)
	}
	return strings.Join(labels, "、")
}

// fits reports whether the cells can be read in the order of the columns.
func (k Rows) fits(cells []string, ctx dateContext) bool {
	for i, c := range k.Columns {
		cell := cellOf(cells, i)
		if cell == "" {
			if c.Required {
				return false
			}
			continue
		}
		if _, problem := k.readCell(c, cell, "", &ctx); problem.Kind == NotUnderstood {
			return false
		}
	}
	return true
}

// place puts each piece into the first free column that takes it; of a list of
// units it asks about pieces that fit nowhere.
func (k Rows) place(pieces []string, ctx dateContext) ([]string, Problem) {
	row := make([]string, len(k.Columns))
	lastText := -1
	for _, p := range pieces {
		if p == "" {
			continue
		}
		at := k.columnFor(p, row, ctx)
		if problem := k.misplaced(p, row[0], at); problem.Kind != None {
			return nil, problem
		}
		switch {
		case at >= 0:
			row[at] = p
			if _, ok := k.Columns[at].Kind.(Text); ok {
				lastText = at
			}
		case lastText >= 0:
			row[lastText] += " " + p
		}
	}
	return row, Problem{}
}

// columnFor finds the free column for a piece: the strict kinds first.
func (k Rows) columnFor(piece string, row []string, ctx dateContext) int {
	for i, c := range k.Columns {
		if row[i] != "" {
			continue
		}
		switch kind := c.Kind.(type) {
		case Text:
		case Date:
			if _, ok := exactDate(stripDateWords(piece), ctx); ok {
				return i
			}
		case Choice:
			if len(exactOptions(kind.Options, piece)) == 1 {
				return i
			}
		default:
			if c.Kind.Read(piece, Env{Now: ctx.now}).Problem.OK() {
				return i
			}
		}
	}
	for i, c := range k.Columns {
		if _, ok := c.Kind.(Text); ok && row[i] == "" {
			return i
		}
	}
	return -1
}
