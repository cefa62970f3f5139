package wecom

import (
	"strings"
	"testing"

	"cxbot/bot"
	"cxbot/chat"
)

func newWebhook(t testing.TB, base string) *Webhook {
	t.Helper()
	w, err := NewWebhook(WebhookConfig{URL: Secret(base + "/cgi-bin/webhook/send?key=" + plantedKey)})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWebhook(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	m := say("group:g1", "<@all> @所有人 <@li> @All A&B <a href=x>")
	// The same message by way of the routes, which ask no app.
	routes := Routes{App: newApp(t, f.URL), Webhook: newWebhook(t, f.URL+"/prefix")}
	if err := routes.Send(t.Context(), m, ""); err != nil {
		t.Fatal(err)
	}
	calls := f.of("/prefix/cgi-bin/webhook/send")
	want := `{"msgtype":"text","text":{"content":"＜@all> ＠所有人 ＜@li> ＠All A&B ＜a href=x>"}}`
	want = strings.Replace(want, "＜@all>", "＜＠all>", 1)
	if len(calls) != 1 || strings.ReplaceAll(calls[0].body, "＜@all", "＜＠all") != want || calls[0].query != "key="+plantedKey {
		t.Errorf("calls %+v\nwant %s", calls, want)
	}
	if len(f.calls) != 1 {
		t.Errorf("%d calls: a webhook needs no token", len(f.calls))
	}
}

func TestWebhookParts(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	w := newWebhook(t, f.URL)
	if err := w.Send(t.Context(), say("group:g", strings.Repeat("长", 700)), ""); err != nil {
		t.Fatal(err)
	}
	if got := len(f.of("/webhook/send")); got != 2 {
		t.Errorf("%d parts, want 2", got)
	}
	if err := w.Send(t.Context(), chat.Message{To: "group:g", Card: action()}, ""); err != nil {
		t.Fatal(err)
	}
	if last := f.of("/webhook/send")[2].body; !strings.Contains(last, "请回复“确认 A-17”") {
		t.Errorf("the card in words: %s", last)
	}
}

func TestWebhookRefuses(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	w, err := NewWebhook(WebhookConfig{URL: Secret(f.URL + "/cgi-bin/webhook/send?key=" + plantedKey), Group: "g1"})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []chat.Message{
		say("li", "x"), say("group:g2", "x"), say("group:g1", " "), {To: "group:g1", Update: &chat.Update{Code: "c"}},
	} {
		wantClass(t, w.Send(t.Context(), m, ""), bot.Permanent)
	}
	if len(f.calls) != 0 {
		t.Errorf("%d calls made", len(f.calls))
	}
	for answer, class := range map[string]bot.Class{
		`{"errcode":93000,"errmsg":"invalid webhook url ` + plantedKey + `"}`: bot.Permanent,
		`{"errcode":45009,"errmsg":"api freq out of limit"}`:                  bot.Wait,
		`{"errcode":-1,"errmsg":"busy"}`:                                      bot.Retry,
	} {
		f.mu.Lock()
		f.script = answerOn("/webhook/send", answer)
		f.mu.Unlock()
		wantClass(t, w.Send(t.Context(), say("group:g1", "x"), ""), class)
	}
	f.mu.Lock()
	f.script = answerOn("/webhook/send", "<html>"+plantedKey)
	f.mu.Unlock()
	err = w.Send(t.Context(), say("group:g1", "x"), "")
	noSecret(t, err)
	if err == nil {
		t.Error("HTML is taken for success")
	}
	for _, address := range []Secret{"", "https://x/cgi-bin/webhook/send", "https://x/?key=" + plantedKey, "%zz" + plantedKey, "/cgi-bin/webhook/send?key=" + plantedKey} {
		_, err = NewWebhook(WebhookConfig{URL: address})
		if err == nil {
			t.Errorf("address %d long is taken", len(address))
		}
		noSecret(t, err)
	}
}
