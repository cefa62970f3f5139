package storage_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cxbot/award"
	"cxbot/storage"
	"cxbot/storage/storagetest"
)

// programme invents changes that fit the state in a Memory, the reference.
type programme struct {
	m    *award.Memory
	rand *rand.Rand
	now  time.Time
}

func (p *programme) unitName() string { return fmt.Sprintf("第%d镇党委", p.rand.IntN(6)) }

// next makes one change; an empty one when the dice fit nothing.
func (p *programme) next() award.Changes {
	p.now = p.now.Add(time.Minute)
	switch p.rand.IntN(11) {
	case 10:
		return p.bind()
	case 0:
		return p.cycle()
	case 1:
		return p.unit()
	case 2:
		return p.person()
	case 3, 4:
		return p.draft()
	case 5, 6, 7:
		return p.submit()
	default:
		return p.move()
	}
}

// title makes titles of which many are alike and some are the same.
func (p *programme) title() string {
	heads := []string{"村级党群议事会机制探索", "社区党员双报到办法", "非公企业党建结对共建", "教师党员双培养"}
	tails := []string{"", "（试点）", "与实践", "若干问题研究", "X"}
	return heads[p.rand.IntN(len(heads))] + tails[p.rand.IntN(len(tails))]
}

// bind puts a group in or changes its plan.
func (p *programme) bind() award.Changes {
	g := p.m.Groups().With(award.Group{ID: fmt.Sprint("wr", p.rand.IntN(3)), By: "sunjing", At: p.now.UTC(), Weekly: p.rand.IntN(2) > 0})
	return award.Changes{Groups: &g}
}

func (p *programme) cycle() award.Changes {
	old, ok := p.m.Cycle()
	c := award.Cycle{ID: "2026", Rev: old.Rev + 1, MaxTopics: 3, OpenedAt: p.now.UTC()}
	switch {
	case ok && p.rand.IntN(4) == 0:
		c.ID = "2028"
	case old.ID != "":
		c.ID = old.ID
	}
	if p.rand.IntN(5) == 0 {
		c.ClosedAt = p.now.UTC()
	}
	c.Milestones = []award.Milestone{{Stage: award.StageFiling, Date: award.DateOf(p.now)}}
	return award.Changes{Cycle: &c}
}

func (p *programme) unit() award.Changes {
	name := p.unitName()
	kinds := []string{"乡镇", "县直"}
	u := award.Unit{ID: name, Name: name, Type: kinds[p.rand.IntN(2)], Rev: 1, Order: p.rand.IntN(9), Owes: p.rand.IntN(3) > 0}
	if old, ok := p.m.Unit(name); ok {
		after := old
		after.Rev, after.Order, after.Owes, after.Type = old.Rev+1, u.Order, u.Owes, u.Type
		if after.Wish = nil; p.rand.IntN(2) == 0 {
			after.Wish = &award.ExtensionWish{By: "user1", At: p.now.UTC(), Until: award.DateOf(p.now)}
		}
		return award.Changes{Units: []award.UnitChange{{Before: &old, After: after}}}
	}
	return award.Changes{Units: []award.UnitChange{{After: u}}}
}

func (p *programme) person() award.Changes {
	one := award.Person{
		UserID: fmt.Sprintf("User%d", p.rand.IntN(12)), Name: fmt.Sprintf("李%d", p.rand.IntN(4)),
		Unit: p.unitName(), Left: p.rand.IntN(5) == 0,
	}
	for _, role := range award.Roles {
		if p.rand.IntN(5) == 0 {
			one.Roles = append(one.Roles, role)
		}
	}
	two := one
	two.UserID += "x"
	return award.Changes{Persons: []award.Person{one, two}}
}

func (p *programme) draft() award.Changes {
	d := award.DraftSummary{
		Person: fmt.Sprint("user", p.rand.IntN(3)), Unit: p.unitName(), Form: "filing",
		Done: p.rand.IntN(5), Total: p.rand.IntN(3) * 5, At: p.now.UTC(),
	}
	return award.Changes{Drafts: []award.DraftSummary{d}}
}

