package handlers

import (
	"strings"

	"cxbot/award"
	"cxbot/dialog"
)

// aboutQuery answers what people ask before they start: who speaks here, what
// the award is, what a filing takes, who may file and how many (C59–C67, C81).
func aboutQuery() *Query {
	const end = `(?:呀|啊|呢|哦|的呀)?[?？。!！]*`
	const please = `(?:请问|想问(?:一下|下)?|问一下|问下)?[,，]?`
	return &Query{
		ID: "about", Title: "问创新奖是怎么回事",
		Intent: dialog.Intent{
			Patterns: []string{
				please + `(?P<who>[你您](?:到底)?(?:是谁|是啥|是什么|叫什么|叫啥|是干什么的|是干啥的))` + end,
				please + `(?P<what>(?:这个?|咱们?)?(?:改革)?(?:创新奖|创新成果奖|成果奖|创新活动|创新课题|奖)(?:活动|评选)?(?:到底)?是?(?:干什么|干啥|做什么|什么|啥|怎么回事|咋回事)(?:的|用的)?)` + end,
				please + `(?P<fields>(?:备案|报课题)?(?:都|一共|总共)?(?:要|得|需要)?填(?:哪些|些?什么|些?啥|几项|多少项)(?:东西|内容|材料)?)` + end,
				please + `(?P<fields>(?:备案|报课题)?(?:都|一共)?(?:要|得|需要)(?:准备)?(?:哪些|些?什么|些?啥)(?:材料|东西|内容))` + end,
				please + `(?P<stamp>.{0,8}(?:要不要|用不用|需不需要|要|需要|得)(?:不要)?盖章(?:吗|不|么)?)` + end,
				please + `(?P<stamp>.{0,8}(?:要不要|用不用|需不需要|要|需要|得)(?:交|报|送)?纸质(?:的|版|件|材料)?(?:吗|不|么)?)` + end,
				please + `(?P<quota>(?:一个|一家|每个|每家|我们|我)?(?:单位|党委|镇|局)?(?:最多|一共|总共|到底)?(?:能|可以|允许)(?:报|申报)(?:几个|多少个?|几项|几份)(?:课题)?)` + end,
				please + `(?P<may>(?:村|支部|党支部|社区|企业|学校|国企|企业党委|机关)(?:党委|党支部)?(?:也|自己|单独)*(?:要|能|可以|得|用)(?:单独|自己)?(?:报|申报|备案)(?:课题)?(?:吗|么|不))` + end,
			},
		},
		Answer: aboutAnswer, Group: aboutAnswer,
	}
}

// aboutAnswer picks the answer by what was asked for.
func aboutAnswer(v V, s dialog.Slots) dialog.Answer {
	switch {
	case s["who"] != "":
		return dialog.Answer{Text: "我是创新奖助手，一个自动办事的程序：帮各党委在聊天里报课题，帮组织部审核和提醒。拿不准的事由" + desk(v) + "答复。\n能办什么请回复 帮助。"}
	case s["what"] != "":
		return dialog.Answer{Text: "创新奖就是“" + awardName(v) + "”，每两年评一次：各党委选一个急需解决的问题作课题，先报组织部备案，再找试点做起来、推开，最后总结、评比、表彰推广。\n现在先办第一步：报课题备案。回复 报课题 就开始，截止时间回复 截止。"}
	case s["fields"] != "":
		return dialog.Answer{Text: "要填 12 项：" + strings.Join(askedLabels(), "、") + "。\n一把手、分管领导等自动带出；另有几项可填可不填。填一次约 8 分钟，可以分几次。\n现在就填请回复 报课题，要空表请回复 填报模板。"}
	case s["stamp"] != "":
		return dialog.Answer{Text: "在这里报不用盖章，也不用交纸质材料：由一把手在企业微信里确认，就算党委报送。组织部另有要求的，以组织部通知为准，可以问" + desk(v) + "。"}
	case s["quota"] != "":
		return dialog.Answer{Text: quotaText(v)}
	default:
		return dialog.Answer{Text: "课题由基层党委报：乡镇、街道、县直、企业、两新的党委（党工委）都报；村、社区、支部的课题由所属党委报。\n您单位报请回复 报课题。"}
	}
}

// quotaText says how many topics a unit may file (C81).
func quotaText(v V) string {
	c, open := v.Cycle()
	if !open {
		return "本届还没有开，能报几个等开届时通知。"
	}
	most, keys := award.Quota(c, v.Unit)
	text := "每个党委本届最多报 " + itoa(most) + " 个课题，其中重点课题最多 " + itoa(keys) + " 个。"
	if n := len(ownTopics(v)); n > 0 && v.Unit.Owes {
		text += "您单位已有 " + itoa(n) + " 个。"
	}
	return text + "确需多报，请联系县委组织部科室负责人。"
}

// awardName is the award's name in the open cycle.
func awardName(v V) string {
	if c, ok := v.Cycle(); ok && c.Award != "" {
		return c.Award
	}
	return award.DefaultAward
}

// desk names whom to ask, for staff as well.
func desk(v V) string {
	if who := human(v); who != "" {
		return who
	}
	return "县委组织部"
}

// askedLabels are the questions of the filing.
func askedLabels() []string {
	var labels []string
	fields := filingFields()
	for i := range fields {
		if fields[i].Required && !fields[i].Quiet {
			labels = append(labels, fields[i].Label)
		}
	}
	return labels
}
