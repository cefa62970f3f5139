package bot_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cxbot/award"
	"cxbot/bot"
	"cxbot/chat"
	"cxbot/dialog"
)

// errDown stands for a network error of unknown outcome.
var errDown = errors.New("connection reset")

// wall is the clock of the test's bubble.
type wall struct{}

func (wall) Now() time.Time { return time.Now() }

func (wall) Wait(ctx context.Context, at time.Time) error {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// counts is a set of counters.
type counts struct {
	mu sync.Mutex
	n  map[string]int
}

func (c *counts) add(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = map[string]int{}
	}
	c.n[name]++
}

func (c *counts) get(name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n[name]
}

// journal is a log that can be searched.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func (j *journal) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// view is a window on nothing that can fail.
type view struct {
	award.View
	rev int64
	err error
}

func (v *view) Err() error { return v.err }

func (v *view) Conversation(string) (dialog.Conversation, bool) { return dialog.Conversation{}, false }

// store keeps conversations and marks in memory, with revisions, and calls the
// hooks before it does anything.
type store struct {
	mu       sync.Mutex
	seen     map[string]string
	talks    map[string]dialog.Conversation
	queued   []chat.Message
	keys     map[string]bool
	commits  []bot.Outcome
	onLoad   func(ctx context.Context, ev chat.Event) error
	onCommit func(ctx context.Context, o bot.Outcome) error
	onView   func() error
	broken   bool
}

func newStore() *store {
	return &store{seen: map[string]string{}, talks: map[string]dialog.Conversation{}, keys: map[string]bool{}}
}

func (s *store) Load(ctx context.Context, ev chat.Event, _ time.Time) (bot.Loaded, error) {
	if s.onLoad != nil {
		if err := s.onLoad(ctx, ev); err != nil {
			return bot.Loaded{}, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if reply, ok := s.seen[ev.ID]; ok {
		return bot.Loaded{Done: true, Reply: reply}, nil
	}
	talk := s.talks[ev.From]
	talk.Unsaid = slices.Clone(talk.Unsaid)
	v := &view{rev: talk.Rev}
	if s.onView != nil {
		v.err = s.onView()
	}
	return bot.Loaded{Conversation: talk, View: v, Broken: s.broken}, nil
}

func (s *store) Commit(ctx context.Context, o bot.Outcome) error {
	if s.onCommit != nil {
		if err := s.onCommit(ctx, o); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if reply, ok := s.seen[o.Event.ID]; ok {
		return &bot.Repeat{Reply: reply}
	}
	loaded, ok := o.View.(*view)
	if !ok || loaded.rev != s.talks[o.Event.From].Rev {
		return bot.ErrConflict
	}
	s.seen[o.Event.ID] = o.Reply
	if !o.Response.MarkOnly {
		talk := o.Response.Conversation
		talk.Rev = loaded.rev + 1
		s.talks[o.Event.From] = talk
	}
	for _, m := range o.Messages {
		if !s.keys[m.Key] {
			s.keys[m.Key] = true
			s.queued = append(s.queued, m)
		}
	}
	s.commits = append(s.commits, o)
	return nil
}

func (s *store) messages() []chat.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.queued)
}

func (s *store) committed() []bot.Outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.commits)
}

// pause waits in the bubble or ends with the context.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// queued is a message in the queue.
type queued struct {
	id    string
	m     chat.Message
	due   time.Time
	tries int
	fence int64
	until time.Time
}

// grave is what became of a message that was not delivered.
type grave struct {
	key, how, reason string
	code             int
}

// queue is an outbox queue in memory: first in, first out per receiver, leases
// with fences.
type queue struct {
	mu     sync.Mutex
	lines  map[string][]*queued
	fence  int64
	gone   []grave
	retry  []time.Duration
	keys   map[string]bool
	claims int
	sent   []string // keys taken out as delivered
	fail   func(call string) error
}

func newQueue(msgs ...chat.Message) *queue {
	q := &queue{lines: map[string][]*queued{}, keys: map[string]bool{}}
	_ = q.Enqueue(context.Background(), time.Time{}, msgs)
	return q
}

