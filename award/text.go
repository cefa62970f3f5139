package award

import (
	"regexp"
	"strings"
	"unicode"
)

// Length counts characters as a reader would: combining marks, invisible
// characters and what a zero-width joiner glues on belong to the character
// before them, and a flag of two letters is one.
func Length(s string) int {
	n, glued, flag := 0, false, false
	for _, r := range s {
		switch {
		case r == zeroWidthJoiner:
			glued = n > 0
		case unicode.In(r, unicode.M, unicode.Cf) || isSkinTone(r):
			// Belongs to the character before.
		case glued:
			glued = false
		case isFlagLetter(r) && flag:
			flag = false
		default:
			n++
			flag = isFlagLetter(r)
		}
	}
	return n
}

const zeroWidthJoiner = '\u200d'

func isSkinTone(r rune) bool { return r >= 0x1F3FB && r <= 0x1F3FF }

func isFlagLetter(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }

// narrow turns a full-width letter, digit, sign or space into its plain form.
func narrow(r rune) rune {
	const shift = '！' - '!'
	switch {
	case r >= '！' && r <= '～':
		return r - shift
	case r == '　':
		return ' '
	}
	return r
}

// FoldTitle reduces a title to what makes it the same title: letters and digits
// of plain width in lower case, without spaces, quotes and punctuation.
func FoldTitle(s string) string {
	return strings.Map(func(r rune) rune {
		r = unicode.ToLower(narrow(r))
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return r
		}
		return -1
	}, s)
}

var (
	mobilePhone = regexp.MustCompile(`^1[3-9]\d{9}$`)
	landLine    = regexp.MustCompile(`^(0(?:10|2\d|[3-9]\d{2}))-*(\d{7,8})(?:[-#]+(\d{1,6}))?$`)
)

// NormalPhone reads a mobile number or a land line with area code and optional
// extension, however it was spaced, and returns it as 13800000011 or
// 0512-5800001-12 (domain.md 2.4).
func NormalPhone(s string) (string, bool) {
	s = strings.ToLower(strings.Map(phoneRune, s))
	s = strings.NewReplacer("转", "#", "分机", "#", "ext", "#", ".", "").Replace(s)
	s, abroad := trimCountry(s)
	if digits := strings.ReplaceAll(s, "-", ""); mobilePhone.MatchString(digits) {
		return digits, true
	}
	if abroad && !strings.HasPrefix(s, "0") {
		s = "0" + strings.TrimLeft(s, "-")
	}
	parts := landLine.FindStringSubmatch(strings.TrimLeft(s, "-"))
	if parts == nil {
		return "", false
	}
	out := parts[1] + "-" + parts[2]
	if parts[3] != "" {
		out += "-" + parts[3]
	}
	return out, true
}

// phoneRune drops spaces and invisible characters and makes every kind of
// bracket and dash a plain dash.
func phoneRune(r rune) rune {
	r = narrow(r)
	switch {
	case unicode.IsSpace(r) || unicode.Is(unicode.Cf, r):
		return -1
	case r == '(' || r == ')' || unicode.Is(unicode.Pd, r):
		return '-'
	}
	return r
}

// trimCountry removes the country code of China.
func trimCountry(s string) (rest string, found bool) {
	for _, code := range []string{"+86", "0086", "86-"} {
		if rest, ok := strings.CutPrefix(s, code); ok {
			return strings.TrimLeft(rest, "-"), true
		}
	}
	return s, false
}
