package handlers

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// clockWords is a time of day in a sentence: 下午, 早上九点半, 15:30.
const clockWords = `(?:早上|早晨|一早|上午|中午|下午|傍晚|晚上|夜里)?(?:的)?(?:[0-9]{1,2}|[一二三四五六七八九十两]{1,3})(?:[:：][0-9]{2}|[点时](?:半|整|[0-9一二三四五十]{1,3}分?|[一三]刻)?钟?)|早上|早晨|一早|上午|中午|下午|傍晚|晚上|夜里`

var clockForm = regexp.MustCompile(`^(早上|早晨|一早|上午|中午|下午|傍晚|晚上|夜里)?的?(?:([0-9]{1,2}|[一二三四五六七八九十两]{1,3})(?:[:：]([0-9]{2})|[点时](半|整|[0-9一二三四五十]{1,3}分?|[一三]刻)?钟?))?$`)

// readClock reads a time of day; a part of the day alone is its first hour in
// which people work. Bare numbers below 8 are of the afternoon.
func readClock(text string) (hour, minute int, ok bool) {
	m := clockForm.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil || m[1] == "" && m[2] == "" {
		return 0, 0, false
	}
	if m[2] == "" {
		return map[string]int{"中午": 12, "下午": 14, "傍晚": 18, "晚上": 19, "夜里": 22}[m[1]] + mornings[m[1]], 0, true
	}
	hour, ok = smallNumber(m[2])
	late := m[1] == "下午" || m[1] == "傍晚" || m[1] == "晚上" || m[1] == "夜里" || m[1] == "中午" && hour < 11
	if hour < 12 && (late || m[1] == "" && hour < 8) {
		hour += 12
	}
	const quarter, half = 15, 30
	switch part := m[3] + strings.TrimSuffix(m[4], "分"); part {
	case "", "整":
	case "半":
		minute = half
	case "一刻":
		minute = quarter
	case "三刻":
		minute = quarter + half
	default:
		var read bool
		minute, read = smallNumber(part)
		ok = ok && read
	}
	return hour, minute, ok && hour < 24 && minute < 60
}

// mornings are the parts of the day that begin at nine.
var mornings = map[string]int{"早上": 9, "早晨": 9, "一早": 9, "上午": 9}

// smallNumber reads 0–59 in digits or in Chinese numerals: 9, 三, 十二, 二十五.
func smallNumber(text string) (int, bool) {
	if n, err := strconv.Atoi(text); err == nil {
		return n, true
	}
	digits := map[rune]int{'一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9}
	n, last := 0, 0
	for _, r := range text {
		if r == '十' {
			n, last = 10*max(last, 1), 0
			continue
		}
		d, ok := digits[r]
		if !ok || last != 0 {
			return 0, false
		}
		last = d
	}
	return n + last, n+last > 0
}

// clockText writes a time of day for people: 9点, 14点半.
func clockText(hour, minute int) string {
	switch minute {
	case 0:
		return itoa(hour) + "点"
	case 30:
		return itoa(hour) + "点半"
	default:
		return itoa(hour) + "点" + itoa(minute) + "分"
	}
}

// weekdayWords is a day of the week in a sentence.
const weekdayWords = `(?:周|星期|礼拜)(?:[一二三四五六日天]|[1-7])`

// readWeekday reads the last character of 周一, 星期天, 周3.
func readWeekday(text string) (time.Weekday, bool) {
	const order = "日一二三四五六"
	runes := []rune(text)
	if len(runes) == 0 {
		return 0, false
	}
	last := runes[len(runes)-1]
	if last >= '1' && last <= '7' {
		return time.Weekday((last - '0') % 7), true
	}
	if last == '天' {
		last = '日'
	}
	for i, r := range []rune(order) {
		if r == last {
			return time.Weekday(i), true
		}
	}
	return 0, false
}

// weekdayText writes a day of the week for people.
func weekdayText(d time.Weekday) string { return "周" + string([]rune("日一二三四五六")[d]) }