func (p *programme) submit() award.Changes {
	cycle, ok := p.m.Cycle()
	before, known := p.m.Unit(p.unitName())
	if !ok || !known {
		return award.Changes{}
	}
	serial := p.m.NextNumber("topic:" + cycle.ID)
	topic := award.Topic{
		ID:  fmt.Sprintf("%s-%04d", cycle.ID, serial*4000), // grows past four digits
		Rev: 1, Cycle: cycle.ID, Unit: before.ID, Status: award.StatusAwaiting, SubmittedAt: p.now.UTC(),
		Late: p.rand.IntN(3) == 0,
	}
	filing := award.Filing{Title: p.title(), Category: []string{"1", "9"}[p.rand.IntN(2)], Key: p.rand.IntN(2) == 0}
	topic.Versions = []award.Version{{N: 1, Filing: filing, At: p.now.UTC()}}
	after := before
	if after.Cycle != cycle.ID {
		after.Cycle, after.Topics = cycle.ID, nil
	}
	after.Rev++
	after.Topics = append(slices.Clone(after.Topics), award.TopicRef{ID: topic.ID, Status: topic.Status, At: topic.SubmittedAt})
	return award.Changes{
		Topics: []award.TopicChange{{After: topic}}, Units: []award.UnitChange{{Before: &before, After: after}},
		Sequences: map[string]int{"topic:" + cycle.ID: serial},
		Log:       []award.Entry{{At: p.now.UTC(), Who: "lichunmei", Did: "filing.submit", Object: "topic:" + topic.ID}},
	}
}

func (p *programme) move() award.Changes {
	all := p.m.Topics(award.TopicQuery{Limit: 1000}).Topics
	if len(all) == 0 {
		return award.Changes{}
	}
	before := all[p.rand.IntN(len(all))]
	unit, _ := p.m.Unit(before.Unit)
	if unit.Cycle != before.Cycle {
		return award.Changes{}
	}
	topic, after := before, unit
	topic.Rev++
	topic.Status = award.Statuses()[p.rand.IntN(len(award.Statuses()))]
	if p.rand.IntN(3) == 0 {
		topic.Versions = []award.Version{{N: 2, Filing: award.Filing{Title: p.title()}, At: p.now.UTC()}}
	}
	topic.Late = topic.Late && p.rand.IntN(3) > 0
	after.Rev++
	after.Topics = slices.DeleteFunc(slices.Clone(unit.Topics), func(r award.TopicRef) bool { return r.ID == topic.ID })
	if topic.Status != award.StatusWithdrawn {
		after.Topics = append(after.Topics, award.TopicRef{ID: topic.ID, Status: topic.Status, At: topic.SubmittedAt})
	}
	c := award.Changes{
		Topics: []award.TopicChange{{Before: &before, After: topic}},
		Units:  []award.UnitChange{{Before: &unit, After: after}},
	}
	if topic.Status == award.StatusRunning && topic.Number == "" {
		n := p.m.NextNumber("filing:" + topic.Cycle)
		c.Topics[0].After.Number = fmt.Sprintf("〔%s〕备-%03d", topic.Cycle, n)
		c.Sequences = map[string]int{"filing:" + topic.Cycle: n}
	}
	return c
}

// TestViewEqualsMemory plays a random programme into storage and into the
// reference view and compares every answer.
func TestViewEqualsMemory(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, _ *redis.Client) {
		calendar := award.Calendar{
			Holidays: map[award.Date]string{{Year: 2026, Month: 10, Day: 1}: "国庆节"},
			Worked:   map[award.Date]string{{Year: 2026, Month: 10, Day: 10}: "调休"},
			Years:    map[int]bool{2026: true},
		}
		if err := s.PutCalendar(t.Context(), calendar); err != nil {
			t.Fatal(err)
		}
		p := &programme{award.NewMemory(calendar), rand.New(rand.NewPCG(1, 2)), noon}
		same(t, s, p.m)
		for range 2 {
			importPast(t, s, p)
		}
		mixed := false
		for range 300 {
			c := p.next()
			if c.IsEmpty() {
				continue
			}
			if err := p.m.Apply(c); err != nil {
				t.Fatalf("the test's own change is wrong: %v", err)
			}
			apply(t, s, c)
			counts := p.m.Counts()
			mixed = mixed || 0 < counts.Filed && counts.Filed < counts.Units
			if p.rand.IntN(8) == 0 {
				same(t, s, p.m)
			}
		}
		same(t, s, p.m)
		if !mixed {
			t.Error("there never were filed and unfiled units side by side: the test shows little")
		}
	})
}

// importPast brings results of earlier cycles in, some of them for a second time.
func importPast(t *testing.T, s *storage.Store, p *programme) {
	t.Helper()
	var results []award.Past
	for _, cycle := range []string{"2022", "2024"} {
		for i := range 3 {
			one := award.Past{Cycle: cycle, Unit: fmt.Sprintf("第%d镇党委", i), Title: p.title(), Summary: "三议三公开"}
			if i > 0 {
				one.Rank = "优秀成果奖"
			}
			one.ID = award.PastID(one.Cycle, one.Unit, one.Title)
			results = append(results, one)
		}
	}
	for range 2 {
		if _, err := s.ImportPast(t.Context(), results, nil); err != nil {
			t.Fatal(err)
		}
	}
	p.m.AddPast(results...)
}

