package scheduler

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cxbot/award"
	"cxbot/chat"
)

// pageSize is how many records a rule asks the view for at once.
const pageSize = 50

// eachUnfiled calls f for every unit that still owes a filing, in order.
func eachUnfiled(v award.View, f func(u award.Unit)) {
	for offset := 0; ; {
		page := v.Unfiled(offset, pageSize)
		for _, u := range page.Units {
			f(u)
		}
		offset += len(page.Units)
		if len(page.Units) == 0 || offset >= page.Total {
			return
		}
	}
}

// eachTopic calls f for every topic of a status, oldest first.
func eachTopic(v award.View, status award.Status, f func(t award.Topic)) {
	for offset := 0; ; {
		page := v.Topics(award.TopicQuery{Status: status, Offset: offset, Limit: pageSize})
		for _, t := range page.Topics {
			f(t)
		}
		offset += len(page.Topics)
		if len(page.Topics) == 0 || offset >= page.Total {
			return
		}
	}
}

// The chain of responsibility inside a unit (C100–C105). A rung nobody holds is
// taken by the next one up, or down at the top, so that no reminder has nobody.
func filers(v award.View, u award.Unit) []award.Person {
	return present(v, u.Filers, u.Deputys, u.Heads)
}

func deputies(v award.View, u award.Unit) []award.Person {
	return present(v, u.Deputys, u.Heads, u.Filers)
}

func heads(v award.View, u award.Unit) []award.Person {
	return present(v, u.Heads, u.Deputys, u.Filers)
}

// confirmers are those who may confirm a filing: the 一把手 and who was
// authorised in his place (C82).
func confirmers(v award.View, u award.Unit) []award.Person {
	return present(v, append(slices.Clone(u.Heads), u.Confirmers...), u.Deputys, u.Filers)
}

