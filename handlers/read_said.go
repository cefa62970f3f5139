package handlers

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"cxbot/dialog"
)

// said is one message made ready for reading: as written, and with the marks of
// one width so that every reader is written once.
type said struct {
	// text is the message in normal form, without "@name" and pictures.
	text string
	// plain is text with half-width marks; the same characters at the same places.
	plain string
	now   time.Time
	// asr are words that were taken for others by their sound, wrong → right.
	asr map[string]string
}

// halfMarks maps marks to one spelling, one character to one character.
var halfMarks = map[rune]rune{
	'，': ',', '。': '.', '！': '!', '？': '?', '：': ':', '；': ';', '（': '(', '）': ')', '～': '~', '“': '"', '”': '"', '「': '"', '」': '"', '『': '"', '』': '"', '\u3000': ' ',
}

// mention is "@name " at the beginning of a group message.
var mention = regexp.MustCompile(`^@[^\s\p{Z}@]{1,20}[\s\p{Z}]+`)

// listen makes a message ready.
func listen(text string, now time.Time) said {
	text = mention.ReplaceAllString(strings.TrimSpace(text), "")
	text = strings.Map(func(r rune) rune {
		if picture(r) {
			return -1
		}
		return r
	}, dialog.Normalise(text))
	s := said{text: strings.TrimSpace(text), now: now}
	s.asr = soundFixes(s.text)
	for wrong, right := range s.asr {
		s.text = strings.ReplaceAll(s.text, wrong, right)
	}
	s.plain = half(s.text)
	return s
}

// half writes the marks of a text half-width.
func half(text string) string {
	return strings.Map(func(r rune) rune {
		if p, ok := halfMarks[r]; ok {
			return p
		}
		return r
	}, text)
}

// picture reports emoji and their selectors.
func picture(r rune) bool {
	return r >= 0x1f000 && r <= 0x1faff || r >= 0x2600 && r <= 0x27bf || r == 0xfe0f || r == 0x200d
}

// cut returns the part of the text as written that stands at bytes of plain.
func (s said) cut(from, to int) string {
	a := utf8.RuneCountInString(s.plain[:from])
	n := utf8.RuneCountInString(s.plain[from:to])
	runes := []rune(s.text)
	return string(runes[a : a+n])
}

// has reports whether an expression occurs.
func (s said) has(re *regexp.Regexp) bool { return re.MatchString(s.plain) }

// found returns the first group that matched of an expression, as written.
func (s said) found(re *regexp.Regexp) string {
	m := re.FindStringSubmatchIndex(s.plain)
	for i := 2; i+1 < len(m); i += 2 {
		if m[i] >= 0 {
			return strings.TrimSpace(s.cut(m[i], m[i+1]))
		}
	}
	return ""
}

// sub is a part of the message as a message of its own.
func (s said) sub(text string) said {
	return said{text: text, plain: half(text), now: s.now}
}

// Syllables of the programme's terms and the characters heard in their place.
var soundTerms = []struct {
	term  string
	first string
	last  string
}{
	{"备案", "备被倍背贝辈北", "案按暗岸安"}, {"课题", "课科刻颗", "题提"}, {"进展", "进近劲", "展站盏"},
	{"截止", "截接节", "止纸指只"}, {"提交", "提题", "交叫浇"}, {"撤回", "撤彻扯", "回会"}, {"督查", "督都读", "查察"},
	{"模板", "模摸膜", "板扳"}, {"延期", "延严沿研", "期"}, {"佐证", "佐左", "证正政"}, {"补正", "补不", "正证"},
	{"试点", "试式", "点典电"}, {"措施", "措错", "施师"}, {"申报", "申伸审", "报抱"},
}

// soundExcept are words of their own that only look like a slip.
var soundExcept = map[string]bool{"都查": true, "审报": true, "不正": true, "都察": true, "节止": true, "题叫": true}

