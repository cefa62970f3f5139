package wecom

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"cxbot/chat"
)

// DefaultRobotURL is the public platform's long connection (101463).
const DefaultRobotURL = "wss://openws.work.weixin.qq.com"

// The times of the long connection. They are real time, whatever the bot's
// clock shows, because the platform's windows are.
const (
	robotDial = 10 * time.Second
	// robotBeat is the time between two heartbeats.
	robotBeat = 30 * time.Second
	// robotMissed is how many unanswered heartbeats end a connection.
	robotMissed = 2
	// The waits before connecting again grow from first to most. Subscribing is
	// rate-protected, so a refused secret waits for minutes.
	lostFirst, lostMost       = time.Second, 30 * time.Second
	refusedFirst, refusedMost = time.Minute, 10 * time.Minute
	// termDoubt is how long an evicted holder waits to hear that its term was over:
	// then its successor has evicted it, and not a stranger.
	termDoubt = 15 * time.Second
	// robotRest is how long running turns may end when the robot stops.
	robotRest = 800 * time.Millisecond
)

// Bounds of what the robot remembers and does at once.
const (
	maxRobotTurns = 256
	maxRobotChats = 10_000
)

// ErrEvicted says that another connection has taken the robot over. There can be
// only one, so the one that was there before must stay away: two that come
// back would evict each other for ever.
var ErrEvicted = errors.New("wecom: smart robot: another connection has taken over")

// The outcomes a Robot counts, besides OutcomeOK, OutcomeReply, OutcomeClosed,
// OutcomeRepeated, OutcomePerson, OutcomeLongReply and OutcomeUnknownKinds.
const (
	OutcomeRobotConnected = "robot_connected"
	OutcomeRobotLost      = "robot_lost"
	OutcomeRobotRefused   = "robot_refused"
	OutcomeRobotEvicted   = "robot_evicted"
	OutcomeRobotPassedOn  = "robot_passed_on"
	OutcomeRobotCrowded   = "robot_crowded"
	OutcomeRobotFrame     = "robot_bad_frame"
	OutcomeRobotIgnored   = "robot_ignored"
	OutcomeRobotUnsaid    = "robot_unsaid"
)

// RobotConfig names one smart robot in API mode with a long connection.
type RobotConfig struct {
	// URL is ws(s)://host[:port][/path]; "" means DefaultRobotURL.
	URL string
	// ID and Secret are the robot's BotID and its long-connection secret.
	ID     string
	Secret Secret
	// Now is the bot's clock; it only dates events.
	Now func() time.Time
	// Handle answers one event; it is called concurrently, also for one person.
	Handle func(ctx context.Context, ev chat.Event) Result
	// Term waits until this process may hold the connection, of which the platform
	// allows one, and returns a context that ends when it may no longer. nil: always.
	Term func(ctx context.Context) (context.Context, error)
	// HTTPClient may bring a proxy or an internal CA; nil means a plain one.
	HTTPClient *http.Client
	// Count is told one outcome for each callback and connection; nil is allowed.
	Count func(outcome string)
	// Log gets ids and named reasons, never content; nil is allowed.
	Log *slog.Logger
}

// Robot is the smart robot (智能机器人) on its long connection: messages in
// (Run), answers and pushes out. It implements bot.Wire and is safe for
// concurrent use. Which chats it may push to is learned from who speaks to it
// and not kept over a restart.
type Robot struct {
	cfg      RobotConfig
	client   *http.Client
	mask     func(string) string
	progress *memory
	answered *memory // ids of events whose answer is out
	// Pictures come from the platform's storage, or from the robot's own host.
	publicFiles, ownFiles *http.Client

	work      sync.WaitGroup // turns
	elsewhere atomic.Bool

	mu      sync.Mutex // guards what follows
	line    *line      // subscribed, or nil
	changed chan struct{}
	shut    bool  // no more events are taken
	over    error // why there will be no connection any more
	running map[string]bool
	chats   map[string]string // by Message.To, as the platform spells them
}

