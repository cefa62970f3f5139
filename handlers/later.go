package handlers

import (
	"strings"

	"cxbot/award"
	"cxbot/dialog"
)

// Queries that are only reached through the word grammar.
const (
	laterID   = "later"
	privacyID = "privacy"
	secrecyID = "secrecy"
)

// laterWords say for what is not served yet which stage it belongs to.
var stageOfLater = map[string]string{
	"progress.report": "备案以后的实施阶段", "evidence.add": "备案以后的实施阶段", "linkpoint.visit": "备案以后的实施阶段", "promotion.report": "获奖以后的推广阶段",
	"summary.submit": "总结申报阶段", "award.requirements": "总结申报阶段", "award.apply": "总结申报阶段", "award.query": "评审以后", "objection.file": "公示阶段",
	"ticket.reply": "年度督查阶段", "ticket.issue": "年度督查阶段", "supervision.record": "年度督查阶段", "supervision.plan": "年度督查阶段", "bulletin.generate": "年度督查阶段",
	"panel.setup": "评审阶段", "recusal.set": "评审阶段", "review.schedule": "评审阶段", "result.compute": "评审阶段", "publicity.start": "公示阶段", "award.announce": "表彰阶段",
	"review.tasks": "评审阶段", "review.progress": "评审阶段", "material.view": "评审阶段", "score.submit": "评审阶段", "score.revise": "评审阶段", "conflict.declare": "评审阶段", "site.schedule": "评审阶段",
}

// laterQuery answers what is understood and cannot be done here yet: honestly,
// with what can be done now; nothing of it is kept.
func laterQuery() *Query {
	answer := func(v V, s dialog.Slots) dialog.Answer {
		title := laterTitles[s["intent"]]
		if s["intent"] == "ledger.export" {
			return dialog.Answer{Text: "台账请管理员用 export 命令导出 Excel；对话里先看：待审、谁没报、统计。" + nowCan(v)}
		}
		if title == "" {
			title = "这件事"
		}
		text := "您是要" + title + "吧。"
		if stage := stageOfLater[s["intent"]]; stage != "" {
			text += "这在" + stage + "办理，这一版还没开放，刚才这句没有保存，请您留着原文。"
		} else {
			text += "这一版还没开放，刚才这句没有保存。"
		}
		return dialog.Answer{Text: text + nowCan(v)}
	}
	return &Query{
		ID: laterID, Title: "以后阶段的事", Answer: answer,
		Group: func(v V, s dialog.Slots) dialog.Answer {
			text, _, _ := strings.Cut(answer(v, s).Text, "\n")
			return dialog.Answer{Text: text + "\n群里可以问：截止、报了多少家。"}
		},
	}
}

// nowCan is what this person can do now.
func nowCan(v V) string {
	switch {
	case mayReview(v) == "":
		return "\n现在可以：待审、谁没报、催一下、统计。"
	case v.Unit.Owes && mayFile(v) == "":
		return "\n现在可以：报课题、进度、截止、撤回。"
	}
	return "\n现在可以问：截止、报了多少家。"
}

// privacyQuery refuses what is nobody else's business: scores, reviewers, phones.
func privacyQuery() *Query {
	answer := func(v V, s dialog.Slots) dialog.Answer {
		if len(phoneAsked.FindString(s["text"])) > 0 {
			return dialog.Answer{Text: "个人电话这里不提供，请查单位通讯录，或请" + human(v) + "转告。"}
		}
		return dialog.Answer{Text: "打分情况和评委意见按规定保密，公布以前谁都看不到，这里也不能说。结果以公示为准，公示时会通知各单位。"}
	}
	return &Query{
		ID: privacyID, Title: "问分数或个人信息", Answer: answer,
		Group: func(v V, s dialog.Slots) dialog.Answer { return answer(v, s) },
	}
}

var phoneAsked = oneOf(`电话|手机|号码|身份证`)

