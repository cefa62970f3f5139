package storage_test

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"

	"cxbot/award"
	"cxbot/bot"
	"cxbot/chat"
	"cxbot/storage"
	"cxbot/storage/storagetest"
)

// meter counts round trips as a hook and bytes on the wire.
type meter struct{ calls, bytes atomic.Int64 }

func (m *meter) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := next(ctx, network, addr)
		return &meteredConn{c, m}, err
	}
}

func (m *meter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		m.calls.Add(1)
		return next(ctx, cmd)
	}
}

func (m *meter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		m.calls.Add(1)
		return next(ctx, cmds)
	}
}

// of measures one thing done.
func (m *meter) of(do func()) (calls, size int64) {
	m.calls.Store(0)
	m.bytes.Store(0)
	do()
	return m.calls.Load(), m.bytes.Load()
}

type meteredConn struct {
	net.Conn

	m *meter
}

func (c *meteredConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.m.bytes.Add(int64(n))
	return n, err
}

func (c *meteredConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.m.bytes.Add(int64(n))
	return n, err
}

// metered opens a store whose client is watched; the hook is in place before the
// first connection.
func metered(t *testing.T, c *redis.Client) (*storage.Store, *meter) {
	t.Helper()
	m := new(meter)
	c.AddHook(m)
	return storagetest.Open(t, c), m
}

// county puts a small county in: one unit with its people, a cycle, a calendar.
func county(t *testing.T, s *storage.Store) {
	t.Helper()
	put(t, s, storage.Import{
		Units:   []award.Unit{{ID: "城关镇党委", Name: "城关镇党委", Order: 1, Owes: true, Filers: []string{"lichunmei"}}},
		Persons: []award.Person{{UserID: "lichunmei", Name: "李春梅", Unit: "城关镇党委", Roles: []award.Role{award.RoleFiler}}},
	})
	apply(t, s, award.Changes{Cycle: &award.Cycle{ID: "2026", Rev: 1}})
	if err := s.PutCalendar(t.Context(), award.Calendar{Years: map[int]bool{2026: true}}); err != nil {
		t.Fatal(err)
	}
}

// answer plays one form answer: everything a form may look at, a draft summary.
func answer(t *testing.T, s *storage.Store, id string) {
	t.Helper()
	l := load(t, s, id, "lichunmei")
	look(t, l.View)
	c := award.Changes{Drafts: []award.DraftSummary{{Person: "lichunmei", Unit: "城关镇党委", Form: "filing", Done: 3, Total: 15}}}
	if err := s.Commit(t.Context(), turn(id, "lichunmei", l, c)); err != nil {
		t.Fatal(err)
	}
}

func look(t *testing.T, v bot.View) {
	t.Helper()
	p, ok := v.Person("LiChunmei")
	u, known := v.Unit(p.Unit)
	cycle, open := v.Cycle()
	if !ok || !known || !open || u.Order != 1 || cycle.ID != "2026" || !v.Calendar().Years[2026] {
		t.Fatalf("a turn sees %+v %+v %+v, error %v", p, u, cycle, v.Err())
	}
}

// TestFormAnswerCostsTwoCalls is decision D1: load and commit, nothing else.
func TestFormAnswerCostsTwoCalls(t *testing.T) {
	t.Parallel()
	for name, client := range map[string]func(testing.TB) *redis.Client{
		"memory": storagetest.MiniClient, "redis-server": storagetest.RealClient,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, m := metered(t, client(t))
			county(t, s)
			answer(t, s, "app|warm") // teaches scripts, the calendar and the person's unit
			for i := range 3 {
				calls, _ := m.of(func() { answer(t, s, fmt.Sprint("app|", i)) })
				if calls != 2 {
					t.Errorf("a form answer costs %d calls, want 2", calls)
				}
			}
			// A repeat costs the load alone.
			calls, _ := m.of(func() { load(t, s, "app|0", "lichunmei") })
			if calls != 1 {
				t.Errorf("a repeat costs %d calls, want 1", calls)
			}
		})
	}
}

// TestUnitOfAPersonChanges shows that a wrong hint costs a read and no wrong answer.
func TestUnitOfAPersonChanges(t *testing.T) {
	t.Parallel()
	s := storagetest.Mini(t)
	county(t, s)
	answer(t, s, "app|1")
	put(t, s, storage.Import{
		Units:   []award.Unit{{ID: "公安局党委", Name: "公安局党委", Order: 1, Owes: true}},
		Persons: []award.Person{{UserID: "lichunmei", Name: "李春梅", Unit: "公安局党委"}},
	})
	for i := range 2 {
		v := load(t, s, fmt.Sprint("app|later", i), "lichunmei").View
		look(t, v)
		if u, _ := v.Unit("公安局党委"); u.Name != "公安局党委" {
			t.Errorf("unit = %+v", u)
		}
	}
}

