package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"cxbot/chat"
)

// The times of a turn. WeCom waits five seconds and then delivers again.
const (
	// passiveUntil is when a reply stops being passive and becomes a push.
	passiveUntil = 3 * time.Second
	// turnDeadline is when an uncommitted turn is given up.
	turnDeadline = 4 * time.Second
	// maxConflicts is how many conflicting commits end a turn (design.md D3).
	maxConflicts = 5
	// conflictRest is the longest rest after the first conflict; it doubles.
	conflictRest = 20 * time.Millisecond
	// maxWaiting is how many events of one person may wait behind the running
	// one; a person forwarding fifty messages at once must get through.
	maxWaiting = 100
	// notStoredEvery is how often one person is told of an outage.
	notStoredEvery = time.Minute
	// strangerEvery is how often one unknown member is refused in words (D16).
	strangerEvery = time.Hour
	// maxText is the longest text of WeCom in bytes, passive or pushed.
	maxText = 2048
)

// What a turn says by itself, when there is no reply of the responder.
const (
	wordsConflict  = "有人同时在改，请再发一次。"
	wordsNotStored = "刚才这条没有存上，请一分钟后再发。"
	wordsPanic     = "抱歉，这条没能处理，已填的内容都还在。请换个说法再发一次；还是不行，请联系管理员。"
	replyCard      = "reply-card"
	labelPressed   = "已收到"
	labelForeign   = "已失效"
)

// How a turn can fail, besides what the store says.
var (
	errLate  = errors.New("bot: the turn took too long")
	errPanic = errors.New("bot: the responder panicked")
	errRead  = errors.New("bot: cannot read")
)

// Config is what a Turn is made of. Store, Responder, Cards and Clock are
// required; the rest may be left out.
type Config struct {
	Store     Store
	Responder Responder
	Cards     Cards
	// Wake tells the outbox that a commit has queued messages, Fetch the fetcher
	// that it has queued downloads.
	Wake, Fetch func()
	Clock       Clock
	// Log gets event ids and named reasons, never what somebody wrote.
	Log *slog.Logger
	// Count raises a counter ("turn.committed", "turn.conflict" …, and
	// "refused.filing.quota" for each refusal by its rule).
	Count func(name string)
	// Heir is how long (real time) a new Turn takes every event for one that an
	// earlier process may have had and stored: until then nobody is told that a
	// message was not stored. Zero: there was no earlier process.
	Heir time.Duration
}

// DefaultHeir is a safe Config.Heir: longer than WeCom's four deliveries of five
// seconds each and the pauses between them.
const DefaultHeir = 30 * time.Second

// Result is how an event is answered on the wire.
type Result struct {
	// Text is the passive reply, at most 2,048 bytes; empty acknowledges only.
	Text string
	// Close asks for the connection to be closed without an answer, which is
	// what makes WeCom deliver the event again.
	Close bool
}

// Turn takes events one by one from loading to the answer. It is safe for
// concurrent use; the events of one person run in the order they came.
type Turn struct {
	cfg       Config
	lines     lines
	gate      gate
	outages   limiter
	strangers limiter
	made      time.Time // real time
}

// New makes a Turn.
func New(cfg Config) *Turn {
	cfg.Log, cfg.Count = orQuiet(cfg.Log, cfg.Count)
	if cfg.Wake == nil {
		cfg.Wake = func() {}
	}
	if cfg.Fetch == nil {
		cfg.Fetch = func() {}
	}
	return &Turn{
		cfg:       cfg,
		lines:     lines{persons: map[string][]*place{}, bound: maxWaiting, arrived: recent{young: map[string]struct{}{}}},
		outages:   limiter{every: notStoredEvery, last: map[string]time.Time{}},
		strangers: limiter{every: strangerEvery, last: map[string]time.Time{}},
		made:      time.Now(),
	}
}

// orQuiet fills in a log and a counter that say nothing.
func orQuiet(log *slog.Logger, count func(string)) (*slog.Logger, func(string)) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if count == nil {
		count = func(string) {}
	}
	return log, count
}

