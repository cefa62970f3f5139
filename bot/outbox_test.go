package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"cxbot/bot"
	"cxbot/chat"
)

// post is an Outbox on fakes.
type post struct {
	queue  *queue
	wire   *wire
	count  counts
	log    journal
	outbox *bot.Outbox
}

func newPost(workers int, msgs ...chat.Message) *post {
	p := &post{queue: newQueue(msgs...), wire: &wire{}}
	p.outbox = p.another(workers)
	return p
}

// another makes one more outbox on the same queue, as a second replica or a
// restarted process would be.
func (p *post) another(workers int) *bot.Outbox {
	return bot.NewOutbox(bot.OutboxConfig{
		Queue: p.queue, Wire: p.wire, Cards: testCards(), Clock: wall{}, Workers: workers,
		Log: p.log.logger(), Count: p.count.add,
		Tell: func(c bot.Class) []string {
			if c == bot.Receiver {
				return []string{"staff"}
			}
			return []string{"admin"}
		},
	})
}

// step runs one Step that must succeed.
func (p *post) step(t *testing.T) (int, time.Time) {
	t.Helper()
	sent, next, err := p.outbox.Step(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return sent, next
}

// play steps through all due times, as the virtual-time play does.
func (p *post) play(t *testing.T) {
	t.Helper()
	for range 1000 {
		_, next := p.step(t)
		if next.IsZero() {
			return
		}
		time.Sleep(time.Until(next))
	}
	t.Fatal("the outbox never comes to rest")
}

func (p *post) said() string {
	var out []string
	for _, s := range p.wire.shown() {
		out = append(out, s.m.To+":"+s.m.Text)
	}
	return strings.Join(out, " ")
}

func note(key, to, words string) chat.Message {
	return chat.Message{Key: key, To: to, Text: words, Priority: chat.PriorityReminder}
}

func failing(class bot.Class, after time.Duration) error {
	return fmt.Errorf("wrapped: %w", &bot.SendError{Class: class, Code: 4711, After: after, Text: "reason"})
}

func TestStepSendsWhatIsDueInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		later := note("k5", "u2", "五")
		later.NotBefore = time.Now().Add(time.Hour)
		p := newPost(1, note("k1", "u2", "一"), note("k2", "u1", "二"), note("k3", "u2", "三"), note("k4", "u1", "四"), later)
		sent, next := p.step(t)
		equal(t, "sent", sent, 4)
		equal(t, "said", p.said(), "u1:二 u1:四 u2:一 u2:三")
		equal(t, "next", time.Until(next), time.Hour)
		time.Sleep(time.Hour)
		sent, next = p.step(t)
		equal(t, "sent later", sent, 1)
		equal(t, "nothing waits", next.IsZero(), true)
		equal(t, "counted", p.count.get("send.ok"), 5)
	})
}

func TestReceiversInParallelOneReceiverInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var msgs []chat.Message
		for i := range 200 {
			msgs = append(msgs, note(fmt.Sprint("k", i), fmt.Sprint("u", i%20), fmt.Sprint(i/20)))
		}
		p := newPost(8, msgs...)
		var now, most atomic.Int32
		p.wire.answer = func(ctx context.Context, n int, _ chat.Message) error {
			for busy := now.Add(1); ; {
				top := most.Load()
				if busy <= top || most.CompareAndSwap(top, busy) {
					break
				}
			}
			defer now.Add(-1)
			return pause(ctx, time.Duration(n%7)*time.Millisecond)
		}
		sent, _ := p.step(t)
		equal(t, "sent", sent, 200)
		equal(t, "at once", most.Load(), 8)
		got := map[string][]string{}
		for _, s := range p.wire.shown() {
			got[s.m.To] = append(got[s.m.To], s.m.Text)
		}
		for who, texts := range got {
			equal(t, who, strings.Join(texts, " "), "0 1 2 3 4 5 6 7 8 9")
		}
	})
}

