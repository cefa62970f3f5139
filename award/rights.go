package award

import (
	"slices"
	"strings"
)

// Clauses of the programme document that many rules rest on.
const (
	clauseCycle    = "C60" // a round every two years
	clauseDeadline = "C76" // filing by the 20th
	clauseRecord   = "C77" // recorded with the department
	clauseConfirm  = "C82" // the unit answers for what it reports
)

// Action is something a person may or may not do (能力, domain.md 2.4).
type Action string

// The actions of filing and of the department, in the words refusals use.
const (
	ActionFile      Action = "填报和修改课题"
	ActionConfirm   Action = "确认报送"
	ActionDecline   Action = "退回填报人修改"
	ActionWithdraw  Action = "撤回课题"
	ActionGrant     Action = "授权确认报送"
	ActionDelegate  Action = "请人代填和交接"
	ActionRead      Action = "查看课题内容"
	ActionAccept    Action = "备案"
	ActionReturn    Action = "退回补正"
	ActionOpenCycle Action = "开届"
	ActionSchedule  Action = "改截止日期"
	ActionSuggest   Action = "建议改期"
	ActionClose     Action = "结束本届"
	ActionExtend    Action = "个别延期"
	ActionAsk       Action = "申请延期"
	ActionQuota     Action = "放宽名额"
	ActionPending   Action = "查看待审清单"
	ActionUnfiled   Action = "查看未报名单"
	ActionResend    Action = "重发失败消息"
	ActionDeadline  Action = "查询期限"
	ActionCounts    Action = "查询报送数量"
	ActionPromise   Action = "安排报送时间"
	ActionGroup     Action = "设置群提醒"
	ActionRemind    Action = "催报"
	ActionRequest   Action = "申请变更和终止"
)

// Actions lists every action.
func Actions() []Action {
	return []Action{
		ActionFile, ActionConfirm, ActionDecline, ActionWithdraw, ActionGrant, ActionDelegate, ActionRead, ActionAccept, ActionReturn,
		ActionOpenCycle, ActionSchedule, ActionSuggest, ActionClose, ActionExtend, ActionAsk, ActionQuota, ActionPending, ActionUnfiled, ActionResend, ActionDeadline, ActionCounts,
		ActionPromise, ActionGroup, ActionRemind, ActionRequest,
	}
}

// Object is what an action is about: a unit, and one of its topics where there
// is one. Both are zero for actions on the whole programme.
type Object struct {
	Unit  Unit
	Topic Topic
}

// policy is one line of the rights table.
type policy struct {
	own     []Role // roles that may on what is their own unit's
	every   []Role // roles that may on everybody's
	foreign []Role // roles that may on everybody's but their own unit's
	// granted: also members of the unit the 一把手 authorised (授权).
	granted bool
	// aides: also members of the unit who were asked to fill in (代填).
	aides bool
	// filer: also whoever submitted the topic, while still of the unit.
	filer bool
	// pilot: also the 试点负责人 named in the topic.
	pilot bool
	// joint: the roles of own also at the units that file the topic jointly (联合党委, C31).
	joint bool
	// open: everybody, in groups too.
	open   bool
	who    string // who can, for the refusal
	clause string
}

// policyOf is the rights table of domain.md 2.4, line by line.
func policyOf(a Action) policy {
	unitSide := []Role{RoleFiler, RoleDeputy, RoleHead}
	department := []Role{RoleStaff, RoleChief}
	switch a {
	case ActionFile:
		return policy{own: unitSide, aides: true, foreign: []Role{RoleStaff}, who: "本党委的填报人、分管领导和一把手", clause: clauseConfirm}
	case ActionDelegate:
		return policy{own: unitSide, who: "本党委的填报人、分管领导和一把手", clause: "C109"}
	case ActionConfirm:
		return policy{own: []Role{RoleHead}, granted: true, who: "本党委的一把手，以及一把手授权的人", clause: clauseConfirm}
	case ActionDecline:
		return policy{own: []Role{RoleHead}, granted: true, who: "本党委的一把手，以及一把手授权的人", clause: "C100"}
	case ActionWithdraw:
		return policy{own: []Role{RoleFiler, RoleHead}, aides: true, filer: true, who: "本党委的填报人和一把手", clause: clauseRecord}
	case ActionGrant:
		return policy{own: []Role{RoleHead}, who: "本党委的一把手", clause: "C100"}
	case ActionRead:
		return policy{
			own: append(unitSide, RoleMember), aides: true, every: append(department, RoleSupervisor), pilot: true, joint: true,
			who: "本党委、联合党委的成员和县委组织部的经办、科室负责人", clause: "C86",
		}
	case ActionAccept, ActionReturn:
		return policy{foreign: department, who: "县委组织部的经办和科室负责人", clause: clauseRecord}
	case ActionOpenCycle:
		return policy{every: append(department, RoleAdmin), who: "县委组织部的经办、科室负责人和管理员", clause: clauseCycle}
	case ActionSchedule:
		return policy{every: []Role{RoleChief, RoleAdmin}, who: "县委组织部的科室负责人和管理员", clause: clauseCycle}
	case ActionSuggest:
		return policy{every: []Role{RoleStaff, RoleChief, RoleAdmin}, who: "县委组织部的经办、科室负责人和管理员", clause: clauseCycle}
	case ActionClose:
		return policy{every: []Role{RoleChief}, who: "县委组织部的科室负责人", clause: clauseCycle}
	case ActionExtend:
		return policy{foreign: department, who: "县委组织部的经办和科室负责人", clause: clauseDeadline}
	case ActionAsk, ActionPromise:
		return policy{own: unitSide, aides: true, who: "本党委的填报人、分管领导和一把手", clause: clauseDeadline}
	case ActionQuota:
		return policy{foreign: []Role{RoleChief}, who: "县委组织部的科室负责人", clause: "C81"}
	case ActionRequest:
		return policy{own: unitSide, aides: true, who: "本党委的填报人、分管领导和一把手", clause: "C69"}
	case ActionPending, ActionUnfiled, ActionRemind:
		return policy{every: department, who: "县委组织部的经办和科室负责人", clause: clauseRecord}
	case ActionResend, ActionGroup:
		return policy{every: append(department, RoleAdmin), who: "县委组织部的经办、科室负责人和管理员"}
	case ActionDeadline, ActionCounts:
		return policy{open: true}
	}
	return policy{who: "管理员"}
}

