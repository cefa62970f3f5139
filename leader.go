package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// The times of an election, in real time: they coordinate processes, whatever
// the programme's clock shows.
const (
	// leadFor is how long a lease lasts: after a crash nobody leads for that long.
	leadFor = 10 * time.Second
	// leadEvery is how often it is renewed, and how often the others ask.
	leadEvery = 3 * time.Second
	// leadMargin is the end of a lease in which its holder no longer relies on it:
	// more than clocks of replicas kept by NTP differ.
	leadMargin = 2 * time.Second
)

// election is where leases are kept.
type election interface {
	Lead(ctx context.Context, who string, now time.Time, ttl time.Duration) (fence int64, ok bool, err error)
	Resign(ctx context.Context, who string, now time.Time) error
}

// Leader stands for election among the replicas of one county: one of them at a
// time leads, and its terms are numbered. A process that was paused finds its
// term over when it wakes, because a term ends by the holder's own clock, before
// the lease does, unless it was renewed.
type Leader struct {
	who   string
	store election
	log   *slog.Logger

	mu      sync.Mutex
	term    context.Context //nolint:containedctx // What a term is: it ends.
	end     context.CancelFunc
	timer   *time.Timer // ends the term unless it is renewed
	fence   int64
	changed chan struct{} // closed when a term begins
}

func newLeader(store election, log *slog.Logger) *Leader {
	host, err := os.Hostname()
	if err != nil {
		host = "?" // The random part is what tells replicas apart.
	}
	return &Leader{who: fmt.Sprintf("%s/%d/%s", host, os.Getpid(), rand.Text()), store: store, log: log, changed: make(chan struct{})}
}

// Run stands for election until ctx ends, and then resigns.
func (l *Leader) Run(ctx context.Context) {
	tick := time.NewTicker(leadEvery)
	defer tick.Stop()
	for {
		l.stand(ctx)
		select {
		case <-ctx.Done():
			l.resign(ctx)
			return
		case <-tick.C:
		}
	}
}

// stand asks for the lease, or for more of it.
func (l *Leader) stand(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, leadEvery)
	defer cancel()
	asked := time.Now() // The lease may have begun as early as this.
	fence, ok, err := l.store.Lead(ctx, l.who, asked, leadFor)
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err != nil:
		// The term lasts until its own end; perhaps Redis is back before.
		l.log.WarnContext(ctx, "leadership cannot be renewed", "err", err)
	case !ok || fence != l.fence:
		l.over()
	}
	if err != nil || !ok {
		return
	}
	if l.term == nil || l.term.Err() != nil {
		l.log.InfoContext(ctx, "this replica leads", "fence", fence)
		l.fence = fence
		term, end := context.WithCancel(context.WithoutCancel(ctx))
		l.term, l.end = term, end
		close(l.changed)
		l.changed = make(chan struct{})
	}
	if l.timer != nil {
		l.timer.Stop()
	}
	l.timer = time.AfterFunc(time.Until(asked.Add(leadFor-leadMargin)), l.end)
}

// over ends the term.
func (l *Leader) over() {
	if l.term == nil {
		return
	}
	l.timer.Stop()
	l.end()
	l.term, l.fence = nil, 0
}

// resign gives the lease up, so that a successor need not wait for its end.
func (l *Leader) resign(ctx context.Context) {
	l.mu.Lock()
	leads := l.term != nil
	l.over()
	l.mu.Unlock()
	if !leads {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyTimeout)
	defer cancel()
	if err := l.store.Resign(ctx, l.who, time.Now()); err != nil {
		l.log.WarnContext(ctx, "leadership not given up", "err", err)
	}
}

// Term waits until this replica leads and returns what ends with its term.
func (l *Leader) Term(ctx context.Context) (context.Context, error) {
	for {
		l.mu.Lock()
		term, changed := l.term, l.changed
		l.mu.Unlock()
		if term != nil && term.Err() == nil {
			return both(ctx, term), nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for leadership: %w", ctx.Err())
		}
	}
}

// both returns a context that ends with either of two.
func both(a, b context.Context) context.Context {
	out, end := context.WithCancel(a)
	context.AfterFunc(b, end)
	return out
}
