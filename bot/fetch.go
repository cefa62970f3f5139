package bot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"cxbot/award"
	"cxbot/chat"
)

// The fetcher's times.
const (
	// fetchLease is how long a claimed download belongs to one replica; after a
	// crash it waits that long. The robot's addresses live five minutes.
	fetchLease = time.Minute
	// fetchTimeout ends one try, before the lease does.
	fetchTimeout = 45 * time.Second
	// defaultFetchers is how many downloads run at once; each needs some 100 kB.
	defaultFetchers = 4
	// robotLife and appLife are how long tries go on after a picture was sent. An
	// app's media live for days, but somebody waits for the answer.
	robotLife = 5 * time.Minute
	appLife   = 30 * time.Minute
	// The waits between tries double from first to most.
	robotFirst, robotMost = 2 * time.Second, 30 * time.Second
	appFirst, appMost     = 5 * time.Second, 5 * time.Minute
	// landTries is how often the end of a download is committed at once, with
	// landPause between; then the download as a whole comes back later.
	landTries = 3
	landPause = 50 * time.Millisecond
)

// FetchError is a download or a file that no further try mends.
type FetchError struct{ Why chat.Why }

// Error implements error.
func (e *FetchError) Error() string { return "bot: picture not taken: " + string(e.Why) }

// Download is a file on its way from the platform.
type Download struct {
	io.ReadCloser

	Name string // safe to show, "" when the platform gave none
}

// Source hands out what people sent. A *FetchError is final, a *SendError of
// class Wait names its pause, everything else is tried again.
type Source interface {
	Download(ctx context.Context, f chat.Fetch) (*Download, error)
}

// Shelf keeps pictures. When it returns, the file is on the disk for good under
// its hash; nothing is left behind by an error. A *FetchError is final.
type Shelf interface {
	Keep(ctx context.Context, r io.Reader) (chat.Attachment, error)
}

// FetcherConfig is what a Fetcher is made of. Log, Count and Workers may be left out.
type FetcherConfig struct {
	Fetches Fetches
	Source  Source
	Shelf   Shelf
	// Handle plays the end of a download as an event of the person who sent it.
	Handle func(ctx context.Context, ev chat.Event) Result
	Clock  Clock
	// Log gets ids and reasons, never names or addresses.
	Log     *slog.Logger
	Count   func(name string)
	Workers int
}

// Fetcher downloads what people sent, after the turn that said so was committed
// (design.md D28): at least once, and with one effect, because the end of a
// download is an event with an id of its own whose commit removes the download.
// The file is on the disk before that commit names it.
type Fetcher struct {
	cfg  FetcherConfig
	wake chan struct{}
	step sync.Mutex // one Step at a time
}

// NewFetcher makes a Fetcher.
func NewFetcher(cfg FetcherConfig) *Fetcher {
	cfg.Log, cfg.Count = orQuiet(cfg.Log, cfg.Count)
	if cfg.Workers <= 0 {
		cfg.Workers = defaultFetchers
	}
	return &Fetcher{cfg: cfg, wake: make(chan struct{}, 1)}
}

// Wake says that a download may be due. It never blocks.
func (f *Fetcher) Wake() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Run downloads until the context ends. It looks at the queue when woken, when
// something falls due, and once a second; when the queue fails it rests longer
// and longer.
func (f *Fetcher) Run(ctx context.Context) {
	pause := poll
	for ctx.Err() == nil {
		_, next, err := f.Step(ctx)
		until := soonest(f.cfg.Clock.Now(), next)
		if err != nil && ctx.Err() == nil {
			f.cfg.Count("fetch.queue-error")
			f.cfg.Log.LogAttrs(ctx, slog.LevelError, "fetcher cannot use the queue", slog.String("why", err.Error()))
			until = f.cfg.Clock.Now().Add(pause)
			pause = min(2*pause, maxPause)
		} else {
			pause = poll
		}
		sleep(ctx, f.cfg.Clock, f.wake, until)
	}
}

// Step downloads what is due until nothing is, and waits for all it has begun.
// next is when something will be due again; zero means nothing waits.
func (f *Fetcher) Step(ctx context.Context) (ended int, next time.Time, err error) {
	f.step.Lock()
	defer f.step.Unlock()
	running, over := 0, make(chan struct{}, f.cfg.Workers)
	for {
		if err == nil && ctx.Err() == nil && running < f.cfg.Workers {
			var got []ClaimedFetch
			got, next, err = f.cfg.Fetches.ClaimFetches(ctx, f.cfg.Clock.Now(), fetchLease, f.cfg.Workers-running)
			for _, c := range got {
				running++
				go func() {
					defer func() { over <- struct{}{} }()
					f.work(ctx, c)
				}()
			}
		}
		if running == 0 {
			return ended, next, err
		}
		select {
		case <-over:
			running--
			ended++
		case <-f.wake:
		}
	}
}

