package bot_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"cxbot/bot"
	"cxbot/chat"
	"cxbot/storage/storagetest"
)

// replicas are several processes on one Redis: turns, outboxes and one wire
// that all of them speak through.
type replicas struct {
	turns    []*bot.Turn
	outboxes []*bot.Outbox
	count    counts
	wire     wire
}

func newReplicas(t *testing.T, client redis.UniversalClient, n int, responder bot.Responder) *replicas {
	t.Helper()
	r := &replicas{}
	for range n {
		store := storagetest.Open(t, client)
		box := bot.NewOutbox(bot.OutboxConfig{
			Queue: store, Wire: &r.wire, Cards: testCards(), Clock: wall{}, Workers: 4, Count: r.count.add,
		})
		r.outboxes = append(r.outboxes, box)
		r.turns = append(r.turns, bot.New(bot.Config{
			Store: store, Responder: responder, Cards: testCards(), Clock: wall{}, Wake: box.Wake, Count: r.count.add,
		}))
	}
	return r
}

// numbered answers with the person's running number, so that an event that took
// effect twice would be seen in every later reply.
func numbered(r bot.Request) bot.Response {
	out := bot.Response{Conversation: r.Conversation}
	out.Conversation.Serial++
	out.Reply.Text = fmt.Sprintf("第%d条：%s", out.Conversation.Serial, r.Event.Text)
	if r.Event.Kind == chat.Click {
		out.Reply.Text = fmt.Sprintf("第%d条：%s %s", out.Conversation.Serial, r.Event.Click.Ref.ID, r.Event.Click.Key)
	}
	return out
}

