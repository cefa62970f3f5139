package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"cxbot/chat"
)

// The outbox's times.
const (
	// defaultLease is how long a claimed message belongs to one replica; after a
	// crash its messages wait that long (performance.md: resumed within 6 s).
	defaultLease = 6 * time.Second
	// settleMargin is the end of a lease in which nothing is sent any more, so
	// that a result can still be written before somebody else claims.
	settleMargin = time.Second
	// defaultWorkers is how many receivers are served at once.
	defaultWorkers = 8
	// poll is the longest sleep: other replicas queue messages without waking us.
	poll = time.Second
	// maxPause is the longest rest after the queue has failed.
	maxPause = 30 * time.Second
	// maxNotes bounds what is remembered of messages being retried.
	maxNotes = 10_000
)

// OutboxConfig is what an Outbox is made of. Queue, Wire, Cards and Clock are
// required; the rest may be left out.
type OutboxConfig struct {
	Queue Queue
	Wire  Wire
	Cards Cards
	Clock Clock
	// Tell names who is told, once an hour at most, that messages of a class
	// were given up: staff for Receiver, the administrators for the others.
	Tell func(Class) []string
	// Log gets message keys and named reasons, never texts or receivers.
	Log *slog.Logger
	// Count raises a counter ("send.ok", "send.retry", "send.buried" …).
	Count func(name string)
	// Workers is how many messages to different receivers are sent at once
	// (default 8). One worker makes a Step deterministic.
	Workers int
	// Lease is how long a claimed message belongs to this process (default 6 s,
	// at least 2 s). A send is given up one second before its end.
	Lease time.Duration
}

// Outbox says everything that is said outside the reply window: at least once,
// and in order per receiver, because the queue leases receivers as a whole.
type Outbox struct {
	cfg   OutboxConfig
	wake  chan struct{}
	slots chan struct{} // one for each send that runs

	step  sync.Mutex // one Step at a time; it owns what follows
	busy  int
	open  []result // results that could not be written down yet
	notes map[string]note

	mu   sync.Mutex
	done []result // results the workers have handed in
}

// note is what this process remembers of a message it tried before.
type note struct {
	parts     int // pieces of the message already delivered
	unknown   int // tries whose outcome is unknown
	refreshed bool
}

// result is one try.
type result struct {
	claimed Claimed
	until   time.Time // end of the lease
	err     error
	parts   int
}

// errLease says that the lease was over before anything could be sent: the
// message is free again for whoever claims it.
var errLease = errors.New("bot: the lease is over")

// errEmpty says that a message has nothing to show.
var errEmpty = &SendError{Class: Permanent, Text: "the message has no text and no card that can be sent"}

// NewOutbox makes an Outbox.
func NewOutbox(cfg OutboxConfig) *Outbox {
	cfg.Log, cfg.Count = orQuiet(cfg.Log, cfg.Count)
	if cfg.Tell == nil {
		cfg.Tell = func(Class) []string { return nil }
	}
	if cfg.Workers <= 0 {
		cfg.Workers = defaultWorkers
	}
	if cfg.Lease <= 0 {
		cfg.Lease = defaultLease
	}
	cfg.Lease = max(cfg.Lease, 2*settleMargin)
	return &Outbox{
		cfg: cfg, wake: make(chan struct{}, 1), slots: make(chan struct{}, cfg.Workers), notes: map[string]note{},
	}
}

// Wake says that something may be due now. It never blocks.
func (o *Outbox) Wake() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// Run sends until the context ends, then finishes what is being sent. It looks
// at the queue when woken, when something falls due, and once a second; when
// the queue fails it rests longer and longer.
func (o *Outbox) Run(ctx context.Context) {
	pause := poll
	for ctx.Err() == nil {
		_, next, err := o.Step(ctx)
		now := o.cfg.Clock.Now()
		switch {
		case ctx.Err() != nil:
		case err != nil:
			o.cfg.Count("send.queue-error")
			o.cfg.Log.LogAttrs(ctx, slog.LevelError, "outbox cannot use the queue", slog.String("why", err.Error()))
			_ = o.cfg.Clock.Wait(ctx, now.Add(pause)) // early is harmless, and the context is looked at above
			pause = min(2*pause, maxPause)
		default:
			pause = poll
			o.sleep(ctx, soonest(now, next))
		}
	}
}

// soonest is when to look again: when the next message falls due, but at the
// latest after a second, and also then if the due one cannot be had.
func soonest(now, next time.Time) time.Time {
	if next.After(now) && next.Before(now.Add(poll)) {
		return next
	}
	return now.Add(poll)
}