// work does one download from end to end.
func (f *Fetcher) work(ctx context.Context, c ClaimedFetch) {
	defer func() {
		if p := recover(); p != nil {
			f.cfg.Count("fetch.panic")
			f.cfg.Log.LogAttrs(ctx, slog.LevelError, "download panicked", slog.String("id", c.Fetch.ID),
				slog.String("panic", fmt.Sprintf("%T", p)), slog.String("stack", string(debug.Stack())))
		}
	}()
	result := chat.FetchResult{ID: c.Fetch.ID}
	file, err := f.get(ctx, c.Fetch)
	if final, ok := errors.AsType[*FetchError](err); ok {
		result.Why = final.Why
	} else if err != nil {
		at, again := f.again(ctx, c, err)
		if again {
			f.giveBack(ctx, c, at, err)
			return
		}
		result.Why = chat.WhyUnreachable
	}
	result.File = file
	f.land(ctx, c, result)
}

// get downloads and keeps the file. A name that carries a mark of secrecy is
// final before a byte is written; one with a doubtful word is left away.
func (f *Fetcher) get(ctx context.Context, job chat.Fetch) (chat.Attachment, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	d, err := f.cfg.Source.Download(ctx, job)
	if err != nil {
		return chat.Attachment{}, fmt.Errorf("download: %w", err)
	}
	defer func() { _ = d.Close() }() // only read
	name := d.Name
	if job.Media.Name != "" {
		name = job.Media.Name
	}
	hit, stop := award.Secrecy(name)
	if stop {
		return chat.Attachment{}, &FetchError{chat.WhySecret}
	}
	if hit != "" {
		name = ""
	}
	file, err := f.cfg.Shelf.Keep(ctx, d)
	if err != nil {
		return chat.Attachment{}, fmt.Errorf("keep: %w", err)
	}
	file.Name = name
	return file, nil
}

// again says when to try once more, and whether.
func (f *Fetcher) again(ctx context.Context, c ClaimedFetch, err error) (at time.Time, again bool) {
	now := f.cfg.Clock.Now()
	if ctx.Err() != nil {
		return now, true // the process stops: the next one goes on at once
	}
	first, most, life := appFirst, appMost, appLife
	if c.Fetch.Channel == chat.Robot {
		first, most, life = robotFirst, robotMost, robotLife
	}
	const doublings = 10
	wait := min(first<<min(c.Tries, doublings), most)
	if known, ok := errors.AsType[*SendError](err); ok && known.Class == Wait {
		wait = max(wait, known.After)
	}
	end := c.Fetch.At.Add(life)
	at = now.Add(wait)
	if at.After(end) && now.Before(end) {
		at = end // one last time
	}
	return at, now.Before(end)
}

// giveBack leaves a download for later.
func (f *Fetcher) giveBack(ctx context.Context, c ClaimedFetch, at time.Time, why error) {
	f.cfg.Count("fetch.retry")
	f.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "download failed", slog.String("id", c.Fetch.ID),
		slog.Int("tries", c.Tries), slog.Time("again", at), slog.String("why", strings.ReplaceAll(why.Error(), "\n", " ")))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), turnDeadline)
	defer cancel()
	if err := f.cfg.Fetches.RetryFetch(ctx, c, at); err != nil {
		// It comes back by itself at the end of its lease.
		f.cfg.Log.LogAttrs(ctx, slog.LevelError, "download cannot be given back",
			slog.String("id", c.Fetch.ID), slog.String("why", err.Error()))
	}
}

// errLanding says that the end of a download could not be committed.
var errLanding = errors.New("bot: the end of the download was not committed")

// land plays the end of the download as an event. However often that happens, by
// whatever process, it has one effect, because the event's id is the download's.
func (f *Fetcher) land(ctx context.Context, c ClaimedFetch, result chat.FetchResult) {
	ev := chat.Event{
		ID: "fetch|" + c.Fetch.ID, Channel: chat.Internal, Kind: chat.Fetched, From: c.Fetch.Person, Result: result,
		SentAt: c.Fetch.At, At: f.cfg.Clock.Now(),
	}
	for try := range landTries {
		if try > 0 {
			idle(ctx, landPause)
		}
		if !f.cfg.Handle(context.WithoutCancel(ctx), ev).Close {
			f.cfg.Count("fetch." + string(outcome(result)))
			return
		}
	}
	f.giveBack(ctx, c, f.cfg.Clock.Now().Add(appFirst), errLanding)
}

// outcome is what a download is counted under.
func outcome(r chat.FetchResult) chat.Why {
	if r.Why == "" {
		return "kept"
	}
	return r.Why
}
