package dialog

import (
	"regexp"
	"strings"
)

// Labels as people say them: "题目叫…，类别是先进性", "不对，题目应该是…".
var (
	spokenLead = regexp.MustCompile(`^(?:嗯|那个?|哦|对了|不对|不是|就|我们的?|这个|那?我?报一?个|课题报一?个)*[，,、。 ]*`)
	spokenLink = regexp.MustCompile(`^(?:名称|名字)?(?:不对|错了|写错了|有误)?[，,。 ]*(?:应该|我?就|暂定|拟定?|先)*(?:叫做|叫作|叫|是|为|写成|写|定为|放在|定在|选在)[：: ]*(.+)$`)
	spokenTail = regexp.MustCompile(`(?:吧|啊|呀|哈)[。.]?$`)
)

// minSpoken is the shortest label looked for in speech, in characters.
const minSpoken = 2

// spoken writes a sentence that names fields as "label：value" lines, as a pasted
// form has them; any other text comes back as it was.
func (s *labelSet) spoken(text string) string {
	if strings.Contains(text, "\n") || Runes(text) > maxSpoken {
		return text
	}
	var lines []string
	for i, clause := range spokenClauses(text) {
		key, name, value := s.spokenClause(clause)
		switch {
		case key != "":
			lines = append(lines, name+"："+value)
		case i == 0:
			if spokenLead.ReplaceAllString(clause, "") != "" {
				return text
			}
		case len(lines) > 0:
			lines[len(lines)-1] += "，" + clause
		}
	}
	if len(lines) == 0 || asking.MatchString(text) || wondering.MatchString(Key(text)) {
		return text
	}
	return strings.Join(lines, "\n")
}

// maxSpoken is the longest sentence looked at, in characters.
const maxSpoken = 120

// spokenClauses divides a sentence at its commas, but leaves "不对，应该是" whole.
func spokenClauses(text string) []string {
	text = strings.NewReplacer("不对，", "不对", "不对,", "不对", "错了，", "错了", "错了,", "错了").Replace(text)
	return splitTrim(text, "，,；;")
}

// spokenClause reads one clause: a label, a word that links, a value.
func (s *labelSet) spokenClause(clause string) (key, name, value string) {
	rest := spokenLead.ReplaceAllString(clause, "")
	key, after, found := s.labelFirst(rest)
	if !found {
		return s.datedClause(rest)
	}
	if strings.HasPrefix(key, ignoredHead) {
		return "", "", ""
	}
	name = strings.TrimSuffix(rest, after)
	m := spokenLink.FindStringSubmatch(after)
	if m == nil || Runes(name) < minSpoken {
		return "", "", ""
	}
	value = spokenTail.ReplaceAllString(strings.TrimSpace(m[1]), "")
	if value == "" || refusing.MatchString(value) {
		return "", "", ""
	}
	return key, name, value
}

// datedClause reads "2028年6月完成": a date with the label behind it.
func (s *labelSet) datedClause(clause string) (key, name, value string) {
	if !manyDates.MatchString(clause) || clause[0] != '2' {
		return "", "", ""
	}
	for _, l := range s.names {
		if before, ok := strings.CutSuffix(clause, l.name); ok && Runes(l.name) >= minSpoken && Runes(before) <= maxDated {
			return l.key, l.name, before
		}
	}
	return "", "", ""
}

// maxDated is the longest date before a label, in characters.
const maxDated = 12
