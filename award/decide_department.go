package award

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Return limits (domain.md 2.4).
const (
	// DefaultReturnDays is how many working days a unit gets to mend a filing.
	DefaultReturnDays = 5
	// MaxReturnDays bounds what staff may give.
	MaxReturnDays = 60
	// ManyReturns is from which return on a telephone call is suggested.
	ManyReturns = 3
)

// SuggestCall reports whether the topic came back so often that a call helps
// more than another return.
func SuggestCall(t Topic) bool { return t.Returns >= ManyReturns }

// FilingNumber formats a 备案编号: 〔2026〕备-001 (C77).
func FilingNumber(cycle string, n int) string { return fmt.Sprintf("〔%s〕备-%03d", cycle, n) }

// decideAccept judges 备案 of one or several filings: all get numbers in the
// order given, or none does (C77). Recording starts the project.
func decideAccept(v View, c AcceptFilings, now time.Time) (Changes, *Refusal) {
	d, refusal := decide(v, c.By, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	if len(c.Topics) == 0 {
		return Changes{}, &Refusal{Text: "请说明要备案哪几份。", Rule: "accept.none", Clause: clauseRecord}
	}
	type ready struct {
		topic Topic
		unit  *unitEdit
	}
	var list []ready
	var against []string
	var first *Refusal
	for _, id := range c.Topics {
		t, unit, refusal := d.topic(id, ActionAccept)
		if refusal == nil && slices.ContainsFunc(list, func(r ready) bool { return r.topic.ID == t.ID }) {
			continue
		}
		if refusal == nil && t.Status != StatusFiled {
			refusal = refuseStatus(t, "备案", StatusFiled)
		}
		switch {
		case refusal == nil:
			list = append(list, ready{t, unit})
		case refusal.Rule == "rights.role":
			// Not a matter of this filing, and its title is not theirs to read.
			return Changes{}, refusal
		default:
			against = append(against, nameTopic(v, id)+refusal.Text)
			first = cmp.Or(first, refusal)
		}
	}
	if first != nil {
		return Changes{}, refuseSome(len(c.Topics), against, first)
	}
	sequence := "filing:" + list[0].topic.Cycle
	next := v.NextNumber(sequence)
	for i, entry := range list {
		after := cloneTopic(entry.topic)
		after.Number = FilingNumber(after.Cycle, next+i)
		after.Status, after.AcceptedBy, after.AcceptedAt = StatusRunning, d.by.UserID, now
		d.put(&list[i].topic, after, entry.unit)
		d.log("filing.accept", TopicRecord(after.ID), after.Number)
	}
	d.out.Sequences = map[string]int{sequence: next + len(list) - 1}
	return d.done()
}

// nameTopic leads a line about one of several filings.
func nameTopic(v View, id string) string {
	t, ok := v.Topic(id)
	if !ok {
		return id + "："
	}
	return "《" + t.Title() + "》："
}

// refuseSome words why nothing was recorded, naming each filing in the way.
func refuseSome(asked int, against []string, first *Refusal) *Refusal {
	if asked == 1 {
		return first
	}
	lines := append([]string{fmt.Sprintf("这 %d 份里有 %d 份还不能备案，所以都没有办：", asked, len(against))}, against...)
	return &Refusal{Text: strings.Join(lines, "\n"), Rule: first.Rule, Clause: first.Clause}
}

// decideReturn judges 退回补正: what to mend and until when (C77).
func decideReturn(v View, c ReturnFiling, now time.Time) (Changes, *Refusal) {
	d, t, unit, refusal := onTopic(v, c.By, c.Topic, ActionReturn, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	if t.Status != StatusFiled {
		return Changes{}, refuseStatus(t, "退回补正", StatusFiled)
	}
	items := tidyItems(c.Items)
	if len(items) == 0 {
		return Changes{}, &Refusal{Text: "请写明要补正哪几项，至少一项。", Rule: "return.items", Clause: clauseRecord}
	}
	due, days, refusal := returnDue(v.Calendar(), DateOf(now), c)
	if refusal != nil {
		return Changes{}, refusal
	}
	after := cloneTopic(t)
	after.Status = StatusReturned
	after.Returns++
	after.Return = &ReturnInfo{
		Items: items, Days: days, Due: due.Add(1).At(0, 0), By: d.by.UserID, At: now, Count: after.Returns,
	}
	d.put(&t, after, unit)
	detail := fmt.Sprintf("第%d次，%d项，限%s", after.Returns, len(items), due)
	if SuggestCall(after) {
		detail += "，建议电话沟通"
	}
	d.log("filing.return", TopicRecord(t.ID), detail)
	return d.done()
}

// tidyItems drops entries without words.
func tidyItems(items []ReturnItem) []ReturnItem {
	var out []ReturnItem
	for _, item := range items {
		item.Text = strings.TrimSpace(item.Text)
		if FoldTitle(item.Text) != "" {
			out = append(out, item)
		}
	}
	return out
}

// returnDue is the last day for mending and how many working days that gives:
// an explicit day wins over a number of days.
func returnDue(cal Calendar, today Date, c ReturnFiling) (Date, int, *Refusal) {
	days, due := c.Days, c.Due
	if days == 0 {
		days = DefaultReturnDays
	}
	if due.IsZero() && days > 0 && days <= MaxReturnDays {
		return cal.Add(today, days), days, nil
	}
	if !due.IsZero() && due.After(today) && due.Sub(today) <= 2*MaxReturnDays {
		return due, cal.Between(today, due), nil
	}
	text := fmt.Sprintf("补正期限请写 1–%d 个工作日，或今天以后四个月内的某一天。", MaxReturnDays)
	return Date{}, 0, &Refusal{Text: text, Rule: "return.due", Clause: clauseRecord}
}

// decideResend judges putting failed messages back into the outbox.
func decideResend(v View, c ResendFailed, now time.Time) (Changes, *Refusal) {
	d, refusal := decide(v, c.By, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	if refusal := d.may(ActionResend, Object{}); refusal != nil {
		return Changes{}, refusal
	}
	keys := slices.Compact(slices.Sorted(slices.Values(c.Keys)))
	if len(keys) == 0 || !allFailed(v, keys) {
		return Changes{}, &Refusal{Text: "这些消息里有的已不在发送失败名单里，请先看一下最新名单。", Rule: "resend.unknown"}
	}
	d.out.Resend = keys
	d.log("message.resend", "message", fmt.Sprintf("%d 条", len(keys)))
	return d.done()
}

// allFailed reports whether every key is on the failed list, page by page.
func allFailed(v View, keys []string) bool {
	const size = 100
	missing := slices.Clone(keys)
	for offset := 0; len(missing) > 0; offset += size {
		failed, _ := v.Failed(offset, size)
		if len(failed) == 0 {
			return false
		}
		for _, f := range failed {
			missing = slices.DeleteFunc(missing, func(key string) bool { return key == f.Key })
		}
	}
	return true
}
