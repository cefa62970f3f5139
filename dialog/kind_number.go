package dialog

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

const (
	decimalUnit = 10_000 // plainDecimal counts in 10⁻⁴
	mostYuan    = 999_999_999_999
)

// Number is a whole number from Min to Max; with Max 0 there is no upper limit.
// Canonical is the number in digits.
type Number struct{ Min, Max int }

// Read implements Kind.
func (k Number) Read(text string, _ Env) Reading {
	typed := compact(text)
	body := trimSuffixes(strings.TrimPrefix(typed, "共"), "个", "名", "人", "家", "项", "次", "条", "份", "篇", "张")
	switch {
	case tooManyDigits(body):
		return Breaks(fmt.Sprintf("这个数字太长了，最多 %d 位。", maxDigits))
	case vague(body), twoNumbers.MatchString(text):
		return NotRead(quoted("要写一个准数，如 12。", shortQuote(text)))
	}
	d, _, ok := parseAmount(body)
	switch {
	case !ok:
		return NotRead(quoted("请写一个整数，如 12。", shortQuote(text)))
	case d%decimalUnit != 0:
		return Breaks(quoted("要写整数，不带小数。", typed))
	case d < plainDecimal(k.Min)*decimalUnit, k.Max > 0 && d > plainDecimal(k.Max)*decimalUnit:
		return Breaks(quoted("数字要在"+k.bounds()+"。", typed))
	}
	return echoed(d.format(), typed, d.format())
}

func (k Number) bounds() string {
	if k.Max > 0 {
		return fmt.Sprintf(" %d 到 %d 之间", k.Min, k.Max)
	}
	return fmt.Sprintf(" %d 以上", k.Min)
}

// Show implements Kind.
func (Number) Show(value string) string { return value }

// Form implements Kind.
func (k Number) Form() string { return "写整数，在" + strings.TrimSpace(k.bounds()) }

// Numeric implements Kind.
func (Number) Numeric() bool { return true }

// Long implements Kind.
func (Number) Long() bool { return false }

// Money is an amount; canonical is yuan with up to two decimals, without unit.
type Money struct{}

// Read implements Kind.
func (Money) Read(text string, _ Env) Reading {
	typed := moneyNote.ReplaceAllString(compact(text), "")
	body := moneyHead.ReplaceAllString(typed, "")
	if sum, ok := strings.CutPrefix(strings.ReplaceAll(body, "￥", "¥"), "¥"); ok {
		body = strings.TrimSuffix(sum, "元") + "元"
	}
	body = trimSuffixes(body, "人民币", "整", "正")
	switch {
	case tooManyDigits(body):
		return Breaks(fmt.Sprintf("这个数字太长了，最多 %d 位。", maxDigits))
	case vague(body), twoNumbers.MatchString(text):
		return NotRead(quoted("金额要写准数，如 12.5万元。", shortQuote(text)))
	}
	yuan, hasUnit, ok := parseMoney(body)
	switch {
	case !ok:
		return NotRead(quoted("请写金额，带上单位，如 12.5万元 或 8000元。", shortQuote(text)))
	case yuan < 0:
		return Breaks(quoted("金额不能小于 0。", typed))
	case !hasUnit:
		return NotRead(fmt.Sprintf("%s 是元还是万元？请带单位再发一次，如 %s万元。", body, body))
	case yuan%(decimalUnit/100) != 0:
		return Breaks(quoted("金额最小到分（0.01元）。", typed))
	}
	value := yuan.format()
	return echoed(value, typed, Money{}.Show(value))
}

// Show implements Kind.
func (Money) Show(value string) string {
	d, ok := parseDecimal(value)
	if !ok {
		return value
	}
	if wan := d / decimalUnit; d >= decimalUnit*decimalUnit && d%decimalUnit == 0 {
		return wan.format() + "万元"
	}
	return value + "元"
}

// Form implements Kind.
func (Money) Form() string { return "写金额和单位，如 12.5万元" }

