// Package award holds the rules of the programme: who may do what when, and
// what follows. Facts come in through View, decisions go out as Changes; a
// refused decision is a Refusal in words the member may read. The package is
// pure: standard library only, no clock, network, disk or randomness; the
// present moment is always an argument.
//
// Clause numbers (C1–C115) refer to the programme document.
package award

import (
	"slices"
	"time"
)

// Role is what a person may be (角色); one person may have several.
type Role string

// The roles of domain.md 2.4, as the people file spells them.
const (
	RoleFiler      Role = "填报人"
	RoleDeputy     Role = "分管领导"
	RoleHead       Role = "一把手"
	RoleMember     Role = "党委委员"
	RolePilot      Role = "试点负责人"
	RoleStaff      Role = "经办"
	RoleChief      Role = "科室负责人"
	RoleInspector  Role = "督查员"
	RoleReviewer   Role = "评委"
	RoleLeader     Role = "组长"
	RoleSupervisor Role = "监督员"
	RoleAdmin      Role = "管理员"
)

// Roles lists every role in the order of the rights table.
var Roles = []Role{
	RoleFiler, RoleDeputy, RoleHead, RoleMember, RolePilot, RoleStaff, RoleChief,
	RoleInspector, RoleReviewer, RoleLeader, RoleSupervisor, RoleAdmin,
}

// Person is one member known to the bot (人员).
type Person struct {
	UserID string `json:"userid"`
	Name   string `json:"name"`
	Roles  []Role `json:"roles"`
	Unit   string `json:"unit"` // Unit.ID
	Post   string `json:"post,omitempty"`
	Phone  string `json:"phone,omitempty"`
	// Left marks a member who left or was disabled: kept for the records, may do nothing.
	Left bool `json:"left,omitempty"`
	// Prefs and Away are the member's own; an import leaves them alone.
	Prefs Prefs `json:"prefs,omitzero"`
	Away  *Away `json:"away,omitempty"`
}

// Has reports whether the person holds any of the roles and has not left.
func (p Person) Has(roles ...Role) bool {
	if p.Left {
		return false
	}
	return slices.ContainsFunc(roles, func(want Role) bool { return slices.Contains(p.Roles, want) })
}

// Unit is a 基层党委 or the department itself (C67). Its record also carries what
// the rules need at once: quota and titles of the open cycle, so that no rule
// has to search (design.md D3).
type Unit struct {
	ID   string `json:"id"` // its name; names are unique
	Name string `json:"name"`
	Type string `json:"type"` // 乡镇 街道 县直 企业 两新 部门 其他
	Rev  int64  `json:"rev"`
	// Order is the place in the imported file; lists follow it.
	Order int `json:"order"`
	// Owes says whether the unit is expected to file: it has a 填报人 or 一把手
	// and is not the department or the party school (design.md D13).
	Owes    bool     `json:"owes"`
	Heads   []string `json:"heads,omitempty"`    // 一把手, userids
	Deputys []string `json:"deputies,omitempty"` // 分管领导
	Filers  []string `json:"filers,omitempty"`   // 填报人
	// Confirmers may confirm a filing in the 一把手's place (授权, C82).
	Confirmers []string `json:"confirmers,omitempty"`
	// Aides are members of the unit who may fill in filings though they are no
	// 填报人 (代填); Last is the topic the unit submitted last, in whatever cycle.
	Aides []string `json:"aides,omitempty"`
	Last  string   `json:"last,omitempty"`
	// Cycle is the cycle the counters below belong to; with another cycle open
	// they count as empty.
	Cycle string `json:"cycle,omitempty"`
	// Topics lists the unit's live topics of Cycle (withdrawn ones are removed).
	Topics []TopicRef `json:"topics,omitempty"`
	// Extended is an individual extension of the filing deadline in Cycle, zero: none.
	Extended time.Time `json:"extended,omitzero"`
	// MaxTopics and MaxKeyTopics are the unit's own limits in Cycle (放宽名额,
	// C81) where they are above the cycle's; 0 is none. Quota tells what counts.
	MaxTopics    int `json:"max_topics,omitempty"`
	MaxKeyTopics int `json:"max_key_topics,omitempty"`
	// Promises are the unit's words to file by a day in Cycle, newest last, at most
	// MaxPromises.
	Promises []Promise `json:"promises,omitempty"`
	// Wish is the unit's open wish for a later filing deadline in Cycle (延期申请), nil:
	// none. An extension, a filing or a refusal closes it.
	Wish *ExtensionWish `json:"wish,omitempty"`
}

// ExtensionWish is a unit's request for a later filing deadline (申请延期, C76).
type ExtensionWish struct {
	By    string    `json:"by"` // userid of who asked
	At    time.Time `json:"at"`
	Until Date      `json:"until"`
}

// MaxPromises is how many of a unit's promises are remembered.
const MaxPromises = 5

