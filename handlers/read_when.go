package handlers

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"cxbot/award"
	"cxbot/dialog"
)

// when is a date found in a sentence.
type when struct {
	from, to  int // bytes of said.plain
	raw       string
	date      string // ISO
	precision string
}

// slot is the date as explain shows it.
func (w when) slot() map[string]any {
	return map[string]any{"date": w.date, "precision": w.precision, "raw": w.raw}
}

// day is the date as a deadline: a day whatever was said.
func (w when) day() map[string]any {
	return map[string]any{"date": w.date, "precision": "day", "raw": w.raw}
}

const (
	numeral   = `(?:\d{1,2}|[一二三四五六七八九十廿卅]{1,3})`
	yearWords = `(?:20\d\d年?度?|\d\d年|今年|明年|后年|去年|次年|本年度?)`
	feasts    = `(?:元旦|新年|春节|过年|除夕|元宵|清明|五一|端午|六一|七一|八一|教师节|中秋|国庆|十一|劳动节|建党节|重阳)`
	monthTail = `(?:底|末|初|上旬|中旬|下旬|月底)`
)

// dateWords finds dates in a sentence, the longer forms first.
var dateWords = regexp.MustCompile(`(?:` + strings.Join([]string{
	`20\d\d[-/.]\d{1,2}(?:[-/.]\d{1,2})?[日号]?`,
	yearWords + `的?` + numeral + `月(?:份的?)?(?:` + numeral + `[日号]?|` + monthTail + `)?`,
	yearWords + `的?` + feasts + `(?:节)?`,
	yearWords + `的?(?:年底|年末|年内|年初|上半年|下半年|第?[一二三四1-4]季度|底|末|内|初)`,
	yearWords,
	numeral + `月(?:份的?)?(?:` + numeral + `[日号]?|` + monthTail + `)?`,
	`(?:本|这个?|下下?个?|上个?|当)月的?(?:` + numeral + `[日号]|` + monthTail + `)?`,
	`月底|月末|年底|年末|年内|上半年|下半年|第?[一二三四1-4]季度末?`,
	`(?:下下?个?|上个?|本|这个?)?(?:周|星期|礼拜)[一二三四五六日天末]`,
	`(?:下下?个?|本|这)(?:周|星期|礼拜)`,
	`大后天|今天|今日|明天|明日|后天|昨天|昨日|前天`,
	feasts + `(?:节)?`,
	`\d{1,3}(?:天|周|个月|个星期|年)(?:后|内|之内|以内|之后|以后)|半年(?:后|内)`,
	`(?:1[0-2]|[1-9])\.(?:3[01]|[12]\d|0?[1-9])`,
	`(?:` + numeral + `)[日号]`,
}, "|") + `)(?:之前|以前|前|起|开始)?`)

var feastWords = regexp.MustCompile(feasts)

var twenties = strings.NewReplacer("廿", "二十", "卅", "三十", "星期", "周", "礼拜", "周")

// whens finds the dates of a message, in order. A number with 号 that counts
// things (3号材料) is left to the caller.
func (s said) whens() []when { return s.datesIn(false) }

// pastWhens reads weekdays as the last gone by.
func (s said) pastWhens() []when { return s.datesIn(true) }

