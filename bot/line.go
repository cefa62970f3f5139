package bot

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"cxbot/chat"
)

// errCrowded says that too many events of one person wait already.
var errCrowded = errors.New("bot: too many events of one person are waiting")

// lines lets the events of one person through one at a time, in the order they
// came (design.md D19). It lives in this process only; between replicas the
// revision checks of the commit decide.
type lines struct {
	mu      sync.Mutex
	persons map[string][]*place // the first place is the running one
	bound   int                 // places behind the running one
	arrived recent
}

// place is one event's place in its person's line.
type place struct {
	lines  *lines
	person string
	event  chat.Event
	again  bool          // a redelivery: it may have nothing new to say
	front  chan struct{} // closed when the event may run
}

// enter joins the line and returns when the event's turn has come. It fails at
// once when the line is too long, and with the context's error when that ends
// first; in both cases the place is gone.
func (l *lines) enter(ctx context.Context, ev chat.Event) (*place, error) {
	p := &place{lines: l, person: strings.ToLower(ev.From), event: ev, front: make(chan struct{})}
	l.mu.Lock()
	// Under the lock, so that of several deliveries at once the first in line is
	// the one that counts as new: the others must not silence it.
	p.again = l.arrived.again(ev.ID)
	line := l.persons[p.person]
	if len(line) > l.bound {
		l.mu.Unlock()
		return nil, errCrowded
	}
	if len(line) == 0 {
		close(p.front)
	}
	l.persons[p.person] = append(line, p)
	l.mu.Unlock()

	select {
	case <-p.front:
		return p, nil
	case <-ctx.Done():
		p.leave()
		return nil, ctx.Err()
	}
}

// leave gives the place up and lets the next one run.
func (p *place) leave() {
	l := p.lines
	l.mu.Lock()
	defer l.mu.Unlock()
	line := l.persons[p.person]
	at := slices.Index(line, p)
	line = slices.Delete(line, at, at+1)
	if len(line) == 0 {
		delete(l.persons, p.person)
		return
	}
	l.persons[p.person] = line
	if at == 0 {
		close(line[0].front)
	}
}

// size is how many events are in all the lines together, running ones included.
func (l *lines) size() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, line := range l.persons {
		n += len(line)
	}
	return n
}

// more reports whether another message of the person waits that will answer in
// the same chat. Redeliveries do not count: they repeat their old reply, and
// what this event left unsaid would stay unsaid.
func (p *place) more() bool {
	if !isMessage(p.event.Kind) {
		return false
	}
	p.lines.mu.Lock()
	defer p.lines.mu.Unlock()
	return slices.ContainsFunc(p.lines.persons[p.person][1:], func(q *place) bool {
		return !q.again && isMessage(q.event.Kind) &&
			q.event.Channel == p.event.Channel && q.event.Group == p.event.Group
	})
}

// gate counts what runs and can be shut for a graceful stop.
type gate struct {
	mu      sync.Mutex
	running int
	shut    bool
	empty   chan struct{} // made by drain, closed when nothing runs any more
}

// enter reports whether the gate is open, and counts the caller in.
func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut {
		return false
	}
	g.running++
	return true
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.running--
	if g.shut && g.running == 0 {
		close(g.empty)
	}
}

// drain shuts the gate and waits for those inside.
func (g *gate) drain(ctx context.Context) error {
	g.mu.Lock()
	if !g.shut {
		g.shut = true
		g.empty = make(chan struct{})
		if g.running == 0 {
			close(g.empty)
		}
	}
	g.mu.Unlock()
	select {
	case <-g.empty:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// limiter remembers when something was last said to each person, so that it is
// not said again too soon.
type limiter struct {
	mu    sync.Mutex
	every time.Duration
	last  map[string]time.Time
}

// limiterSweep is the size at which a limiter forgets what is long past.
const limiterSweep = 4096

// ready reports whether it may be said again; a clock that went back allows it.
func (l *limiter) ready(person string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, said := l.last[strings.ToLower(person)]
	return !said || now.Before(at) || now.Sub(at) >= l.every
}

// mark notes that it was said now.
func (l *limiter) mark(person string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.last) >= limiterSweep {
		for who, at := range l.last {
			if now.Sub(at) >= l.every {
				delete(l.last, who)
			}
		}
	}
	l.last[strings.ToLower(person)] = now
}

// recent remembers the ids of some thousand events that came in lately, in two
// generations so that forgetting costs nothing.
type recent struct {
	mu          sync.Mutex
	young, aged map[string]struct{}
}

// recentSize is how many ids a generation holds.
const recentSize = 2048

// again notes an id and reports whether it was there before.
func (r *recent) again(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, young := r.young[id]
	_, aged := r.aged[id]
	if young || aged {
		return true
	}
	if len(r.young) >= recentSize {
		r.young, r.aged = make(map[string]struct{}, recentSize), r.young
	}
	r.young[id] = struct{}{}
	return false
}

// isMessage reports whether a person said something and waits for words.
func isMessage(k chat.Kind) bool {
	switch k {
	case chat.Text, chat.Image, chat.Voice, chat.Video, chat.File, chat.Location, chat.Link:
		return true
	case chat.Click, chat.Menu, chat.Enter, chat.Subscribe, chat.Unsubscribe, chat.Unknown:
		return false
	}
	return false
}