// Three replicas, two hundred messages and clicks, each delivered twenty times,
// many of them at once and some long after: one effect, one reply each.
func TestReplicasUnderRedelivery(t *testing.T) {
	t.Parallel()
	const persons, each, deliveries = 20, 10, 20
	client := storagetest.MiniClient(t)
	r := newReplicas(t, client, 3, numbered)
	random := rand.New(rand.NewPCG(7, 11))

	event := func(p, i int) chat.Event {
		who, id := fmt.Sprint("u", p), fmt.Sprintf("app|corp|7|%d.%d", p, i)
		if i%4 == 3 {
			return click(id, who, "提交", chat.Ref{Kind: "draft", ID: fmt.Sprint("filing.", i), Rev: int64(i)})
		}
		return text(id, who, fmt.Sprint("内容", i))
	}
	want := func(p, i int) bot.Result {
		if i%4 == 3 {
			return bot.Result{}
		}
		return bot.Result{Text: fmt.Sprintf("第%d条：内容%d", i+1, i)}
	}
	var wg, late sync.WaitGroup
	for p := range persons {
		order := random.Perm(deliveries)
		wg.Go(func() {
			for i := range each {
				var burst sync.WaitGroup
				for _, d := range order {
					turn := r.turns[d%len(r.turns)]
					deliver := func() { equal(t, fmt.Sprintf("event %d.%d", p, i), redeliver(turn, event(p, i)), want(p, i)) }
					if d < deliveries/2 {
						burst.Go(deliver)
					} else {
						late.Go(deliver) // may come while later messages are being worked on
					}
				}
				burst.Wait()
			}
		})
	}
	wg.Wait()
	late.Wait()
	equal(t, "commits", r.count.get("turn.committed"), persons*each)

	var senders sync.WaitGroup
	for _, box := range r.outboxes {
		senders.Go(func() {
			if _, _, err := box.Step(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	senders.Wait()
	got := map[string][]string{}
	updates := 0
	for _, s := range r.wire.shown() {
		if s.m.Update != nil {
			updates++
			continue
		}
		got[s.m.To] = append(got[s.m.To], s.m.Text)
	}
	equal(t, "updates", updates, persons*2)
	for p := range persons {
		equal(t, "pushed", strings.Join(got[fmt.Sprint("u", p)], " "), "第4条：filing.3 提交 第8条：filing.7 提交")
	}
}

// redeliver hands an event in as WeCom does: again while the connection closes.
func redeliver(turn *bot.Turn, ev chat.Event) bot.Result {
	for range 4 {
		if r := turn.Handle(context.Background(), ev); !r.Close {
			return r
		}
	}
	return bot.Result{Close: true}
}

// One person's messages on three replicas at the same moment: each is either
// stored and answered, or the person is asked to send it again.
func TestReplicasInConflict(t *testing.T) {
	t.Parallel()
	const bursts, each = 30, 6
	r := newReplicas(t, storagetest.MiniClient(t), 3, numbered)
	var mu sync.Mutex
	answers := map[string]int{}
	for b := range bursts {
		var wg sync.WaitGroup
		for i := range each {
			wg.Go(func() {
				ev := text(fmt.Sprintf("m%d.%d", b, i), "u1", "x")
				got := redeliver(r.turns[i%len(r.turns)], ev)
				mu.Lock()
				answers[got.Text]++
				mu.Unlock()
			})
		}
		wg.Wait()
	}
	again := answers["有人同时在改，请再发一次。"]
	delete(answers, "有人同时在改，请再发一次。")
	equal(t, "stored or asked again", r.count.get("turn.committed")+again, bursts*each)
	equal(t, "different answers", len(answers), r.count.get("turn.committed"))
	for n := range r.count.get("turn.committed") {
		equal(t, "answers to a number", answers[fmt.Sprintf("第%d条：x", n+1)], 1)
	}
	if r.count.get("turn.conflict") == 0 {
		t.Error("no conflict happened: the test shows nothing")
	}
}

// An outbox on the real queue: order, retries and the failed list.
func TestOutboxOnTheQueue(t *testing.T) {
	t.Parallel()
	store := storagetest.Mini(t)
	now := time.Now()
	var msgs []chat.Message
	for i := range 60 {
		msgs = append(msgs, note(fmt.Sprint("k", i), fmt.Sprint("u", i%6), fmt.Sprint(i/6)))
	}
	if err := store.Enqueue(t.Context(), now, msgs); err != nil {
		t.Fatal(err)
	}
	var sent wire
	var count counts
	clock := &still{now: now}
	sent.answer = func(_ context.Context, _ int, m chat.Message) error {
		switch {
		case m.To == "u1" && clock.Now().Sub(now) < time.Minute:
			return failing(bot.Retry, 0)
		case m.Key == "k2":
			return failing(bot.Receiver, 0)
		default:
			return nil
		}
	}
	box := bot.NewOutbox(bot.OutboxConfig{
		Queue: store, Wire: &sent, Cards: testCards(), Clock: clock, Workers: 3, Count: count.add,
		Tell: func(bot.Class) []string { return []string{"staff"} },
	})
	for {
		_, next, err := box.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if next.IsZero() {
			break
		}
		clock.set(next)
	}
	got := map[string]string{}
	for _, s := range sent.shown() {
		got[s.m.To] += s.m.Text + " "
	}
	equal(t, "u0", got["u0"], "0 1 2 3 4 5 6 7 8 9 ")
	equal(t, "u1 tried at 0 s, 2 s, 10 s, 40 s, 160 s", got["u1"], "0 0 0 0 0 1 2 3 4 5 6 7 8 9 ")
	equal(t, "u2", got["u2"], "0 1 2 3 4 5 6 7 8 9 ")
	equal(t, "told", strings.Contains(got["staff"], "发送失败"), true)
	equal(t, "sent", count.get("send.ok"), 60) // one is buried, one notice is new
	backlog, err := store.Backlog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "waiting", backlog.Messages, 0)
	equal(t, "failed", backlog.Failed, 1)
}

// still is a clock that stands until it is set.
type still struct {
	mu  sync.Mutex
	now time.Time
}

func (c *still) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *still) set(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if to.After(c.now) {
		c.now = to
	}
}

func (c *still) Wait(ctx context.Context, at time.Time) error {
	if !at.After(c.Now()) {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}
