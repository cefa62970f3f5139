package handlers

import (
	"strconv"
	"strings"

	"cxbot/award"
	"cxbot/dialog"
)

// filingID names the form in drafts; never changed.
const filingID = "filing"

// filingForm is 课题备案 (C59–C77): twelve questions, the rest is derived and
// read back once, optional fields are offered at the end (design.md D9).
func filingForm() *Form {
	return &Form{
		ID: filingID, Version: 2, Title: "课题备案", Minutes: 8, Menu: "报课题（可分几次填；已报的要改说 修改报送）",
		Intent: dialog.Intent{
			Exact: []string{
				"报课题", "我要报课题", "课题备案", "备案", "我要备案", "填备案表", "申报课题", "报备案", "报个课题", "我想报课题", "我想报个课题",
				"补正", "开始补正", "修改报送", "改报送", "改备案", "修改备案",
			},
			Patterns: []string{
				`(?:好的?|收到|行|嗯|那好)?[,，。 ]*(?:那)?(?:我|我们)?(?:现在|这就|马上|先)?(?:就)?(?:开始填(?:报|表)?|报一[个份])(?:吧|了)?`,
				`(?:我|我们|还|想|要)*(?P<new>再|另外?再?|重新)(?:报|填|建)(?:一?[个份项])?(?:新的?)?(?:课题|备案表?|备案)?`,
				`(?:我|我们|帮我|想|要|来|再|先|能不能|可以)*(?:新)?(?:报|填|建|申报|新建|做)(?:一?[个份项])?(?:新的?)?(?:课题|备案表?|课题备案)(?:.{0,3}(?:咋|怎么|如何)(?:弄|办|报|填|搞).{0,3})?`,
				`(?:备案|备按|课题)(?:表)?(?:怎么|咋|如何)(?:填|报|弄|办).{0,20}`,
				`(?P<edit>补正|修改报送|改报送|修改备案|改备案)\s*(?P<object>\d{4}-\d{4})?`,
				`(?:我|就|想|要|来|请)*(?:用|选|报|按)(?:参考)?(?:方向)?\s*(?P<direction>[1-3]\.[1-4])(?:这个)?(?:方向)?(?:来)?(?:报|填|申报)(?:一?[个份])?(?:课题|备案)?`,
				`(?P<again>重报|重新报送?|带出上次的?)(?:课题)?`,
			},
		},
		Allow:   mayFile,
		Begin:   beginFiling,
		Confirm: dialog.ConfirmSubmit,
		Keep:    true,
		Facts:   filingFacts,
		Fields:  filingFields(),
		Ignore:  []string{"申报单位", "单位", "申报党委", "填报单位", "填报日期", "备注", "序号"},
		Rules:   filingRules(),
		Finish:  finishFiling,
		Reuse:   lastFiling, MayReuse: func(v V) bool { return v.Unit.Last != "" },
		Hint: linkHint,
		Migrations: []dialog.Migration{
			{From: 1, Note: "备案表有更新：成果形式改为必填，另外加了联合党委、课题组成员等选填项。您填过的都在。"},
		},
	}
}

// mayFile says who may start a filing.
func mayFile(v V) string {
	return may(v, award.ActionFile)
}

// mayEdit names statuses in which a unit may still change its filing.
func mayEdit(s award.Status) bool { return s.IsOpen() }

