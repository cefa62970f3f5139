package dialog

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Precisions of a date, as stored.
const (
	byDay     = "day"
	byMonth   = "month"
	byQuarter = "quarter"
	byYear    = "year"
)

// The years a date may lie in.
const (
	firstYear = 2000
	lastYear  = 2100
)

// shanghai is fixed at +08:00: China has no summer time.
var shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

var weekdayNames = [...]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}

// dateContext is what a relative date depends on. base is the day from which
// dates without a year count on, zero for now's day; steps of a plan use the
// step before.
type dateContext struct {
	now, base time.Time
	past      bool
}

// today is now's day in Shanghai, at midnight UTC, in which all dates are kept.
func (c dateContext) today() time.Time {
	y, m, d := c.now.In(shanghai).Date()
	return day(y, int(m), d)
}

// from is the day from which dates without a year count on.
func (c dateContext) from() time.Time {
	if c.base.IsZero() {
		return c.today()
	}
	return c.base
}

func day(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }

// monthEnd is the last day of a month; month 13 is January of the next year.
func monthEnd(y, m int) time.Time { return day(y, m+1, 0) }

// dateRead is a date as understood: its last day and its precision.
type dateRead struct {
	t         time.Time
	precision string
}

func (d dateRead) iso() string { return d.t.Format(time.DateOnly) }

// show renders the date so that reading it again gives the same.
func (d dateRead) show() string {
	y, m, n := d.t.Date()
	switch d.precision {
	case byMonth:
		return fmt.Sprintf("%d年%d月", y, m)
	case byQuarter:
		return fmt.Sprintf("%d年%s季度", y, string([]rune("一二三四")[(m-1)/3]))
	case byYear:
		return fmt.Sprintf("%d年", y)
	}
	return fmt.Sprintf("%d年%d月%d日", y, m, n)
}

// echo says what was understood, unless it is what was typed.
func (d dateRead) echo(typed string) string {
	if d.precision != byDay {
		return fmt.Sprintf("%s（按%d月%d日算）", d.show(), d.t.Month(), d.t.Day())
	}
	if compact(typed) == d.show() {
		return ""
	}
	return d.show() + "（" + weekdayNames[d.t.Weekday()] + "）"
}

// Parts and times of a day: deadlines here are whole days.
const (
	dayPart = `(?:早上|上午|中午|下午|傍晚|晚上|夜里|上班|下班|收工)`
	dayTime = `(?:\d{1,2}[:：]\d{2}(?:[:：]\d{2})?|(?:\d{1,2}|[一二三四五六七八九十]{1,3})[点时](?:\d{1,2}分|半|整|钟)?)`
)

// clockMarks are characters every part or time of a day holds one of.
const clockMarks = ":：点时上午晚里班工"

// The phrases around a date that do not change it.
var (
	dateHead = regexp.MustCompile(`^(?:预计|计划|争取|力争|确保|拟|定于|定在|完成时间|时间|日期|截止到|截止|截至|最迟|最晚|不晚于|不迟于|不超过|务必|将|在|于|到|至|是|为)+[：:]?`)
	dateTail = regexp.MustCompile(`(?:全部|全面|基本|整体|正式|一定|务必|必须|须|能|可以|要|就|完成|结束|搞完|做完|办完|办结|到位|验收|交|报|搞定|为止|止|截止|的)+$`)
	doneBy   = regexp.MustCompile(`([前止底])(?:要|能|可|须|必须|应|全部|全面|基本|正式|做到|实现|顺利)*(?:结题|结项|收官|建成|落实|落地|见效|成型|交付|上报|报送|提交|交稿|做好|干完|弄完|弄好|完工|竣工|销号|清零|达标|到岗|出台|定稿)$`)
	asCounts = regexp.MustCompile(`[（(](?:按|即|含)[^（()）]*[）)]$`)
	clock    = regexp.MustCompile(`([ t]|[日号天]|(?:周|星期|礼拜)[一二三四五六日天]) ?(?:` + dayPart + ` ?(?:` + dayTime + `)?|` + dayTime + `)(?:前|之前|以前)?$`)
	spaced   = regexp.MustCompile(`^(\d{4}) (\d{1,2}) (\d{1,2})([日号]?)$`)
	midnight = regexp.MustCompile(`(?:^|\D)(?:0{1,2}[:：点时]|零点|零时)`)
	weekMark = regexp.MustCompile(`([日号\d])[（(,，]?(?:周|星期|礼拜)([一二三四五六日天])[）)]?$`)
)

