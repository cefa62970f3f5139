package dialog

import (
	"regexp"
	"strings"
	"time"
)

var (
	spanSep  = regexp.MustCompile(`[-至到]`)
	leadYear = regexp.MustCompile(`^(?:\d{4}[年./]?|今年|明年|后年)`)
	lastUnit = regexp.MustCompile(`(季度|月|日|号|年)(?:底|末)?(?:前|之前|以前)?$`)
)

// spanEnd reads "2027年1-3月", "3月至6月", "2027.1-2027.6" and gives the end. The
// text is as dateText leaves it.
func spanEnd(s string, ctx dateContext) (dateRead, bool) {
	s = arabic(s)
	for _, at := range spanSep.FindAllStringIndex(s, 6) {
		left, right := s[:at[0]], s[at[1]:]
		if left == "" || right == "" {
			continue
		}
		if d, ok := spanOf(left, right, ctx); ok {
			return d, true
		}
	}
	return dateRead{}, false
}

// twoDates divides a span of which only the beginning can be read, or whose ends
// do not follow each other ("9月底至10月初").
func twoDates(s string, ctx dateContext) (left, right string, ok bool) {
	for _, at := range spanSep.FindAllStringIndex(s, 6) {
		left, right = s[:at[0]], s[at[1]:]
		if _, problem := dateCore(left, ctx); problem.Kind == None && lastUnit.MatchString(left) && timeLike.MatchString(right) {
			return left, right, true
		}
	}
	return "", "", false
}

// timeLike is a part that can only be a time.
var timeLike = regexp.MustCompile(`^(?:今年|明年|后年|次年)?(?:\d{1,4}|[一二三四五六七八九十〇零]{1,4})[年月日号季.]|^(?:今年|明年|后年|次年|年底|年末|月底)`)

// spanOf reads both ends: what one leaves out (year, unit) is the other's.
func spanOf(left, right string, ctx dateContext) (dateRead, bool) {
	from, problem := dateCore(left, ctx)
	if problem.Kind != None || bareNumber(left) {
		unit := lastUnit.FindStringSubmatch(right)
		if unit == nil {
			return dateRead{}, false
		}
		if from, problem = dateCore(left+unit[1], ctx); problem.Kind != None {
			return dateRead{}, false
		}
	}
	year := leadYear.FindString(left)
	if !leadYear.MatchString(right) && year != "" {
		if d, problem := dateCore(year+monthOf(left, right)+right, ctx); problem.Kind == None {
			return notBefore(d, from)
		}
	}
	ctx.base = day(from.t.Year(), int(from.t.Month()), 1)
	d, problem := dateCore(monthOf(left, right)+right, ctx)
	if problem.Kind != None {
		return dateRead{}, false
	}
	return notBefore(d, from)
}

// monthOf lends the month of "3月1日-15日" to its right end.
func monthOf(left, right string) string {
	if strings.Contains(right, "月") || !strings.HasSuffix(right, "日") && !strings.HasSuffix(right, "号") {
		return ""
	}
	if at := strings.Index(left, "月"); at > 0 {
		year := leadYear.FindString(left)
		return strings.TrimPrefix(left[:at], year) + "月"
	}
	return ""
}

func bareNumber(s string) bool { return allDigits(s) && len(s) < 4 }

// notBefore puts the end after the start, a year later when it fell before.
func notBefore(end, start dateRead) (dateRead, bool) {
	if end.t.Before(start.t) {
		end.t = day(end.t.Year()+1, int(end.t.Month()), end.t.Day())
		if end.precision != byDay {
			end.t = monthEnd(end.t.Year(), int(end.t.Month()))
		}
	}
	return end, !end.t.Before(start.t) && end.t.Sub(start.t) < 5*366*24*time.Hour
}
