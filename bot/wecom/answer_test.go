package wecom

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cxbot/bot"
)

// wantClass checks an error's class and that it keeps secrets.
func wantClass(t *testing.T, err error, class bot.Class) *bot.SendError {
	t.Helper()
	noSecret(t, err)
	known, ok := errors.AsType[*bot.SendError](err)
	if !ok {
		t.Fatalf("error %v is not a SendError", err)
	}
	if known.Class != class {
		t.Errorf("class %d, want %d: %v", known.Class, class, err)
	}
	return known
}

func TestReceivers(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	a := newApp(t, f.URL)
	for _, to := range []string{"", "@all", "a|b", "a:b", "corp/a", strings.Repeat("x", 65), "group:g1", "a\nb"} {
		wantClass(t, a.Send(t.Context(), say(to, "x"), ""), bot.Permanent)
	}
	wantClass(t, a.Send(t.Context(), say("a", " \x01"), ""), bot.Permanent)
	if len(f.calls) != 0 {
		t.Errorf("%d calls made", len(f.calls))
	}
	for answer, to := range map[string]string{
		`{"errcode":0,"errmsg":"ok","invaliduser":"x|lichunmei"}`:          "LiChunmei",
		`{"errcode":0,"errmsg":"ok","invaliduser":["LiChunMei"]}`:          "LiChunmei",
		`{"errcode":0,"errmsg":"ok","unlicenseduser":"lichunmei"}`:         "lichunmei",
		`{"errcode":81013,"errmsg":"all invalid","invaliduser":"whoever"}`: "lichunmei",
	} {
		f.mu.Lock()
		f.script = answerOn("/message/send", answer)
		f.mu.Unlock()
		wantClass(t, a.Send(t.Context(), say(to, "x"), ""), bot.Receiver)
		if strings.Contains(answer, `"errcode":0`) {
			if err := a.Send(t.Context(), say("wang", "x"), ""); err != nil {
				t.Errorf("another person suffers: %v", err)
			}
		}
	}
}

// codes is the table of app-protocol 12, class by class.
func codes() map[bot.Class][]int {
	return map[bot.Class][]int{
		bot.Retry:   {-1, 6000, 45033, 99999, 12345, 100, 1000000},
		bot.Wait:    {45009, 60020},
		bot.Refresh: {40001, 40014, 42001},
		bot.Receiver: {
			40003, 43004, 46004, 50002, 60011, 60021, 60111, 81013,
		},
		bot.Expired: {60140},
		bot.Permanent: {
			40004, 40005, 40006, 40007, 40008, 40013, 40016, 40018, 40020, 40022, 40023, 40027, 40029, 42003, 40031, 40032,
			40033, 40035, 40058, 40063, 40050, 86001, 86003, 86008, 40054, 40055, 40056, 301002, 41001, 42014, 42015, 42016,
			42027, 42035, 42051, 42052, 43012, 44001, 44004, 45001, 45002, 45007, 45008, 45032, 45034, 45029, 46003,
			48002, 48006, 48009, 50001, 50003, 60003, 60123, 80001, 85005, 82001, 82002, 82003, 830002,
			86006, 86207, 86215, 86216, 86217, 93000, 93004, 93008, 301005, 301007, 41033,
		},
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	tried := 0
	for want, list := range codes() {
		for _, code := range list {
			tried++
			f.mu.Lock()
			f.script = func(_ *fakeAPI, s seen) (int, http.Header, string, bool) {
				return http.StatusOK, nil, fmt.Sprintf(`{"errcode":%d,"errmsg":"bad\n%s %s %s"}`,
					code, plantedSecret, s.token, strings.Repeat("x", 500)), strings.HasSuffix(s.path, "/message/send")
			}
			f.mu.Unlock()
			a := newApp(t, f.URL)
			known := wantClass(t, a.Send(t.Context(), say("a", "x"), ""), want)
			if known.Code != code || strings.Contains(known.Text, "\n") || len(known.Text) > 300 {
				t.Errorf("code %d: %+v", code, known)
			}
		}
	}
	if tried < 80 {
		t.Errorf("only %d codes tried", tried)
	}
}

func TestOddAnswers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		status int
		body   string
		want   error // nil: sent
	}{
		{"B90 unknown fields", 200, `{"errcode":0,"errmsg":"ok","new":{"a":[1,{"b":null}]}}`, nil},
		{"B90 errcode as string", 200, `{"errcode":"0","errmsg":"ok"}`, nil},
		{"B90 missing errcode", 200, `{"errmsg":"ok"}`, ErrUnknown},
		{"B90 errcode null", 200, `{"errcode":null}`, ErrUnknown},
		{"B90 errcode a fraction", 200, `{"errcode":0.5}`, ErrUnknown},
		{"B90 errcode a word", 200, `{"errcode":"none"}`, ErrUnknown},
		{"B20 errcode twice", 200, `{"errcode":0,"errcode":40014}`, ErrUnknown},
		{"B20 other case", 200, `{"ErrCode":0}`, ErrUnknown},
		{"B20 nested", 200, strings.Repeat("[", 20000), ErrUnknown},
		{"B20 NaN", 200, `{"errcode":NaN}`, ErrUnknown},
		{"list", 200, `[{"errcode":0}]`, ErrUnknown},
		{"bytes after the answer", 200, `{"errcode":0} x`, ErrUnknown},
		{"F44 HTML", 200, "<html>login</html>", ErrUnknown},
		{"F44 empty", 200, "", ErrUnknown},
		{"F44 truncated", 200, `{"errcode":0,"errm`, ErrUnknown},
		{"F44 10 MB", 200, `{"errcode":0,"errmsg":"` + strings.Repeat("x", 10<<20) + `"}`, ErrUnknown},
		{"B90 204", 204, "", errRetry},
		{"F37 500", 500, `{"errcode":0}`, ErrUnknown},
		{"F37 502", 502, "<html>PLANTED", ErrUnknown},
		{"404", 404, "", errRetry},
		{"redirect", 302, "", errRetry},
		{"429", 429, "", errWait},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFakeAPI(t)
			f.script = func(_ *fakeAPI, s seen) (int, http.Header, string, bool) {
				return test.status, http.Header{"Location": {"http://127.0.0.1:1/"}}, test.body, strings.HasSuffix(s.path, "/send")
			}
			err := newApp(t, f.URL).Send(t.Context(), say("a", "x"), "")
			noSecret(t, err)
			switch {
			case errors.Is(test.want, errRetry):
				wantClass(t, err, bot.Retry)
			case errors.Is(test.want, errWait):
				wantClass(t, err, bot.Wait)
			case !errors.Is(err, test.want):
				t.Errorf("error %v, want %v", err, test.want)
			default:
				if _, ok := errors.AsType[*bot.SendError](err); ok {
					t.Errorf("an unknown outcome is a SendError: %v", err)
				}
			}
		})
	}
}

