package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"cxbot/award"
	"cxbot/bot"
	"cxbot/chat"
	"cxbot/simulator"
)

// TestP10TwoYearsOnTheWire lives through two years of a county on the real store,
// outbox and wire: what stands on people's screens is exactly what the table of
// the scheduler's room says, in time, receiver, rule and clause.
func TestP10TwoYearsOnTheWire(t *testing.T) {
	t.Parallel()
	rows := map[string]bool{}
	for _, row := range readTable(t, "two_years.csv") {
		rows[strings.Join(row, ",")] = true
	}
	if len(rows) < 200 {
		t.Fatalf("the table has only %d different rows", len(rows))
	}
	y := newYears(t)
	for _, e := range readTable(t, "two_years_events.csv") {
		if err := y.stage.advance(momentOf(t, e[0], e[1])); err != nil {
			t.Fatal(err)
		}
		y.happen(e[2], e[3], e[4])
	}
	if err := y.stage.advance(award.Date{Year: 2028, Month: time.November, Day: 30}.At(24, 0)); err != nil {
		t.Fatal(err)
	}
	for _, e := range y.stage.sim.Shown() {
		if e.Kind == simulator.KindCard {
			continue // belongs to the text before it
		}
		row := y.row(e)
		if !rows[row] {
			t.Errorf("seen without a row (or twice): %s\n%s", row, e.Text)
		}
		delete(rows, row)
	}
	for row := range rows {
		t.Errorf("not seen: %s", row)
	}
	checkQuiet(t, y.stage)
}

// twoYears is a county whose events are commands decided and committed like those
// of a conversation.
type twoYears struct {
	t      *testing.T
	stage  *stage
	serial int
	newest map[string]string // unit → its newest topic
}

func newYears(t *testing.T) *twoYears {
	t.Helper()
	people := readTable(t, "two_years_people.csv")
	members := make([]simulator.Member, 0, len(people))
	for _, row := range people {
		members = append(members, simulator.Member{UserID: row[0], Name: row[1], Unit: row[3], Post: row[4]})
	}
	y := &twoYears{t: t, newest: map[string]string{}, stage: newStage(t, stageConfig{empty: true, members: members})}
	y.people("")
	if err := y.stage.office.Store.PutCalendar(t.Context(), yearOf(2026)); err != nil {
		t.Fatal(err)
	}
	return y
}

// people imports the people file without one member.
func (y *twoYears) people(without string) {
	y.t.Helper()
	data, err := os.ReadFile(filepath.Join("scheduler", "testdata", "two_years_people.csv"))
	if err != nil {
		y.t.Fatal(err)
	}
	lines := strings.SplitAfter(string(data), "\n")
	kept := lines[:0]
	for _, line := range lines {
		if without == "" || !strings.HasPrefix(line, without+",") {
			kept = append(kept, line)
		}
	}
	options := importOptions{now: y.stage.clock.Now(), replace: true}
	if err := importPeople(y.t.Context(), y.stage.office.Store, []byte(strings.Join(kept, "")), options, io.Discard); err != nil {
		y.t.Fatal(err)
	}
}

// row writes what stood on a screen as a row of the table.
func (y *twoYears) row(e simulator.Shown) string {
	to := e.To
	if e.Channel == simulator.ChannelWebhook {
		to = chat.GroupPrefix + award.WebhookGroup
	}
	for i, m := range y.stage.planned {
		if m.To == to && m.Text == e.Text {
			y.stage.planned = append(y.stage.planned[:i:i], y.stage.planned[i+1:]...)
			at := e.At.In(award.Shanghai)
			return strings.Join([]string{award.DateOf(e.At).String(), strconv.Itoa(at.Hour()), to, m.Rule, m.Clause}, ",")
		}
	}
	return fmt.Sprintf("%s %s: never planned", e.At, e.To)
}