// Numeric implements Kind.
func (Money) Numeric() bool { return true }

// Long implements Kind.
func (Money) Long() bool { return false }

// Percent is 0 to 100 percent with up to two decimals; canonical has no sign.
type Percent struct{}

// Read implements Kind.
func (Percent) Read(text string, _ Env) Reading {
	typed := compact(text)
	body := strings.TrimSuffix(typed, "%")
	body = percentHead.ReplaceAllString(body, "")
	if body == "百分百" {
		body = "百分之百"
	}
	spoken, isSpoken := strings.CutPrefix(body, "百分之")
	if tooManyDigits(body) {
		return Breaks("进度要在 0 到 100 之间。")
	}
	var d plainDecimal
	var ok bool
	switch {
	case vague(body), twoNumbers.MatchString(text):
	case isSpoken:
		d, ok = spokenDecimal(spoken)
	default:
		d, ok = spokenDecimal(body)
		if !ok {
			d, ok = tenths(body)
		}
	}
	switch {
	case !ok:
		return NotRead(quoted("请写百分数，如 60%。", shortQuote(text)))
	case d < 0 || d > 100*decimalUnit:
		return Breaks(quoted("百分数要在 0 到 100 之间。", typed))
	case d%(decimalUnit/100) != 0:
		return Breaks(quoted("百分数最多两位小数。", typed))
	}
	value := d.format()
	if d > 0 && d < decimalUnit && !strings.HasSuffix(typed, "%") && !isSpoken {
		return NotRead(fmt.Sprintf("%s 是 %s%% 还是 %s%%？请带上百分号再发一次。", typed, value, (d * 100).format()))
	}
	return echoed(value, typed, value+"%")
}

// percentHead is what may stand before a share without changing it.
var percentHead = regexp.MustCompile(`^(?:目前|现在|总体)?(?:进度|进展)?(?:已经?|是|为)?(?:完成|达到|达)?(?:了|到)?[：:]?`)

// tenths reads "六成" and "六成五".
func tenths(s string) (plainDecimal, bool) {
	whole, part, found := strings.Cut(s, "成")
	if !found {
		return 0, false
	}
	d, ok := spokenDecimal(whole)
	d *= 10
	if part == "" || !ok {
		return d, ok
	}
	if part == "半" {
		return d + 5*decimalUnit, true
	}
	n, ok := chineseNumber(part)
	return d + plainDecimal(n)*decimalUnit, ok && n < 10
}

// spokenDecimal reads digits or Chinese numerals.
func spokenDecimal(s string) (plainDecimal, bool) {
	if s == "百" || s == "一百" {
		return 100 * decimalUnit, true
	}
	d, ok := smallAmount(s)
	return d, ok && d < 1_000_000*decimalUnit
}

// Show implements Kind.
func (Percent) Show(value string) string { return value + "%" }

// Form implements Kind.
func (Percent) Form() string { return "写百分数，如 60%" }

// Numeric implements Kind.
func (Percent) Numeric() bool { return true }

// Long implements Kind.
func (Percent) Long() bool { return false }

// twoNumbers finds numbers with a blank between: "2 3" is not 23.
var twoNumbers = regexp.MustCompile(`\d\s+\d`)

// compact is the typed text without blanks and final stop.
func compact(text string) string {
	s := withoutThanks(Normalise(text))
	s = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\n' || r == '\t' {
			return -1
		}
		return r
	}, s)
	return strings.TrimRight(s, "。.！!；;，,")
}

// tooManyDigits reports numbers longer than anything here can be.
func tooManyDigits(s string) bool {
	n := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n > maxDigits+4
}

// echoed is a value whose shown form is echoed when it differs from what was typed.
func echoed(value, typed, shown string) Reading {
	r := Reading{Value: value}
	if shown != typed && value != typed {
		r.Echo = shown
	}
	return r
}

// atoi reads a short run of digits that is known to be one.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}
