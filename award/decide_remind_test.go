package award_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"cxbot/award"
)

func TestPrefs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for hour := range 24 {
		want := hour == 0 || slices.Contains(award.PrefHours(), hour)
		cmd := award.SetPrefs{By: w.who("ping"), Prefs: award.Prefs{Hour: hour, Sparse: true}}
		if !want {
			w.refused(cmd, now, "prefs.hour")
			continue
		}
		w.must(cmd, now)
		if got := w.who("ping").Prefs; got.Hour != hour || !got.Sparse {
			t.Errorf("%d: %+v", hour, got)
		}
	}
	// What somebody else of the same record set meanwhile is theirs alone.
	w.must(award.SetPrefs{By: w.who("ping")}, now)
	if got := w.who("ping"); got.Prefs != (award.Prefs{}) || got.Name != "平远" || len(got.Roles) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestPlanGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := award.DefaultPlan("wrGroup")
	for name, c := range map[string]struct {
		by     string
		change func(*award.Group)
		rule   string
	}{
		"staff":          {"sun", func(*award.Group) {}, ""},
		"chief":          {"tang", func(*award.Group) {}, ""},
		"administrator":  {"guan", func(*award.Group) {}, ""},
		"half past":      {"sun", func(g *award.Group) { g.Hour, g.Minute = 14, 30 }, "group.hour"},
		"only last days": {"sun", func(g *award.Group) { g.Weekly, g.Day = false, time.Sunday }, ""},
		"filler":         {"zhao", func(*award.Group) {}, "rights.role"},
		"head":           {"wang", func(*award.Group) {}, "rights.role"},
		"reviewer":       {"ping", func(*award.Group) {}, "rights.role"},
		"at night":       {"sun", func(g *award.Group) { g.Hour = 20 }, "group.hour"},
		"at noon":        {"sun", func(g *award.Group) { g.Hour = 12 }, "group.hour"},
		"ten past":       {"sun", func(g *award.Group) { g.Minute = 10 }, "group.hour"},
		"on Sunday":      {"sun", func(g *award.Group) { g.Day = time.Sunday }, "group.day"},
		"on Saturday":    {"sun", func(g *award.Group) { g.Day = time.Saturday }, "group.day"},
		"too many days":  {"sun", func(g *award.Group) { g.LastDays = 6 }, "group.last"},
		"no group":       {"sun", func(g *award.Group) { g.ID = "" }, "group.unknown"},
	} {
		plan := good
		c.change(&plan)
		if c.rule != "" {
			if refusal := w.refused(award.PlanGroup{By: w.who(c.by), Group: plan}, now, c.rule); refusal.Text == "" {
				t.Errorf("%s: silent", name)
			}
			continue
		}
		w.must(award.PlanGroup{By: w.who(c.by), Group: plan}, now)
		got, ok := w.Groups().Find("wrGroup")
		if plan.By, plan.At = c.by, now; !ok || got != plan {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestPlannedGroups(t *testing.T) {
	t.Parallel()
	var none award.Groups
	if got := none.Planned(false); len(got) > 0 {
		t.Errorf("%+v", got)
	}
	if got := none.Planned(true); len(got) != 1 || got[0] != award.DefaultPlan(award.WebhookGroup) {
		t.Errorf("%+v", got)
	}
	own := award.DefaultPlan(award.WebhookGroup)
	own.Off = true
	both := none.With(award.DefaultPlan("wr")).With(own)
	if got := both.Planned(true); len(got) != 2 || !got[0].Off {
		t.Errorf("%+v", got)
	}
	if got := both.Planned(false); len(got) != 1 || got[0].ID != "wr" {
		t.Errorf("no webhook is configured: %+v", got)
	}
}

func TestManyGroups(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := func(id string, off bool) award.PlanGroup {
		g := award.DefaultPlan(id)
		g.Off = off
		return award.PlanGroup{By: w.who("sun"), Group: g}
	}
	for i := range award.MaxGroups {
		w.must(plan("g"+strconv.Itoa(i), false), now)
	}
	w.refused(plan("another", false), now, "group.many")
	w.must(plan("g3", true), now)
	w.must(plan("another", false), now)
	if _, there := w.Groups().Find("g3"); there || len(w.Groups().List) != award.MaxGroups {
		t.Errorf("%d groups, the silenced one still there: %v", len(w.Groups().List), there)
	}
}
