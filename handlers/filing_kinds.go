package handlers

import (
	"regexp"
	"strconv"
	"strings"

	"cxbot/award"
	"cxbot/dialog"
)

// directionKind reads a category or a direction of the directory (C11–C49).
type directionKind struct{}

// Menu lists the choices of the question.
func (directionKind) Menu() string {
	return "1 先进性（党员发展、教育、管理）\n2 能力（带富、服务、化解矛盾）\n3 活力（班子、制度、民主管理）\n9 自选"
}

// askedClass is how a question about the classes looks, or what is ruled out.
var askedClass = regexp.MustCompile(`什么|啥|区别|[?？吗]|哪|还是[^选报]|不是|不要|不选|别选|不属于|除了`)

// spokenClasses are the ways to name a class in a short sentence.
var spokenClasses = map[string]*regexp.Regexp{
	"1": regexp.MustCompile(`先进性|第?[1一]类`),
	"2": regexp.MustCompile(`能力|第?[2二]类`),
	"3": regexp.MustCompile(`活力|第?[3三]类`),
}

// maxSpokenClass is the longest sentence that names a class in passing, in characters.
const maxSpokenClass = 16

// spokenCategory is the one class a short sentence names ("第二类能力"), "" when
// it names none, several, or a direction more exactly.
func spokenCategory(key string) string {
	if dialog.Runes(key) > maxSpokenClass || askedClass.MatchString(key) {
		return ""
	}
	found := ""
	for class, words := range spokenClasses {
		switch {
		case !words.MatchString(key):
		case found != "":
			return ""
		default:
			found = class
		}
	}
	if d := award.FindDirections(key); len(d) == 1 && strings.HasPrefix(d[0].Code, found) {
		return ""
	}
	return found
}

// Read accepts "3", "3.3", a category's name, or words that fit one direction.
func (directionKind) Read(text string, _ dialog.Env) dialog.Reading {
	key := dialog.Key(text)
	switch {
	case askedClass.MatchString(key) && dialog.Runes(key) <= maxSpokenClass:
		return dialog.NotRead("没看出是哪一类：“" + dialog.Cut(text, 60) + "”。请回复 1、2、3 或 9，或方向编号如 3.3。")
	case key == "1" || strings.Contains(key, "先进性"):
		return dialog.Reading{Value: "1", Echo: "1 先进性"}
	case key == "2" || key == "能力" || strings.Contains(key, "能力建设"):
		return dialog.Reading{Value: "2", Echo: "2 能力"}
	case key == "3" || key == "活力" || strings.Contains(key, "增强活力"):
		return dialog.Reading{Value: "3", Echo: "3 活力"}
	case key == "9" || strings.Contains(key, "自选") || strings.Contains(key, "其他") || strings.Contains(key, "自拟"):
		return dialog.Reading{Value: award.CategoryOther, Echo: "自选"}
	}
	code := strings.TrimSpace(strings.TrimPrefix(key, "方向"))
	if d, ok := shownDirection(text); ok {
		code = d.Code
	}
	if d, ok := award.DirectionByCode(code); ok {
		return dialog.Reading{Value: code, Echo: code + " " + d.Name}
	}
	if looksLikeCode(code) {
		return dialog.Breaks("没有 " + code + " 这个方向，方向编号是 1.1 到 3.3，也可以回复 9 自选。")
	}
	if c := spokenCategory(key); c != "" {
		return dialog.Reading{Value: c, Echo: c + " " + award.CategoryName(c)}
	}
	found := award.FindDirections(text)
	if len(found) == 1 {
		return dialog.Reading{Value: found[0].Code, Echo: found[0].Code + " " + found[0].Name}
	}
	if len(found) > 1 && len(found) <= 5 {
		lines := []string{"“" + dialog.Cut(text, 40) + "”对得上几个方向，请回复编号："}
		for _, d := range found {
			lines = append(lines, d.Code+" "+d.Name)
		}
		return dialog.NotRead(strings.Join(lines, "\n"))
	}
	return dialog.NotRead("没看出是哪一类：“" + dialog.Cut(text, 60) + "”。请回复 1、2、3 或 9，或方向编号如 3.3。")
}

// shownDirection reads a direction as Show writes it, code and name.
func shownDirection(text string) (award.Direction, bool) {
	code, name, _ := strings.Cut(strings.TrimSpace(text), " ")
	d, ok := award.DirectionByCode(code)
	return d, ok && award.FoldTitle(name) == award.FoldTitle(d.Name)
}

// looksLikeCode reports "3.9": understood as a direction's number, but none.
func looksLikeCode(s string) bool {
	a, b, found := strings.Cut(s, ".")
	_, errA := strconv.Atoi(a)
	_, errB := strconv.Atoi(b)
	return found && errA == nil && errB == nil
}

// secrecyKind is the promise that nothing is secret; doubt is not a promise.
type secrecyKind struct{ dialog.Word }

// Read accepts the promise in the ways people give it; only a plain "有涉密" is
// taken for the opposite, everything else is asked again.
func (k secrecyKind) Read(text string, env dialog.Env) dialog.Reading {
	r := k.Word.Read(text, env)
	if r.Problem.OK() {
		return r
	}
	key := dialog.Key(text)
	denied := secrecyDenied.MatchString(key)
	switch {
	case denied && !secrecyAdmitted.MatchString(key):
		return dialog.Reading{Value: "确认"}
	case secrecyAdmitted.MatchString(key):
		return dialog.Breaks("有涉密内容就不能在这里报。请把涉密部分去掉再确认，或走机要渠道报送。")
	}
	return dialog.NotRead("这一项是确认填的内容都不涉密。不涉密请回复 确认。")
}

var (
	secrecyDenied   = regexp.MustCompile(`(?:都|均|全部?)?(?:不|没有?|无)(?:有)?(?:涉密|涉及|秘密|保密)|不是涉密`)
	secrecyAdmitted = regexp.MustCompile(`(?:^|[^没不无])有(?:一点|些|部分)?(?:涉密|涉及|秘密)|部分涉密|^涉密$|涉及一点`)
)

// Show renders the choice.
func (directionKind) Show(value string) string {
	if d, ok := award.DirectionByCode(value); ok {
		return value + " " + d.Name
	}
	if value == award.CategoryOther {
		return "9 自选"
	}
	return value + " " + award.CategoryName(value)
}

// Form names the expected form.
func (directionKind) Form() string { return "回复 1、2、3、9，或方向编号如 3.3" }

// Numeric reports that bare numbers answer.
func (directionKind) Numeric() bool { return true }

// Long reports that this is a short answer.
func (directionKind) Long() bool { return false }