func TestBackOff(t *testing.T) {
	t.Parallel()
	const s, m = time.Second, time.Minute
	for name, c := range map[string]struct {
		err   error
		delay []time.Duration // the first delays
		tries int             // calls of the wire in all
		how   string
	}{
		"retry": {
			failing(bot.Retry, 0), []time.Duration{2 * s, 8 * s, 30 * s, 2 * m, 10 * m, 10 * m}, 148, "buried",
		},
		"wait":                {failing(bot.Wait, 7*m), []time.Duration{7 * m, 7 * m}, 148, "buried"},
		"wait, no time":       {failing(bot.Wait, 0), []time.Duration{m, m}, 148, "buried"},
		"wait, too short":     {failing(bot.Wait, time.Nanosecond), []time.Duration{s, s}, 148, "buried"},
		"refresh":             {failing(bot.Refresh, 0), []time.Duration{2 * s}, 2, "buried"},
		"receiver":            {failing(bot.Receiver, 0), nil, 1, "buried"},
		"permanent":           {failing(bot.Permanent, 0), nil, 1, "buried"},
		"expired, no update":  {failing(bot.Expired, 0), nil, 1, "buried"},
		"a class to come":     {failing(bot.Class(99), 0), nil, 1, "buried"},
		"unknown":             {errDown, []time.Duration{10 * s, 2 * m, 15 * m}, 4, "buried"},
		"unknown, by timeout": {context.DeadlineExceeded, []time.Duration{10 * s, 2 * m, 15 * m}, 4, "buried"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newPost(1, note("k1", "u1", "一"), note("k2", "u1", "二"))
				calls := 0
				p.wire.answer = func(_ context.Context, _ int, m chat.Message) error {
					if m.Key != "k1" {
						return nil
					}
					calls++
					return c.err
				}
				start := time.Now()
				p.play(t)
				equal(t, "tries", calls, c.tries)
				equal(t, "delays", fmt.Sprint(p.queue.retry[:len(c.delay)]), fmt.Sprint(c.delay))
				if name == "retry" {
					if took := time.Since(start); took < 23*time.Hour || took > 24*time.Hour {
						t.Errorf("given up after %v", took)
					}
				}
				gone := p.queue.graves()
				if len(gone) != 1 || gone[0].key != "k1" || gone[0].how != c.how {
					t.Errorf("got %+v", gone)
				}
				equal(t, "the next one is sent", slices.Contains(p.queue.sent, "k2"), true)
			})
		})
	}
}

func TestBurialNamesCodeAndReasonAndIsTold(t *testing.T) {
	t.Parallel()
	for class, c := range map[bot.Class]struct{ to, words string }{
		bot.Receiver:  {"staff", "有消息没能送达收件人"},
		bot.Permanent: {"admin", "有消息没能发出去"},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := newPost(1, note("k1", "u1", "一"), note("k2", "u2", "二"))
			p.wire.answer = func(_ context.Context, _ int, m chat.Message) error {
				if strings.HasPrefix(m.To, "u") {
					return failing(class, 0)
				}
				return nil
			}
			p.play(t)
			gone := p.queue.graves()
			if len(gone) != 2 || gone[0].code != 4711 || gone[0].reason != "reason" {
				t.Errorf("got %+v", gone)
			}
			equal(t, "buried", p.count.get("send.buried"), 2)
			// Two failures, one notice.
			if calls := p.wire.shown(); len(calls) != 3 || !strings.Contains(p.said(), c.to+":"+c.words) {
				t.Errorf("got %s", p.said())
			}
		})
	}
}

func TestFailedNoticeMakesNoNotice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(1, note("k1", "u1", "一"))
		p.wire.answer = func(context.Context, int, chat.Message) error { return failing(bot.Permanent, 0) }
		p.play(t)
		equal(t, "calls", len(p.wire.shown()), 2)
		equal(t, "left", p.queue.left(), 0)
	})
}

