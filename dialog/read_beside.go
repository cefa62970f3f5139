package dialog

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// A date in a row is read as far as it can be read. What stands beside it may
// say that another day is meant ("2028年五一后推开", "6月初启动", "9月底至10月初"):
// the coarser date would then be a misreading, and the day is asked for.

// clearFeasts are feasts that are nothing else; the others of holidayForm are
// also plain nouns (青年, 劳动, 教师) and need 节, 前 or 后 to be a time.
const clearFeasts = `元旦|五一|五四|六一|七一|八一|国庆|圣诞|春节|过年|除夕|小年|元宵|清明|端午|中秋|重阳`

// around says that a time before, after or about the one named is meant.
const around = `(?:之前|以前|之后|以后|过后|期间|前后|左右|前夕|前|后)`

var (
	// feastTime is a feast that does not name its own day.
	feastTime = `(?:[“"「『‘]?(?:` + holidayNames + `|小年)(?:节|日)?[”"」』’]?(?:假期|黄金周)?` + around + `)`
	// lunarTime is a day of the lunar calendar.
	lunarTime = `(?:(?:农历|阴历|旧历)(?:[正腊冬一二三四五六七八九十]{1,2}月)?|腊月|正月|冬月)(?:[初廿一二三四五六七八九十]{1,3}(?:日|号)?|底|末)?` + around + `?`
	// looseTime are times that name no day, in words.
	looseTime = `(?:(?:年|节)(?:后|前)|开春|开年|入春|入夏|入秋|入冬|(?:暑假|寒假|暑期|寒期|农忙|农闲|汛期|开学|换届|两会|春耕|春播|夏收|夏种|秋收|秋种|冬训)(?:` + around + `|末|初))` + around + `?`
	// namedTime is a feast or a season without more.
	namedTime = `(?:(?:` + clearFeasts + `|(?:` + holidayNames + `)节)(?:节|日)?|暑假|寒假|暑期|[初早晚深][春夏秋冬]|[春夏秋冬](?:季|天|末|初|耕|播|收|种|训|灌|闲))`

	timeWords   = regexp.MustCompile(`^(?:` + lunarTime + `|` + feastTime + `|` + looseTime + `)`)
	timeInside  = regexp.MustCompile(`(?:^|[ ，,、；;：:（(])(` + lunarTime + `|` + feastTime + `|` + looseTime + `)`)
	timeAtEnd   = regexp.MustCompile(`(?:` + lunarTime + `|` + feastTime + `|` + looseTime + `)$`)
	yearWords   = regexp.MustCompile(`^(?:` + namedTime + `)`)
	seasonNext  = regexp.MustCompile(`^[春夏秋冬]`)
	secondDate  = regexp.MustCompile(`^ *(?:[-—–~～至到]+|或者?) *(?:次年|今年|明年|后年|年底|年末|月底|\d{1,4} *[年月日号./季-]|[一二三四五六七八九十]{1,3}[年月日号季]|(?:` + clearFeasts + `))[年月日号初中底末旬上下\d一二三四五六七八九十]*`)
	openYear    = regexp.MustCompile(`(?:年度?|\d)$`)
	danglingTo  = regexp.MustCompile(`(?:截止到|截止|截至|最迟|最晚|不晚于|不迟于|定于|定在|预计|力争|争取|确保|到|至|于)$`)
	arriving    = regexp.MustCompile(`(?:报|签|得|找|受|达|收|做|关系|由|基|归|属|甚)(?:到|至|于)$`)
	quotedFirst = regexp.MustCompile(`^((?:\d{4}年|今年|明年|后年)?)[“"「『‘](` + holidayNames + `)[”"」』’](节|日)?(之前|以前|前)`)
	quotedLast  = regexp.MustCompile(`[“"「『‘](` + holidayNames + `)[”"」』’](节|日)?(之前|以前|前)$`)
)

// shifting are words that, right behind a date, mean another day; with one of
// the characters after them they begin an ordinary word (后续, 起草, 初步, 中期).
var shifting = []struct{ word, unless string }{
	{"以后", ""},
	{"之后", ""},
	{"过后", ""},
	{"左右", ""},
	{"前后", ""},
	{"期间", ""},
	{"后", "续期勤备进评台方"},
	{"起", "草步航底"},
	{"初", "步中级心稿审评选验赛春夏秋冬"},
	{"中", "期心小共国央学层医考高队秋旬"},
}

// besideDate looks at what follows a date that was cut out of a row, and returns
// the words that make it another one, "" for none. raw is the date as typed.
func besideDate(raw string, d dateRead, tail string) string {
	if m := secondDate.FindString(tail); m != "" {
		return raw + strings.TrimRight(m, " ")
	}
	for _, s := range shifting {
		after, ok := strings.CutPrefix(tail, s.word)
		next, _ := utf8.DecodeRuneInString(after)
		if ok && !strings.ContainsRune(s.unless, next) {
			return raw + s.word
		}
	}
	open := d.precision == byYear && openYear.MatchString(raw)
	near := strings.TrimLeft(tail, " ")
	if open {
		near = strings.TrimLeft(tail, " ，,、：:")
	}
	if m := timeWords.FindString(near); m != "" && d.precision != byDay {
		return raw + m
	}
	if !open {
		return ""
	}
	if m := yearWords.FindString(near); m != "" {
		return raw + m
	}
	return joined(raw, seasonNext.FindString(tail))
}

// cutDangling takes a word off that leads to the date right behind it ("试点到"
// before 2027年底); words that end in it by themselves (报到) are left.
func cutDangling(s string) (rest, word string) {
	if arriving.MatchString(s) {
		return s, ""
	}
	word = danglingTo.FindString(s)
	return strings.TrimSuffix(s, word), word
}

// joined is both words, "" when the second is missing.
func joined(raw, more string) string {
	if more == "" {
		return ""
	}
	return raw + more
}

// otherTime finds, in the rest of a row with a date, a time that names no day
// and that the date only covers ("春节后推开，2027年"), "" for none.
func otherTime(d dateRead, rest string) string {
	if d.precision == byDay {
		return ""
	}
	m := timeWords.FindString(rest)
	if m == "" {
		m = timeAtEnd.FindString(rest)
	}
	if d.precision != byYear && !strings.ContainsAny(m, "历腊正冬") {
		return "" // "2027年2月 春节后走访" says its month
	}
	return m
}

// unreadTime finds a time in a row in which no date could be read, to be named
// when the date is asked for.
func unreadTime(s string, ctx dateContext) Problem {
	m := timeInside.FindStringSubmatch(s)
	if m == nil {
		return Problem{}
	}
	return whichDay(m[1], ctx)
}

// whichDay asks for the day of words that name none.
func whichDay(words string, ctx dateContext) Problem {
	return Problem{NotUnderstood, fmt.Sprintf("“%s”是哪一天？请写具体日期，只知道月份也行，如 %s。", shortQuote(words), sampleDate(ctx))}
}
