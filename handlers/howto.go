package handlers

import (
	"regexp"
	"strings"

	"cxbot/dialog"
)

// howQuery is 怎么填: how filing works, or what one field of the form wants.
func howQuery() *Query {
	fields := filingFields()
	labels := make([]string, 0, len(fields))
	for _, f := range fields {
		labels = append(labels, regexp.QuoteMeta(f.Label))
	}
	return &Query{
		ID: "how", Title: "看怎么填",
		Intent: dialog.Intent{
			Exact: []string{"怎么填", "咋填", "怎么报", "咋报", "如何填报", "填报方法", "怎么填报", "填报流程", "报课题流程", "怎么操作"},
			Patterns: []string{
				`(?P<label>` + strings.Join(labels, "|") + `)(?:这一?[项栏个])?(?:应该|该|要)?(?:怎么|咋|如何|怎样)(?:填|写)(?:啊|呀|呢|好)?[?？]?`,
			},
		},
		Answer: func(v V, s dialog.Slots) dialog.Answer {
			for i, f := range fields {
				if f.Label != s["label"] {
					continue
				}
				text := "第 " + itoa(i+1) + " 项 " + f.Label + "：" + f.Ask
				if f.Help != "" {
					text += "\n" + f.Help
				}
				return dialog.Answer{Text: text + "\n例：" + f.Example}
			}
			lines := []string{
				"填报分五步：",
				"1 回复 报课题，我一项一项问，约 8 分钟，随时停、自动保存。",
				"2 也可以回复 填报模板 拿空表，填好整段发回来。",
				"3 填完核对，回复 提交。",
				"4 一把手回复 确认报送，就报到县委组织部。",
				"5 组织部备案后给编号；要补的会退回来，只问要补的几项。",
			}
			if why := mayFile(v); why != "" {
				lines = append(lines, why)
			}
			return dialog.Answer{Text: strings.Join(lines, "\n")}
		},
	}
}