// same compares two views over everything anybody can ask.
func same(t *testing.T, s *storage.Store, m *award.Memory) {
	t.Helper()
	have, want := answers(view(t, s)), answers(m)
	for question := range want {
		if !reflect.DeepEqual(have[question], want[question]) {
			t.Fatalf("%s\nstorage: %s\nmemory:  %s", question, have[question], want[question])
		}
	}
}

// answers asks a view everything; answers are compared as JSON, in which an
// empty list and none are the same here.
func answers(v award.View) map[string]string {
	out := make(map[string]string)
	put := func(question string, answer ...any) {
		text, err := json.Marshal(answer)
		if err != nil {
			panic(err)
		}
		out[question] = string(text)
	}
	cycle, ok := v.Cycle()
	put("cycle", cycle, ok)
	put("counts", v.Counts())
	put("stats", v.Stats())
	put("calendar", v.Calendar())
	for _, name := range []string{"topic:2026", "filing:2026", "filing:2028", "none"} {
		put("number "+name, v.NextNumber(name))
	}
	for i := range 12 {
		for _, suffix := range []string{"", "x"} {
			id := fmt.Sprintf("USER%d%s", i, suffix)
			p, ok := v.Person(id)
			put("person "+id, p, ok)
		}
	}
	for i := range 5 {
		put(fmt.Sprint("named ", i), list(v.Named(fmt.Sprint("李", i))))
	}
	for _, role := range award.Roles {
		put("role "+string(role), list(v.WithRole(role)))
	}
	for i := range 7 {
		id := fmt.Sprintf("第%d镇党委", i)
		u, ok := v.Unit(id)
		put("unit "+id, u, ok)
		d, ok := v.Draft(id)
		put("draft "+id, d, ok)
	}
	put("groups", v.Groups())
	for _, asked := range []string{"村级党群议事会机制探索", "社区党员“双报到”办法", "非公企业 党建结对共建（试点）", "没有", "", "X"} {
		for _, limit := range []int{0, 1, 30} {
			put(fmt.Sprint("similar ", asked, limit), list(v.Similar(asked, "2026-4000", limit)))
		}
	}
	for i, q := range []award.PastQuery{
		{Limit: 100}, {Winners: true, Limit: 2, Offset: 1}, {Latest: true, Limit: 9}, {Words: "双报到", Limit: 9}, {Words: "没有这个", Limit: 9}, {},
	} {
		found := v.Past(q)
		put(fmt.Sprint("past ", i), list(found.Results), found.Total)
	}
	for _, part := range []string{"镇", "第1", "党委 第2", "", " ", "没有"} {
		put("find "+part, list(v.FindUnits(part)))
	}
	for _, page := range [][2]int{{0, 100}, {0, 2}, {2, 2}, {100, 5}, {0, 0}} {
		at := fmt.Sprint(page)
		all := v.Units(page[0], page[1])
		put("units "+at, list(all.Units), all.Total)
		u := v.Unfiled(page[0], page[1])
		put("unfiled "+at, list(u.Units), u.Total)
		delivered := v.Delivered(page[0], page[1])
		put("delivered "+at, list(delivered.Units), delivered.Total)
		wishing := v.Wishing(page[0], page[1])
		put("wishing "+at, list(wishing.Units), wishing.Total)
		late := v.Topics(award.TopicQuery{Late: true, Offset: page[0], Limit: page[1]})
		put("late "+at, list(late.Topics), late.Total)
		for _, status := range append(award.Statuses(), "") {
			for _, unit := range []string{"", "第1镇党委", "没有"} {
				q := award.TopicQuery{Status: status, Unit: unit, Offset: page[0], Limit: page[1]}
				found := v.Topics(q)
				put(fmt.Sprintf("topics %+v", q), list(found.Topics), found.Total)
				for _, topic := range found.Topics {
					byID, ok := v.Topic(topic.ID)
					put("topic "+topic.ID, byID, ok)
					if topic.Number != "" {
						byNumber, ok := v.Topic(topic.Number)
						put("topic "+topic.Number, byNumber, ok)
					}
				}
			}
		}
	}
	return out
}

func list[T any](l []T) []T { return append([]T{}, l...) }

// TestViewIsolation shows that a decision that writes into what it was given does
// not change what others read.
func TestViewIsolation(t *testing.T) {
	t.Parallel()
	s := storagetest.Mini(t)
	unit := award.Unit{ID: "城关镇党委", Rev: 1, Heads: []string{"wang"}, Topics: []award.TopicRef{{ID: "2026-0001", Title: "旧"}}}
	person := award.Person{UserID: "wang", Name: "王建国", Roles: []award.Role{award.RoleHead}}
	cycle := award.Cycle{ID: "2026", Rev: 1, Milestones: []award.Milestone{{Stage: award.StageFiling}}}
	apply(t, s, award.Changes{Cycle: &cycle, Units: []award.UnitChange{{After: unit}}, Persons: []award.Person{person}})
	for range 2 {
		v := view(t, s)
		u, _ := v.Unit(unit.ID)
		p, _ := v.Person("wang")
		c, _ := v.Cycle()
		if u.Topics[0].Title != "旧" || u.Heads[0] != "wang" || p.Roles[0] != award.RoleHead || c.Milestones[0].Stage != award.StageFiling {
			t.Fatalf("read %+v %+v %+v", u, p, c)
		}
		u.Topics[0].Title, u.Heads[0], p.Roles[0], c.Milestones[0].Stage = "新", "x", award.RoleAdmin, award.StageAward
	}
}