// happen lets one event happen at the present moment.
func (y *twoYears) happen(name, unit, detail string) {
	y.t.Helper()
	store, ctx := y.stage.office.Store, y.t.Context()
	view := store.ViewAt(ctx)
	staff := y.person("sunjing")
	topic := y.newest[unit]
	switch name {
	case "open":
		y.open(staff, dateOf(y.t, detail))
	case "calendar":
		if err := store.PutCalendar(ctx, view.Calendar().Merge(yearOf(numberOf(y.t, detail)))); err != nil {
			y.t.Fatal(err)
		}
	case "leave":
		y.people(detail)
	case "promise", "prefs", "silence", "handover", "plan":
		y.decide(y.wish(name, strings.Fields(detail)))
	case "draft":
		who, done, _ := strings.Cut(detail, " ")
		d := award.DraftSummary{Person: who, Unit: unit, Form: "filing", Draft: "filing.1", Done: numberOf(y.t, done), Total: 11, At: y.stage.clock.Now()}
		labels := []string{"课题名称", "方向", "突出问题", "试点单位", "责任人", "试点内容", "实施步骤", "具体措施", "完成时间", "成果形式", "保密确认"}
		d.Missing = labels[d.Done:]
		y.commit(who, func(bot.View) award.Changes { return award.Changes{Drafts: []award.DraftSummary{d}} })
	case "extend":
		y.commit(staff.UserID, func(v bot.View) award.Changes {
			before, _ := v.Unit(unit)
			after, _ := v.Unit(unit)
			cycle, _ := v.Cycle()
			if after.Cycle != cycle.ID {
				after.Cycle, after.Topics = cycle.ID, nil
			}
			after.Extended = dateOf(y.t, detail).Add(1).At(0, 0)
			after.Rev++
			return award.Changes{Units: []award.UnitChange{{Before: &before, After: after}}}
		})
	case "grant":
		u, _ := view.Unit(unit)
		y.decide(award.GrantConfirm{By: y.person(u.Heads[0]), To: detail})
	case "submit":
		y.serial++
		y.newest[unit] = y.submit(unit, detail, "")
	case "mend":
		y.submit(unit, detail, topic)
	case "confirm":
		y.decide(award.ConfirmFiling{By: y.person(detail), Topic: topic})
	case "decline":
		y.decide(award.DeclineFiling{By: y.person(detail), Topic: topic, Reason: "步骤再细一些"})
	case "accept":
		y.decide(award.AcceptFilings{By: staff, Topics: []string{topic}})
	case "return":
		cmd := award.ReturnFiling{By: staff, Topic: topic, Items: []award.ReturnItem{{Text: "试点单位没有写负责人"}, {Text: "实施步骤没有时间"}}}
		if days, err := strconv.Atoi(detail); err == nil {
			cmd.Days = days
		} else {
			cmd.Due = dateOf(y.t, detail)
		}
		y.decide(cmd)
	default:
		y.t.Fatalf("unknown event %q", name)
	}
}

// wish is the command by which somebody says how to be reminded.
func (y *twoYears) wish(name string, words []string) award.Command {
	y.t.Helper()
	if name == "plan" {
		g, ok := y.stage.office.Store.ViewAt(y.t.Context()).Groups().Find(words[0])
		if !ok {
			g = award.DefaultPlan(words[0])
		}
		if g.Off = words[1] == "off"; !g.Off {
			g.Day, g.Hour, g.LastDays = time.Weekday(numberOf(y.t, words[1])), numberOf(y.t, words[2]), numberOf(y.t, words[3])
		}
		return award.PlanGroup{By: y.person("sunjing"), Group: g}
	}
	by := y.person(words[0])
	switch {
	case name == "promise":
		return award.PromiseFiling{By: by, Until: dateOf(y.t, words[1]), Later: len(words) > 2}
	case name == "handover":
		return award.HandOver{By: by, To: words[1], From: dateOf(y.t, words[2]), Until: dateOf(y.t, words[3])}
	case name == "silence":
		by.Prefs.NoNudge = words[1]
	case words[1] == "usual":
		by.Prefs = award.Prefs{}
	case words[1] == "sparse":
		by.Prefs.Sparse = true
	default:
		by.Prefs.Hour = numberOf(y.t, words[1])
	}
	return award.SetPrefs{By: by, Prefs: by.Prefs}
}

// open opens a cycle. No command closes one yet, so the second one is written
// as it will be found.
func (y *twoYears) open(by award.Person, day award.Date) {
	y.t.Helper()
	view := y.stage.office.Store.ViewAt(y.t.Context())
	milestones := award.ProposeMilestones(view.Calendar(), day.Year, day, true)
	before, open := view.Cycle()
	if !open {
		y.decide(award.OpenCycle{By: by, Name: day.String(), RollOver: true, Milestones: milestones})
		return
	}
	y.commit(by.UserID, func(bot.View) award.Changes {
		after := before
		after.ID, after.Name, after.Milestones = strconv.Itoa(day.Year), day.String(), milestones
		after.Rev, after.OpenedAt, after.OpenedBy = before.Rev+1, y.stage.clock.Now(), by.UserID
		return award.Changes{Cycle: &after}
	})
}