// Handle runs one event and says how to answer it. Within four seconds it has
// committed and answers, or it has not and the connection is to be closed; the
// store must give up when its context ends. Calling it again with the same
// event changes nothing and gives the same answer.
func (t *Turn) Handle(ctx context.Context, ev chat.Event) (result Result) {
	if !t.gate.enter() {
		t.cfg.Count("turn.draining")
		return Result{Close: true}
	}
	defer t.gate.leave()
	defer func() {
		if p := recover(); p != nil {
			t.panicked(ctx, ev.ID, p)
			result = Result{Close: true}
		}
	}()
	start := t.cfg.Clock.Now()
	if ev.At.IsZero() {
		ev.At = start
	}
	// The platform's window is real time, so the deadline is a real timer; the
	// clock of the programme may stand or jump.
	ctx, cancel := context.WithTimeout(ctx, turnDeadline)
	defer cancel()

	place, err := t.lines.enter(ctx, ev)
	if errors.Is(err, errCrowded) {
		t.cfg.Count("turn.crowded")
		return Result{Close: true}
	}
	if err != nil {
		return t.failed(ctx, ev, false, errLate)
	}
	defer place.leave()
	if ev.Kind == chat.Click {
		ev.Click.Ref = t.ref(ev)
	}

	text, err := t.play(ctx, ev, place, start)
	if err != nil {
		return t.failed(ctx, ev, place.again || time.Since(t.made) < t.cfg.Heir, err)
	}
	return Result{Text: text}
}

// Waiting returns how many events run or wait behind another one of their person.
func (t *Turn) Waiting() int { return t.lines.size() }

// Drain refuses new events and waits for the running and waiting ones, at most
// until the context ends.
func (t *Turn) Drain(ctx context.Context) error {
	if err := t.gate.drain(ctx); err != nil {
		return fmt.Errorf("bot: turns still running: %w", err)
	}
	return nil
}

// ref reads what the pressed card was about; the zero Ref when it was not made
// by us for the person who pressed, or for the group it stands in.
func (t *Turn) ref(ev chat.Event) chat.Ref {
	ref, ok := t.cfg.Cards.Ref(ev.Click.Task, ev.From)
	if !ok && ev.Group != "" {
		ref, ok = t.cfg.Cards.Ref(ev.Click.Task, chat.GroupPrefix+ev.Group)
	}
	if !ok {
		t.cfg.Count("turn.foreign-card")
	}
	return ref
}

// play repeats the attempt while somebody else changes what it has read, each
// time after a longer, random rest: a crowd that meets at one record (the serial
// of a year's filings on its last day) would meet there again and again.
func (t *Turn) play(ctx context.Context, ev chat.Event, p *place, start time.Time) (text string, err error) {
	rest := conflictRest
	for n := range maxConflicts {
		if n > 0 {
			idle(ctx, rand.N(rest))
			rest *= 2
		}
		text, err = t.attempt(ctx, ev, p, start)
		if !errors.Is(err, ErrConflict) {
			return text, err
		}
		t.cfg.Count("turn.conflict")
	}
	return "", err
}

