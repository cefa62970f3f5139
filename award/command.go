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

// ClaimConsent keeps what somebody of the unit says of the 一把手's consent to a
// filing that waits for it (D11). It confirms nothing.
type ClaimConsent struct {
	By    Person
	Topic string
	Words string
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

// ChangeDeadline is 改期 (C60, C76): a stage of the open cycle gets another date.
// Following stages it would run into move along by whole months.
type ChangeDeadline struct {
	By    Person
	Stage Stage
	// From is the first day of a window; zero keeps a window's start where that
	// still is before Date, else it is the first of Date's month.
	From Date
	Date Date
	// RollOver changes whether the cycle's deadlines roll over rest days; nil
	// leaves that as it is.
	RollOver *bool
}

// SuggestDeadline is 经办 proposing a ChangeDeadline to 科室负责人. It changes nothing.
type SuggestDeadline struct {
	By     Person
	Change ChangeDeadline
}

// CloseCycle is 结束本届, so that a next one can be opened; Undo takes that back
// while no other is open. Topics keep their status.
type CloseCycle struct {
	By   Person
	Undo bool
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
// in the open cycle (C76). An extension it has can so be shortened, never below
// the county's deadline; Back takes it back, and Until counts for nothing.
type ExtendUnit struct {
	By    Person
	Unit  string // Unit.ID
	Until Date
	Back  bool
}

// AskExtension is 申请延期: the unit's own people want a later day. It is remembered
// as the unit's Wish, the department decides.
type AskExtension struct {
	By    Person
	Until Date
}

// DeclineWish is 不同意延期: the department does not grant what the unit asked for.
type DeclineWish struct {
	By   Person
	Unit string // Unit.ID
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
func (ClaimConsent) command()   {}
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