// present returns the people of the first group in which anybody is still there.
func present(v award.View, groups ...[]string) []award.Person {
	for _, ids := range groups {
		var out []award.Person
		for _, id := range ids {
			p, ok := v.Person(id)
			if ok && !p.Left && !contains(out, p.UserID) {
				out = append(out, p)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

func contains(people []award.Person, userid string) bool {
	return slices.ContainsFunc(people, func(p award.Person) bool { return p.UserID == userid })
}

// names joins the names of people: "李春梅、王建国".
func names(people []award.Person) string {
	out := make([]string, 0, len(people))
	for _, p := range people {
		out = append(out, p.Name)
	}
	return strings.Join(out, "、")
}

// titles joins the titles of topics: 《甲》《乙》.
func titles(topics []award.TopicRef) string {
	var b strings.Builder
	for _, t := range topics {
		b.WriteString("《" + t.Title + "》")
	}
	return b.String()
}

// confirmCard offers the confirmation of a single filing with one tap.
func confirmCard(c award.Cycle, u award.Unit, topics []award.TopicRef) *chat.Card {
	if len(topics) != 1 {
		return nil
	}
	id := topics[0].ID
	return card(c, "待您确认", u.Name,
		chat.Button{Label: "确认报送", Say: "确认报送 " + id}, chat.Button{Label: "看全文", Say: "看全文 " + id})
}

// goOnCard offers the reader's next step on the unit's filing with one tap, and
// more buttons behind it; nil when there is nothing to press.
func goOnCard(v award.View, c award.Cycle, u award.Unit, reader award.Person, title string, more ...chat.Button) *chat.Card {
	d, ok := v.Draft(u.ID)
	_, rework := reworking(u)
	var say string
	switch {
	case ok && d.Person == reader.UserID:
		say = "继续"
	case ok || !slices.Contains(u.Filers, reader.UserID):
	case rework:
		say = "改报送"
	default:
		say = "报课题"
	}
	if say != "" {
		more = append([]chat.Button{{Label: say, Say: say}}, more...)
	}
	if len(more) == 0 {
		return nil
	}
	return card(c, title, u.Name, more...)
}

// reworking returns the unit's filing that its 一把手 sent back unconfirmed.
func reworking(u award.Unit) (award.TopicRef, bool) {
	for _, t := range u.Topics {
		if t.Status == award.StatusReworking {
			return t, true
		}
	}
	return award.TopicRef{}, false
}

// card is a small card beside a text that says the same. It is about the cycle,
// so that its buttons live until their words are judged again when pressed.
func card(c award.Cycle, title, desc string, buttons ...chat.Button) *chat.Card {
	return &chat.Card{Ref: chat.Ref{Kind: "cycle", ID: c.ID, Rev: c.Rev}, Title: title, Desc: desc, Buttons: buttons}
}

// unlessFiled drops a message once the unit's filing is with the department.
func unlessFiled(c award.Cycle, u award.Unit) *chat.Condition {
	return &chat.Condition{Record: award.FilingRecord(u.ID), Field: "filed", Value: c.ID}
}

// whileDue keeps a message only as long as the unit's deadline is the one it
// names, neither the county's nor the unit's own changed, and nobody submitted or
// promised anything since.
func whileDue(c award.Cycle, u award.Unit) []chat.Condition {
	return []chat.Condition{
		{Record: award.CycleRecord, Field: "deadline", Value: award.DeadlineFact(c)},
		{Record: award.FilingRecord(u.ID), Field: "until", Value: award.ExtensionFact(u)},
		{Record: award.FilingRecord(u.ID), Field: "state", Value: award.FilingState(u)},
	}
}

// unitObject names a unit as the object of a notice.
func unitObject(u award.Unit) string { return "unit:" + u.ID }

// lastDay is the day that ends with, or contains, a deadline: a deadline of
// 00:00 is 24:00 of the day before.
func lastDay(deadline time.Time) award.Date { return award.DateOf(deadline.Add(-time.Nanosecond)) }

// until writes a deadline for people: "12月21日（周一）24:00".
func until(deadline time.Time) string {
	local := deadline.In(award.Shanghai)
	if local.Hour() == 0 && local.Minute() == 0 {
		return lastDay(deadline).Short() + "24:00"
	}
	return moment(deadline)
}

// progress says how far the unit's draft is and how to go on, for one reader.
// It names labels, never values (design.md D22).
func progress(v award.View, u award.Unit, reader award.Person) string {
	d, ok := v.Draft(u.ID)
	mine := d.Person == reader.UserID
	switch {
	case ok && len(d.Missing) == 0 && mine:
		return "您的草稿已经填齐，还没有提交。回复 继续 核对后提交。"
	case ok && len(d.Missing) == 0:
		return drafter(v, d) + "的草稿已经填齐，还没有提交，请督促一下。"
	case ok && mine:
		return "您的草稿" + gap(d) + "回复 继续 接着填。"
	case ok:
		return drafter(v, d) + "的草稿" + gap(d) + "请督促一下。"
	}
	if t, rework := reworking(u); rework {
		return "《" + t.Title + "》被一把手退回修改，改好后请重新提交。回复 改报送 接着改。"
	}
	if slices.Contains(u.Filers, reader.UserID) {
		return "现在还没有开始填。回复 报课题 就可以开始，大约8分钟。"
	}
	return "现在还没有开始填，请督促一下；您也可以回复 报课题 自己填，大约8分钟。"
}

// gap says what a draft lacks and how long that takes.
func gap(d award.DraftSummary) string {
	return fmt.Sprintf("还差%d项：%s，约%d分钟。", len(d.Missing), some(d.Missing), minutes(len(d.Missing)))
}

// drafter names whose draft it is.
func drafter(v award.View, d award.DraftSummary) string {
	if p, ok := v.Person(d.Person); ok {
		return p.Name
	}
	return "本单位"
}

// minutes guesses how long so many answers take, 40 seconds each.
func minutes(answers int) int { return (answers*2 + 2) / 3 }

// some joins the first labels of a list: "试点单位、实施步骤等7项".
func some(labels []string) string {
	const most = 6
	if len(labels) <= most {
		return strings.Join(labels, "、")
	}
	return strings.Join(labels[:most], "、") + "等"
}

// listing numbers lines and stops before the text outgrows a part of a
// message; rest names how many are left out and where to see them.
func listing(lines []string, where string) string {
	const most = 1200
	return listingOf(lines, len(lines), most, where)
}

// listingOf is listing within so many bytes; there may be more entries than lines.
func listingOf(lines []string, total, most int, where string) string {
	var b strings.Builder
	shown := 0
	for _, line := range lines {
		if b.Len()+len(line) > most {
			break
		}
		shown++
		fmt.Fprintf(&b, "\n%d. %s", shown, line)
	}
	if shown < total {
		fmt.Fprintf(&b, "\n……另有%d项，%s", total-shown, where)
	}
	return b.String()
}
