package bot_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cxbot/bot"
	"cxbot/chat"
)

// jobs is a queue of downloads in memory with the semantics of the real one.
type jobs struct {
	mu    sync.Mutex
	list  map[string]*job
	fence int64
}

type job struct {
	bot.ClaimedFetch

	due time.Time
}

func newJobs(list ...chat.Fetch) *jobs {
	j := &jobs{list: map[string]*job{}}
	for _, f := range list {
		j.list[f.ID] = &job{ClaimedFetch: bot.ClaimedFetch{Fetch: f}, due: f.At}
	}
	return j
}

func (j *jobs) ClaimFetches(_ context.Context, now time.Time, lease time.Duration, limit int) (got []bot.ClaimedFetch, next time.Time, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, one := range j.list {
		if len(got) < limit && !one.due.After(now) {
			j.fence++
			one.Fence, one.due = j.fence, now.Add(lease)
			got = append(got, one.ClaimedFetch)
		}
	}
	for _, one := range j.list {
		if next.IsZero() || one.due.Before(next) {
			next = one.due
		}
	}
	return got, next, nil
}

func (j *jobs) RetryFetch(_ context.Context, c bot.ClaimedFetch, at time.Time) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if one := j.list[c.Fetch.ID]; one != nil && one.Fence == c.Fence {
		one.due = at
		one.Tries++
	}
	return nil
}

// fetching is a world for one Fetcher.
type fetching struct {
	*jobs

	now   time.Time
	tries int
	// download and keep answer by try, from 1; nil hands out and keeps a file.
	download func(try int) error
	keep     func(try int) error
	name     string
	refuse   int // so many landings fail
	landed   []chat.Event
}

func (f *fetching) Now() time.Time                              { return f.now }
func (f *fetching) Wait(ctx context.Context, _ time.Time) error { <-ctx.Done(); return ctx.Err() }
func (f *fetching) Download(context.Context, chat.Fetch) (*bot.Download, error) {
	f.tries++
	if f.download != nil {
		if err := f.download(f.tries); err != nil {
			return nil, err
		}
	}
	return &bot.Download{ReadCloser: io.NopCloser(strings.NewReader("bytes")), Name: f.name}, nil
}

func (f *fetching) Keep(context.Context, io.Reader) (chat.Attachment, error) {
	if f.keep != nil {
		if err := f.keep(f.tries); err != nil {
			return chat.Attachment{}, err
		}
	}
	return chat.Attachment{Hash: "h", Kind: "image/png", Size: 5}, nil
}

// handle lands an event and removes its download, as one commit does.
func (f *fetching) handle(_ context.Context, ev chat.Event) bot.Result {
	if f.refuse > 0 {
		f.refuse--
		return bot.Result{Close: true}
	}
	f.landed = append(f.landed, ev)
	delete(f.list, ev.Result.ID)
	return bot.Result{}
}

// play steps through time until nothing is due any more, and returns how long it took.
func (f *fetching) play(t *testing.T) time.Duration {
	t.Helper()
	began := f.now
	fetcher := bot.NewFetcher(bot.FetcherConfig{Fetches: f, Source: f, Shelf: f, Handle: f.handle, Clock: f, Workers: 1})
	for range 1000 {
		_, next, err := fetcher.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if next.IsZero() {
			return f.now.Sub(began)
		}
		f.now = next
	}
	t.Fatal("never at rest")
	return 0
}

var errNet = errors.New("the network")

func sent(channel chat.Channel) chat.Fetch {
	return chat.Fetch{ID: "e1|1", Person: "li", Channel: channel, At: noonAt}
}