// TopicRef is what a unit's record remembers of one of its topics.
type TopicRef struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Status Status `json:"status"`
	Key    bool   `json:"key"` // 重点课题
	// At and Late are the topic's SubmittedAt and 逾期 mark.
	At   time.Time `json:"at,omitzero"`
	Late bool      `json:"late,omitempty"`
}

// Stage names a milestone of the cycle (C60).
type Stage string

// The stages of a cycle in order.
const (
	StageFiling    Stage = "备案"
	StageSupervise Stage = "跟踪督查"
	StageSummary   Stage = "总结申报"
	StageReview    Stage = "评审"
	StageAward     Stage = "表彰"
)

// Milestone is one dated stage of a cycle. Date is what the notice says;
// Effective is the day that counts after rolling over rest days.
type Milestone struct {
	Stage     Stage  `json:"stage"`
	From      Date   `json:"from,omitzero"` // start of a window, zero for a single day
	Date      Date   `json:"date"`
	Effective Date   `json:"effective"`
	Why       string `json:"why,omitempty"` // why Effective differs from Date, for people
}

// Cycle is one round of the award (届次, C60): two years by default.
type Cycle struct {
	ID         string      `json:"id"`   // year of opening, "2026"
	Name       string      `json:"name"` // 2026—2028年度…
	Award      string      `json:"award"`
	Rev        int64       `json:"rev"`
	OpenedAt   time.Time   `json:"opened_at"`
	OpenedBy   string      `json:"opened_by"`
	Milestones []Milestone `json:"milestones"`
	RollOver   bool        `json:"rollover"` // move a deadline on a rest day to the next working day
	// MaxTopics and MaxKeyTopics bound each unit (C81): 3 and 2 by default.
	MaxTopics    int `json:"max_topics"`
	MaxKeyTopics int `json:"max_key_topics"`
	// ClosedAt is when 科室负责人 ended the cycle (结束本届), zero while it is open.
	ClosedAt time.Time `json:"closed_at,omitzero"`
	ClosedBy string    `json:"closed_by,omitempty"`
}

// IsOpen reports whether there is a cycle and it has not been ended.
func (c Cycle) IsOpen() bool { return c.ID != "" && c.ClosedAt.IsZero() }

// Milestone returns the milestone of a stage.
func (c Cycle) Milestone(s Stage) (Milestone, bool) {
	for _, m := range c.Milestones {
		if m.Stage == s {
			return m, true
		}
	}
	return Milestone{}, false
}

// Status is where a topic stands (课题状态, domain.md 2.4).
type Status string

// The statuses a topic can have until it runs; later stages follow.
const (
	StatusAwaiting  Status = "待确认"  // submitted by the filler, not yet confirmed by the 一把手 (D11)
	StatusFiled     Status = "已报送"  // confirmed, with the department
	StatusReturned  Status = "退回补正" // to be mended within ReturnInfo.Due
	StatusRunning   Status = "实施中"  // 已备案: recorded, has a number; recording starts the project
	StatusWithdrawn Status = "已撤回"
)

// Contact is a named person of a filing (一把手, 分管领导, 责任人, 联系人).
type Contact struct {
	Name  string `json:"name"`
	Post  string `json:"post,omitempty"`
	Phone string `json:"phone,omitempty"`
}

// Pilot is one 试点单位 (C63, C70).
type Pilot struct {
	Name   string `json:"name"`
	Type   string `json:"type,omitempty"` // 村 社区 机关 学校 国企 非公 社会组织 其他
	Leader string `json:"leader,omitempty"`
	Phone  string `json:"phone,omitempty"`
}

// Step is one 实施步骤 (C73).
type Step struct {
	Title  string      `json:"title"`
	Due    PartialDate `json:"due"`
	Output string      `json:"output,omitempty"`
}

// Filing is a 课题备案 as the unit wrote it (C62, C70–C76; domain.md 2.4).
type Filing struct {
	Title       string      `json:"title"`     // 6–40 characters
	Category    string      `json:"category"`  // "1" 先进性, "2" 能力, "3" 活力, "9" 其他
	Direction   string      `json:"direction"` // "1.1" … "3.3", "" for one's own (自选, C68)
	Key         bool        `json:"key"`       // 重点课题 (C81)
	Problem     string      `json:"problem"`   // 20–500
	Pilots      []Pilot     `json:"pilots"`    // 1–5
	Head        Contact     `json:"head"`      // 一把手 (C100)
	Deputy      Contact     `json:"deputy"`    // 分管领导 (C101)
	Responsible Contact     `json:"responsible"`
	Contact     Contact     `json:"contact"` // who filled it in
	Content     string      `json:"content"` // 20–800
	Steps       []Step      `json:"steps"`   // 2–12
	Measures    []string    `json:"measures"`
	Finish      PartialDate `json:"finish"`
	CrossCycle  bool        `json:"cross_cycle,omitempty"` // 跨届: finish after this cycle's 总结申报
	Outcome     string      `json:"outcome,omitempty"`     // 预期成效 ≤300
	Products    []string    `json:"products,omitempty"`    // 成果形式 (C111)
	Secrecy     bool        `json:"secrecy"`               // 保密确认

	Joint      []string    `json:"joint,omitempty"`       // 联合党委, Unit.ID, at most 3 (C31)
	Focus      []string    `json:"focus,omitempty"`       // 创新着眼点 (C7–C9)
	Nature     []string    `json:"nature,omitempty"`      // 问题类型: 热点 难点 重点 (C107)
	Background string      `json:"background,omitempty"`  // 背景依据 ≤500 (C106)
	LinkPoints []LinkPoint `json:"link_points,omitempty"` // 联系点 (C102)
	Members    []Contact   `json:"members,omitempty"`     // 课题组成员 ≤8
	Meeting    Meeting     `json:"meeting,omitzero"`      // 集体研究
	Serves     string      `json:"serves,omitempty"`      // 服务的中心工作 (C53)
	Abilities  []string    `json:"abilities,omitempty"`   // 提升的能力, category 2 (C25)
	Means      []string    `json:"means,omitempty"`       // 采用手段, direction 2.3 (C34)
	Systems    []string    `json:"systems,omitempty"`     // 四项制度, direction 3.3 (C47)
	Files      []FileRef   `json:"files,omitempty"`       // 附件 (C62)
}