func (q *queue) failing(call string) error {
	if q.fail == nil {
		return nil
	}
	return q.fail(call)
}

func (q *queue) Claim(
	_ context.Context, now time.Time, lease time.Duration, limit int,
) (got []bot.Claimed, next time.Time, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.claims++
	if err := q.failing("claim"); err != nil {
		return nil, time.Time{}, err
	}
	for _, to := range slices.Sorted(maps.Keys(q.lines)) {
		if len(q.lines[to]) == 0 {
			continue
		}
		head := q.lines[to][0]
		due := head.due
		if head.until.After(due) {
			due = head.until
		}
		if due.After(now) || len(got) == limit {
			if next.IsZero() || due.Before(next) {
				next = due
			}
			continue
		}
		q.fence++
		head.fence, head.until = q.fence, now.Add(lease)
		got = append(got, bot.Claimed{Message: head.m, ID: head.id, Fence: head.fence, Tries: head.tries})
	}
	return got, next, nil
}

// take removes or returns the head a claim speaks of; nil when its fence is old.
func (q *queue) take(c bot.Claimed, remove bool) *queued {
	line := q.lines[c.Message.To]
	if len(line) == 0 || line[0].id != c.ID || line[0].fence != c.Fence {
		q.gone = append(q.gone, grave{key: c.Message.Key, how: "fenced"})
		return nil
	}
	head := line[0]
	if remove {
		q.lines[c.Message.To] = line[1:]
	}
	return head
}

func (q *queue) Sent(_ context.Context, _ time.Time, done []bot.Claimed) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.failing("sent"); err != nil {
		return err
	}
	for _, c := range done {
		if q.take(c, true) != nil {
			q.sent = append(q.sent, c.Message.Key)
		}
	}
	return nil
}

func (q *queue) Retry(_ context.Context, now time.Time, c bot.Claimed, at time.Time, _ string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.failing("retry"); err != nil {
		return err
	}
	if head := q.take(c, false); head != nil {
		head.due, head.until = at, time.Time{}
		head.tries++
		q.retry = append(q.retry, at.Sub(now))
	}
	return nil
}

func (q *queue) Bury(_ context.Context, _ time.Time, c bot.Claimed, code int, reason string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.failing("bury"); err != nil {
		return err
	}
	if q.take(c, true) != nil {
		q.gone = append(q.gone, grave{key: c.Message.Key, how: "buried", code: code, reason: reason})
	}
	return nil
}

func (q *queue) Drop(_ context.Context, _ time.Time, c bot.Claimed, reason string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.failing("drop"); err != nil {
		return err
	}
	if q.take(c, true) != nil {
		q.gone = append(q.gone, grave{key: c.Message.Key, how: "dropped", reason: reason})
	}
	return nil
}

func (q *queue) Enqueue(_ context.Context, now time.Time, msgs []chat.Message) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range msgs {
		if q.keys[m.Key] {
			continue
		}
		q.keys[m.Key] = true
		due := m.NotBefore
		if due.Before(now) {
			due = now
		}
		q.lines[m.To] = append(q.lines[m.To], &queued{id: m.Key + "#", m: m, due: due})
	}
	return nil
}

func (q *queue) graves() []grave {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.gone)
}

func (q *queue) left() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for _, line := range q.lines {
		n += len(line)
	}
	return n
}

func (q *queue) claimed() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.claims
}

// shown is one call of the wire.
type shown struct {
	m    chat.Message
	task string
	at   time.Time
}

// wire records what it is given; answer decides what each call returns.
type wire struct {
	mu     sync.Mutex
	calls  []shown
	answer func(ctx context.Context, n int, m chat.Message) error
}

func (w *wire) Send(ctx context.Context, m chat.Message, task string) error {
	w.mu.Lock()
	w.calls = append(w.calls, shown{m: m, task: task, at: time.Now()})
	n := len(w.calls)
	w.mu.Unlock()
	if w.answer == nil {
		return nil
	}
	return w.answer(ctx, n, m)
}

func (w *wire) shown() []shown {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.calls)
}

// equal fails the test when two values differ.
func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