// Step sends what is due until nothing is, and waits for everything it has
// begun. next is when something will be due again; zero means nothing waits. An
// error is the queue's; messages already sent stay noted and are written down
// by the next Step. Steps do not run side by side.
func (o *Outbox) Step(ctx context.Context) (sent int, next time.Time, err error) {
	o.step.Lock()
	defer o.step.Unlock()
	for {
		n, failed := o.settle(ctx)
		sent += n
		if err == nil {
			err = failed
		}
		if err == nil {
			next, err = o.claim(ctx)
		}
		if o.busy == 0 {
			return sent, next, err
		}
		if err != nil {
			<-o.wake // a worker always ends and wakes us
			continue
		}
		o.sleep(ctx, soonest(o.cfg.Clock.Now(), next))
	}
}

// claim leases due messages and sends them off: as many as workers are free, and
// as many again, so that the workers have something to do while the queue is
// asked. A single worker gets none ahead; its order is the queue's.
func (o *Outbox) claim(ctx context.Context) (next time.Time, err error) {
	if err = ctx.Err(); err != nil {
		return time.Time{}, fmt.Errorf("outbox stops: %w", err)
	}
	free := o.cfg.Workers - o.busy
	if o.cfg.Workers > 1 {
		free += o.cfg.Workers
	}
	if free == 0 {
		return time.Time{}, nil
	}
	now := o.cfg.Clock.Now()
	got, next, err := o.cfg.Queue.Claim(ctx, now, o.cfg.Lease, free)
	if err != nil {
		return time.Time{}, fmt.Errorf("claim: %w", err)
	}
	for _, c := range got {
		o.busy++
		go o.work(ctx, c, o.notes[c.ID].parts, now.Add(o.cfg.Lease))
	}
	return next, nil
}

// sleep waits for a wake-up, a time or the end of the context.
func (o *Outbox) sleep(ctx context.Context, until time.Time) { sleep(ctx, o.cfg.Clock, o.wake, until) }

// sleep waits for a wake-up, a time or the end of the context.
func sleep(ctx context.Context, clock Clock, wake <-chan struct{}, until time.Time) {
	waiting, stop := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() {
		defer close(over)
		select {
		case <-wake:
			stop()
		case <-waiting.Done():
		}
	}()
	_ = clock.Wait(waiting, until) // whatever ended it, the caller looks anew
	stop()
	<-over
}

// work sends one message and hands in the result. It outlives a stop of the
// process for as long as the lease allows, because a send cut in the middle is
// a send of unknown outcome.
func (o *Outbox) work(ctx context.Context, c Claimed, from int, until time.Time) {
	r := result{claimed: c, until: until, parts: from}
	defer func() {
		if p := recover(); p != nil {
			o.cfg.Count("send.panic")
			o.cfg.Log.LogAttrs(ctx, slog.LevelError, "sending panicked", slog.String("key", c.Message.Key),
				slog.String("panic", fmt.Sprintf("%T", p)), slog.String("stack", string(debug.Stack())))
			r.err = errPanic
		}
		o.mu.Lock()
		o.done = append(o.done, r)
		o.mu.Unlock()
		o.Wake()
	}()
	o.slots <- struct{}{}
	defer func() { <-o.slots }()
	left := until.Add(-settleMargin).Sub(o.cfg.Clock.Now())
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), left)
	defer cancel()
	pieces := o.prepare(ctx, c.Message)
	if len(pieces) == 0 {
		r.err = errEmpty
		return
	}
	for _, m := range pieces[min(from, len(pieces)):] {
		if !o.cfg.Clock.Now().Before(until.Add(-settleMargin)) {
			r.err = errLease
			return
		}
		task := ""
		if m.Card != nil {
			task = m.Card.Task
		}
		if r.err = o.cfg.Wire.Send(ctx, m, task); r.err != nil {
			return
		}
		r.parts++
	}
}

// prepare makes a message ready for the wire: the card fitted, checked and given
// its task_id, and a text that is too long (no builder makes one) split into
// several messages in order, the card below the last. Nothing comes back when
// there is nothing to show.
func (o *Outbox) prepare(ctx context.Context, m chat.Message) []chat.Message {
	if m.Update != nil {
		return []chat.Message{m}
	}
	m.Card = o.card(ctx, m)
	if m.Text == "" && m.Card == nil && m.File == nil {
		return nil
	}
	if len(m.Text) <= maxText {
		return []chat.Message{m}
	}
	o.cfg.Count("send.text-split")
	o.cfg.Log.LogAttrs(ctx, slog.LevelError, "text does not fit one message",
		slog.String("key", m.Key), slog.Int("bytes", len(m.Text)))
	texts := splitText(m.Text, maxText)
	pieces := make([]chat.Message, len(texts))
	for i, text := range texts {
		pieces[i] = m
		pieces[i].Text = text
		if i < len(texts)-1 {
			pieces[i].Card, pieces[i].File = nil, nil
		}
	}
	return pieces
}