// NewRobot checks the configuration; it makes no connection.
func NewRobot(cfg RobotConfig) (*Robot, error) {
	if cfg.URL == "" {
		cfg.URL = DefaultRobotURL
	}
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" || u.Scheme != "wss" && u.Scheme != "ws" || u.User != nil {
		return nil, fmt.Errorf("%w: the robot's URL must be wss://host[:port][/path]", ErrConfig)
	}
	if !plainID(cfg.ID) || cfg.Secret == "" || cfg.Now == nil || cfg.Handle == nil {
		return nil, fmt.Errorf("%w: RobotConfig needs ID, Secret, Now and Handle", ErrConfig)
	}
	if cfg.Count == nil {
		cfg.Count = func(string) {}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	client := cfg.HTTPClient
	if client == nil {
		client = &http.Client{Transport: newTransport()}
	}
	public, own := newFileClients(client)
	return &Robot{
		publicFiles: public, ownFiles: own,
		cfg: cfg, client: limited(client, robotDial), mask: masker([]string{string(cfg.Secret)}),
		progress: newMemory(), answered: newMemory(), changed: make(chan struct{}),
		running: map[string]bool{}, chats: map[string]string{},
	}, nil
}

// Connected reports whether the robot is subscribed now.
func (r *Robot) Connected() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.line != nil
}

// WaitConnected returns when the robot is subscribed, or with the reason why it
// never will be or the context's error.
func (r *Robot) WaitConnected(ctx context.Context) error {
	_, err := r.await(ctx)
	return err
}

// await returns the subscribed connection, now or when there is one.
func (r *Robot) await(ctx context.Context) (*line, error) {
	for {
		r.mu.Lock()
		l, over, changed := r.line, r.over, r.changed
		r.mu.Unlock()
		switch {
		case l != nil && !l.ended():
			return l, nil
		case over != nil:
			return nil, over
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, fmt.Errorf("wecom: smart robot is not connected: %w", ctx.Err())
		}
	}
}

// set changes the state and tells those who wait for it.
func (r *Robot) set(l *line, over error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.line, r.over = l, over
	close(r.changed)
	r.changed = make(chan struct{})
}

var (
	errStopped  = errors.New("wecom: smart robot has stopped")
	errTermOver = errors.New("wecom: smart robot: another replica holds the connection")
)

