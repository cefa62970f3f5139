package award

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// maxClaim bounds what is kept of a filler's words about somebody's consent.
const maxClaim = 100

// decideSubmit judges 提交: a new filing, an edit before the deadline, a filing
// the 一把手 wanted changed, or a mended one (C67–C77, D11).
func decideSubmit(v View, c SubmitFiling, now time.Time) (Changes, *Refusal) {
	d, refusal := decide(v, c.By, now)
	if refusal != nil {
		return Changes{}, refusal
	}
	if c.At.IsZero() {
		c.At = now
	}
	cycle, open := v.Cycle()
	if !open {
		return Changes{}, refuseNoCycle()
	}
	var before *Topic
	var unit *unitEdit
	switch {
	case c.Topic == "" && c.Unit != "" && c.Unit != d.by.Unit:
		unit, refusal = d.otherUnit(c.Unit)
	case c.Topic == "":
		unit, refusal = d.ownUnit(ActionFile)
	default:
		var t Topic
		t, unit, refusal = d.topic(c.Topic, ActionFile)
		before = &t
		if refusal == nil && d.by.Unit != t.Unit {
			text := "课题报上来以后由本党委自己改；要他们改，请退回补正，写明要改什么。"
			refusal = &Refusal{Text: text, Rule: "rights.proxy", Clause: clauseRecord}
		}
	}
	if refusal != nil {
		return Changes{}, refusal
	}
	if before != nil {
		if refusal := maySubmitAgain(cycle, unit.after, *before, c, HasAuthority(d.by, unit.after)); refusal != nil {
			return Changes{}, refusal
		}
	}
	id := ""
	if before != nil {
		id = before.ID
	}
	if issues := CheckFiling(v, unit.after, c.Filing, id, now); len(issues) > 0 {
		return Changes{}, refuseIssues(issues)
	}
	late, refusal := judgeLate(cycle, unit.after, before, c)
	if refusal != nil {
		return Changes{}, refusal
	}
	d.submit(cycle, unit, before, c, late)
	return d.done()
}

// refuseNoCycle keeps the draft until the department opens a cycle (D12).
func refuseNoCycle() *Refusal {
	text := "县委组织部还没有开届，暂时不能报送。您填的内容已保存为草稿，开届后再提交就行。"
	return &Refusal{Text: text, Rule: "filing.no-cycle", Clause: clauseDeadline}
}

// maySubmitAgain judges whether a topic may get another version now.
func maySubmitAgain(cycle Cycle, unit Unit, t Topic, c SubmitFiling, authority bool) *Refusal {
	switch t.Status {
	case StatusRunning:
		text := "这个课题已备案（" + t.Number + "），内容不能直接改，要改请向县委组织部经办提出变更申请。"
		return &Refusal{Text: text, Rule: "filing.recorded", Clause: clauseRecord}
	case StatusWithdrawn:
		return &Refusal{Text: "这个课题已经撤回，请重新报一份。", Rule: "filing.withdrawn", Clause: clauseRecord}
	case StatusReworking, StatusReturned:
		return nil
	case StatusAwaiting, StatusFiled:
	}
	if IsLate(cycle, unit, c.At) {
		who := "请一把手退回修改，改好再报"
		if t.Status == StatusFiled {
			who = "请联系县委组织部经办退回补正"
		}
		return &Refusal{Text: "备案已截止，已提交的内容不能直接改。确需修改，" + who + "。", Rule: "filing.edit-closed", Clause: clauseDeadline}
	}
	advances := t.Status == StatusAwaiting && authority
	if !advances && HashFiling(c.Filing) == t.Current().Hash {
		return &Refusal{Text: "内容和上次提交的完全一样，不用再报。", Rule: "filing.unchanged"}
	}
	return nil
}

// judgeLate reports whether this 提交 makes the topic late, and wants a reason
// when it does. A return mended in time is never late (D11).
func judgeLate(cycle Cycle, unit Unit, before *Topic, c SubmitFiling) (bool, *Refusal) {
	due, what := FilingDeadline(cycle, unit), "备案"
	if before != nil && before.Status == StatusReturned && before.Return != nil {
		due, what = before.Return.Due, "补正"
	}
	if !past(due, c.At) {
		return false, nil
	}
	reason := strings.TrimSpace(c.LateReason)
	if n := Length(reason); n > MaxMeasure {
		return false, &Refusal{
			Text: fmt.Sprintf("逾期原因现在 %d 字，最多 %d 字。", n, MaxMeasure), Rule: "filing.late-reason-long", Clause: clauseDeadline,
		}
	}
	if FoldTitle(reason) == "" && (before == nil || !before.Late) {
		// The deadline is named by its last day: 24:00 is 00:00 of the next.
		last := DateOf(due.Add(-time.Second))
		text := fmt.Sprintf("%s已于%s截止。仍可报送，会标明“逾期”，请写一句逾期原因；需要延期请联系县委组织部经办。", what, last.Short())
		return false, &Refusal{Text: text, Rule: "filing.late", Clause: clauseDeadline}
	}
	return true, nil
}