var (
	errRetry = errors.New("class retry")
	errWait  = errors.New("class wait")
)

// TestBrokenNetwork: a connection that never was is no unknown outcome; one
// that broke is.
func TestBrokenNetwork(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(nil)
	gone.Close()
	wantClass(t, newApp(t, gone.URL).Send(t.Context(), say("a", "x"), ""), bot.Retry)

	f := newFakeAPI(t)
	release := make(chan struct{})
	defer close(release)
	f.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/gettoken") {
			f.serve(w, r)
			return
		}
		switch r.URL.Path {
		case "/cut/cgi-bin/message/send":
			panic(http.ErrAbortHandler)
		case "/slow/cgi-bin/message/send": // F45: the answer trickles in.
			_, _ = io.WriteString(w, `{"errcode":0`)
			_ = http.NewResponseController(w).Flush()
			<-release
		default:
			w.Header().Set("Content-Length", "500")
			_, _ = io.WriteString(w, `{"errcode":0,"errmsg":"ok"}`)
		}
	})
	short := func(c *Config) { c.HTTPClient = &http.Client{Timeout: 200 * time.Millisecond} }
	for _, prefix := range []string{"/cut", "/slow", "/short"} {
		err := newApp(t, f.URL+prefix, short).Send(t.Context(), say("a", "x"), "")
		noSecret(t, err)
		if !errors.Is(err, ErrUnknown) {
			t.Errorf("%s: %v", prefix, err)
		}
	}
}

func TestTokenEndpointBroken(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	for _, answer := range []string{`<html>`, `{"errcode":0,"errmsg":"ok"}`, `{"errcode":-1,"errmsg":"busy"}`, `{"errcode":0,"access_token":""}`} {
		f.mu.Lock()
		f.script = answerOn("/gettoken", answer)
		f.mu.Unlock()
		wantClass(t, newApp(t, f.URL).Send(t.Context(), say("a", "x"), ""), bot.Retry)
	}
	f.mu.Lock()
	f.script = func(*fakeAPI, seen) (int, http.Header, string, bool) {
		return http.StatusServiceUnavailable, nil, "", true
	}
	f.mu.Unlock()
	a := newApp(t, f.URL)
	wantClass(t, a.Send(t.Context(), say("a", "x"), ""), bot.Retry)
	f.mu.Lock()
	f.script = nil
	f.mu.Unlock()
	if err := a.Send(t.Context(), say("a", "x"), ""); err != nil {
		t.Errorf("F40: after the outage: %v", err)
	}
}
