package dialog

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// moneyHead is what may stand before an amount without changing it.
var moneyHead = regexp.MustCompile(`^(?:(?:(?:项目|工作|活动|专项|所需)?(?:经费|资金|预算|金额|费用|投入)|合计|总计|共计|一共|总共|共|计)(?:是|为|需要?)?[：:]?|人民币|rmb)+`)

// moneyNote is what brackets behind an amount may say without changing it.
var moneyNote = regexp.MustCompile(`[（(](?:含税|不含税|人民币|大写|小写|财政|自筹|专项|县级|本级)[）)]$`)

// moneyTail are the jiao and fen of an amount: "12元5角", "柒元捌角玖分".
var moneyTail = regexp.MustCompile(`^(.+?(?:元|圆|块))零?(?:(.)[角毛])?零?(?:(.)分)?$`)

// parseMoney reads an amount into yuan; hasUnit tells whether 元 or 万 was said.
func parseMoney(body string) (yuan plainDecimal, hasUnit, ok bool) {
	var cents int64
	if m := moneyTail.FindStringSubmatch(body); m != nil && m[2]+m[3] != "" {
		jiao, okJiao := oneDigit(m[2])
		fen, okFen := oneDigit(m[3])
		if !okJiao || !okFen {
			return 0, false, false
		}
		body, cents = m[1], 10*jiao+fen
	}
	stem := trimSuffixes(body, "元", "块钱", "块", "圆")
	if stem == "" {
		return 0, false, false
	}
	yuan, hasUnit, ok = parseAmount(stem)
	if cents > 0 {
		if !ok || yuan%decimalUnit != 0 {
			return 0, false, false
		}
		yuan += plainDecimal(cents) * decimalUnit / 100
	}
	return yuan, hasUnit || stem != body, ok
}

// oneDigit reads one digit of either script; "" is 0.
func oneDigit(s string) (int64, bool) {
	if s == "" {
		return 0, true
	}
	n, ok := smallNumber(s)
	return int64(n), ok && n < 10
}

// parseAmount reads a number with or without 亿, 万 and 千: "12.5万", "12万5千",
// "一亿二", "十二点五万". A number without these does not say its unit.
func parseAmount(stem string) (d plainDecimal, hasUnit, ok bool) {
	if before, found := strings.CutSuffix(stem, "w"); found {
		stem = before + "万"
	}
	for _, u := range []struct {
		word   string
		factor plainDecimal
	}{{"亿", 100_000_000}, {"万", 10_000}} {
		high, low, found := strings.Cut(stem, u.word)
		if !found {
			continue
		}
		return joinAmount(high, low, u.factor)
	}
	d, ok = smallAmount(stem)
	return d, strings.HasSuffix(stem, "千") && d >= 1000*decimalUnit && isASCIIDigit(stem[0]), ok
}

// joinAmount reads "12"万"5千": a lone digit behind 万 stands for thousands.
func joinAmount(high, low string, factor plainDecimal) (plainDecimal, bool, bool) {
	d, ok := smallAmount(high)
	const most = mostYuan * decimalUnit
	if !ok || d > most/factor || d < -most/factor || d == 0 && low != "" {
		return 0, true, false
	}
	if low == "" {
		return d * factor, true, true
	}
	rest, _, ok := parseAmount(strings.TrimPrefix(low, "零"))
	if !ok || d%decimalUnit != 0 || d < 0 || rest < 0 || rest%decimalUnit != 0 || rest >= factor*decimalUnit {
		return 0, true, false
	}
	if utf8.RuneCountInString(low) == 1 {
		rest *= factor / 10
	}
	return d*factor + rest, true, true
}

// mixedThousands is "5千", "3千5", "3千5百" in digits.
var mixedThousands = regexp.MustCompile(`^(\d{1,4}(?:\.\d{1,4})?)([千百])(?:(\d)百?)?$`)

// smallAmount reads a number below 万 in either script, or with decimals.
func smallAmount(s string) (plainDecimal, bool) {
	if d, ok := parseDecimal(s); ok {
		return d, true
	}
	if m := mixedThousands.FindStringSubmatch(s); m != nil {
		unit := plainDecimal(chineseUnits[[]rune(m[2])[0]])
		d, ok := parseDecimal(m[1])
		if m[3] == "" {
			return d * unit, ok
		}
		return d*unit + plainDecimal(atoi(m[3]))*unit/10*decimalUnit, ok && d%decimalUnit == 0
	}
	if whole, frac, found := strings.Cut(s, "点"); found {
		return pointDecimal(whole, frac)
	}
	n, ok := chineseNumber(s)
	return plainDecimal(n) * decimalUnit, ok && n <= mostYuan
}

// pointDecimal reads "十二"点"五".
func pointDecimal(whole, frac string) (plainDecimal, bool) {
	n, ok := chineseNumber(whole)
	digits, okFrac := digitString([]rune(frac))
	size := utf8.RuneCountInString(frac)
	if !ok || !okFrac || size == 0 || size > 4 {
		return 0, false
	}
	part := plainDecimal(digits)
	for range 4 - size {
		part *= 10
	}
	return plainDecimal(n)*decimalUnit + part, true
}

func isASCIIDigit(c byte) bool { return c >= '0' && c <= '9' }