// soundFixes finds terms written by their sound ("备按" for 备案).
func soundFixes(text string) map[string]string {
	var out map[string]string
	for _, t := range soundTerms {
		for _, a := range t.first {
			for _, b := range t.last {
				wrong := string(a) + string(b)
				if wrong == t.term || soundExcept[wrong] || !strings.Contains(text, wrong) {
					continue
				}
				if out == nil {
					out = map[string]string{}
				}
				out[wrong] = t.term
			}
		}
	}
	return out
}

var (
	spacedNames = regexp.MustCompile(`(村|社区|支部|总支|公司|合作社|厂|校|所|站) (\p{Han}{2,10}?(?:村|社区|支部|总支|公司|合作社|厂|校|所|站))`)
	commas      = regexp.MustCompile(`[,.;\n]`)
)

// minBlanks is from how many blanks on a message without marks is one in which
// blanks stand for commas.
const minBlanks = 3

// divided is the message with blanks turned into commas where it has no others.
func (s said) divided() said {
	if commas.MatchString(s.plain) || strings.Count(s.plain, " ") < minBlanks {
		return s
	}
	text := spacedNames.ReplaceAllString(s.text, "$1、$2")
	s.text = strings.ReplaceAll(text, " ", ",")
	s.plain = half(s.text)
	return s
}

// clauses divides a sentence at its marks, not inside quotes or brackets.
func clauses(text string) []string {
	var out []string
	var b strings.Builder
	depth := 0
	flush := func() {
		if c := strings.TrimSpace(b.String()); c != "" {
			out = append(out, c)
		}
		b.Reset()
	}
	for _, r := range text {
		switch {
		case strings.ContainsRune("“《「（(", r):
			depth++
		case strings.ContainsRune("”》」）)", r) && depth > 0:
			depth--
		case strings.ContainsRune("，,。；;！!？?\n", r) && depth == 0:
			flush()
			continue
		}
		b.WriteRune(r)
	}
	flush()
	return out
}

var (
	reasonHead = regexp.MustCompile(`^(?:原因是|原因:|原因|理由是|理由:|理由|因为|由于|主要是|说是|因|就是|只因|考虑到|(?:王|李|张|刘|陈|[\p{Han}])?(?:书记|领导|主任|镇长|局长)(?:说|讲|要求|觉得|认为|嫌))+[:,，]?`)
	reasonFill = regexp.MustCompile(`这阵子|这段时间|这几天|这两天|最近|近期|目前|暂时|实在`)
	reasonTail = regexp.MustCompile(`(?:了|啊|呀|呢|吧|哈|嘛|的缘故|的原因)+$`)
)

// reason makes a clause a reason in few words: what people put around it goes.
func reason(clause string) string {
	c := strings.Trim(strings.TrimSpace(clause), "，,。.;；！!？? ")
	c = reasonHead.ReplaceAllString(c, "")
	c = reasonFill.ReplaceAllString(c, "")
	c = reasonTail.ReplaceAllString(c, "")
	c = strings.ReplaceAll(c, "原来的", "原")
	for _, all := range []string{"都", "也"} { // "企业都搬走了"
		if before, after, ok := strings.Cut(c, all); ok && utf8.RuneCountInString(before) >= 2 && after != "" && !strings.HasSuffix(before, "首") && !strings.HasSuffix(before, "成") {
			c = before + after
			break
		}
	}
	for _, head := range []string{"我们", "我"} {
		c = strings.TrimPrefix(c, head)
	}
	if before, after, ok := strings.Cut(c, "要再"); ok {
		c = before + "再" + after
	}
	return strings.TrimSpace(c)
}

// reasons joins the clauses that are not about the wish itself.
func reasons(text string, wish *regexp.Regexp) string {
	var kept []string
	for _, c := range clauses(text) {
		if wish.MatchString(half(c)) {
			continue
		}
		if r := reason(c); utf8.RuneCountInString(r) >= 2 {
			kept = append(kept, r)
		}
	}
	return strings.Join(kept, ",")
}

// oneOf is a regular expression of alternatives.
func oneOf(words string) *regexp.Regexp { return regexp.MustCompile(words) }
