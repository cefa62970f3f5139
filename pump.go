package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// planner says what fell due (the scheduler).
type planner interface {
	Step(ctx context.Context, now time.Time) (next time.Time, err error)
}

// sender says what is queued (the outbox).
type sender interface {
	Step(ctx context.Context) (sent int, next time.Time, err error)
}

// Pump drives reminders and outbox of a trial step by step, so that days can
// pass in a moment and nothing on the way is left out. serve uses the rooms'
// own loops instead. Safe for concurrent use.
type Pump struct {
	clock   *Clock
	planner planner
	sender  sender

	mu   sync.Mutex // one step at a time
	wake chan struct{}
}

// stuckAfter is how often a moment may be settled without the outbox coming to
// rest; only a mistake gets there.
const stuckAfter = 1000

func newPump(clock *Clock, p planner, s sender) *Pump {
	return &Pump{clock: clock, planner: p, sender: s, wake: make(chan struct{}, 1)}
}

// Wake says that something may have been queued. It never blocks.
func (p *Pump) Wake() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// Settle says everything due at the present moment and returns when something
// will be due again.
func (p *Pump) Settle(ctx context.Context) (time.Time, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.settle(ctx)
}

func (p *Pump) settle(ctx context.Context) (time.Time, error) {
	slot, err := p.planner.Step(ctx, p.clock.Now())
	if err != nil {
		return time.Time{}, fmt.Errorf("reminders: %w", err)
	}
	for range stuckAfter {
		sent, due, err := p.sender.Step(ctx)
		if err != nil {
			return time.Time{}, fmt.Errorf("outbox: %w", err)
		}
		// What was sent may have made room for more to the same person.
		if sent > 0 || !due.IsZero() && !due.After(p.clock.Now()) {
			continue
		}
		if due.IsZero() || !slot.IsZero() && slot.Before(due) {
			return slot, nil
		}
		return due, nil
	}
	return time.Time{}, fmt.Errorf("outbox: not at rest at %s", p.clock.Now()) //nolint:err113 // A mistake in the program.
}

// Advance moves the clock to a moment, stopping at every slot and due time on
// the way; a moment in the past only settles.
func (p *Pump) Advance(ctx context.Context, to time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		next, err := p.settle(ctx)
		if err != nil {
			return err
		}
		now := p.clock.Now()
		if !now.Before(to) {
			return nil
		}
		if next.IsZero() || next.After(to) {
			next = to
		}
		if next.After(now) {
			p.clock.Jump(next)
		}
	}
}

// Run settles whenever something is due or queued, until ctx ends. failed hears
// of errors; the next try comes a second later.
func (p *Pump) Run(ctx context.Context, failed func(error)) {
	for ctx.Err() == nil {
		next, err := p.Settle(ctx)
		if err != nil && ctx.Err() == nil {
			failed(err)
			next = p.clock.Now().Add(time.Second)
		}
		waiting, stop := context.WithCancel(ctx)
		over := make(chan struct{})
		go func() {
			defer close(over)
			select {
			case <-p.wake:
				stop()
			case <-waiting.Done():
			}
		}()
		// Whatever ended the wait, the loop looks anew.
		_ = p.clock.Wait(waiting, next)
		stop()
		<-over
	}
}