// beginFiling starts an empty filing, or one filled from the topic to be mended.
func beginFiling(v V, s dialog.Slots) (dialog.Start, string) {
	if _, ok := v.Cycle(); !ok {
		start := sentenceStart(v, s)
		start.Note = strings.TrimPrefix(start.Note+"\n本届还没有开，可以先填好存着，开届后再提交。", "\n")
		return start, ""
	}
	if s["again"] != "" {
		return beginAgain(v)
	}
	wanted := s["object"]
	mend := s["edit"] != "" || wanted != "" || strings.Contains(s["text"], "补正") || strings.Contains(s["text"], "修改报送") ||
		strings.Contains(s["text"], "改报送") || strings.Contains(s["text"], "改备案") || strings.Contains(s["text"], "修改备案")
	if !mend {
		c, _ := v.Cycle()
		if i := award.CheckQuota(c, v.Unit, false, ""); i != nil {
			return dialog.Start{}, i.Text
		}
		if s["direction"] != "" {
			return dialog.Start{Raw: rawSlots(map[string]string{"direction": s["direction"]})}, ""
		}
		return sentenceStart(v, s), ""
	}
	t, why := ownTopic(v, "修改报送", wanted, mayEdit)
	if why != "" {
		if s["change"] != "" {
			why += "\n已备案的要改，请说“申请变更”，并写明改什么、为什么。"
		}
		return dialog.Start{}, why
	}
	start := dialog.Start{Then: s["change"], Object: t.ID + "@" + itoa(int(t.Rev)), Answers: fromFiling(t.Current().Filing), Note: "《" + t.Title() + "》已报的内容都带出来了。"}
	if c, ok := v.Cycle(); ok && award.IsLate(c, v.Unit, v.Now) && (t.Status == award.StatusAwaiting || t.Status == award.StatusFiled) {
		return dialog.Start{}, "备案已截止，《" + t.Title() + "》已提交的内容不能直接改。确需修改：还没确认的请一把手回复 退回修改；已到组织部的请" + human(v) + "退回补正。"
	}
	if t.Decline != nil {
		start.Note += "\n要改的：" + t.Decline.Reason
	}
	if t.Return != nil && t.Status == award.StatusReturned {
		start.Asks = map[string]string{}
		for _, item := range t.Return.Items {
			if item.Field == "" {
				start.Items = append(start.Items, item.Text)
				continue
			}
			start.Asks[item.Field] = strings.TrimPrefix(start.Asks[item.Field]+"；"+item.Text, "；")
		}
		start.Note = "《" + t.Title() + "》请在" + momentText(t.Return.Due) + "前补正，其余内容都带出来了。"
		if !v.Now.Before(t.Return.Due) {
			start.Note = "《" + t.Title() + "》的补正期限（" + momentText(t.Return.Due) + "）已过，请尽快补正。"
		}
	}
	if len(start.Asks)+len(start.Items) == 0 {
		start.Note += "\n先改要改的：回复“改 编号 新内容”，编号看 预览；改好再确认下面这项。"
	}
	return start, ""
}

// beginAgain starts a new filing from the one withdrawn last.
func beginAgain(v V) (dialog.Start, string) {
	page := v.Topics(award.TopicQuery{Unit: v.Me.Unit, Status: award.StatusWithdrawn, Limit: 10})
	if len(page.Topics) == 0 {
		return dialog.Start{}, "没有撤回过的课题可以带出来。要报新的请回复 报课题。"
	}
	t := page.Topics[len(page.Topics)-1]
	return dialog.Start{Answers: fromFiling(t.Current().Filing), Note: "撤回的《" + t.Title() + "》内容都带出来了，要改回复“改 编号 新内容”。"}, ""
}

// editedTopic is the id and revision of the topic a filing's draft works on.
func editedTopic(object string) (id string, rev int64) {
	id, after, _ := strings.Cut(object, "@")
	rev, err := strconv.ParseInt(after, 10, 64)
	if err != nil {
		rev = 0
	}
	return id, rev
}

// ownTopic finds the asker's topic in a state, newest first when none is named.
func ownTopic(v V, what, id string, fits func(award.Status) bool) (award.Topic, string) {
	if id != "" {
		t, ok := v.Topic(id)
		switch {
		case !ok || t.Unit != v.Me.Unit:
			return t, "没有找到您单位的这份课题（" + dialog.Cut(id, 40) + "）。"
		case !fits(t.Status):
			return t, "《" + t.Title() + "》现在是“" + string(t.Status) + "”，不能这样办。"
		}
		return t, ""
	}
	page := v.Topics(award.TopicQuery{Unit: v.Me.Unit, Limit: 10})
	var best []award.Topic
	for _, t := range page.Topics {
		switch {
		case !fits(t.Status) || len(best) > 0 && urgency(t) < urgency(best[0]):
		case len(best) > 0 && urgency(t) == urgency(best[0]):
			best = append(best, t)
		default:
			best = []award.Topic{t}
		}
	}
	if len(best) > 1 {
		lines := []string{"您单位有几份可以" + what + "："}
		for _, t := range best {
			lines = append(lines, t.ID+" 《"+t.Title()+"》")
		}
		lines = append(lines, "请写上编号，如“"+what+" "+best[0].ID+"”。")
		return award.Topic{}, strings.Join(lines, "\n")
	}
	if len(best) == 0 {
		lines := []string{"您单位现在没有可以" + what + "的课题。"}
		for i := range page.Topics {
			lines = append(lines, "《"+page.Topics[i].Title()+"》："+statusText(v, page.Topics[i]))
		}
		return award.Topic{}, strings.Join(lines, "\n")
	}
	return best[0], ""
}

// urgency orders topics by who waits for the unit: the department, the 一把手, nobody.
func urgency(t award.Topic) int {
	switch t.Status {
	case award.StatusReturned:
		return 3
	case award.StatusReworking:
		return 2
	case award.StatusWithdrawn:
		return 0
	default:
		return 1
	}
}