// submit writes the new version.
func (d *decision) submit(cycle Cycle, unit *unitEdit, before *Topic, c SubmitFiling, late bool) {
	var t Topic
	did := "filing.submit"
	if before == nil {
		sequence := "topic:" + cycle.ID
		n := d.view.NextNumber(sequence)
		d.out.Sequences = map[string]int{sequence: n}
		t = Topic{
			ID: fmt.Sprintf("%s-%04d", cycle.ID, n), Cycle: cycle.ID, Unit: unit.after.ID,
			Filer: d.filer(unit.after), SubmittedAt: c.At,
		}
	} else {
		t = cloneTopic(*before)
		did = "filing.edit"
		if t.Status == StatusReturned {
			did = "filing.mend"
		}
	}
	t.Versions = append(t.Versions, Version{
		N: len(t.Versions) + 1, Filing: c.Filing, By: d.by.UserID, At: c.At, Hash: HashFiling(c.Filing),
	})
	t.Status, t.ConfirmedBy, t.ConfirmedAt = StatusAwaiting, "", time.Time{}
	if HasAuthority(d.by, unit.after) {
		t.Status, t.ConfirmedBy, t.ConfirmedAt = StatusFiled, d.by.UserID, c.At
	}
	t.Return, t.Decline = nil, nil
	t.ClaimedConfirm = claim(c.Claimed)
	if reason := strings.TrimSpace(c.LateReason); late && reason != "" {
		t.LateReason = reason
	}
	t.Late = t.Late || late
	unit.after.Last = t.ID
	d.put(before, cloneTopic(t), unit)
	if c.Draft != "" {
		d.out.Drafts = append(d.out.Drafts, DraftSummary{Person: d.by.UserID, Unit: unit.after.ID, Form: c.Draft, At: d.now})
	}
	detail := fmt.Sprintf("第%d版 %s", len(t.Versions), t.Status)
	if late {
		detail += " 逾期"
	}
	d.log(did, TopicRecord(t.ID), detail)
}

// refuseIssues words what a filing still lacks, at most five at a time.
func refuseIssues(issues []Issue) *Refusal {
	const most = 5
	first := issues[0]
	refusal := &Refusal{Text: first.Text, Rule: "filing." + strings.ReplaceAll(first.Rule, ".", "-"), Clause: first.Clause}
	if len(issues) == 1 {
		return refusal
	}
	lines := []string{fmt.Sprintf("还有 %d 处要改：", len(issues))}
	for i, issue := range issues[:min(most, len(issues))] {
		lines = append(lines, strconv.Itoa(i+1)+". "+issue.Text)
	}
	if len(issues) > most {
		lines = append(lines, "改好这几处再看其余的。")
	}
	refusal.Text = strings.Join(lines, "\n")
	return refusal
}

// HashFiling returns the first 12 hex digits of the SHA-256 of the canonical
// text of a filing: every value quoted in the fixed order of the form.
func HashFiling(f Filing) string {
	var b strings.Builder
	line := func(key string, values ...string) {
		b.WriteString(key)
		for _, value := range values {
			b.WriteByte(' ')
			b.WriteString(strconv.Quote(value))
		}
		b.WriteByte('\n')
	}
	person := func(key string, c Contact) { line(key, c.Name, c.Post, c.Phone) }
	line("title", f.Title)
	line("category", f.Category, f.Direction)
	line("key", strconv.FormatBool(f.Key))
	line("problem", f.Problem)
	for _, p := range f.Pilots {
		line("pilot", p.Name, p.Type, p.Leader, p.Phone)
	}
	person("head", f.Head)
	person("deputy", f.Deputy)
	person("responsible", f.Responsible)
	person("contact", f.Contact)
	line("content", f.Content)
	for _, s := range f.Steps {
		line("step", s.Title, s.Due.Date.String(), string(s.Due.Precision), s.Output)
	}
	line("measures", f.Measures...)
	line("finish", f.Finish.Date.String(), string(f.Finish.Precision), strconv.FormatBool(f.CrossCycle))
	line("outcome", f.Outcome)
	line("products", f.Products...)
	line("secrecy", strconv.FormatBool(f.Secrecy))
	hashOptional(f, line)
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])[:12]
}

// hashOptional adds what a filing may leave out. Nothing is written for what is
// left out, so the marks of filings from before these fields stay as they are.
func hashOptional(f Filing, line func(key string, values ...string)) {
	list := func(key string, values ...string) {
		if strings.Join(values, "") != "" {
			line(key, values...)
		}
	}
	list("joint", f.Joint...)
	list("focus", f.Focus...)
	list("nature", f.Nature...)
	list("background", f.Background)
	for _, point := range f.LinkPoints {
		list("link point", point.Member, point.Pilot)
	}
	for _, c := range f.Members {
		list("member", c.Name, c.Post, c.Phone)
	}
	if f.Meeting.Name != "" {
		line("meeting", f.Meeting.Name, f.Meeting.Date.String())
	}
	list("serves", f.Serves)
	list("abilities", f.Abilities...)
	list("means", f.Means...)
	list("systems", f.Systems...)
	for _, file := range f.Files {
		list("file", file.Hash, file.URL, file.Name)
	}
}