// openEnded lists words that name no day; they are asked about.
var openEnded = []string{
	"农历", "阴历", "旧历", "腊月", "正月", "冬月", "初一", "初二", "初三", "初五", "初六", "初七", "初八", "初十", "八月十五", "尽快", "尽早", "快了", "近期", "最近", "随时", "长期", "待定",
	"不确定", "不知道", "不清楚", "再说", "另行", "以后再", "有空", "左右", "前后", "大概", "大约", "可能", "也许", "差不多", "期间", "年后", "节后", "节前",
	"春季", "夏季", "秋季", "冬季", "春天", "夏天", "秋天", "冬天", "农忙", "农闲", "暑假", "寒假", "工作日", "换届", "看情况", "视情况", "一直", "持续", "约",
}

// readDate reads one date. The two problems are kept apart: not understood, or
// an impossible day or year (B52).
func readDate(typed string, ctx dateContext) (dateRead, Problem) {
	if Runes(typed) > 40 {
		return dateRead{}, Problem{NotUnderstood, "这一项只写日期，如 " + sampleDate(ctx) + "。"}
	}
	s := dateText(typed)
	if s == "" {
		return dateRead{}, Problem{NotUnderstood, "没有看到日期，请写成 " + sampleDate(ctx) + " 这样。"}
	}
	said, weekday := cutWeekday(s)
	d, problem := dateCore(said, ctx)
	if problem.Kind == NotUnderstood {
		if core := stripDateWords(doneBy.ReplaceAllString(said, "$1")); core != said && core != "" {
			d, problem = dateCore(core, ctx)
		}
	}
	if problem.Kind == None && weekday != "" && weekdayNames[d.t.Weekday()] != "周"+weekday {
		return dateRead{}, Problem{NotUnderstood, fmt.Sprintf("%s是%s，不是周%s。是哪一天？请再写一次日期。", d.show(), weekdayNames[d.t.Weekday()], weekday)}
	}
	if problem.Kind == None {
		problem = inWindow(d, typed)
	}
	if problem.Kind == NotUnderstood && problem.Text == "" {
		problem.Text = unreadDate(said, typed, ctx)
	}
	return d, problem
}

// sampleDate is an example a year ahead, so that it never reads as a deadline.
func sampleDate(ctx dateContext) string {
	return fmt.Sprintf("%d年6月30日", ctx.today().Year()+1)
}

// unreadDate says why a phrase names no date.
func unreadDate(said, typed string, ctx dateContext) string {
	said = stripDateWords(said)
	if end, ok := spanEnd(said, ctx); ok {
		return fmt.Sprintf("“%s”是一段时间，请只写结束的日期，如 %s。", shortQuote(typed), dateRead{end.t, byDay}.show())
	}
	if left, right, ok := twoDates(said, ctx); ok {
		return fmt.Sprintf("“%s”里有两个时间，是“%s”还是“%s”？请只写一个日期，如 %s。", shortQuote(typed), left, right, sampleDate(ctx))
	}
	if lunar.MatchString(said) {
		return "农历日期请换成公历写，如 " + sampleDate(ctx) + "。"
	}
	if strings.Contains(said, "工作日") {
		return "请算好后写具体日期，如 " + sampleDate(ctx) + "。"
	}
	return quoted("请写一个具体日期，只知道月份也行，如 "+sampleDate(ctx)+" 或 "+strconv.Itoa(ctx.today().Year()+1)+"年6月。", shortQuote(typed))
}