// secrecyQuery answers who asks about sending secret papers without naming a
// mark that stops the message by itself.
func secrecyQuery() *Query {
	answer := func(V, dialog.Slots) dialog.Answer { return dialog.Answer{Text: secrecyText} }
	return &Query{ID: secrecyID, Title: "问涉密材料", Answer: answer, Group: answer}
}

// templateQuery gives papers: the empty form in single chat; in a group it goes
// to the asker alone, so that the group stays quiet.
func templateQuery() *Query {
	return &Query{
		ID: "template", Title: "拿空表",
		Intent: dialog.Intent{Exact: []string{"备案表", "备案表模板", "空表"}},
		Answer: func(v V, s dialog.Slots) dialog.Answer {
			doc := s["doc"]
			if doc == "" || doc == "备案表" {
				return dialog.Answer{Text: emptyFiling()}
			}
			return dialog.Answer{Text: "“" + doc + "”的空表这一版还没有，备案阶段只用备案表：回复 填报模板 就发给您。" + nowCan(v)}
		},
		Group: func(_ V, s dialog.Slots) dialog.Answer {
			if doc := s["doc"]; doc != "" && doc != "备案表" {
				return dialog.Answer{Text: "“" + doc + "”的空表这一版还没有；备案表在单聊里回复 填报模板 就能拿到。"}
			}
			if s["intent"] == "help" {
				return dialog.Answer{Text: "群里可以问：截止、报了多少家。填报和办理请点我的头像，在单聊里说，回复 帮助 能看到全部。"}
			}
			return dialog.Answer{Text: "备案表的空表单独发给您了；其他单位要的，点我的头像回复 填报模板 就有，填好整段发回来就行。", Private: emptyFiling()}
		},
	}
}

// emptyFiling is the form as labels with nothing behind them.
func emptyFiling() string {
	lines := []string{"课题备案表（复制整段，填好发回来就行，不填的留空）：", ""}
	for _, fl := range filingFields() {
		if !fl.Silent {
			lines = append(lines, fl.Label+"：")
		}
	}
	return strings.Join(lines, "\n")
}

// purposeOf is the intent of the programme's papers a conversation serves.
func purposeOf(id string) string {
	names := map[string]string{
		filingID: "topic.file", "missing": "topic.missing", "status": "topic.status", "withdraw": "topic.withdraw", "deadline": "deadline.query", "pending": "review.pending",
		"show": "material.view", "accept": "filing.approve", "return": "filing.return", "unfiled": "filing.unfiled", "count": "stats.query", "cycle": "deadline.set", "reschedule": "deadline.set",
		"extend": "deadline.extend", "ask": "extension.request", "aide": "delegate.set", "handover": "delegate.set", "grant": "delegate.set", "promise": "reminder.snooze", "prefs": "reminder.prefs",
		"plan": "reminder.set", remindID: "remind.send", requestID: "change.request", "directions": "topic.directions", "past": "past.search", "simulate": "deadline.simulate",
		privacyID: "privacy.block", secrecyID: "secrecy.block", "template": "template.get", "confirm": "topic.confirm",
	}
	if name := names[id]; name != "" {
		return name
	}
	return id
}

// explainRoles maps the roles of explain to those of the programme.
func explainRoles(role string) []award.Role {
	switch role {
	case staff:
		return []award.Role{award.RoleStaff}
	case reviewer:
		return []award.Role{award.RoleReviewer}
	default:
		return []award.Role{award.RoleFiler}
	}
}

// ofStage answers about the stage somebody named; of 备案, and where nothing is
// named, the filing's own answer stands.
func ofStage(v V, stage string, filing dialog.Answer) dialog.Answer {
	c, open := v.Cycle()
	if stage == "" || stage == string(award.StageFiling) || !open {
		return filing
	}
	if m, ok := c.Milestone(stageOf(stage)); ok && stageOf(stage) != award.StageFiling {
		return dialog.Answer{Text: stage + "的时间：" + milestoneLine(m) + "。\n" + filing.Text}
	}
	return dialog.Answer{Text: stage + "的期限本届还没有定，定了会通知各单位。\n" + filing.Text}
}