func TestUpdatesNeverHoldUpWords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err    error
		calls  int
		within time.Duration
	}{
		"expired": {failing(bot.Expired, 0), 1, 0},
		"down":    {failing(bot.Retry, 0), 4, 40 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				update := chat.Message{Key: "k1", To: "u1", Update: &chat.Update{Code: "c", Label: "已收到"}}
				p := newPost(1, update, note("k2", "u1", "二"))
				p.wire.answer = func(_ context.Context, _ int, m chat.Message) error {
					if m.Update != nil {
						return c.err
					}
					return nil
				}
				start := time.Now()
				p.play(t)
				equal(t, "calls", len(p.wire.shown()), c.calls+1)
				equal(t, "took", time.Since(start), c.within)
				if gone := p.queue.graves(); len(gone) != 1 || gone[0].how != "dropped" {
					t.Errorf("got %+v", gone)
				}
			})
		})
	}
}

func TestCardGetsTheSameTaskAtEveryTry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := note("k1", "LiChunmei", "请确认报送")
		m.Card = smallCard()
		p := newPost(1, m)
		p.wire.answer = func(_ context.Context, n int, _ chat.Message) error {
			if n == 1 {
				return failing(bot.Retry, 0)
			}
			return nil
		}
		p.play(t)
		calls := p.wire.shown()
		equal(t, "calls", len(calls), 2)
		equal(t, "task", calls[0].task, calls[1].task)
		equal(t, "task of the card", calls[0].m.Card.Task, calls[0].task)
		ref, ok := testCards().Ref(calls[0].task, "lichunmei")
		equal(t, "read back", ok && ref == m.Card.Ref, true)
		equal(t, "the given card is untouched", m.Card.Task, "")
	})
}

func TestCardThatCannotBeSentLeavesItsText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*chat.Message)
		said   string
		how    string
	}{
		"no ref":   {func(m *chat.Message) { m.Card.Ref = chat.Ref{} }, "u1:请确认报送", ""},
		"no title": {func(m *chat.Message) { m.Card.Title = "" }, "u1:请确认报送", ""},
		"no text":  {func(m *chat.Message) { m.Card.Title, m.Text = "", "" }, "", "buried"},
		"nothing":  {func(m *chat.Message) { m.Card, m.Text = nil, "" }, "", "buried"},
	} {
		synctest.Test(t, func(t *testing.T) {
			m := note("k1", "u1", "请确认报送")
			m.Card, m.Rule = smallCard(), "outbox.failed" // no notice, please
			c.change(&m)
			p := newPost(1, m)
			p.play(t)
			equal(t, name, p.said(), c.said)
			how := ""
			for _, g := range p.queue.graves() {
				how += g.how
			}
			equal(t, name, how, c.how)
		})
	}
}

func TestLongTextIsSplitInOrderAndGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		long := strings.Repeat("一行文字，写得很长。\n", 200)
		m := note("k1", "u1", long)
		m.Card = smallCard()
		p := newPost(1, m, note("k2", "u1", "后面"))
		p.wire.answer = func(_ context.Context, n int, _ chat.Message) error {
			if n == 2 {
				return failing(bot.Retry, 0)
			}
			return nil
		}
		p.play(t)
		calls := p.wire.shown()
		var whole strings.Builder
		for i, s := range calls[:len(calls)-1] {
			if len(s.m.Text) > 2048 || !utf8.ValidString(s.m.Text) {
				t.Errorf("piece %d has %d bytes", i, len(s.m.Text))
			}
			equal(t, fmt.Sprint("card of piece ", i), s.m.Card != nil, i == len(calls)-2)
			if i != 1 { // the failed try is sent again, the first piece is not
				whole.WriteString(s.m.Text)
			}
		}
		equal(t, "whole", whole.String(), long)
		equal(t, "last", calls[len(calls)-1].m.Text, "后面")
		equal(t, "counted", p.count.get("send.text-split") > 0, true)
	})
}

