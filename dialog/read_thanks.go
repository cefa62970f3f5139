package dialog

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// thanksBefore are the ends of an answer that politeness may follow at once.
const thanksBefore = "）)0123456789前底日号月年元万人"

// thanksEnd is the politeness people put behind a short answer. In long texts it
// may be part of the content and stays.
var thanksEnd = regexp.MustCompile(`(?:[ ，,。；;！!、\n]|^|[` + thanksBefore + `])(?:(?:非常|十分)?(?:谢谢|多谢|感谢)(?:您|你|了|啦|领导|大家)*|谢[了啦]|辛苦(?:您|你|了|啦)*|麻烦(?:您|你|了|啦)*|请(?:您|你)?(?:查收|审阅|审核|知悉|核对|指正|收)(?:一下)?|收到请?(?:回复?|回)|拜托了?|(?:其他|其余|其它|剩下|附件)的?[^，,。；;\n]{0,6}(?:补上?|再[报发补填])[^，,。；;\n]{0,3})(?:[ ，,。；;！!、~～]|\x{1f64f}|\x{1f44d}|\x{1f339})*$`)

// thanksMarks are characters every ending of thanksEnd holds one of.
const thanksMarks = "谢苦烦请收托补再"

// withoutThanks takes politeness off the end of a short answer; it never leaves
// nothing of a text that says something.
func withoutThanks(s string) string {
	if !strings.ContainsAny(s, thanksMarks) {
		return s
	}
	for {
		at := thanksEnd.FindStringIndex(s)
		if at == nil {
			return s
		}
		kept := s[:at[0]]
		if r, size := utf8.DecodeRuneInString(s[at[0]:]); strings.ContainsRune(thanksBefore, r) {
			kept = s[:at[0]+size]
		}
		if kept = strings.TrimRight(kept, " ，,。；;！!、\n"); kept == "" {
			return s
		}
		s = kept
	}
}

// questioned reports an answer with a question mark: it asks, it does not answer.
func questioned(text string) bool { return strings.ContainsAny(text, "?？") }
