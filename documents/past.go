package documents

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"cxbot/award"
)

// The longest cells of a file of past results, in characters.
const (
	maxPastName    = 100
	maxPastSummary = 5000
)

// pastColumns are those of a file of past results.
func pastColumns() columns {
	return columns{need: []string{"届次", "课题名称", "申报单位"}, option: []string{"等次", "做法"}}
}

// ReadPast reads past results (往届成果): the columns 届次, 课题名称 and 申报单位 are
// needed, 等次 (empty: no award) and 做法 may be there, in any order. A cell 做法 may
// have several lines. The error is a *BadFileError; nothing may be used then.
func ReadPast(data []byte) ([]award.Past, error) {
	rows, err := readTable(data, pastColumns())
	if err != nil {
		return nil, err
	}
	problems := &BadFileError{}
	first := map[string]int{}
	out := make([]award.Past, 0, len(rows))
	for _, r := range rows {
		p := award.Past{Cycle: r.get("届次"), Title: r.get("课题名称"), Unit: r.get("申报单位"), Rank: r.get("等次"), Summary: r.get("做法")}
		p.ID = award.PastID(p.Cycle, p.Unit, p.Title)
		checkPast(r, problems)
		if line, again := first[p.ID]; again {
			problems.addf(r.line, "和第 %d 行是同一个课题（届次、单位、名称都相同）。", line)
		} else {
			first[p.ID] = r.line
		}
		out = append(out, p)
	}
	if len(rows) == 0 {
		problems.addf(0, "表里没有一个课题。")
	}
	if err := problems.asError(); err != nil {
		return nil, err
	}
	return out, nil
}

// checkPast notes what a row lacks, what is too long, and words of secrecy:
// what must not be said in a chat must not come in by a file either.
func checkPast(r record, problems *BadFileError) {
	for _, column := range pastColumns().need {
		if r.get(column) == "" {
			problems.addf(r.line, "没有写%s。", column)
		}
	}
	for _, column := range pastColumns().usable() {
		text, most := r.get(column), maxPastName
		if column == "做法" {
			text, most = strings.NewReplacer("\n", "", "\r", "", "\t", "").Replace(text), maxPastSummary
		}
		if n := utf8.RuneCountInString(text); n > most {
			problems.addf(r.line, "“%s”一格有 %d 字，最多 %d 字。", column, n, most)
		}
		if strings.ContainsFunc(text, unicode.IsControl) {
			problems.addf(r.line, "“%s”一格里有换行等看不见的字符。", column)
		}
		if word, stop := award.Secrecy(text); stop {
			problems.addf(r.line, "“%s”一格里有“%s”字样，涉密内容不能导入。", column, word)
		}
	}
}
