package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"cxbot/storage"
)

// TestLeadership: terms never overlap, whoever is paused, cut off or stopped.
func TestLeadership(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ballot := &ballot{}
		a, b := newLeader(ballot, slog.New(slog.DiscardHandler)), newLeader(ballot, slog.New(slog.DiscardHandler))
		run := func(l *Leader) (stop func()) {
			ctx, cancel := context.WithCancel(t.Context())
			over := make(chan struct{})
			go func() { defer close(over); l.Run(ctx) }()
			return func() { cancel(); <-over }
		}
		leads := func(l *Leader) bool {
			l.mu.Lock()
			defer l.mu.Unlock()
			return l.term != nil && l.term.Err() == nil
		}
		stopA := run(a)
		synctest.Wait()
		term, err := a.Term(t.Context())
		if err != nil || !leads(a) {
			t.Fatal("nobody else stands, and a does not lead", err)
		}
		defer run(b)()
		time.Sleep(time.Minute)
		if term.Err() != nil || leads(b) {
			t.Error("a renewed term was lost")
		}
		ballot.cut.Store(true) // Redis is gone: the term ends before the lease does.
		time.Sleep(leadFor - leadMargin + leadEvery)
		if term.Err() == nil || leads(a) || leads(b) {
			t.Error("a goes on leading without a lease")
		}
		ballot.cut.Store(false)
		time.Sleep(leadFor + leadEvery)
		if leads(a) == leads(b) {
			t.Errorf("a leads: %v, b leads: %v", leads(a), leads(b))
		}
		stopA() // Who stops resigns, and the other one leads when he asks next.
		time.Sleep(leadEvery + time.Second)
		if leads(a) || !leads(b) {
			t.Errorf("after a has stopped: a leads %v, b leads %v", leads(a), leads(b))
		}
	})
}

// ballot is an election in memory that can be cut off.
type ballot struct {
	mu    sync.Mutex
	who   string
	until time.Time
	fence int64
	cut   atomic.Bool
}

var errCut = errors.New("cut off")

func (b *ballot) Lead(_ context.Context, who string, now time.Time, ttl time.Duration) (int64, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch held := b.until.After(now); {
	case b.cut.Load():
		return 0, false, errCut
	case held && b.who != who:
		return b.fence, false, nil
	case !held:
		b.fence++
	}
	b.who, b.until = who, now.Add(ttl)
	return b.fence, true, nil
}

func (b *ballot) Resign(_ context.Context, who string, _ time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.who == who {
		b.until = time.Time{}
	}
	return nil
}

// TestRobotIsHeldByOneReplica: of three processes one holds the robot's long
// connection; when it is paused, killed or stopped another one takes over, and
// who wakes up late neither takes it back nor stays away for ever (P9, F11).
func TestRobotIsHeldByOneReplica(t *testing.T) {
	t.Parallel()
	if testing.Short() || raced {
		t.Skip("waits for leases of real time")
	}
	f := startFleet(t, 3, true)
	holder := func() int { return f.robotHolder(-1) }
	subscribed := func() int { return f.sim.Stats().Calls["aibot_subscribe"] }
	first := holder()
	if n := subscribed(); n != 1 {
		t.Errorf("%d replicas have subscribed", n)
	}
	ask := func() {
		t.Helper()
		waitFor(t, f.sim.RobotConnected)
		d, err := f.sim.SayToRobot(t.Context(), "lichunmei", "截止")
		if err != nil || !strings.Contains(d.Reply, "截止") {
			t.Errorf("the robot answers %+v, %v", d, err)
		}
	}
	ask()
	signal := func(i int, how syscall.Signal) {
		t.Helper()
		if err := f.boats[i].cmd.Process.Signal(how); err != nil {
			t.Fatal(err)
		}
	}
	signal(first, syscall.SIGSTOP)
	second := f.robotHolder(first)
	ask()
	signal(first, syscall.SIGCONT)
	time.Sleep(leadEvery + time.Second) // It hears that it was evicted, and that its term is over.
	if again := holder(); again != second || subscribed() != 2 {
		t.Errorf("after the pause %d holds the robot, not %d; %d subscriptions", again, second, subscribed())
	}
	_ = f.boats[second].kill(syscall.SIGKILL) // says that it was killed
	third := f.robotHolder(second)
	ask()
	begin := time.Now()
	if err := f.boats[third].kill(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	f.robotHolder(third)
	if took := time.Since(begin); took > leadFor-leadMargin {
		t.Errorf("after an orderly stop the robot was away for %s", took)
	}
	ask()
	t.Logf("one holder at any time over %d terms; pause, kill and stop taken over", subscribed())
}

// robotHolder waits until a process other than the given one, which may be
// paused, says that it holds the robot, and returns which.
func (f *fleet) robotHolder(other int) (holder int) {
	f.t.Helper()
	until := time.Now().Add(2 * leadFor)
	for {
		for i, b := range f.boats {
			if i != other && b.says("robot connected: true") {
				return i
			}
		}
		if time.Now().After(until) {
			f.t.Fatal("nobody holds the robot")
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// says reports whether a process's readiness holds some words.
func (b *boat) says(words string) bool {
	b.mu.Lock()
	running := b.cmd != nil
	b.mu.Unlock()
	if !running {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+b.address+"/readyz", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	var body bytes.Buffer
	_, err = body.ReadFrom(response.Body)
	return err == nil && strings.Contains(body.String(), words)
}

// The store is an election.
var _ election = (*storage.Store)(nil)