// lunar finds days of the lunar calendar; 初 alone is the beginning of a month.
var lunar = regexp.MustCompile(`农历|阴历|旧历|腊月|正月|冬月|八月十五|廿|初[一二三四五六七八九十]`)

// inWindow refuses years this programme has nothing to do with.
func inWindow(d dateRead, typed string) Problem {
	if y := d.t.Year(); y < firstYear || y > lastYear {
		return Problem{RuleBroken, quoted(fmt.Sprintf("年份要在 %d 到 %d 之间。", firstYear, lastYear), shortQuote(typed))}
	}
	return Problem{}
}

// dateText removes what never matters: blanks, the time of day, an echo in
// brackets, final marks; traditional characters become simplified.
func dateText(typed string) string {
	s := strings.TrimRight(strings.ToLower(withoutThanks(typed)), "。.！!～~ 、，,；;吧啊呀哈哦")
	s = asCounts.ReplaceAllString(s, "")
	if strings.ContainsAny(s, clockMarks) {
		if at := clock.FindStringSubmatchIndex(s); at != nil && !midnight.MatchString(s[at[3]:]) {
			s = strings.TrimRight(s[:at[3]], " t")
		}
	}
	if strings.Contains(s, " ") {
		s = spaced.ReplaceAllString(s, "$1-$2-$3$4")
	}
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\n“”‘’\"「」『』", r) {
			return -1
		}
		return simplify(r)
	}, s)
	return sameInDates.Replace(s)
}

// sameInDates writes one way what people write in several.
var sameInDates = strings.NewReplacer("號", "号", "——", "-", "—", "-", "–", "-", "～", "-", "~", "-", "礼拜", "周", "星期", "周")

// cutWeekday takes "（周三）" off a date, to be checked against it.
func cutWeekday(s string) (rest, weekday string) {
	if m := weekMark.FindStringSubmatchIndex(s); m != nil {
		weekday = strings.Replace(s[m[4]:m[5]], "天", "日", 1)
		return s[:m[3]], weekday
	}
	return s, ""
}

func stripDateWords(s string) string {
	return strings.Trim(dateTail.ReplaceAllString(dateHead.ReplaceAllString(s, ""), ""), "：:，,")
}

// unread is the problem of a phrase that names no date; readDate words it.
func unread() (dateRead, Problem) { return dateRead{}, Problem{Kind: NotUnderstood} }

// askDate is the problem of a phrase that could be two days.
func askDate(text string) (dateRead, Problem) { return dateRead{}, Problem{NotUnderstood, text} }

// dateCore reads a phrase without words around it.
func dateCore(s string, ctx dateContext) (dateRead, Problem) {
	if s == "" {
		return unread()
	}
	if d, problem, ok := holiday(s, ctx); ok {
		return d, problem
	}
	if d, ok := relativeDay(s, ctx); ok {
		return d, Problem{}
	}
	digits := arabic(s)
	if d, ok := offsetDate(digits, ctx); ok {
		return d, Problem{}
	}
	for _, w := range openEnded {
		if strings.Contains(s, w) {
			return unread()
		}
	}
	s = digits
	body, before := cutBefore(s)
	d, problem := calendarDate(body, ctx)
	if before && problem.Kind == None && d.precision != byDay && !strings.HasSuffix(body, "底") && !strings.HasSuffix(body, "末") {
		return askDate(fmt.Sprintf("“%s前”算不算上%s？请写最晚的那一天，如 %s。", body, body, dateRead{d.t, byDay}.show()))
	}
	return d, problem
}

// cutBefore takes 前 off: the day named is the last one that counts.
func cutBefore(s string) (string, bool) {
	for _, w := range []string{"之前", "以前", "前"} {
		if body, ok := strings.CutSuffix(s, w); ok {
			return body, true
		}
	}
	return s, false
}

