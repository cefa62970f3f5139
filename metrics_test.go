package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// scrape reads /metrics as a peer with an address and headers.
func scrape(t *testing.T, h http.Handler, peer string, header ...string) (int, string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
	r.RemoteAddr = peer
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestMetricsStayOnThisMachine(t *testing.T) {
	t.Parallel()
	h := newMetrics().Handler()
	for _, x := range []struct {
		peer   string
		header []string
		code   int
	}{
		{"127.0.0.1:1", nil, http.StatusOK},
		{"127.8.9.1:1", nil, http.StatusOK},
		{"[::1]:1", nil, http.StatusOK},
		{"[::ffff:127.0.0.1]:1", nil, http.StatusOK},
		{"10.0.0.2:1", nil, http.StatusNotFound},
		{"8.8.8.8:1", nil, http.StatusNotFound},
		{"[2001:db8::1]:1", nil, http.StatusNotFound},
		{"[::ffff:10.0.0.2]:1", nil, http.StatusNotFound},
		{"", nil, http.StatusNotFound},
		{"@", nil, http.StatusNotFound},
		{"127.0.0.1:1", []string{"X-Forwarded-For", "8.8.8.8"}, http.StatusNotFound},
		{"127.0.0.1:1", []string{"X-Real-IP", "8.8.8.8"}, http.StatusNotFound},
		{"127.0.0.1:1", []string{"Forwarded", "for=8.8.8.8"}, http.StatusNotFound},
		{"127.0.0.1:1", []string{"Via", "1.1 nginx"}, http.StatusNotFound},
	} {
		if code, body := scrape(t, h, x.peer, x.header...); code != x.code || code != http.StatusOK && strings.Contains(body, "cxbot") {
			t.Errorf("%q %v: %d", x.peer, x.header, code)
		}
	}
}

func TestMetricsLabelsArePlainAndFew(t *testing.T) {
	t.Parallel()
	m := newMetrics()
	count := m.count(groupTurn)
	count("turn.committed")
	count("card.cut")
	count("refused.filing.quota")
	count("refused.13800000010")
	count("李春梅")
	count("turn." + strings.Repeat("x", 49))
	var nothing *Metrics
	if nothing.count(groupTurn) != nil || nothing.reminder() != nil {
		t.Error("the nil Metrics counts")
	}
	_, text := scrape(t, m.Handler(), "127.0.0.1:1")
	for _, want := range []string{
		`cxbot_turns_total{outcome="committed"} 1`, `cxbot_cards_total{outcome="cut"} 1`, `cxbot_refusals_total{rule="filing.quota"} 1`,
		`cxbot_refusals_total{rule="other"} 1`, `cxbot_turns_total{outcome="other"} 2`, "go_goroutines", "go_memstats_heap_alloc_bytes",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q", want)
		}
	}
	for i := range 1000 {
		count("turn." + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676)))
	}
	_, text = scrape(t, m.Handler(), "127.0.0.1:1")
	if n := strings.Count(text, "cxbot_turns_total{"); n > maxLabels {
		t.Errorf("%d labels", n)
	}
}

// TestScrape scrapes a running serve: what happened is counted, and nothing
// private that went through it shows.
func TestScrape(t *testing.T) {
	t.Parallel()
	s := newServing(t, nil)
	ctx := t.Context()
	private := []string{"13912345678", "370102199003070015", "绝密行动", "柳暗花明的课题名称", "lichunmei", "李春梅", "sunjing", "清河镇党委", serveSecret, serveToken, serveKey}
	for _, text := range []string{"我要报课题", "柳暗花明的课题名称探索", "13912345678", "370102199003070015", "绝密行动方案", "待审"} {
		if _, err := s.sim.Say(ctx, "lichunmei", text); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.sim.SayInGroup(ctx, trialGroupID, "sunjing", "报了多少家"); err != nil {
		t.Fatal(err)
	}
	forged, err := http.Get("http://" + s.address + "/wecom/callback?msg_signature=x&timestamp=1&nonce=2&echostr=3")
	if err != nil {
		t.Fatal(err)
	}
	_ = forged.Body.Close()
	response, err := http.Get("http://" + s.address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(response.Status, err)
	}
	text := string(data)
	for _, want := range []string{
		`cxbot_turns_total\{outcome="committed"\} [7-9]`, `cxbot_callbacks_total\{outcome="bad_signature"\} 1`, `cxbot_callbacks_total\{outcome="reply"\} 6`,
		`cxbot_robot_total\{outcome="reply"\} 1`, `cxbot_refusals_total\{rule="[a-z.]+"\} [1-9]`, `cxbot_redis_up 1`, `cxbot_outbox_messages \d`,
		`cxbot_outbox_overdue_seconds \d`, `cxbot_outbox_failed 0`, `cxbot_redis_setting_ok\{setting="appendonly"\} 0`, `cxbot_robot_connected 1`,
		`cxbot_audit_seals [1-9]`, `cxbot_audit_sealed_lines [1-9]`, `cxbot_drafts 1`, `cxbot_turns_waiting 0`, `process_open_fds \d`,
	} {
		if !regexp.MustCompile(`(?m)^` + want).MatchString(text) {
			t.Errorf("lacks %s", want)
		}
	}
	for _, secret := range private {
		if strings.Contains(text, secret) {
			t.Errorf("%q shows", secret)
		}
	}
	if t.Failed() {
		t.Log(regexp.MustCompile(`(?m)^(#|go_|process_|promhttp).*\n`).ReplaceAllString(text, ""))
	}
	if code := s.stop(); code != exitOK {
		t.Errorf("stopped with %d", code)
	}
	if code, said := s.do(t, "audit", "verify"); code != exitOK || strings.Contains(said, "等着封存") {
		t.Errorf("after a stop every line is sealed: %d %q", code, said)
	}
}
