package wecom

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"cxbot/bot"
)

// tokenParam carries the token in an answer and in every call's query.
const tokenParam = "access_token"

// tokenMargin is how long before its end a token is no longer used.
const tokenMargin = 5 * time.Minute

// secretPause is how long a refused secret is not shown to the platform again:
// it bans an address for an hour after too many (90313, 45009).
const secretPause = 5 * time.Minute

// tokens keeps one app's access_token (91039) in memory. However many callers
// need a new one at once, it is fetched once.
type tokens struct {
	link   *link
	corp   string
	secret Secret
	now    func() time.Time
	flight singleflight.Group

	mu     sync.Mutex // guards what follows
	token  string
	until  time.Time
	held   *bot.SendError // the refusal that is still good
	paused time.Time      // until then
}

// get returns a token that is believed good. A caller whose context ends stops
// waiting; the fetch goes on for the others.
func (t *tokens) get(ctx context.Context) (string, error) {
	if token, err := t.kept(); token != "" || err != nil {
		return token, err
	}
	detached := context.WithoutCancel(ctx)
	result := t.flight.DoChan("", func() (any, error) {
		if token, err := t.kept(); token != "" || err != nil {
			return token, err
		}
		return t.fetch(detached)
	})
	select {
	case <-ctx.Done():
		return "", notSent("gettoken", ctx.Err())
	case got := <-result:
		if got.Err != nil {
			return "", got.Err
		}
		token, _ := got.Val.(string)
		return token, nil
	}
}

// kept returns the cached token, or the refusal that still holds.
func (t *tokens) kept() (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if t.held != nil {
		if left := t.paused.Sub(now); left > 0 {
			again := *t.held
			if again.Class == bot.Wait {
				again.After = left
			}
			return "", &again
		}
		t.held = nil
	}
	if t.token != "" && now.Before(t.until) {
		return t.token, nil
	}
	return "", nil
}

// drop forgets a token the platform has refused, unless a newer one came
// meanwhile.
func (t *tokens) drop(refusedToken string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == refusedToken {
		t.token = ""
	}
}

// fetch asks for a token and keeps it for its life less a margin.
func (t *tokens) fetch(ctx context.Context) (string, error) {
	asked := t.now()
	got, err := t.link.call(ctx, request{
		method: http.MethodGet, path: "/cgi-bin/gettoken",
		query: url.Values{"corpid": {t.corp}, "corpsecret": {string(t.secret)}},
	})
	if err != nil {
		return "", notSent("gettoken", err)
	}
	if got.Code != codeOK {
		return "", t.hold(asked, got)
	}
	token := got.text(tokenParam)
	if token == "" {
		return "", &bot.SendError{Class: bot.Retry, Text: "wecom: gettoken: an answer without a token"}
	}
	life := time.Duration(got.number("expires_in")) * time.Second
	margin := min(tokenMargin, life/10)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.token, t.until = token, asked.Add(life-margin)
	return token, nil
}

// hold makes the error of a refused gettoken and remembers it where asking
// again would do harm.
func (t *tokens) hold(asked time.Time, got answer) error {
	e := refused("gettoken", got.Code, got.Message, t.link.mask)
	var pause time.Duration
	switch {
	case e.Code == codeFrequency:
		e.After, pause = hourWindow, hourWindow
	case e.Class == bot.Refresh, e.Class == bot.Permanent:
		e.Class, pause = bot.Permanent, secretPause // Here 40001 means secret or CorpID.
	case e.Class == bot.Receiver, e.Class == bot.Expired:
		e.Class = bot.Retry
	}
	if pause > 0 {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.held, t.paused = e, asked.Add(pause)
	}
	return e
}

// notSent turns an unknown outcome of a step before the call into "try again":
// the call itself was surely not made.
func notSent(api string, err error) error {
	if known, ok := errors.AsType[*bot.SendError](err); ok {
		return known
	}
	return &bot.SendError{Class: bot.Retry, Text: fmt.Sprintf("wecom: %s: not sent: %v", api, err)}
}