// relativeDay reads 今天, 明天 and the like.
func relativeDay(s string, ctx dateContext) (dateRead, bool) {
	body, _ := cutBefore(s)
	offset, ok := map[string]int{
		"今天": 0, "今日": 0, "当天": 0, "今早": 0, "今晚": 0, "明天": 1, "明日": 1, "明早": 1, "明晚": 1, "后天": 2, "大后天": 3, "昨天": -1, "昨日": -1, "前天": -2, "大前天": -3,
	}[body]
	if !ok {
		if offset, ok = map[string]int{"前天": -2, "大前天": -3}[s]; !ok {
			return dateRead{}, false
		}
	}
	return dateRead{ctx.today().AddDate(0, 0, offset), byDay}, true
}

var (
	offsetForm = regexp.MustCompile(`^(?:再过|过)?(\d{1,3}|半)(个半|个)?(天|日|周|月|季度|年)(半)?(后|之后|以后|内|之内|以内|前|之前|以前)?$`)
	passing    = regexp.MustCompile(`^(?:再过|过)`)
)

// offsetDate reads "3天后", "两周后", "半年内", "一年半后", "10天前".
func offsetDate(s string, ctx dateContext) (dateRead, bool) {
	m := offsetForm.FindStringSubmatch(s)
	if m == nil || m[5] == "" && !passing.MatchString(s) {
		return dateRead{}, false
	}
	unit, half := m[3], m[2] == "个半" || m[4] == "半"
	counted := m[2] != "" || unit != "月" && unit != "季度" // "3月后" is not three months
	if !counted && m[1] != "半" || half && unit != "月" && unit != "年" {
		return dateRead{}, false
	}
	months, days := 0, 0
	n := 0
	if m[1] == "半" {
		half = true
	} else {
		n = atoi(m[1])
	}
	switch unit {
	case "天", "日":
		days = n
	case "周":
		days = 7 * n
	case "月":
		months = n
		if half {
			days = 15
		}
	case "季度":
		months = 3 * n
	case "年":
		months = 12 * n
		if half {
			months += 6
		}
	}
	if m[1] == "半" && unit != "月" && unit != "年" {
		return dateRead{}, false
	}
	if strings.HasSuffix(m[5], "前") {
		months, days = -months, -days
	}
	return dateRead{addMonths(ctx.today(), months).AddDate(0, 0, days), byDay}, true
}

// addMonths moves by months and stays inside the month: 31 January plus one is
// the last day of February.
func addMonths(t time.Time, months int) time.Time {
	y, m, d := t.Date()
	last := monthEnd(y, int(m)+months)
	if d > last.Day() {
		return last
	}
	return day(last.Year(), int(last.Month()), d)
}

// arabic turns runs of Chinese numerals into digits: "二〇二七年六月三十日".
func arabic(s string) string {
	var b strings.Builder
	runes := []rune(s)
	for i := 0; i < len(runes); {
		j := i
		for j < len(runes) && numeral(runes[j]) {
			j++
		}
		if j == i {
			b.WriteRune(runes[i])
			i++
			continue
		}
		if n, ok := chineseInt(string(runes[i:j])); ok {
			fmt.Fprint(&b, n)
		} else if n, ok := digitString(runes[i:j]); ok && yearDigits(runes[i:j], runes[j:]) {
			fmt.Fprint(&b, n)
		} else {
			b.WriteString(string(runes[i:j]))
		}
		i = j
	}
	return b.String()
}

// yearDigits reports digits that spell a year ("一九九八", "二七年"); "三五年" and
// "一二月" are about-numbers.
func yearDigits(run, after []rune) bool {
	if len(run) != 2 {
		return len(run) == 4
	}
	step := chineseDigits[run[1]] - chineseDigits[run[0]]
	about := step == 1 || run[0] == '三' && run[1] == '五' || run[0] == '两' || run[1] == '两'
	return len(after) > 0 && after[0] == '年' && !about
}

func numeral(r rune) bool {
	_, digit := chineseDigits[r]
	return digit || r == '十'
}