// TestQueriesCostTheirAnswer asks the same questions of a small and a large
// programme: calls are equal, bytes within a tenth.
func TestQueriesCostTheirAnswer(t *testing.T) {
	t.Parallel()
	for name, client := range map[string]func(testing.TB) *redis.Client{
		"memory": storagetest.MiniClient, "redis-server": storagetest.RealClient,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const few, many = 100, 20_000
			s, m := metered(t, client(t))
			county(t, s)
			for i := range 30 {
				id := fmt.Sprintf("第%02d镇党委", i)
				apply(t, s, award.Changes{Units: []award.UnitChange{{After: award.Unit{ID: id, Name: id, Order: 10 + i, Owes: true, Rev: 1}}}})
			}
			questions := map[string]func(v award.View){
				"进度":   func(v award.View) { v.Counts() },
				"统计":   func(v award.View) { v.Counts(); v.Stats() },
				"谁报了":  func(v award.View) { v.Delivered(0, 20) },
				"延期申请": func(v award.View) { v.Wishing(0, 20) },
				"逾期的":  func(v award.View) { v.Topics(award.TopicQuery{Late: true, Limit: 20}) },
				"谁没报":  func(v award.View) { v.Unfiled(0, 20) },
				"列表":   func(v award.View) { v.Topics(award.TopicQuery{Status: award.StatusFiled, Limit: 10}) },
				"下一页":  func(v award.View) { v.Topics(award.TopicQuery{Status: award.StatusFiled, Offset: 10, Limit: 10}) },
				"我的":   func(v award.View) { v.Topics(award.TopicQuery{Unit: "单位0007", Limit: 10}) },
				"按编号":  func(v award.View) { v.Topic("2026-000042") },
				"人":    func(v award.View) { v.WithRole(award.RoleFiler) },
				"单位":   func(v award.View) { v.FindUnits("城关") },
				"序号":   func(v award.View) { v.NextNumber("topic:2026") },
				"发送失败": func(v award.View) { v.Failed(0, 10) },
				"相近":   func(v award.View) { v.Similar("党建引领基层治理", "", 3) },
				"不相近":  func(v award.View) { v.Similar("村级党群议事会机制探索", "", 3) },
			}
			costs := func() map[string][2]int64 {
				out := make(map[string][2]int64)
				for what, ask := range questions {
					ask(view(t, s)) // teaches scripts and names
					calls, size := m.of(func() {
						l := load(t, s, "app|ask", "lichunmei")
						ask(l.View)
					})
					out[what] = [2]int64{calls, size}
				}
				return out
			}
			fill(t, s, 0, few)
			small := costs()
			fill(t, s, few, many)
			for what, large := range costs() {
				was := small[what]
				if large[0] != was[0] || large[0] > 2+1 {
					t.Errorf("%s: %d calls, then %d", what, was[0], large[0])
				}
				if large[1]*10 > was[1]*11 || large[1]*10 < was[1]*9 {
					t.Errorf("%s: %d bytes of %d topics, %d bytes of %d", what, was[1], few, large[1], many)
				}
			}
		})
	}
}

// fill adds topics of ten units in few turns.
func fill(t *testing.T, s *storage.Store, from, to int) {
	t.Helper()
	const step = 1000
	for ; from < to; from += step {
		var c award.Changes
		for i := from; i < min(from+step, to); i++ {
			c.Topics = append(c.Topics, award.TopicChange{After: award.Topic{
				ID: fmt.Sprintf("2026-%06d", i+1), Rev: 1, Cycle: "2026", Unit: fmt.Sprintf("单位%04d", i%10),
				Status: award.StatusFiled, SubmittedAt: noon.UTC(),
				Versions: []award.Version{{N: 1, Filing: award.Filing{Title: "党建引领基层治理"}}},
			}})
		}
		c.Sequences = map[string]int{"topic:2026": min(from+step, to)}
		apply(t, s, c)
	}
}

// BenchmarkFormAnswer measures the hot path on a real server.
func BenchmarkFormAnswer(b *testing.B) {
	s := storagetest.Real(b)
	var id, person atomic.Int64
	b.ReportAllocs()
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		from := fmt.Sprint("user", person.Add(1))
		for pb.Next() {
			ev := chat.Event{ID: fmt.Sprint("app|", id.Add(1)), From: from}
			l, err := s.Load(b.Context(), ev, noon)
			if err != nil {
				b.Error(err)
				return
			}
			if err := s.Commit(b.Context(), turn(ev.ID, from, l, award.Changes{})); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
