package wecom

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cxbot/bot"
)

// TestParallelRefresh: 100 sends with a token the platform has dropped make one
// refresh, and all succeed (F39, F41).
func TestParallelRefresh(t *testing.T) {
	t.Parallel()
	for _, code := range []int{40014, 42001, 40001} {
		f := newFakeAPI(t)
		f.script = func(_ *fakeAPI, s seen) (int, http.Header, string, bool) {
			return http.StatusOK, nil, `{"errcode":` + strconv.Itoa(code) + `,"errmsg":"no"}`,
				strings.HasSuffix(s.path, "/send") && s.token == "PLANTED-token-1"
		}
		a := newApp(t, f.URL)
		if _, err := a.tokens.get(t.Context()); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for i := range 100 {
			group.Go(func() {
				if err := a.Send(t.Context(), say("a", strconv.Itoa(i)), ""); err != nil {
					t.Errorf("%d: %v", code, err)
				}
			})
		}
		group.Wait()
		if got := len(f.of("/gettoken")); got != 2 {
			t.Errorf("%d: %d fetches, want the first and one refresh", code, got)
		}
	}
}

func TestColdStart(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	a := newApp(t, f.URL)
	var group sync.WaitGroup
	for i := range 100 {
		group.Go(func() {
			if err := a.Send(t.Context(), say("a", strconv.Itoa(i)), ""); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := len(f.of("/gettoken")); got != 1 {
		t.Errorf("%d fetches, want 1", got)
	}
}

func TestTokenRefusedForEver(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	f.script = answerOn("/message/send", `{"errcode":40014,"errmsg":"invalid access_token"}`)
	a := newApp(t, f.URL)
	wantClass(t, a.Send(t.Context(), say("a", "x"), ""), bot.Refresh)
	if sends, fetches := len(f.of("/message/send")), len(f.of("/gettoken")); sends != 2 || fetches != 2 {
		t.Errorf("%d sends and %d fetches, want 2 and 2", sends, fetches)
	}
}

func TestTokenLife(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		expires    string
		life, once time.Duration // still kept after life, fetched again after once
	}{
		{"7200", 115*time.Minute - time.Second, 115 * time.Minute},
		{`"7200"`, 115*time.Minute - time.Second, 115 * time.Minute},
		{"60", 53 * time.Second, 54 * time.Second},
		{"0", -1, 0},
		{`"x"`, -1, 0},
		{"-5", -1, 0},
	} {
		f := newFakeAPI(t)
		f.script = answerOn("/gettoken", `{"errcode":0,"access_token":"PLANTED-token","expires_in":`+test.expires+`}`)
		clock := newWatch()
		a := newApp(t, f.URL, func(c *Config) { c.Now = clock.Now })
		fetched := func() int {
			if _, err := a.tokens.get(t.Context()); err != nil {
				t.Fatal(err)
			}
			return len(f.of("/gettoken"))
		}
		if got := fetched(); got != 1 {
			t.Fatalf("%d fetches", got)
		}
		if test.life >= 0 {
			clock.add(test.life)
			if got := fetched(); got != 1 {
				t.Errorf("expires_in %s: fetched again after %v", test.expires, test.life)
			}
			clock.add(test.once - test.life)
		}
		if got := fetched(); got != 2 {
			t.Errorf("expires_in %s: kept after %v", test.expires, test.once)
		}
	}
}

// TestWrongSecret: the platform bans an address that shows a wrong secret too
// often, so it is not shown again at once.
func TestWrongSecret(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		code  int
		class bot.Class
		pause time.Duration
	}{
		{40001, bot.Permanent, 5 * time.Minute},
		{40013, bot.Permanent, 5 * time.Minute},
		{45009, bot.Wait, time.Hour},
		{60020, bot.Wait, 0},
		{-1, bot.Retry, 0},
	} {
		f := newFakeAPI(t)
		f.script = answerOn("/gettoken", `{"errcode":`+strconv.Itoa(test.code)+`,"errmsg":"invalid credential `+plantedSecret+`"}`)
		clock := newWatch()
		a := newApp(t, f.URL, func(c *Config) { c.Now = clock.Now })
		send := func(calls int) *bot.SendError {
			t.Helper()
			known := wantClass(t, a.Send(t.Context(), say("a", "x"), ""), test.class)
			if got := len(f.of("/gettoken")); got != calls {
				t.Errorf("%d: %d calls, want %d", test.code, got, calls)
			}
			return known
		}
		send(1)
		if test.pause == 0 {
			send(2)
			continue
		}
		clock.add(test.pause - time.Second)
		if known := send(1); test.class == bot.Wait && known.After != time.Second {
			t.Errorf("%d: after %v", test.code, known.After)
		}
		clock.add(time.Second)
		send(2)
	}
}
