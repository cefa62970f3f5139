package award

import "time"

// SubmitFiling is 提交 of a filing: new (Topic "") or a mended or edited version
// of an existing topic (C67–C76).
type SubmitFiling struct {
	By    Person
	Topic string
	// Unit is whose filing it is when the department enters it for a unit (代录);
	// "" is the filler's own.
	Unit       string
	Filing     Filing
	LateReason string
	// Claimed keeps what the filler typed of somebody else's consent.
	Claimed string
	// Draft is the Form of the DraftSummary this came from, so that the summary
	// goes; "" when there is none.
	Draft string
	At    time.Time // arrival of 提交; zero means now
}

// ConfirmFiling is the 一把手's or an authorised person's confirmation (C82).
type ConfirmFiling struct {
	By    Person
	Topic string
}

// DeclineFiling is the 一把手 sending a filing back to the filler unconfirmed.
type DeclineFiling struct {
	By     Person
	Topic  string
	Reason string
}

// WithdrawFiling is 撤回 before 备案.
type WithdrawFiling struct {
	By     Person
	Topic  string
	Reason string
}

// AcceptFilings is 备案 of one or several filings (C77): numbers are given, the
// projects start. Those that cannot be accepted are refused all together.
type AcceptFilings struct {
	By     Person
	Topics []string
}

// ReturnFiling is 退回补正 with items and days (C77).
type ReturnFiling struct {
	By    Person
	Topic string
	Items []ReturnItem
	Days  int  // working days; 0 means Due or the default of 5
	Due   Date // an explicit day instead of Days
}

// OpenCycle is 开届 (C60, C76).
type OpenCycle struct {
	By         Person
	Name       string
	Milestones []Milestone
	RollOver   bool
}

// GrantConfirm is 授权: the 一把手 lets somebody of the unit confirm filings; Off takes it back.
type GrantConfirm struct {
	By  Person
	To  string // userid
	Off bool
}

// AllowAide is 请人代填: somebody else of the unit may fill in filings though not
// entered as 填报人 (C109); Off takes it back.
type AllowAide struct {
	By  Person
	To  string // userid
	Off bool
}

// HandOver is 交接: from a day on somebody of the unit gets the person's reminders
// and may go on with what was begun; Off ends it.
type HandOver struct {
	By    Person
	To    string // userid, "" with Off
	From  Date
	Until Date // last day, zero: for good
	Off   bool
}

// TakeOver is 接手: somebody who may fill in for the unit goes on with a
// colleague's drafts.
type TakeOver struct {
	By   Person
	From string // userid
}

// ExtendUnit is 个别延期: one unit gets until 24:00 of a later day for its filing
// in the open cycle (C76).
type ExtendUnit struct {
	By    Person
	Unit  string // Unit.ID
	Until Date
}

// AskExtension is 申请延期: the unit's own people want a later day. It changes
// nothing, the department decides.
type AskExtension struct {
	By    Person
	Until Date
}

// RaiseQuota is 放宽名额: the unit's own limits in the open cycle (C81), never
// below the cycle's and at most MaxQuota. What was given too much can be set
// lower again.
type RaiseQuota struct {
	By        Person
	Unit      string // Unit.ID
	Topics    int
	KeyTopics int
}

// ResendFailed puts undeliverable messages back into the outbox (发送失败 → 重发).
type ResendFailed struct {
	By   Person
	Keys []string
}

func (SubmitFiling) command()   {}
func (ConfirmFiling) command()  {}
func (DeclineFiling) command()  {}
func (WithdrawFiling) command() {}
func (AcceptFilings) command()  {}
func (ReturnFiling) command()   {}
func (OpenCycle) command()      {}
func (GrantConfirm) command()   {}
func (AllowAide) command()      {}
func (HandOver) command()       {}
func (TakeOver) command()       {}
func (ExtendUnit) command()     {}
func (AskExtension) command()   {}
func (RaiseQuota) command()     {}
func (ResendFailed) command()   {}
