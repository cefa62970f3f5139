package handlers

import (
	"fmt"
	"strings"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
)

// failedQuery is 发送失败: what could not be delivered, and why.
func failedQuery() *Query {
	return &Query{
		ID: "failed", Title: "看发送失败", Menu: "发送失败（看没送到的消息，可重发）", Rare: true,
		Intent: dialog.Intent{Exact: []string{"发送失败", "没送到的", "没发出去的", "失败的消息", "谁没收到"}},
		Allow:  mayResend,
		Answer: func(v V, _ dialog.Slots) dialog.Answer {
			list, total := v.Failed(0, 20)
			if total == 0 {
				return dialog.Answer{Text: "没有发送失败的消息。"}
			}
			lines := []string{fmt.Sprintf("发送失败 %d 条：", total)}
			var keys []string
			for i, f := range list {
				name := f.To
				if p, ok := v.Person(f.To); ok {
					name = p.Name + "（" + p.Unit + "）"
				}
				lines = append(lines, fmt.Sprintf("%d %s：%s\n  %s %s", i+1, name, failedWhy(f), timeText(f.At), f.Head))
				keys = append(keys, f.Key)
			}
			lines = append(lines, "重发请回复“重发 1”或“重发 全部”。")
			return dialog.Answer{Text: strings.Join(lines, "\n"), List: &dialog.List{Kind: listFailed, IDs: keys}}
		},
	}
}

// failedWhy says in words for staff why a message did not arrive
// (wecom error codes, document 90313).
func failedWhy(f award.Failed) string {
	switch f.Code {
	case 81013, 60111, 46004, 40003:
		return "企业微信里没有这个账号，可能已离职，请核对人员名单"
	case 60011, 60021, 50002:
		return "这个人不在应用的可见范围，请管理员在企业微信后台加上"
	case 60020:
		return "服务器地址不在企业微信的可信名单，请管理员处理"
	case 45009, 45033:
		return "发得太密，企业微信没有收，过一会儿再重发"
	case 40001, 40014, 42001:
		return "和企业微信的连接凭证失效，请管理员检查"
	case 0:
		return "企业微信一直没有应答"
	}
	return "企业微信没有收（代码 " + itoa(f.Code) + "），请管理员看日志"
}

// listFailed marks a list of undeliverable messages.
const listFailed = "failed"

func mayResend(v V) string {
	return mayAll(v, award.ActionResend)
}

// resendForm is 重发.
func resendForm() *Form {
	return &Form{
		ID: "resend", Version: 1, Title: "重发消息", Minutes: 1,
		Intent: dialog.Intent{Exact: []string{"重发"}, Patterns: []string{`重发[：: ]*(?P<which>.{1,30})`}},
		Allow:  mayResend,
		Begin: func(v V, s dialog.Slots) (dialog.Start, string) {
			if v.List.Kind != listFailed || len(v.List.IDs) == 0 {
				return dialog.Start{}, "请先回复 发送失败 看清单，再说“重发 1”或“重发 全部”。"
			}
			keys := v.List.IDs
			if s["which"] != "" && !strings.Contains(s["which"], "全部") && !strings.Contains(s["which"], "都") {
				keys = nil
				for _, n := range listNumbers(s["which"], len(v.List.IDs)) {
					if n < 1 || n > len(v.List.IDs) {
						return dialog.Start{}, fmt.Sprintf("清单里只有 1 到 %d 号，没有 %d 号。", len(v.List.IDs), n)
					}
					keys = append(keys, v.List.IDs[n-1])
				}
				if len(keys) == 0 {
					return dialog.Start{}, "没看出重发哪几条，请写编号，如 重发 1。"
				}
			}
			return dialog.Start{Object: strings.Join(keys, "\n")}, ""
		},
		Confirm: dialog.ConfirmNone,
		Finish: func(v V, a dialog.Answers) (Action, string) {
			keys := strings.Split(a.Object, "\n")
			return Action{
				Command: award.ResendFailed{By: v.Me, Keys: keys},
				Done: func(V, award.Changes) Said {
					return Said{Reply: chat.Reply{Text: fmt.Sprintf("已重新排队 %d 条，送不到的还会出现在 发送失败 里。", len(keys))}}
				},
			}, ""
		},
	}
}
