package dialog

import (
	"regexp"
	"strings"
)

// Lists as people dictate them, without marks and with short years.
var (
	briefYear  = regexp.MustCompile(`(^|[^\d.])(2[6-9]|3[0-5])(年(?:1[0-2]|0?[1-9])月|[.．](?:1[0-2]|0?[1-9])[ \p{Han}])`)
	briefDate  = regexp.MustCompile(`^(2[6-9]|3[0-5])[.．](1[0-2]|0?[1-9])$`)
	monthPart  = regexp.MustCompile(`(\d{1,2}|[一二三四五六七八九十])月份`)
	datesHead  = regexp.MustCompile(`^\p{Han}{2,6}[：:]\s*(20\d\d)`)
	nextDate   = regexp.MustCompile(`([^\d\s，,、。；;：:（(—~～\-到至从自在于和前截年底.．])\s*(20\d\d(?:年|[.．]\d))`)
	manyDates  = regexp.MustCompile(`20\d\d(?:年|[.．]\d)`)
	placesHead = regexp.MustCompile(`^(?:就|先|我们?|准备|打算|初步|试点|拟)*(?:放在|选在|定在|选的?是|选了)`)
)

// plainDates brings the dates of a dictated list into the usual form: "27年3月" and
// "27.3 " get their century, "3月份" loses its 份, and a list in one breath is cut
// before each of its dates.
func plainDates(text string) string {
	text = monthPart.ReplaceAllString(text, "${1}月")
	for range 2 { // neighbours share the character between them
		text = briefYear.ReplaceAllString(text, "${1}20${2}${3}")
	}
	if !strings.Contains(text, "\n") {
		text = datesHead.ReplaceAllString(text, "${1}")
	}
	if start := manyDates.FindStringIndex(text); start != nil && start[0] == 0 && !strings.ContainsAny(text, "，,。；;：、\n\t") && len(manyDates.FindAllString(text, -1)) > 1 {
		text = nextDate.ReplaceAllString(text, "${1}；${2}")
	}
	return text
}

// plainPlaces takes off the words before the places of a list: "就放在石桥村和水口村".
func plainPlaces(text string) string {
	head := placesHead.ReplaceAllString(text, "")
	if head == "" {
		return text
	}
	return head
}
