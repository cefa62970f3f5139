package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func start() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.FixedZone("CST", 8*3600)) }

func TestClockRunsOnFromItsStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clock := newClock(start())
		time.Sleep(90 * time.Second)
		if got := clock.Now().Sub(start()); got != 90*time.Second {
			t.Errorf("ran %v, want 90s", got)
		}
		begin := time.Now()
		if err := clock.Wait(t.Context(), start().Add(2*time.Minute)); err != nil || time.Since(begin) != 30*time.Second {
			t.Errorf("waited %v, %v", time.Since(begin), err)
		}
		if err := clock.Wait(t.Context(), start()); err != nil || time.Since(begin) != 30*time.Second {
			t.Errorf("waiting for the past took until %v, %v", time.Since(begin), err)
		}
	})
}

func TestClockShowsTheRealTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clock := newClock(time.Time{})
		time.Sleep(time.Hour)
		if !clock.Now().Equal(time.Now()) {
			t.Errorf("clock %v, real %v", clock.Now(), time.Now())
		}
	})
}

func TestJumpWakesWaiters(t *testing.T) {
	t.Parallel()
	for name, clock := range map[string]func() *Clock{
		"stopped": func() *Clock { return newStoppedClock(start()) },
		"running": func() *Clock { return newClock(start()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				clock := clock()
				woken := make(chan error, 2)
				for _, at := range []time.Time{start().Add(24 * time.Hour), {}} {
					go func() { woken <- clock.Wait(t.Context(), at) }()
				}
				synctest.Wait()
				if len(woken) != 0 {
					t.Fatal("woken before the jump")
				}
				clock.Jump(start().Add(48 * time.Hour))
				synctest.Wait()
				if len(woken) != 2 || <-woken != nil || <-woken != nil {
					t.Error("not everybody was woken")
				}
				if clock.Now().Sub(start()) != 48*time.Hour {
					t.Errorf("clock shows %v", clock.Now())
				}
			})
		})
	}
}

func TestStoppedClockWaitsForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clock := newStoppedClock(start())
		ctx, cancel := context.WithTimeout(t.Context(), 1000*time.Hour)
		defer cancel()
		if err := clock.Wait(ctx, start().Add(time.Minute)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("err = %v", err)
		}
		if !clock.Now().Equal(start()) {
			t.Error("a stopped clock ran")
		}
	})
}
