package bot_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cxbot/bot"
	"cxbot/chat"
)

func TestOrderPerPerson(t *testing.T) {
	t.Parallel()
	const persons, each = 50, 20
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		order := map[string][]string{}
		b := newBench(func(r bot.Request) bot.Response {
			mu.Lock()
			order[r.Event.From] = append(order[r.Event.From], r.Event.Text)
			mu.Unlock()
			return echo(r)
		})
		random := rand.New(rand.NewPCG(1, 2))
		b.store.onLoad = func(ctx context.Context, _ chat.Event) error {
			mu.Lock()
			d := time.Duration(random.IntN(1000)) * time.Microsecond
			mu.Unlock()
			return pause(ctx, d)
		}
		var replies sync.Map
		var wg sync.WaitGroup
		for i := range each {
			for p := range persons {
				who, id := fmt.Sprint("u", p), fmt.Sprintf("m%d.%d", p, i)
				wg.Go(func() { replies.Store(id, b.turn.Handle(t.Context(), text(id, who, fmt.Sprint(i)))) })
			}
			synctest.Wait() // the next message arrives after this one has joined its line
		}
		wg.Wait()
		equal(t, "conflicts", b.count.get("turn.conflict"), 0)
		equal(t, "commits", len(b.store.committed()), persons*each)
		for p := range persons {
			who := fmt.Sprint("u", p)
			equal(t, who+" count", b.store.talks[who].Serial, each)
			var said []string
			for i := range each {
				r, _ := replies.Load(fmt.Sprintf("m%d.%d", p, i))
				result, ok := r.(bot.Result)
				if !ok || result.Close {
					t.Fatalf("%s message %d: %+v", who, i, r)
				}
				if result.Text != "" {
					said = append(said, result.Text)
				}
			}
			want := "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19"
			equal(t, who+" order", strings.Join(order[who], " "), want)
			equal(t, who+" said", strings.Join(said, " "), want) // folded, but nothing lost or twice
		}
	})
}

// A thousand events really at once, with every message delivered again and
// again while it is being worked on.
func TestRedeliveryStorm(t *testing.T) {
	t.Parallel()
	const persons, each, deliveries = 50, 5, 4
	b := newBench(echo)
	results := make([][]bot.Result, persons*each)
	var wg sync.WaitGroup
	for m := range persons * each {
		results[m] = make([]bot.Result, deliveries)
		for d := range deliveries {
			wg.Go(func() {
				ev := text(fmt.Sprint("m", m), fmt.Sprint("u", m%persons), fmt.Sprint(m))
				results[m][d] = b.turn.Handle(t.Context(), ev)
			})
		}
	}
	wg.Wait()
	equal(t, "effects", len(b.store.committed()), persons*each)
	for m, got := range results {
		for d, r := range got {
			if r != got[0] || r.Close {
				t.Errorf("message %d, delivery %d: %+v and %+v", m, d, r, got[0])
			}
		}
	}
	for p := range persons {
		equal(t, "effects of one", b.store.talks[fmt.Sprint("u", p)].Serial, each)
	}
}

func TestMore(t *testing.T) {
	t.Parallel()
	first := text("m1", "u1", "一")
	robot := text("m2", "u1", "二")
	robot.Channel = chat.Robot
	group := text("m2", "u1", "二")
	group.Group = "wr1"
	enter := text("m2", "u1", "")
	enter.Kind = chat.Enter
	press := click("m1", "u1", "提交", chat.Ref{Kind: "t"})
	for name, c := range map[string]struct {
		running chat.Event
		waiting chat.Event
		want    bool
	}{
		"another message":      {first, text("m2", "U1", "二"), true},
		"the same again":       {first, text("m1", "u1", "一"), false},
		"answered before":      {first, text("m0", "u1", "零"), false},
		"somebody else":        {first, text("m2", "u2", "二"), false},
		"on the robot":         {first, robot, false},
		"in a group":           {first, group, false},
		"a click":              {first, click("m2", "u1", "提交", chat.Ref{Kind: "t"}), false},
		"opening the chat":     {first, enter, false},
		"a message, for click": {press, text("m2", "u1", "二"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				more := map[string]bool{}
				b := newBench(func(r bot.Request) bot.Response {
					more[r.Event.ID] = r.More
					return bot.Response{Conversation: r.Conversation}
				})
				b.turn.Handle(t.Context(), text("m0", "u1", "零"))
				b.store.onLoad = func(ctx context.Context, _ chat.Event) error { return pause(ctx, time.Second) }
				var wg sync.WaitGroup
				wg.Go(func() { b.turn.Handle(t.Context(), c.running) })
				synctest.Wait()
				wg.Go(func() { b.turn.Handle(t.Context(), c.waiting) })
				wg.Wait()
				equal(t, "more", more["m1"], c.want)
				equal(t, "more for the last", more["m2"], false)
			})
		})
	}
}

func TestLineIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(echo)
		b.store.onLoad = func(ctx context.Context, _ chat.Event) error { return pause(ctx, 10*time.Millisecond) }
		var wg sync.WaitGroup
		var mu sync.Mutex
		closed := 0
		for i := range 120 {
			wg.Go(func() {
				if b.turn.Handle(t.Context(), text(fmt.Sprint("m", i), "u1", "x")).Close {
					mu.Lock()
					closed++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		equal(t, "closed", closed, 19) // one runs, a hundred wait
		equal(t, "counted", b.count.get("turn.crowded"), 19)
		equal(t, "committed", len(b.store.committed()), 101)
	})
}

// Who waits longer than the window is closed, and those behind still get through.
func TestWaitingCountsAgainstTheWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(echo)
		b.store.onLoad = func(ctx context.Context, _ chat.Event) error { return pause(ctx, 3500*time.Millisecond) }
		results := make([]bot.Result, 3)
		var wg sync.WaitGroup
		for i := range results {
			wg.Go(func() { results[i] = b.turn.Handle(t.Context(), text(fmt.Sprint("m", i), "u1", fmt.Sprint(i))) })
			synctest.Wait()
			time.Sleep(100 * time.Millisecond)
		}
		wg.Wait()
		equal(t, "first", results[0], bot.Result{})
		equal(t, "second", results[1], bot.Result{Close: true})
		equal(t, "third", results[2], bot.Result{Close: true})
		b.store.onLoad = nil
		equal(t, "first is stored", b.store.talks["u1"].Serial, 1)
		equal(t, "second again", b.turn.Handle(t.Context(), text("m1", "u1", "1")), bot.Result{Text: "0 1"})
	})
}

func TestDrain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(echo)
		b.store.onLoad = func(ctx context.Context, _ chat.Event) error { return pause(ctx, 900*time.Millisecond) }
		results := make([]bot.Result, 4)
		var wg sync.WaitGroup
		for i := range results {
			wg.Go(func() { results[i] = b.turn.Handle(t.Context(), text(fmt.Sprint("m", i), fmt.Sprint("u", i%2), "x")) })
			synctest.Wait()
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		if err := b.turn.Drain(ctx); err != nil {
			t.Error(err)
		}
		equal(t, "drained after", time.Since(start), 1800*time.Millisecond)
		wg.Wait()
		for i, r := range results {
			if r.Close {
				t.Errorf("event %d accepted before the stop was closed", i)
			}
		}
		equal(t, "new events", b.turn.Handle(t.Context(), text("m9", "u1", "x")), bot.Result{Close: true})
		equal(t, "again", errors.Is(b.turn.Drain(ctx), nil), true)
	})
}

func TestDrainGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(echo)
		b.store.onLoad = func(ctx context.Context, _ chat.Event) error { return pause(ctx, 3*time.Second) }
		var wg sync.WaitGroup
		wg.Go(func() { b.turn.Handle(t.Context(), text("m", "u1", "x")) })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.turn.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		wg.Wait()
		if err := b.turn.Drain(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// Forgetting what is past, which thousands of persons bring about, forgets
// nobody too early.
func TestManyPersonsAreToldOnceEach(t *testing.T) {
	t.Parallel()
	const persons = 5000
	synctest.Test(t, func(t *testing.T) {
		b := newBench(echo)
		b.store.onLoad = func(context.Context, chat.Event) error { return errDown }
		for round := range 2 {
			told := 0
			for try := range 2 {
				for p := range persons {
					id := fmt.Sprint(round, ".", try, ".", p)
					if b.turn.Handle(t.Context(), text(id, fmt.Sprint("u", p), "x")).Text != "" {
						told++
					}
				}
			}
			equal(t, "told", told, persons)
			time.Sleep(2 * time.Minute)
		}
	})
}

// TestCopiesAtOnceAreNotMore: of several deliveries of one message at once, the
// one that runs never takes another for a further message, to which it could
// leave its answer: that one only repeats the silence.
func TestCopiesAtOnceAreNotMore(t *testing.T) {
	t.Parallel()
	b := newBench(func(r bot.Request) bot.Response {
		if r.More {
			t.Errorf("%s leaves its answer to its own copy", r.Event.ID)
		}
		return echo(r)
	})
	for n := range 300 {
		var all sync.WaitGroup
		begin := make(chan struct{})
		for range 40 {
			all.Go(func() {
				<-begin
				b.turn.Handle(t.Context(), text(fmt.Sprint("m", n), "u1", "x"))
			})
		}
		close(begin)
		all.Wait()
	}
}