// card returns a copy of the message's card that can be sent, nil when there is
// none. Its task_id is the same at every try, so that WeCom's own duplicate
// check recognises the message.
func (o *Outbox) card(ctx context.Context, m chat.Message) *chat.Card {
	if m.Card == nil {
		return nil
	}
	card, lost := Fit(*m.Card, m.Text)
	if len(lost) > 0 {
		o.cfg.Count("card.cut")
		o.cfg.Log.LogAttrs(ctx, slog.LevelError, "card cut, and its text does not say it",
			slog.String("key", m.Key), slog.String("what", strings.Join(lost, ", ")))
	}
	card.Task = o.cfg.Cards.Task(card.Ref, m.To, m.Key)
	err := Check(card)
	if err == nil && card.Task == "" {
		err = errCard
	}
	if err != nil {
		o.cfg.Count("card.left-out")
		o.cfg.Log.LogAttrs(ctx, slog.LevelError, "card left out",
			slog.String("key", m.Key), slog.String("why", err.Error()))
		return nil
	}
	return &card
}

// settle writes the results of finished tries down: the delivered ones in one
// call, the others each by its verdict. What cannot be written is kept for the
// next Step, however long that takes: the queue refuses by the fence what
// somebody else has claimed meanwhile.
func (o *Outbox) settle(ctx context.Context) (sent int, err error) {
	o.mu.Lock()
	results := slices.Concat(o.open, o.done)
	o.busy -= len(o.done)
	o.open, o.done = nil, nil
	o.mu.Unlock()
	if len(results) == 0 {
		return 0, nil
	}
	// A stop of the process must not lose what has been delivered.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.cfg.Lease)
	defer cancel()
	now := o.cfg.Clock.Now()

	var delivered []result
	for _, r := range results {
		switch {
		case errors.Is(r.err, errLease):
			o.cfg.Count("send.lease-over")
			n := o.notes[r.claimed.ID]
			n.parts = r.parts
			o.remember(r.claimed.ID, n)
		case r.err == nil:
			delivered = append(delivered, r)
		case err != nil: // the queue fails: no use asking for each
			o.open = append(o.open, r)
		default:
			if err = o.conclude(ctx, now, r); err != nil {
				o.open = append(o.open, r)
			}
		}
	}
	n, failed := o.remove(ctx, now, delivered)
	return n, errors.Join(err, failed)
}

// remove takes delivered messages out of the queue.
func (o *Outbox) remove(ctx context.Context, now time.Time, delivered []result) (sent int, err error) {
	if len(delivered) == 0 {
		return 0, nil
	}
	claims := make([]Claimed, len(delivered))
	for i, r := range delivered {
		claims[i] = r.claimed
	}
	if err = o.cfg.Queue.Sent(ctx, now, claims); err != nil {
		o.open = append(o.open, delivered...)
		return 0, fmt.Errorf("sent: %w", err)
	}
	for _, c := range claims {
		delete(o.notes, c.ID)
		o.cfg.Count("send.ok")
	}
	return len(claims), nil
}

// remember keeps a note, and throws all away rather than grow without bound:
// other replicas may have finished what the notes are about.
func (o *Outbox) remember(id string, n note) {
	if len(o.notes) >= maxNotes {
		clear(o.notes)
	}
	o.notes[id] = n
}

// conclude does what the verdict on a failed try says.
func (o *Outbox) conclude(ctx context.Context, now time.Time, r result) (err error) {
	c := r.claimed
	v := judge(c, r.err, o.notes[c.ID])
	switch v.do {
	case retryLater:
		err = o.cfg.Queue.Retry(ctx, now, c, now.Add(v.after), v.reason)
	case dropIt:
		err = o.cfg.Queue.Drop(ctx, now, c, v.name)
	case buryIt:
		err = o.cfg.Queue.Bury(ctx, now, c, v.code, v.reason)
	}
	if err != nil {
		return fmt.Errorf("write down %s: %w", v.name, err)
	}
	o.cfg.Count("send." + v.name)
	o.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "send failed", slog.String("key", c.Message.Key),
		slog.String("verdict", v.name), slog.Int("code", v.code), slog.Int("tries", c.Tries),
		slog.Duration("after", v.after), slog.String("reason", v.reason))
	if v.do == retryLater {
		v.note.parts = r.parts
		o.remember(c.ID, v.note)
		return nil
	}
	delete(o.notes, c.ID)
	if v.do == buryIt {
		o.cfg.Count("send.buried")
		o.tell(ctx, now, c, v.class)
	}
	return nil
}