// Version is one submitted state of a filing; none is ever changed.
type Version struct {
	N      int       `json:"n"`
	Filing Filing    `json:"filing"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Hash   string    `json:"hash"` // first 12 hex of SHA-256 over the canonical text
}

// ReturnInfo is the department's 退回补正: what to mend and until when.
type ReturnInfo struct {
	Items []ReturnItem `json:"items"`
	Days  int          `json:"days"` // working days, 5 by default
	Due   time.Time    `json:"due"`
	By    string       `json:"by"`
	At    time.Time    `json:"at"`
	Count int          `json:"count"` // how often this topic was returned
}

// Decline is the 一把手's 退回修改 inside the unit, before the department sees it.
type Decline struct {
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty"`
}

// ReturnItem is one thing to mend; Field is the form field it concerns ("" when general).
type ReturnItem struct {
	Field string `json:"field,omitempty"`
	Text  string `json:"text"`
}

// Topic is a 课题 with its filing (C67–C77). It exists from 提交 on (D11).
type Topic struct {
	ID       string    `json:"id"` // "2026-0001", internal, never reused
	Rev      int64     `json:"rev"`
	Number   string    `json:"number,omitempty"` // 备案编号 〔2026〕备-001, given at 备案
	Cycle    string    `json:"cycle"`
	Unit     string    `json:"unit"`
	Status   Status    `json:"status"`
	Versions []Version `json:"versions"` // oldest first, at least one
	Filer    string    `json:"filer"`
	// SubmittedAt is the arrival of the first 提交 and decides on time or late (D11).
	SubmittedAt time.Time `json:"submitted_at"`
	Late        bool      `json:"late"`
	LateReason  string    `json:"late_reason,omitempty"`
	ConfirmedBy string    `json:"confirmed_by,omitempty"`
	ConfirmedAt time.Time `json:"confirmed_at,omitzero"`
	// ClaimedConfirm keeps a filler's "书记同意了": recorded, no authority (D11).
	ClaimedConfirm string      `json:"claimed_confirm,omitempty"`
	Return         *ReturnInfo `json:"return,omitempty"` // the open return, nil otherwise
	Returns        int         `json:"returns,omitempty"`
	// Decline is why the 一把手 sent it back unconfirmed; nil otherwise.
	Decline     *Decline  `json:"decline,omitempty"`
	AcceptedBy  string    `json:"accepted_by,omitempty"`
	AcceptedAt  time.Time `json:"accepted_at,omitzero"`
	WithdrawnAt time.Time `json:"withdrawn_at,omitzero"`
}

// Current returns the newest version.
func (t Topic) Current() Version {
	if len(t.Versions) == 0 {
		return Version{}
	}
	return t.Versions[len(t.Versions)-1]
}

// Title returns the newest title.
func (t Topic) Title() string { return t.Current().Filing.Title }

// DraftSummary is what the rules may know of a draft nobody submitted yet: how
// far it is and what is missing (D22). It never holds values.
type DraftSummary struct {
	Person  string    `json:"person"`
	Unit    string    `json:"unit"`
	Form    string    `json:"form"`
	Draft   string    `json:"draft,omitempty"` // the draft's name, "filing.3"
	Done    int       `json:"done"`
	Total   int       `json:"total"`
	Missing []string  `json:"missing,omitempty"` // labels in form order
	At      time.Time `json:"at"`
}

// Failed is a message the outbox gave up on (发送失败).
type Failed struct {
	Key    string    `json:"key"`
	To     string    `json:"to"`
	Head   string    `json:"head"`   // first line, at most 40 characters
	Reason string    `json:"reason"` // in words for staff
	Code   int       `json:"code"`   // platform error code, 0: none
	At     time.Time `json:"at"`
}
