package handlers

import (
	"fmt"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
)

// takeOverForm is 接手: going on with a colleague's drafts, which are then no
// longer the colleague's. Both are named in the audit trail.
func takeOverForm() *Form {
	return &Form{
		ID: "takeover", Version: 1, Title: "接手草稿", Minutes: 1,
		Intent: dialog.Intent{
			Exact: []string{"接手", "接手草稿", "接手备案", "我来接手", "接着同事的填", "拿回草稿", "把草稿拿回来"},
			Patterns: []string{
				`(?:我|由我|我来|现在)*接手(?P<who>\p{Han}{2,4}?)(?:同志)?的?(?:草稿|备案|课题|那份|填的)?`,
				`(?:我)?(?:接着|继续)(?:填|弄)?(?P<who>\p{Han}{2,4}?)(?:同志)?的(?:草稿|备案|那份)`,
			},
		},
		Allow: mayTakeOver,
		Begin: func(_ V, s dialog.Slots) (dialog.Start, string) {
			return dialog.Start{Raw: rawSlots(map[string]string{"who": s["who"]})}, ""
		},
		Confirm: dialog.ConfirmYes,
		Summary: func(v V, a dialog.Answers) string {
			p, _ := drafter(v, a.Get("who"))
			return "要接手" + p.Name + "的草稿" + howFar(v, p) + "。接手后由您接着填，" + p.Name + "那边不再有，会告诉本人。"
		},
		Fields: []Field{{
			Key: "who", Label: "接手谁的", Kind: dialog.Text{Min: 2, Max: 10}, Required: true,
			Ask: "接手哪位同事的草稿？写姓名。", Example: "李春梅",
			Check: func(v V, _ dialog.Answers, s string) dialog.Problem {
				if _, why := drafter(v, s); why != "" {
					return dialog.Problem{Kind: dialog.RuleBroken, Text: why}
				}
				return dialog.Problem{}
			},
		}},
		Finish: func(v V, a dialog.Answers) (Action, string) {
			p, why := drafter(v, a.Get("who"))
			if why != "" {
				return Action{}, why
			}
			return Action{
				Command: award.TakeOver{By: v.Me, From: p.UserID}, Takes: p.UserID,
				Done: func(v V, _ award.Changes) Said { return takeOverDone(v, p) },
			}, ""
		},
	}
}

// mayTakeOver says how a colleague who may not fill in comes to be allowed to.
func mayTakeOver(v V) string {
	why := may(v, award.ActionFile)
	if why != "" && v.Unit.Owes && v.Unit.ID == v.Me.Unit {
		why += "填报人说一句“让" + v.Me.Name + "帮我填”，您就能接手。"
	}
	return why
}

// takeOverDone tells the colleague; what the taker reads is the draft itself.
func takeOverDone(v V, from award.Person) Said {
	said := Said{Reply: chat.Reply{Text: "已接手" + from.Name + "的草稿，接着填就行。"}}
	if !from.Left {
		text := v.Me.Name + "接手了您没填完的课题备案，由" + v.Me.Name + "接着填，您已填的都在。要拿回来请回复 接手" + v.Me.Name + "的草稿。"
		m := to(from.UserID, "takeover|"+from.UserID+"|"+v.Me.UserID+"|"+v.Now.Format("20060102T150405"), text)
		m.Rule, m.Clause = "draft.takeover", "C109"
		said.Messages = append(said.Messages, m)
	}
	return said
}

// drafter finds a colleague by name, those who left included: their drafts are
// what is most in need of somebody.
func drafter(v V, name string) (award.Person, string) {
	var found []award.Person
	for _, p := range v.Named(name) {
		if p.Unit == v.Me.Unit && p.UserID != v.Me.UserID {
			found = append(found, p)
		}
	}
	if d, ok := v.Draft(v.Unit.ID); ok && len(found) == 0 {
		if p, known := v.Person(d.Person); known && p.Left && p.Name == name && p.Unit == v.Me.Unit {
			found = append(found, p)
		}
	}
	if len(found) == 1 {
		return found[0], ""
	}
	if name == v.Me.Name {
		return award.Person{}, "这是您自己，接着填请回复 继续。"
	}
	return colleague(v, name)
}

// howFar says how far a colleague's draft is, where that is known.
func howFar(v V, p award.Person) string {
	d, ok := v.Draft(v.Unit.ID)
	if !ok || d.Person != p.UserID {
		return ""
	}
	return fmt.Sprintf("（已填 %d/%d，%s改过）", d.Done, d.Total, award.DateOf(d.At).Short())
}

// takeOver moves the drafts of the person named in the action to the asker.
func (b *Bot) takeOver(out *dialog.Output[Action], in dialog.Input[V], other dialog.Conversation, action Action, res *Response) {
	said := action.Done(in.View, res.Changes)
	res.Messages = said.Messages
	left := b.machine.Adopt(out, in, other, said.Reply.Text)
	res.Others = append(res.Others, left)
	res.Changes.Drafts = append(res.Changes.Drafts, award.DraftSummary{Person: action.Takes, Unit: in.View.Me.Unit, Form: filingID, At: in.Now})
}