var noonAt = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestFetcher(t *testing.T) {
	t.Parallel()
	gone := &bot.FetchError{Why: chat.WhyGone}
	always := func(err error) func(int) error { return func(int) error { return err } }
	until := func(n int, err error) func(int) error {
		return func(try int) error {
			if try <= n {
				return err
			}
			return nil
		}
	}
	for name, c := range map[string]struct {
		channel  chat.Channel
		world    fetching
		why      chat.Why
		tries    int
		from, to time.Duration // how long it takes
	}{
		"at once":            {chat.App, fetching{}, "", 1, 0, 0},
		"gone is final":      {chat.App, fetching{download: always(gone)}, chat.WhyGone, 1, 0, 0},
		"bad file is final":  {chat.App, fetching{keep: always(&bot.FetchError{Why: chat.WhyGIF})}, chat.WhyGIF, 1, 0, 0},
		"third time":         {chat.App, fetching{download: until(2, errNet)}, "", 3, 15 * time.Second, 15 * time.Second},
		"disk full at first": {chat.App, fetching{keep: until(1, errNet)}, "", 2, 5 * time.Second, 5 * time.Second},
		"told to wait":       {chat.App, fetching{download: until(1, &bot.SendError{Class: bot.Wait, After: time.Minute})}, "", 2, time.Minute, time.Minute},
		"app never":          {chat.App, fetching{download: always(errNet)}, chat.WhyUnreachable, 12, 29 * time.Minute, 31 * time.Minute},
		"robot third time":   {chat.Robot, fetching{download: until(2, errNet)}, "", 3, 6 * time.Second, 6 * time.Second},
		"robot never":        {chat.Robot, fetching{download: always(errNet)}, chat.WhyUnreachable, 14, 299 * time.Second, 301 * time.Second},
		"secret name":        {chat.App, fetching{name: "机密名单.jpg"}, chat.WhySecret, 1, 0, 0},
		"landing fails":      {chat.App, fetching{refuse: 2}, "", 1, 0, 0},
		"landing fails long": {chat.App, fetching{refuse: 7}, "", 3, 10 * time.Second, 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := c.world
			w.jobs, w.now = newJobs(sent(c.channel)), noonAt
			took := w.play(t)
			if len(w.landed) != 1 || w.landed[0].Result.Why != c.why || w.tries != c.tries || took < c.from || took > c.to {
				t.Errorf("landed %+v after %d tries and %s", w.landed, w.tries, took)
			}
			ev := w.landed[0]
			if ev.ID != "fetch|e1|1" || ev.Channel != chat.Internal || ev.Kind != chat.Fetched || ev.From != "li" {
				t.Errorf("landed as %+v", ev)
			}
			if (ev.Result.File.Hash == "h") != (c.why == "") {
				t.Errorf("file %+v with reason %q", ev.Result.File, c.why)
			}
		})
	}
}

// TestFetcherNames keeps names people gave, and leaves doubtful ones away.
func TestFetcherNames(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{"现场.jpg": "现场.jpg", "": "", "内部资料.jpg": ""} {
		w := fetching{jobs: newJobs(sent(chat.App)), now: noonAt, name: given}
		w.play(t)
		if got := w.landed[0].Result.File.Name; got != want {
			t.Errorf("%q became %q", given, got)
		}
	}
}

// TestFetcherLeases lets what a dead process held come back when its lease ends.
func TestFetcherLeases(t *testing.T) {
	t.Parallel()
	w := fetching{jobs: newJobs(sent(chat.App)), now: noonAt}
	if got, _, err := w.ClaimFetches(t.Context(), noonAt, time.Minute, 1); err != nil || len(got) != 1 {
		t.Fatal(got, err) // by a process that dies now
	}
	if took := w.play(t); took != time.Minute || len(w.landed) != 1 {
		t.Errorf("landed %d after %s", len(w.landed), took)
	}
}

// TestFetcherTogether downloads several at once, and each once.
func TestFetcherTogether(t *testing.T) {
	t.Parallel()
	var list []chat.Fetch
	for _, id := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		f := sent(chat.App)
		f.ID = id
		list = append(list, f)
	}
	w := &fetching{jobs: newJobs(list...), now: noonAt}
	both := make(chan struct{}, 7)
	var mu sync.Mutex
	var landed []string
	fetcher := bot.NewFetcher(bot.FetcherConfig{
		Fetches: w, Shelf: w, Clock: w, Workers: 3,
		Source: sourceFunc(func() (*bot.Download, error) {
			both <- struct{}{}
			for len(both) < 3 { // three must run side by side
				time.Sleep(time.Millisecond)
			}
			return &bot.Download{ReadCloser: io.NopCloser(strings.NewReader("x"))}, nil
		}),
		Handle: func(_ context.Context, ev chat.Event) bot.Result {
			mu.Lock()
			defer mu.Unlock()
			landed = append(landed, ev.Result.ID)
			w.mu.Lock()
			defer w.mu.Unlock()
			delete(w.list, ev.Result.ID)
			return bot.Result{}
		},
	})
	n, _, err := fetcher.Step(t.Context())
	slices.Sort(landed)
	if err != nil || n != 7 || strings.Join(landed, "") != "abcdefg" {
		t.Errorf("%d ended, %v, %v", n, landed, err)
	}
}

type sourceFunc func() (*bot.Download, error)

func (f sourceFunc) Download(context.Context, chat.Fetch) (*bot.Download, error) { return f() }
