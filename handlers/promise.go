package handlers

import (
	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
)

// promiseDay is a day in a sentence about when something will be filed.
const promiseDay = `[0-9一二三四五六七八九十两下个本这周星期礼拜天日号月底末今明后大年初旬元旦.\-/再过]{2,14}?`

// promiseForm is “已安排，25日报”: a unit's word to file by a day, after which its
// reminders are quiet until then (C105).
func promiseForm() *Form {
	const filed = `(?:报|交|上报|报送|提交)(?:上来|上去|过去|齐|完|好)?(?:的|了|啊|哈)?(?:[,，。 ]*(?:请?放心|请?别催了?|先?别提醒了?))?`
	const sure = `(?:我们?|我单位|我们单位|我镇|我乡|我局|保证|一定|肯定|争取|计划|准备|打算|会|将|在|于|最迟|最晚|能|就|准|把|备案|材料|课题|都)*`
	const before = `(?:之前|以前|前)`
	return &Form{
		ID: "promise", Version: 1, Title: "安排报送时间", Minutes: 1,
		Intent: dialog.Intent{
			Exact: []string{
				"已安排", "已经安排", "已经安排了", "安排好了", "已安排好", "别催了", "别催", "不要催了", "别再催了", "先别催", "别老催",
				"知道了别催了", "先别提醒", "先不要提醒", "这几天别提醒我",
			},
			Patterns: []string{
				`(?:(?:已经?|都)?安排(?:好|下去)?了?|(?:请|先|能不能)*(?:别|不要|不用|莫)(?:再|老|一直|总)*(?:催|提醒)(?:我们?)?了?|知道了|放心|收到|好的?)[,，。!！;； ]*` +
					sure + `(?P<date>` + promiseDay + `)` + before + `?` + sure + filed,
				sure + `(?P<date>` + promiseDay + `)` + before + sure + filed,
				`(?:请|麻烦|能不能|先别催[,，]?)*(?P<later>` + promiseDay + `|过几天|过阵子)(?:以?后)?再(?:来)?(?:提醒|催)(?:我们?)?(?:吧|一[次下])?`,
			},
		},
		Allow:   func(v V) string { return may(v, award.ActionPromise) },
		Begin:   beginPromise,
		Now:     promiseNow,
		Confirm: dialog.ConfirmNone,
		Fields: []Field{
			{
				Key: "until", Label: "哪天前报", Aliases: []string{"安排哪天报"}, Kind: dialog.Date{}, Required: true,
				Ask: "安排在哪天前报？这之前不再催。", Example: "12月18日",
				Check: func(v V, a dialog.Answers, s string) dialog.Problem {
					return promiseProblem(v, promised(v, a.Has("later"), s))
				},
			},
			{Key: "later", Label: "到时再提醒", Kind: dialog.Text{}, Quiet: true, Silent: true, Ask: "只是到时再提醒吗？", Example: "是"},
		},
		Finish: func(v V, a dialog.Answers) (Action, string) {
			return promiseAction(promised(v, a.Has("later"), a.Get("until"))), ""
		},
	}
}

// promised turns what was said into the command: a wish to be reminded again on a
// day is quiet until the day before.
func promised(v V, later bool, day string) award.PromiseFiling {
	until := toDate(day).Date
	if later {
		until = until.Add(-1)
	}
	return award.PromiseFiling{By: v.Me, Until: until, Later: later}
}

// nothingToPromise says why the asker has nothing to promise, "" when they have.
func nothingToPromise(v V) string {
	c, open := v.Cycle()
	if !open {
		return "本届还没有开，现在没有要催的备案。"
	}
	return refusal(award.NothingToPromise(v.View, c, v.Unit, v.Me))
}

// promiseNow takes the day out of the sentence when it is a good one.
func promiseNow(v V, s dialog.Slots) (Action, string, bool) {
	if why := nothingToPromise(v); why != "" {
		return Action{}, why, true
	}
	day := s["date"] + s["later"]
	if day == "" {
		return Action{}, "", false
	}
	r := dialog.Date{}.Read(day, dialog.Env{Now: v.Now})
	command := promised(v, s["later"] != "", r.Value)
	if !r.Problem.OK() || !promiseProblem(v, command).OK() {
		return Action{}, "", false
	}
	return promiseAction(command), "", true
}

// beginPromise hands the day on to be asked about.
func beginPromise(_ V, s dialog.Slots) (dialog.Start, string) {
	start := dialog.Start{Raw: rawSlots(map[string]string{"until": s["date"] + s["later"]})}
	if s["later"] != "" {
		start.Answers = map[string]string{"later": "是"}
	}
	return start, ""
}

// promiseProblem judges the day at the question.
func promiseProblem(v V, p award.PromiseFiling) dialog.Problem {
	c, ok := v.Cycle()
	if !ok {
		return dialog.Problem{}
	}
	return issue(award.CheckPromise(v.Calendar(), c, v.Unit, p, award.DateOf(v.Now)))
}

func promiseAction(p award.PromiseFiling) Action {
	return Action{Command: p, Done: func(v V, ch award.Changes) Said { return promiseDone(v, ch, p) }}
}

// promiseDone says until when it is quiet and what comes all the same, and tells
// the others who would have been reminded.
func promiseDone(v V, ch award.Changes, p award.PromiseFiling) Said {
	u := ch.Units[0].After
	c, _ := v.Cycle()
	next := v.Calendar().Next(p.Until.Add(1))
	said := Said{}
	what, theirs := "记下了："+u.Name+p.Until.Short()+"前报课题备案。这之前不再催。", "说课题备案"+p.Until.Short()+"前报，这之前不再提醒您"
	tail := "到时还没有报到，" + next.Short() + "再提醒。"
	if p.Later {
		what, theirs, tail = "好，"+next.Short()+"再提醒您，这之前不催。", "请我"+next.Short()+"再提醒，这之前不催您", ""
	}
	end := award.FilingDeadline(c, u)
	also := "（截止当天照常提醒）"
	switch last := award.DateOf(end.Add(-1)); {
	case !v.Now.Before(end):
		also = ""
		tail += "\n逾期的天数照算，逐级提醒的安排不变，只是这几天先不发。"
	case p.Until == last:
		tail = "\n截止当天（" + last.Short() + "）的提醒照常发。"
	default:
		tail += "\n截止当天（" + last.Short() + "）的提醒照常发。"
	}
	said.Reply = chat.Reply{Text: what + tail}
	for _, id := range unique(v.Me.UserID, u.Filers) {
		m := to(id, "promise|"+u.ID+"|r"+itoa(int(u.Rev)), v.Me.Name+v.Me.Post+theirs+also+"。")
		m.Rule, m.Clause = "filing.promised", "C105"
		said.Messages = append(said.Messages, m)
	}
	return said
}