// May judges whether the person may do something to the object; nil means yes.
// The refusal names who can. Roles add up; who left may nothing.
func May(p Person, a Action, o Object) *Refusal {
	rule := policyOf(a)
	switch {
	case p.UserID == "" || p.Left:
		return &Refusal{Text: "您的账号不在名单里或已停用，请联系管理员。", Rule: "rights.left"}
	case rule.open || p.Has(rule.every...):
		return nil
	}
	own := o.Unit.ID != "" && p.Unit == o.Unit.ID
	if own && mayOwn(p, rule, o) || !own && p.Has(rule.foreign...) || mayJoint(p, rule, o) {
		return nil
	}
	return refuseRight(p, a, rule, own)
}

// mayOwn judges what is the person's own unit's.
func mayOwn(p Person, rule policy, o Object) bool {
	switch {
	case p.Has(rule.own...):
		return true
	case rule.granted && slices.Contains(o.Unit.Confirmers, p.UserID):
		return true
	case rule.aides && slices.Contains(o.Unit.Aides, p.UserID):
		return true
	case rule.filer && o.Topic.Filer == p.UserID:
		return true
	}
	return rule.pilot && p.Has(RolePilot) && leadsPilot(p, o.Topic)
}

// mayJoint judges what the person's own unit files jointly with another.
func mayJoint(p Person, rule policy, o Object) bool {
	return rule.joint && p.Unit != "" && p.Has(rule.own...) && slices.Contains(o.Topic.Current().Filing.Joint, p.Unit)
}

// leadsPilot reports whether the topic names the person as leader of a pilot unit.
func leadsPilot(p Person, t Topic) bool {
	return slices.ContainsFunc(t.Current().Filing.Pilots, func(pilot Pilot) bool {
		return strings.TrimSpace(pilot.Leader) == p.Name && p.Name != ""
	})
}

// refuseRight words the refusal by its reason.
func refuseRight(p Person, a Action, rule policy, own bool) *Refusal {
	text, name := "“"+string(a)+"”由"+rule.who+"办理。", "rights.role"
	switch {
	case a == ActionFile && p.Has(RoleStaff):
		text, name = "要替党委代录，请说清单位，如“代清河镇报课题”。"+text, "rights.proxy"
	case own && p.Has(rule.foreign...):
		text, name = "这件事涉及您所在单位，按回避要求请别的同志来办。"+text, "rights.own-unit"
	case !own && p.Has(rule.own...):
		text, name = "这不是您所在党委的课题。"+text, "rights.other-unit"
	case a == ActionFile && p.Has(RoleMember):
		text = "您可以向填报人提建议。" + text
	case a == ActionRead && p.Has(RoleAdmin):
		text = "管理员不看课题内容。" + text
	case a == ActionRead && p.Has(RoleReviewer, RoleLeader, RoleInspector):
		text = "评审或督查分派给您之后才能看。" + text
	}
	return &Refusal{Text: text, Rule: name, Clause: rule.clause}
}

// MayInGroup judges whether an action may be answered in a group: only dates
// and figures are public there (S59, D29). nil means yes.
func MayInGroup(a Action) *Refusal {
	if policyOf(a).open {
		return nil
	}
	return &Refusal{Text: "群里只说期限、数量和公开的结果，“" + string(a) + "”请在单聊里找我。", Rule: "rights.group"}
}

// HasAuthority reports whether the person's own 提交 counts as the unit's: the
// 一把手, or somebody the 一把手 authorised (C82, D11).
func HasAuthority(p Person, u Unit) bool {
	return May(p, ActionConfirm, Object{Unit: u}) == nil
}

// Holders returns the members who may do the action for the unit, at most
// three, so that a refusal can name whom to turn to.
func Holders(v View, a Action, u Unit) []Person {
	const most = 3
	rule := policyOf(a)
	var found []Person
	add := func(p Person, ok bool) {
		known := slices.ContainsFunc(found, func(have Person) bool { return have.UserID == p.UserID })
		if ok && !known && len(found) < most && May(p, a, Object{Unit: u}) == nil {
			found = append(found, p)
		}
	}
	for _, id := range slices.Concat(u.Heads, u.Confirmers, u.Filers) {
		p, ok := v.Person(id)
		add(p, ok)
	}
	for _, role := range slices.Concat(rule.every, rule.foreign) {
		for _, p := range v.WithRole(role) {
			add(p, true)
		}
	}
	return found
}
