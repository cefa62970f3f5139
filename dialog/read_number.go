package dialog

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// chineseDigits maps Chinese numerals to their digits; 两 counts as 2.
var chineseDigits = map[rune]int64{
	'〇': 0, '零': 0, '○': 0, '一': 1, '壹': 1, '二': 2, '贰': 2, '两': 2, '三': 3, '叁': 3, '四': 4, '肆': 4, '五': 5, '伍': 5,
	'六': 6, '陆': 6, '七': 7, '柒': 7, '八': 8, '捌': 8, '九': 9, '玖': 9,
}

// zeros are the ways to write 0 in a number of Chinese digits.
const zeros = "〇零○"

// inARow finds Chinese digits beside each other, as about-numbers have them
// ("三五万", "一两个", "七八十").
var inARow = regexp.MustCompile(`[一二两三四五六七八九]{2}`)

// chineseUnits maps the small units to their factors.
var chineseUnits = map[rune]int64{'十': 10, '拾': 10, '百': 100, '佰': 100, '千': 1000, '仟': 1000}

// chineseInt reads "三百五十", "十二万五" (125,000), "一〇五"; whole numbers up to
// 万亿 only. It refuses what is not a number in full, and digits in a row: "三五"
// is three to five, "一二" one or two, not 35 and 12.
func chineseInt(s string) (int, bool) {
	n, ok := chineseNumber(s)
	return int(n), ok
}

func chineseNumber(s string) (int64, bool) {
	runes := []rune(s)
	if len(runes) == 0 || len(runes) > 24 {
		return 0, false
	}
	if len(runes) == 1 || strings.ContainsAny(s, zeros) {
		if n, ok := digitString(runes); ok {
			return n, true
		}
	}
	if high, low, ok := strings.Cut(s, "亿"); ok {
		return joinBig(high, low, 100_000_000)
	}
	if high, low, ok := strings.Cut(s, "万"); ok {
		return joinBig(high, low, 10_000)
	}
	return smallChinese(runes)
}

// joinBig reads "十二"万"五": a lone digit after 万 stands for thousands.
func joinBig(high, low string, unit int64) (int64, bool) {
	h, ok := chineseNumber(high)
	if !ok || h == 0 || h > 1_000_000 {
		return 0, false
	}
	if low == "" {
		return h * unit, true
	}
	l, ok := chineseNumber(low)
	if !ok || l >= unit {
		return 0, false
	}
	if utf8.RuneCountInString(low) == 1 && l > 0 && l < 10 {
		l *= unit / 10
	}
	return h*unit + l, true
}

// digitString reads numerals without units: "二〇二七", "三".
func digitString(runes []rune) (int64, bool) {
	var n int64
	for _, r := range runes {
		d, ok := chineseDigits[r]
		if !ok || len(runes) > 9 {
			return 0, false
		}
		n = n*10 + d
	}
	return n, true
}

// smallChinese reads below 万: "三百五十", "三百五" (350), "十二", "一千零五".
func smallChinese(runes []rune) (int64, bool) {
	var total, digit int64
	unit, pending, zero := int64(10_000), false, false
	for i, r := range runes {
		if d, ok := chineseDigits[r]; ok {
			if pending {
				return 0, false
			}
			if d == 0 {
				zero = true
				continue
			}
			digit, pending = d, true
			continue
		}
		u, ok := chineseUnits[r]
		if !ok || u >= unit || (!pending && (i > 0 && !zero || u != 10)) {
			return 0, false
		}
		if !pending {
			digit = 1
		}
		total += digit * u
		unit, pending, zero = u, false, false
	}
	if pending {
		if !zero && unit > 10 && unit < 10_000 {
			digit *= unit / 10 // 三百五 is 350
		}
		total += digit
	}
	return total, !zero || pending
}

// plainDecimal is a number typed in digits, in units of 10⁻⁴.
type plainDecimal int64

// maxDigits bounds the integer part; nothing in this programme is larger.
const maxDigits = 12

// parseDecimal reads digits with an optional sign, thousands commas and up to
// four decimals. It knows no NaN, Inf, hexadecimal, underscore or exponent (B54, B56).
func parseDecimal(s string) (plainDecimal, bool) {
	negative := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(strings.TrimPrefix(s, "-"), "+")
	whole, frac, dotted := strings.Cut(s, ".")
	whole, ok := dropCommas(whole)
	if !ok || whole == "" || len(whole) > maxDigits || dotted && (frac == "" || len(frac) > 4) || !allDigits(whole) || !allDigits(frac) {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+frac+strings.Repeat("0", 4-len(frac)), 10, 64)
	if err != nil {
		return 0, false
	}
	if negative {
		n = -n
	}
	return plainDecimal(n), true
}

// dropCommas removes thousands commas where they stand rightly: "125,000".
func dropCommas(s string) (string, bool) {
	s = strings.ReplaceAll(s, "，", ",")
	parts := strings.Split(s, ",")
	for i, p := range parts {
		if len(parts) > 1 && (i > 0 && len(p) != 3 || i == 0 && (p == "" || len(p) > 3)) {
			return "", false
		}
	}
	return strings.Join(parts, ""), true
}

func allDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// format renders a decimal without trailing zeros.
func (d plainDecimal) format() string {
	sign := ""
	if d < 0 {
		sign, d = "-", -d
	}
	s := sign + strconv.FormatInt(int64(d/10_000), 10)
	if frac := d % 10_000; frac != 0 {
		s += "." + strings.TrimRight(strconv.FormatInt(int64(frac)+10_000, 10)[1:], "0")
	}
	return s
}

// vague finds words that make a number no number ("约十万", "三五万").
func vague(s string) bool {
	if inARow.MatchString(s) {
		return true
	}
	for _, w := range []string{"约", "左右", "大概", "大约", "上下", "多万", "余万", "几", "来万", "近", "不到", "超过", "至少", "最多"} {
		if strings.Contains(s, w) {
			return true
		}
	}
	return strings.HasSuffix(s, "多") || strings.HasSuffix(s, "余")
}