func TestTextLimitIsExact(t *testing.T) {
	t.Parallel()
	for bytes, want := range map[int]int{2047: 1, 2048: 1, 2049: 2, 4096: 2, 4097: 3} {
		synctest.Test(t, func(t *testing.T) {
			p := newPost(1, note("k1", "u1", strings.Repeat("x", bytes)))
			p.play(t)
			equal(t, fmt.Sprint(bytes), len(p.wire.shown()), want)
		})
	}
}

// Killed between the send and the note of it: once more at most, by whoever
// claims next, and not before the lease is over.
func TestKilledBetweenSendAndNote(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(1, note("k1", "u1", "一"), note("k2", "u1", "二"))
		p.queue.fail = func(call string) error {
			if call == "sent" {
				return errDown // the process is gone before this call arrives
			}
			return nil
		}
		if _, _, err := p.outbox.Step(t.Context()); !errors.Is(err, errDown) {
			t.Fatalf("got %v", err)
		}
		p.queue.fail = nil
		p.outbox = p.another(1)
		start := time.Now()
		p.play(t)
		equal(t, "said", p.said(), "u1:一 u1:一 u1:二")
		equal(t, "resumed after", p.wire.shown()[1].at.Sub(start), 6*time.Second)
		equal(t, "left", p.queue.left(), 0)
	})
}

// The same process does not send again what it could only not note down.
func TestNoteIsMadeUpForWhenTheQueueReturns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(4, note("k1", "u1", "一"), note("k2", "u2", "二"))
		p.queue.fail = func(call string) error {
			if call == "sent" {
				return errDown
			}
			return nil
		}
		if _, _, err := p.outbox.Step(t.Context()); !errors.Is(err, errDown) {
			t.Fatalf("got %v", err)
		}
		if _, _, err := p.outbox.Step(t.Context()); !errors.Is(err, errDown) {
			t.Fatalf("got %v", err)
		}
		time.Sleep(10 * time.Minute) // longer than the lease: only the fence decides
		p.queue.fail = nil
		sent, _ := p.step(t)
		equal(t, "sent", sent, 2)
		equal(t, "calls", len(p.wire.shown()), 2)
	})
}

// A replica that slept through its lease neither sends nor spoils what another
// has meanwhile done.
func TestLateResultIsRefusedByTheFence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(1, note("k1", "u1", "一"), note("k2", "u1", "二"))
		p.wire.answer = func(_ context.Context, n int, _ chat.Message) error {
			if n == 1 {
				time.Sleep(time.Minute) // stopped, not merely slow
			}
			return nil
		}
		done := make(chan error, 1)
		go func() {
			_, _, err := p.outbox.Step(t.Context())
			done <- err
		}()
		time.Sleep(10 * time.Second)
		other := p.another(1)
		sent, _, err := other.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "the other sends", sent, 2)
		if err := <-done; err != nil {
			t.Error(err)
		}
		equal(t, "said", p.said(), "u1:一 u1:一 u1:二")
		equal(t, "noted", strings.Join(p.queue.sent, " "), "k1 k2")
		equal(t, "fenced", p.queue.graves()[0].how, "fenced")
	})
}

func TestSendIsGivenUpBeforeItsLeaseEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(1, note("k1", "u1", "一"))
		p.wire.answer = func(ctx context.Context, n int, _ chat.Message) error {
			if n == 1 {
				return pause(ctx, time.Hour)
			}
			return nil
		}
		start := time.Now()
		p.play(t)
		equal(t, "calls", len(p.wire.shown()), 2)
		equal(t, "took", time.Since(start), 15*time.Second) // 5 s for the send, then 10 s
	})
}

func TestPanicOfTheWireIsATry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(1, note("k1", "u1", "一"))
		p.wire.answer = func(_ context.Context, n int, m chat.Message) error {
			if n == 1 {
				panic("cannot say " + m.Text)
			}
			return nil
		}
		p.play(t)
		equal(t, "calls", len(p.wire.shown()), 2)
		equal(t, "counted", p.count.get("send.panic"), 1)
		if log := p.log.String(); strings.Contains(log, "一") || !strings.Contains(log, "k1") {
			t.Errorf("log: %s", log)
		}
	})
}
