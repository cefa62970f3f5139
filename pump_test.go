package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var errPumpTest = errors.New("queue down")

// bells is a planner with fixed slots, each of which queues one message that
// is due a while later, and the sender of those.
type bells struct {
	clock *Clock
	slots []time.Time
	delay time.Duration

	mu    sync.Mutex
	done  int
	queue []time.Time
	said  []time.Time
	err   error
}

func (b *bells) planner() planner { return planFunc(b.plan) }
func (b *bells) sender() sender   { return sendFunc(b.send) }

type planFunc func(context.Context, time.Time) (time.Time, error)

func (f planFunc) Step(ctx context.Context, now time.Time) (time.Time, error) { return f(ctx, now) }

type sendFunc func(context.Context) (int, time.Time, error)

func (f sendFunc) Step(ctx context.Context) (int, time.Time, error) { return f(ctx) }

func (b *bells) plan(_ context.Context, now time.Time) (time.Time, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for ; b.done < len(b.slots); b.done++ {
		slot := b.slots[b.done]
		if slot.After(now) {
			return slot, b.err
		}
		b.queue = append(b.queue, slot.Add(b.delay))
	}
	return time.Time{}, b.err
}

// send says one message a step, so that the pump has to come again.
func (b *bells) send(context.Context) (int, time.Time, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.queue) == 0 {
		return 0, time.Time{}, nil
	}
	now := b.clock.Now()
	if b.queue[0].After(now) {
		return 0, b.queue[0], nil
	}
	b.queue = b.queue[1:]
	b.said = append(b.said, now)
	return 1, time.Time{}, nil
}

func (b *bells) heard() []time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.said)
}

func TestPumpStopsAtEverySlotAndDueTime(t *testing.T) {
	t.Parallel()
	clock := newStoppedClock(start())
	day := 24 * time.Hour
	b := &bells{clock: clock, slots: []time.Time{start().Add(day), start().Add(3 * day), start().Add(9 * day)}, delay: 2 * time.Hour}
	pump := newPump(clock, b.planner(), b.sender())
	if err := pump.Advance(t.Context(), start().Add(5*day)); err != nil {
		t.Fatal(err)
	}
	want := []time.Time{start().Add(day + 2*time.Hour), start().Add(3*day + 2*time.Hour)}
	if got := b.heard(); !slices.EqualFunc(got, want, time.Time.Equal) {
		t.Errorf("said at %v, want %v", got, want)
	}
	if !clock.Now().Equal(start().Add(5 * day)) {
		t.Errorf("clock at %v", clock.Now())
	}
	if err := pump.Advance(t.Context(), start()); err != nil || !clock.Now().Equal(start().Add(5*day)) {
		t.Errorf("the clock went back to %v (%v)", clock.Now(), err)
	}
}

func TestPumpReportsErrors(t *testing.T) {
	t.Parallel()
	clock := newStoppedClock(start())
	b := &bells{clock: clock, err: errPumpTest}
	pump := newPump(clock, b.planner(), b.sender())
	if err := pump.Advance(t.Context(), start().Add(time.Hour)); !errors.Is(err, errPumpTest) {
		t.Errorf("planner: %v", err)
	}
	broken := newPump(clock, (&bells{clock: clock}).planner(), sendFunc(func(context.Context) (int, time.Time, error) {
		return 0, time.Time{}, errPumpTest
	}))
	if _, err := broken.Settle(t.Context()); !errors.Is(err, errPumpTest) {
		t.Errorf("sender: %v", err)
	}
	endless := newPump(clock, (&bells{clock: clock}).planner(), sendFunc(func(context.Context) (int, time.Time, error) {
		return 1, time.Time{}, nil
	}))
	if _, err := endless.Settle(t.Context()); err == nil {
		t.Error("an outbox that never rests goes unnoticed")
	}
}

func TestPumpRunsOnAClockThatRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clock := newClock(start())
		b := &bells{clock: clock, slots: []time.Time{start().Add(time.Minute)}, delay: time.Second}
		pump := newPump(clock, b.planner(), b.sender())
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			pump.Run(ctx, func(err error) { t.Error(err) })
		}()
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if got := b.heard(); len(got) != 1 || got[0].Sub(start()) != 61*time.Second {
			t.Errorf("said at %v", got)
		}
		b.mu.Lock()
		b.queue = append(b.queue, clock.Now())
		b.mu.Unlock()
		pump.Wake()
		synctest.Wait()
		if len(b.heard()) != 2 {
			t.Error("a wake-up was slept through")
		}
		cancel()
		<-done
	})
}
