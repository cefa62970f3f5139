package bot_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cxbot/chat"
)

func TestRunPollsOnceASecondAndWakesAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(2)
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan struct{})
		go func() {
			p.outbox.Run(ctx)
			close(over)
		}()
		time.Sleep(10*time.Second + time.Millisecond)
		equal(t, "claims when idle", p.queue.claimed(), 11)

		_ = p.queue.Enqueue(ctx, time.Now(), []chat.Message{note("k1", "u1", "一")})
		start := time.Now()
		p.outbox.Wake()
		synctest.Wait()
		equal(t, "said", p.said(), "u1:一")
		equal(t, "at once", p.wire.shown()[0].at, start)

		soon := note("k2", "u1", "二")
		soon.NotBefore = time.Now().Add(300 * time.Millisecond)
		_ = p.queue.Enqueue(ctx, time.Now(), []chat.Message{soon})
		p.outbox.Wake()
		time.Sleep(400 * time.Millisecond)
		equal(t, "due time met", p.wire.shown()[1].at, soon.NotBefore)
		cancel()
		<-over
	})
}

// While one send hangs, others are claimed when they are queued.
func TestSlowSendHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(2, note("k1", "u1", "慢"))
		p.wire.answer = func(ctx context.Context, _ int, m chat.Message) error {
			if m.Text == "慢" {
				return pause(ctx, 4*time.Second)
			}
			return nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan struct{})
		go func() {
			p.outbox.Run(ctx)
			close(over)
		}()
		time.Sleep(time.Second / 2)
		_ = p.queue.Enqueue(ctx, time.Now(), []chat.Message{note("k2", "u2", "快")})
		start := time.Now()
		p.outbox.Wake()
		synctest.Wait()
		equal(t, "said", p.said(), "u1:慢 u2:快")
		equal(t, "at once", p.wire.shown()[1].at, start)
		cancel()
		<-over
		equal(t, "the slow one was finished", strings.Join(p.queue.sent, " "), "k2 k1")
	})
}

func TestQueueFailureBacksOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(2, note("k1", "u1", "一"))
		var down atomic.Bool
		down.Store(true)
		p.queue.fail = func(string) error {
			if down.Load() {
				return errDown
			}
			return nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan struct{})
		go func() {
			p.outbox.Run(ctx)
			close(over)
		}()
		for range 600 {
			p.outbox.Wake() // nobody may turn the outage into a spin
			time.Sleep(time.Second)
		}
		if n := p.queue.claimed(); n > 30 {
			t.Errorf("%d claims in ten minutes of outage", n)
		}
		equal(t, "counted", p.count.get("send.queue-error"), p.queue.claimed())
		down.Store(false)
		time.Sleep(31 * time.Second)
		equal(t, "said", p.said(), "u1:一")
		cancel()
		<-over
	})
}

func TestStopFinishesWhatIsBeingSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPost(1, note("k1", "u1", "一"), note("k2", "u1", "二"))
		p.wire.answer = func(ctx context.Context, _ int, _ chat.Message) error { return pause(ctx, 3*time.Second) }
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan struct{})
		go func() {
			p.outbox.Run(ctx)
			close(over)
		}()
		time.Sleep(time.Second)
		cancel()
		start := time.Now()
		<-over
		equal(t, "stopped after", time.Since(start), 2*time.Second)
		equal(t, "noted", strings.Join(p.queue.sent, " "), "k1")
		equal(t, "left for the next start", p.queue.left(), 1)
	})
}