func TestViewKeepsItsFirstError(t *testing.T) {
	t.Parallel()
	c := storagetest.MiniClient(t)
	s := storagetest.Open(t, c)
	for _, raw := range []string{"1 {garbage", "garbage"} {
		c.Set(t.Context(), prefix+"unit:城关镇党委", raw, 0)
		v := s.ViewAt(t.Context())
		if _, ok := v.Unit("城关镇党委"); ok || v.Err() == nil {
			t.Errorf("unit from %q: found %v, error %v", raw, ok, v.Err())
		}
		first := v.Err()
		if _, ok := v.Topic("2026-0001"); ok || v.Err() != first {
			t.Errorf("the first error %v became %v", first, v.Err())
		}
	}
	foreign(t, c, prefix+"owing")
	v := s.ViewAt(t.Context())
	if counts := v.Counts(); counts.Units != 0 || v.Err() == nil {
		t.Errorf("counts of a foreign key: %+v, error %v", counts, v.Err())
	}
}

// TestAuditLines follows entries into the day's list and back.
func TestAuditLines(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, c *redis.Client) {
		late := time.Date(2026, 11, 24, 0, 30, 0, 0, award.Shanghai)
		entries := []award.Entry{
			{At: noon, Who: "lichunmei", Did: "filing.submit", Object: "topic:2026-0001", Detail: `引号"与<尖>`, Event: "app|1"},
			{At: late.UTC(), Who: "sunjing", Did: "filing.accept", Object: "topic:2026-0001"},
		}
		apply(t, s, award.Changes{Log: entries})
		days, err := s.AuditDays(t.Context())
		if err != nil || fmt.Sprint(days) != "[2026-11-23 2026-11-24]" {
			t.Fatalf("days = %v, %v", days, err)
		}
		for i, day := range days {
			lines := 0
			err := s.AuditRange(t.Context(), day, func(line string) error {
				lines++
				got, err := storage.ReadAuditLine(line)
				got.At = got.At.In(entries[i].At.Location())
				if !got.At.Equal(entries[i].At) || got.Object != entries[i].Object || got.Detail != entries[i].Detail {
					t.Errorf("read %+v, want %+v", got, entries[i])
				}
				return err
			})
			if err != nil || lines != 1 {
				t.Errorf("day %s: %d lines, %v", day, lines, err)
			}
		}
		line := c.LIndex(t.Context(), prefix+"audit:2026-11-23", 0).Val()
		for at := range len(line) {
			altered := []byte(line)
			altered[at] ^= 1
			if _, err := storage.ReadAuditLine(string(altered)); err == nil {
				t.Fatalf("byte %d altered unseen: %s", at, altered)
			}
		}
	})
}

// TestLedger exports more than one page in order.
func TestLedger(t *testing.T) {
	t.Parallel()
	s := storagetest.Mini(t)
	const total = 450
	var changes award.Changes
	for i := range total {
		changes.Topics = append(changes.Topics, award.TopicChange{After: award.Topic{
			ID: fmt.Sprintf("2026-%04d", i+1), Rev: 1, Cycle: "2026", Unit: "城关镇党委", Status: award.StatusFiled,
		}})
	}
	apply(t, s, changes)
	n := 0
	for topic, err := range s.Ledger(t.Context(), "2026") {
		n++
		if err != nil || topic.ID != fmt.Sprintf("2026-%04d", n) {
			t.Fatalf("topic %d = %s, %v", n, topic.ID, err)
		}
	}
	if n != total {
		t.Errorf("%d topics, want %d", n, total)
	}
	for range s.Ledger(t.Context(), "2028") {
		t.Error("a cycle that never was has topics")
	}
}

func TestCountsNeedNoCycle(t *testing.T) {
	t.Parallel()
	s := storagetest.Mini(t)
	apply(t, s, award.Changes{Units: []award.UnitChange{{After: award.Unit{ID: "a", Rev: 1, Owes: true}}}})
	if got := view(t, s).Counts(); got.Units != 1 || got.Filed != 0 || len(slices.Collect(maps.Keys(got.ByStatus))) != 0 {
		t.Errorf("counts = %+v", got)
	}
}
