package handlers

import (
	"strings"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
)

// proxyID names drafts the department fills in for a unit; never changed.
const proxyID = "proxy"

// forUnit begins the object of a draft that is filled in for a unit.
const forUnit = "for:"

// proxied returns the unit a draft is filled in for.
func proxied(object string) (unit string, ok bool) {
	return strings.CutPrefix(dialog.ObjectID(object), forUnit)
}

// actingFor is the asker's view while working on an object: what the department
// enters for a unit is judged as the unit's own.
func actingFor(v V, object string) V {
	unit, ok := proxied(object)
	if !ok {
		return v
	}
	if u, known := v.View.Unit(unit); known {
		v.Unit = u
	}
	return v
}

// proxyForm is 代录: the same form as a unit's own, entered by the department for
// a unit that cannot. The unit's 一把手 confirms it as ever.
func proxyForm() *Form {
	f := filingForm()
	f.Rare = true
	f.ID, f.Title, f.Menu = proxyID, "代录备案", "代录（替某个党委填备案，如 代清河镇报课题）"
	f.Intent = dialog.Intent{
		Exact: []string{"代录", "代录备案", "代填备案", "代报课题"},
		Patterns: []string{
			`(?:我)?(?:来|要|想)?(?:代|替|帮)(?P<unit>` + unitName + `)(?:来)?(?:填报|填|报|录|录入|申报)(?:一?[个份])?(?:课题|备案|备案表|课题备案)?`,
			`代录[：: ]*(?P<unit>` + unitName + `)(?:的?(?:课题|备案))?`,
		},
	}
	f.Allow = func(v V) string {
		if v.Me.Has(award.RoleStaff) {
			return ""
		}
		return "“代录”由县委组织部经办办理。要请本单位同事帮着填，请说：让某某帮我填。"
	}
	f.Begin = beginProxy
	return f
}

// beginProxy finds the unit to fill in for.
func beginProxy(v V, s dialog.Slots) (dialog.Start, string) {
	name := s["unit"]
	if object, ok := proxied(s["object"]); ok {
		name = object
	}
	if name == "" {
		return dialog.Start{}, "替哪个党委代录？请连单位一起说，如“代清河镇报课题”。"
	}
	u, why := oneUnit(v, name)
	if why != "" {
		return dialog.Start{}, why
	}
	if why := refusal(award.May(v.Me, award.ActionFile, award.Object{Unit: u})); why != "" {
		return dialog.Start{}, why
	}
	if !u.Owes {
		return dialog.Start{}, u.Name + "不在应报单位里，不用代录。"
	}
	c, open := v.Cycle()
	if !open {
		return dialog.Start{}, "本届还没有开，开届后才能代录。"
	}
	if i := award.CheckQuota(c, u, false, ""); i != nil {
		return dialog.Start{}, i.Text
	}
	note := "代" + u.Name + "填课题备案。填完由" + confirmersText(V{View: v.View, Unit: u}) + "确认后才算报送，会通知该单位。"
	return dialog.Start{Object: forUnit + u.ID, Note: note}, ""
}

// whoFilled names who filled a filing in, for those who confirm it.
func whoFilled(v V) string {
	if v.Me.Unit != v.Unit.ID {
		return "县委组织部" + v.Me.Name + "代您单位"
	}
	return v.Me.Name
}

// toFilers tells a unit's own people what the department entered for them.
func toFilers(v V, t award.Topic, key string) []chat.Message {
	if v.Me.Unit == v.Unit.ID {
		return nil
	}
	var out []chat.Message
	for _, id := range unique(v.Me.UserID, v.Unit.Filers) {
		m := to(id, key+"|proxy", "县委组织部"+v.Me.Name+"代您单位录入了课题备案《"+t.Title()+"》，等"+confirmersText(v)+"确认。要看全文请回复 看全文；要改请回复 修改报送；不对请回复 撤回。")
		m.Rule, m.Clause = "filing.proxy", "C109"
		out = append(out, m)
	}
	return out
}
