package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Clock is the process's only source of time (design.md D27). It shows the real
// time, or a trial's time that runs on or stands still, and can jump; a jump
// wakes everybody who waits. It is safe for concurrent use.
type Clock struct {
	mu      sync.Mutex
	trial   bool      // the clock does not show the real time
	base    time.Time // what a trial clock showed when it was last set
	set     time.Time // the real time of that moment
	stopped bool
	jumped  chan struct{} // closed by the next jump
}

// newClock makes a clock that shows the real time, or, when start is given,
// begins there and runs on.
func newClock(start time.Time) *Clock {
	c := &Clock{jumped: make(chan struct{})}
	if !start.IsZero() {
		c.trial, c.base, c.set = true, start, time.Now()
	}
	return c
}

// newStoppedClock makes a clock that stands still between jumps.
func newStoppedClock(start time.Time) *Clock {
	return &Clock{trial: true, stopped: true, base: start, jumped: make(chan struct{})}
}

// Now returns the clock's moment.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	switch {
	case !c.trial:
		return time.Now()
	case c.stopped:
		return c.base
	}
	return c.base.Add(time.Since(c.set))
}

// Jump sets the clock and wakes all waiters; a clock of the real time becomes a
// trial clock.
func (c *Clock) Jump(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trial, c.base, c.set = true, to, time.Now()
	close(c.jumped)
	c.jumped = make(chan struct{})
}

// Wait returns when the clock has reached at, when ctx ends (with its error),
// or early after a jump. A zero at waits for a jump.
func (c *Clock) Wait(ctx context.Context, at time.Time) error {
	c.mu.Lock()
	jumped, stopped, left := c.jumped, c.stopped, at.Sub(c.now())
	c.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("wait: %w", err)
	}
	var due <-chan time.Time
	switch {
	case !at.IsZero() && left <= 0:
		return nil
	case !at.IsZero() && !stopped:
		timer := time.NewTimer(left)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-due:
	case <-jumped:
	case <-ctx.Done():
		return fmt.Errorf("wait: %w", ctx.Err())
	}
	return nil
}