func (s said) datesIn(past bool) []when {
	var out []when
	for _, at := range dateWords.FindAllStringIndex(s.plain, -1) {
		raw := s.plain[at[0]:at[1]]
		if at[1] < len(s.plain) && strings.Contains(raw, ".") && (s.plain[at[1]] == '.' || isDigit(s.plain[at[1]])) || at[0] > 0 && isDigit(s.plain[at[0]-1]) {
			continue
		}
		if w, ok := readWhen(raw, s.now, past); ok {
			w.from, w.to, w.raw = at[0], at[1], s.cut(at[0], at[1])
			out = append(out, w)
		}
	}
	return out
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// readWhen reads one date phrase.
func readWhen(raw string, now time.Time, past bool) (when, bool) {
	core := twenties.Replace(raw)
	feast := feastWords.MatchString(core)
	for _, tail := range []string{"起", "开始"} {
		core = strings.TrimSuffix(core, tail)
	}
	if !feast {
		for _, tail := range []string{"之前", "以前", "前"} {
			core = strings.TrimSuffix(core, tail)
		}
	}
	if weeks, ok := map[string]int{"本周": 0, "这周": 0, "下周": 7, "下个周": 7, "下下周": 14}[core]; ok {
		today := award.DateOf(now)
		monday := today.Add(-(int(today.Weekday())+6)%7 + weeks)
		return when{date: monday.String(), precision: "day"}, true
	}
	read := dialog.Date{Past: past}.Read(core, dialog.Env{Now: now})
	if !read.Problem.OK() {
		return when{}, false
	}
	date, precision, _ := dialog.SplitDate(read.Value)
	if precision == "quarter" {
		precision = "month"
	}
	return when{date: date, precision: precision}, true
}

// firstWhen is the first date that is not a counting number, else none.
func (s said) firstWhen() (when, bool) {
	if all := s.whens(); len(all) > 0 {
		return all[0], true
	}
	return when{}, false
}

// lastWhen is the last date: in "从3月提前到12月" the new one.
func (s said) lastWhen() (when, bool) {
	if all := s.whens(); len(all) > 0 {
		return all[len(all)-1], true
	}
	return when{}, false
}

// firmWhen is the last date that is no bare day of the week ("逢周日顺延").
func (s said) firmWhen() (when, bool) {
	all := s.whens()
	for _, one := range slices.Backward(all) {
		if !restDay.MatchString(one.raw) {
			return one, true
		}
	}
	return s.lastWhen()
}

var restDay = regexp.MustCompile(`^(?:周|星期|礼拜)[六日天末]$`)

var hourWords = regexp.MustCompile(`(凌晨|早上|早晨|清早|上午|中午|下午|傍晚|晚上)?(\d{1,2}|[一二三四五六七八九十两]{1,3})(?:[点时:](半|一刻|三刻|整|\d{1,2}|[一二三四五六七八九十]{1,3})?分?|点钟)`)

// hour finds a time of day: "09:00", "" for none.
func (s said) hour() string {
	m := hourWords.FindStringSubmatch(s.plain)
	if m == nil {
		return ""
	}
	h, ok := smallInt(m[2])
	if !ok || h > 24 {
		return ""
	}
	minute := 0
	switch m[3] {
	case "", "整":
	case "半":
		minute = 30
	case "一刻":
		minute = 15
	case "三刻":
		minute = 45
	default:
		minute, _ = smallInt(m[3])
	}
	switch m[1] {
	case "下午", "傍晚", "晚上":
		if h < 12 {
			h += 12
		}
	case "中午":
		if h < 10 {
			h += 12
		}
	}
	return pad(h) + ":" + pad(minute)
}

func pad(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// smallInt reads a small number in digits or Chinese.
func smallInt(text string) (int, bool) {
	if n, err := strconv.Atoi(text); err == nil {
		return n, true
	}
	r := (dialog.Number{Min: 0, Max: 999}).Read(strings.NewReplacer("廿", "二十", "俩", "两", "仨", "三").Replace(text), dialog.Env{})
	if !r.Problem.OK() {
		return 0, false
	}
	n, err := strconv.Atoi(r.Value)
	return n, err == nil
}

var (
	workdayWords = regexp.MustCompile(`(\d{1,2}|[一二三四五六七八九十两]{1,3})个?工作日`)
	dayWords     = regexp.MustCompile(`(?:限|给|宽限)(?:期)?(?:他们|你们|你)?(\d{1,2}|[一二三四五六七八九十两]{1,3})天`)
)

// limitSlot reads until when something must be done: working days or a date.
func (s said) limitSlot(cal award.Calendar) (any, bool) {
	if m := workdayWords.FindStringSubmatch(s.plain); m != nil {
		n, _ := smallInt(m[1])
		return map[string]any{"workdays": n, "date": cal.Add(award.DateOf(s.now), n).String()}, true
	}
	if m := dayWords.FindStringSubmatch(s.plain); m != nil {
		n, _ := smallInt(m[1])
		return map[string]any{"days": n, "date": award.DateOf(s.now).Add(n).String()}, true
	}
	if w, ok := s.lastWhen(); ok {
		return w.day(), true
	}
	return nil, false
}