// submit hands a filing in, anew or mended, and returns the topic's id.
func (y *twoYears) submit(unit, who, topic string) string {
	y.t.Helper()
	view := y.stage.office.Store.ViewAt(y.t.Context())
	cycle, _ := view.Cycle()
	summary, _ := cycle.Milestone(award.StageSummary)
	filing := completeFiling(fmt.Sprintf("党建创新课题第%d号的探索", y.serial), summary.Date.Year)
	if t, ok := view.Topic(topic); ok {
		filing = t.Current().Filing
		filing.Content += "补充说明。"
	}
	drafts, _ := view.Draft(unit)
	changes := y.decide(award.SubmitFiling{By: y.person(who), Topic: topic, Filing: filing, LateReason: "人员调整", Draft: drafts.Form})
	return changes.Topics[0].After.ID
}

func (y *twoYears) person(id string) award.Person {
	y.t.Helper()
	p, ok := y.stage.office.Store.ViewAt(y.t.Context()).Person(id)
	if !ok {
		y.t.Fatalf("no person %s", id)
	}
	return p
}

// decide puts a command through the rules and commits what follows.
func (y *twoYears) decide(cmd award.Command) award.Changes {
	y.t.Helper()
	now := y.stage.clock.Now()
	return y.commit("sunjing", func(v bot.View) award.Changes {
		changes, refusal := award.Decide(v, cmd, now)
		if refusal != nil {
			y.t.Fatalf("%s: %T refused %s: %s", now, cmd, refusal.Rule, refusal.Text)
		}
		return changes
	})
}

// commit stores changes as a turn does.
func (y *twoYears) commit(who string, change func(bot.View) award.Changes) award.Changes {
	y.t.Helper()
	store, ctx, now := y.stage.office.Store, context.WithoutCancel(y.t.Context()), y.stage.clock.Now()
	event := chat.Event{ID: fmt.Sprintf("internal|years|%s|%d", now, len(y.newest)+y.serial), Channel: chat.Internal, From: who, At: now}
	loaded, err := store.Load(ctx, event, now)
	if err != nil || loaded.Done {
		y.t.Fatalf("load %s: %v, done %v", event.ID, err, loaded.Done)
	}
	changes := change(loaded.View)
	err = store.Commit(ctx, bot.Outcome{
		Event: event, View: loaded.View, At: now, Response: bot.Response{Conversation: loaded.Conversation, Changes: changes},
	})
	if err != nil {
		y.t.Fatalf("commit at %s: %v", now, err)
	}
	return changes
}

// completeFiling is within every limit.
func completeFiling(title string, year int) award.Filing {
	by := func(year int, month time.Month) award.PartialDate {
		last := award.DateOf(award.Date{Year: year, Month: month + 1, Day: 1}.At(0, 0).Add(-time.Hour))
		return award.PartialDate{Date: last, Precision: award.PrecisionMonth}
	}
	return award.Filing{
		Title: title, Category: "3", Direction: "3.3", Problem: "村里大事议而不决、决而不公开，群众意见比较大。",
		Pilots: []award.Pilot{{Name: "柳林村党支部", Type: "村"}}, Head: award.Contact{Name: "王建国"}, Deputy: award.Contact{Name: "李春梅"},
		Responsible: award.Contact{Name: "李春梅", Post: "副书记", Phone: "13800000011"}, Contact: award.Contact{Name: "李春梅"},
		Content:  "建立议题收集、党群联议、结果公开三个环节，形成闭环。",
		Steps:    []award.Step{{Title: "两个村试点", Due: by(year, time.March)}, {Title: "全镇推开", Due: by(year, time.June)}},
		Measures: []string{"每月10日议事日", "二维码征集议题"}, Finish: by(year, time.September), Outcome: "满意度提高。", Products: []string{"制度"},
		Secrecy: true,
	}
}

// readTable reads a table of the scheduler's room without its head; lines that
// begin with # are comments.
func readTable(t *testing.T, name string) [][]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("scheduler", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(strings.NewReader(string(data)))
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// yearOf is one year of the sample calendar.
func yearOf(year int) award.Calendar {
	all := award.SampleCalendar()
	out := award.Calendar{Holidays: map[award.Date]string{}, Worked: map[award.Date]string{}, Years: map[int]bool{year: true}}
	for d, name := range all.Holidays {
		if d.Year == year {
			out.Holidays[d] = name
		}
	}
	for d, name := range all.Worked {
		if d.Year == year {
			out.Worked[d] = name
		}
	}
	return out
}

func dateOf(t *testing.T, text string) award.Date {
	t.Helper()
	d, err := award.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// momentOf reads "2026-12-21" and "16" or "16:30".
func momentOf(t *testing.T, day, hour string) time.Time {
	t.Helper()
	h, m, _ := strings.Cut(hour, ":")
	minutes := 0
	if m != "" {
		minutes = numberOf(t, m)
	}
	return dateOf(t, day).At(numberOf(t, h), minutes)
}

func numberOf(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