// Run keeps the robot connected until the context ends (nil) or another
// connection takes it over (ErrEvicted). Every goroutine it starts has ended
// when it returns. It runs once.
func (r *Robot) Run(ctx context.Context) error {
	turns, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer func() {
		r.rest()
		stop()
		r.work.Wait()
		r.client.CloseIdleConnections()
	}()
	lost := pauses{first: lostFirst, most: lostMost}
	refused := pauses{first: refusedFirst, most: refusedMost}
	for {
		term, err := r.candidate(ctx)
		if err != nil {
			r.set(nil, errStopped)
			return nil
		}
		steady, err := r.session(ctx, term, turns)
		if steady {
			lost.tries, refused.tries = 0, 0
		}
		var pause time.Duration
		ack, isAck := errors.AsType[*ackError](err)
		switch {
		case ctx.Err() == nil && termOver(ctx, term, err):
			r.cfg.Count(OutcomeRobotPassedOn)
			r.cfg.Log.InfoContext(ctx, "smart robot: another replica holds the connection now")
			continue
		case errors.Is(err, errEvicted):
			r.cfg.Count(OutcomeRobotEvicted)
			r.cfg.Log.ErrorContext(ctx, "smart robot: another connection has taken over; it stays off until the next start")
			r.set(nil, ErrEvicted)
			return ErrEvicted
		case ctx.Err() != nil:
			r.set(nil, errStopped)
			return nil
		case isAck && ack.cmd == cmdSubscribe && secretRefused(ack.code):
			pause = refused.next()
			r.cfg.Count(OutcomeRobotRefused)
			r.cfg.Log.ErrorContext(ctx, "smart robot: ID or secret refused", "code", ack.code, "again_in", pause)
		default:
			pause = lost.next()
			r.cfg.Count(OutcomeRobotLost)
			r.cfg.Log.WarnContext(ctx, "smart robot: not connected", "why", err.Error(), "again_in", pause)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// candidate waits for a term and notes meanwhile that somebody else has it.
func (r *Robot) candidate(ctx context.Context) (context.Context, error) {
	if r.cfg.Term == nil {
		return ctx, ctx.Err()
	}
	r.elsewhere.Store(true)
	term, err := r.cfg.Term(ctx)
	r.elsewhere.Store(err != nil)
	return term, err
}

// Elsewhere reports whether another replica holds the connection: it may reach
// whom this one does not.
func (r *Robot) Elsewhere() bool { return r.elsewhere.Load() }

// termOver reports whether a session ended because the process may not hold the
// connection any more. Somebody evicted may not have heard of that yet.
func termOver(ctx, term context.Context, err error) bool {
	if term == ctx {
		return false
	}
	if errors.Is(err, errEvicted) && term.Err() == nil {
		rested(term, termDoubt)
	}
	return term.Err() != nil
}

// secretRefused reports codes of a subscription that no quick repeat mends.
func secretRefused(code int) bool {
	return code == codeRobotSecret || code == codeBadSecret || code == codeBadCorp
}

// pauses grows the wait between two tries, with jitter so that many bots cut off
// at once do not come back at once.
type pauses struct {
	first, most time.Duration
	tries       int
}

// next returns the next wait: between half and all of a doubling step.
func (p *pauses) next() time.Duration {
	step := p.most
	if p.tries < 16 {
		step = min(p.first<<p.tries, p.most)
	}
	p.tries++
	return step/2 + rand.N(step/2+1)
}

// session is one connection from dialling to its end. steady says that it has
// lived for a heartbeat. When ctx ends, running turns may answer first.
// When the term ends, the connection does at once: it belongs to somebody else.
func (r *Robot) session(ctx, term, turns context.Context) (steady bool, err error) {
	if term.Err() != nil {
		return false, term.Err()
	}
	conn, err := r.dial(term)
	if err != nil {
		return false, err
	}
	l := newLine(conn, r.mask)
	go l.read(context.WithoutCancel(ctx), func(f *robotFrame) error { return r.hear(turns, f) })
	defer func() {
		l.hangUp()
		<-l.done
		if errors.Is(l.err, errEvicted) {
			err = errEvicted // Whatever else went wrong on the way out.
		}
	}()
	err = l.call(term, cmdSubscribe, newReqID(cmdSubscribe), map[string]string{
		"bot_id": r.cfg.ID, "secret": string(r.cfg.Secret),
	})
	if err != nil {
		return false, err
	}
	r.set(l, nil)
	defer r.set(nil, nil)
	r.cfg.Count(OutcomeRobotConnected)
	r.cfg.Log.InfoContext(ctx, "smart robot: connected")
	return r.beat(ctx, term, l)
}

// dial opens a socket. Nothing secret is in the request.
func (r *Robot) dial(ctx context.Context) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, robotDial)
	defer cancel()
	conn, answer, err := websocket.Dial(ctx, r.cfg.URL, &websocket.DialOptions{HTTPClient: r.client})
	if answer != nil && answer.Body != nil {
		_ = answer.Body.Close() // The library has read it already.
	}
	if err != nil {
		return nil, fmt.Errorf("%w: dial: %s", errLine, oneLine(err.Error()))
	}
	return conn, nil
}

// beat sends heartbeats until the connection, the term or the context ends.
func (r *Robot) beat(ctx, term context.Context, l *line) (steady bool, err error) {
	ticker := time.NewTicker(robotBeat)
	defer ticker.Stop()
	for missed := 0; missed < robotMissed; {
		select {
		case <-ctx.Done():
			r.rest()
			return steady, ctx.Err()
		case <-l.done:
			return steady, l.err
		case <-term.Done():
			if ctx.Err() == nil {
				return steady, errTermOver
			}
			r.rest()
			return steady, ctx.Err()
		case <-ticker.C:
		}
		if err = l.call(ctx, cmdPing, newReqID(cmdPing), nil); err != nil {
			missed++
			continue
		}
		missed, steady = 0, true
	}
	return steady, fmt.Errorf("heartbeats unanswered: %w", err)
}

// hear takes a callback on the reader's goroutine: it never waits. An error ends
// the connection.
func (r *Robot) hear(turns context.Context, f *robotFrame) error {
	if f == nil {
		r.cfg.Count(OutcomeRobotFrame)
		return nil
	}
	if f.Cmd != cmdMessage && f.Cmd != cmdEvent {
		r.cfg.Count(OutcomeRobotIgnored)
		return nil
	}
	h, err := readCallback(r.cfg.ID, f)
	switch {
	case err == nil:
		h.event.At = r.cfg.Now()
		if h.event.Kind == chat.Unknown {
			r.cfg.Count(OutcomeUnknownKinds)
		}
		r.take(turns, &h)
	case errors.Is(err, errEvicted):
		return err
	case errors.Is(err, errPerson):
		r.cfg.Count(OutcomePerson)
	case errors.Is(err, errBadFrame):
		r.cfg.Count(OutcomeRobotFrame)
		r.cfg.Log.WarnContext(turns, "smart robot: a callback cannot be read")
	default:
		r.cfg.Count(OutcomeRobotIgnored)
	}
	return nil
}

// take starts the turn of an event or counts why not.
func (r *Robot) take(ctx context.Context, h *overheard) {
	outcome := r.begin(ctx, h)
	if outcome == "" {
		return
	}
	r.cfg.Count(outcome)
	if outcome == OutcomeRobotCrowded {
		r.cfg.Log.WarnContext(ctx, "smart robot: event left out", "event", h.event.ID)
	}
}

// begin starts the turn of an event, unless the same event runs or is answered,
// and returns why not.
func (r *Robot) begin(ctx context.Context, h *overheard) (outcome string) {
	id := h.event.ID
	r.mu.Lock()
	defer r.mu.Unlock()
	r.learn(h)
	if _, answered := r.answered.get(id); answered || r.running[id] {
		return OutcomeRepeated
	}
	if r.shut || len(r.running) >= maxRobotTurns {
		return OutcomeRobotCrowded
	}
	r.running[id] = true
	r.work.Go(func() {
		defer func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			delete(r.running, id)
		}()
		r.turn(ctx, h)
	})
	return ""
}

// learn remembers where the robot may push to from now on: where a message was
// written to it. Opening the chat is not enough.
func (r *Robot) learn(h *overheard) {
	if h.welcome {
		return
	}
	to := h.event.From
	if h.event.Group != "" {
		to = chat.GroupPrefix + h.event.Group
	}
	r.note(to, h.chat)
}

// Know tells the robot of a group that spoke to an earlier process of the bot.
func (r *Robot) Know(group string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.note(chat.GroupPrefix+group, group)
}

// note remembers a chat, within bounds.
func (r *Robot) note(to, chatID string) {
	if _, known := r.chats[to]; !known && len(r.chats) >= maxRobotChats {
		for old := range r.chats { // Any one: it will speak again or be reached otherwise.
			delete(r.chats, old)
			break
		}
	}
	r.chats[to] = chatID
}

// rest takes no more events and lets the running turns end, for a while. Only
// the first call waits.
func (r *Robot) rest() {
	r.mu.Lock()
	resting := r.shut
	r.shut = true
	r.mu.Unlock()
	if resting {
		return
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.work.Wait() // Run waits for the same turns before it returns.
	}()
	timer := time.NewTimer(robotRest)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C:
	}
}