// idle waits in real time, as the platform does, or until the context ends.
func idle(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// attempt loads, responds and commits once. Nothing has happened when it fails,
// unless the error is of a commit whose outcome is unknown.
func (t *Turn) attempt(ctx context.Context, ev chat.Event, p *place, start time.Time) (string, error) {
	now := t.cfg.Clock.Now()
	loaded, err := t.cfg.Store.Load(ctx, ev, now)
	if err != nil {
		return "", errors.Join(errRead, err)
	}
	if loaded.Done {
		t.cfg.Count("turn.repeat")
		return loaded.Reply, nil
	}
	if loaded.Broken {
		t.cfg.Count("turn.broken-record")
		t.cfg.Log.LogAttrs(ctx, slog.LevelError, "conversation record cannot be read", slog.String("event", ev.ID))
	}
	response, err := t.respond(ctx, Request{
		Event: ev, Conversation: loaded.Conversation, View: loaded.View, Now: now, More: p.more(), Other: loaded.View.Conversation,
	})
	apology := errors.Is(err, errPanic) && ev.Kind == chat.Click
	if apology {
		// A click cannot be apologised for passively, so the apology is all that
		// is committed; the draft stays as it was.
		response = Response{MarkOnly: true, Reply: chat.Reply{Text: wordsPanic}}
	} else if err != nil {
		return "", err
	}
	if err = loaded.View.Err(); err != nil {
		return "", errors.Join(errRead, err)
	}
	// Turns in a group store nothing but the mark, too; strangers are not answered there.
	stranger := response.MarkOnly && !apology && ev.Group == "" && !response.Reply.IsEmpty()
	if stranger && !t.strangers.ready(ev.From, now) {
		stranger, response.Reply = false, chat.Reply{}
	}

	now = t.cfg.Clock.Now()
	elapsed := now.Sub(start)
	if elapsed >= turnDeadline || ctx.Err() != nil {
		return "", errLate
	}
	passive, messages := t.say(ctx, ev, response, elapsed < passiveUntil)
	err = t.cfg.Store.Commit(ctx, Outcome{
		Event: ev, Reply: passive, Response: response, View: loaded.View, Messages: messages, At: now,
	})
	if repeat, ok := errors.AsType[*Repeat](err); ok {
		t.cfg.Count("turn.repeat")
		return repeat.Reply, nil
	}
	if err != nil {
		return "", fmt.Errorf("commit: %w", err)
	}
	if stranger {
		t.strangers.mark(ev.From, now)
	}
	t.committed(ctx, ev, response, elapsed)
	if len(messages) > 0 {
		t.cfg.Wake()
	}
	if len(response.Fetches) > 0 {
		t.cfg.Fetch()
	}
	return passive, nil
}

// respond calls the responder and turns a panic into an error.
func (t *Turn) respond(ctx context.Context, req Request) (resp Response, err error) {
	defer func() {
		if p := recover(); p != nil {
			t.panicked(ctx, req.Event.ID, p)
			err = errPanic
		}
	}()
	return t.cfg.Responder(req), nil
}

// panicked logs a panic. Its own words may hold what somebody wrote, so only its
// type is logged, and the text of run-time errors, which name indexes and types.
func (t *Turn) panicked(ctx context.Context, event string, p any) {
	kind := fmt.Sprintf("%T", p)
	if run, ok := p.(runtime.Error); ok {
		kind = run.Error()
	}
	t.cfg.Count("turn.panic")
	t.cfg.Log.LogAttrs(ctx, slog.LevelError, "turn panicked",
		slog.String("event", event), slog.String("panic", kind), slog.String("stack", string(debug.Stack())))
}

// say decides, before the commit and once for all, what of the reply is passive
// and what is pushed (design.md D4, D5): never both, and a click is never
// answered passively. Keys come from the event alone, so that a repeated commit
// queues nothing twice.
func (t *Turn) say(ctx context.Context, ev chat.Event, r Response, early bool) (passive string, out []chat.Message) {
	to := ev.From
	if ev.Group != "" {
		to = chat.GroupPrefix + ev.Group
	}
	reply := t.fitted(ctx, ev, r.Reply)
	switch {
	case reply.IsEmpty():
	case early && answersPassively(ev):
		passive = reply.Text
		if len(passive) > maxText {
			t.cfg.Count("turn.text-cut")
			t.cfg.Log.LogAttrs(ctx, slog.LevelError, "passive reply does not fit",
				slog.String("event", ev.ID), slog.Int("bytes", len(passive)))
			passive = cutBytes(passive, maxText)
		}
		if reply.Card != nil {
			out = append(out, chat.Message{
				Key: "card:" + ev.ID, To: to, Card: reply.Card, Priority: chat.PriorityReply,
				Replaces: replyCard, // only the newest says what is true
			})
		}
	default:
		t.cfg.Count("turn.pushed")
		out = append(out, chat.Message{
			Key: "reply:" + ev.ID, To: to, Text: reply.Text, Card: reply.Card, Priority: chat.PriorityReply,
		})
	}
	if update := greyed(ev, r.Messages); update != nil {
		out = append(out, chat.Message{Key: "update:" + ev.ID, To: ev.From, Update: update, Priority: chat.PriorityReply})
	}
	return passive, append(out, r.Messages...)
}

// fitted makes the reply's card fit. What was cut and the text does not say is
// an error of whoever built the card; a card that cannot be sent is left out,
// because the text is complete without it (D5).
func (t *Turn) fitted(ctx context.Context, ev chat.Event, reply chat.Reply) chat.Reply {
	if reply.Card == nil {
		return reply
	}
	card, lost := Fit(*reply.Card, reply.Text)
	if len(lost) > 0 {
		t.cfg.Count("card.cut")
		t.cfg.Log.LogAttrs(ctx, slog.LevelError, "card cut, and its text does not say it",
			slog.String("event", ev.ID), slog.String("what", strings.Join(lost, ", ")))
	}
	if err := Check(card); err != nil {
		t.cfg.Count("card.left-out")
		t.cfg.Log.LogAttrs(ctx, slog.LevelError, "card left out",
			slog.String("event", ev.ID), slog.String("why", err.Error()))
		return chat.Reply{Text: reply.Text}
	}
	reply.Card = &card
	return reply
}

// greyed is the update of the pressed card, nil when nothing was pressed, the
// click brought no code, or the responder says what the card shall become.
func greyed(ev chat.Event, said []chat.Message) *chat.Update {
	own := func(m chat.Message) bool { return m.Update != nil && m.Update.Code == ev.Click.Code }
	if ev.Kind != chat.Click || ev.Click.Code == "" || slices.ContainsFunc(said, own) {
		return nil
	}
	if ev.Click.Ref.IsZero() {
		return &chat.Update{Code: ev.Click.Code, Label: labelForeign}
	}
	return &chat.Update{Code: ev.Click.Code, Label: labelPressed}
}

// answersPassively reports whether the platform shows a text given as the answer
// to this kind of event (document 90241); for card clicks that is not sure.
func answersPassively(ev chat.Event) bool {
	return ev.Channel != chat.Internal && ev.Kind != chat.Click && ev.Kind != chat.Unsubscribe
}

// committed counts and logs a turn that is stored. Refusals are always logged
// (reliability promise P15), the rest for those who debug.
func (t *Turn) committed(ctx context.Context, ev chat.Event, r Response, elapsed time.Duration) {
	t.cfg.Count("turn.committed")
	level := slog.LevelDebug
	for _, what := range r.Trace {
		if rule, refused := strings.CutPrefix(what, "refused "); refused {
			t.cfg.Count("refused." + rule)
			level = slog.LevelInfo
		}
	}
	if !t.cfg.Log.Enabled(ctx, level) {
		return // attributes cost more than nothing, and nearly every turn ends here
	}
	t.cfg.Log.LogAttrs(ctx, level, "turn",
		slog.String("event", ev.ID), slog.String("kind", string(ev.Kind)), slog.Any("trace", r.Trace),
		slog.Duration("took", elapsed))
}

// failed answers an event of which nothing was committed, or perhaps. What is
// surely not stored is said where a person reads passive words; everything else
// closes the connection, so that the platform delivers the event again.
func (t *Turn) failed(ctx context.Context, ev chat.Event, again bool, err error) Result {
	told := answersPassively(ev) && (isMessage(ev.Kind) || ev.Kind == chat.Menu)
	switch {
	case errors.Is(err, errLate) || ctx.Err() != nil:
		t.cfg.Count("turn.late")
	case errors.Is(err, errPanic) && told:
		return Result{Text: wordsPanic}
	case errors.Is(err, ErrConflict) && told:
		t.cfg.Count("turn.conflict-given-up")
		return Result{Text: wordsConflict}
	case errors.Is(err, errRead) && again:
		// An earlier delivery may have been stored with its outcome unknown, so
		// "not stored" could be untrue; the next delivery will know.
		t.cfg.Count("turn.unreadable")
	case (errors.Is(err, errRead) || errors.Is(err, ErrNotStored)) && told:
		return t.notStored(ctx, ev, err)
	default:
		t.cfg.Count("turn.unknown")
	}
	t.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "turn closed without an answer",
		slog.String("event", ev.ID), slog.String("why", err.Error()))
	return Result{Close: true}
}

// notStored tells the person that the message is lost, once a minute at most;
// in between the connection is closed, because a 200 without words would say
// that the message was kept, and the next delivery may be.
func (t *Turn) notStored(ctx context.Context, ev chat.Event, err error) Result {
	t.cfg.Count("turn.not-stored")
	t.cfg.Log.LogAttrs(ctx, slog.LevelError, "message not stored",
		slog.String("event", ev.ID), slog.String("why", err.Error()))
	now := t.cfg.Clock.Now()
	if !t.outages.ready(ev.From, now) {
		return Result{Close: true}
	}
	t.outages.mark(ev.From, now)
	return Result{Text: wordsNotStored}
}
