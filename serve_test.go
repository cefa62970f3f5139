package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cxbot/chat"
	"cxbot/simulator"
)

// The credentials of the simulator that serve is tried against.
const (
	serveSecret = "a-secret-of-the-app"
	serveToken  = "tokenOfTheCallback"
	serveKey    = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
)

// serveWorld runs a simulator for the sample county and returns it, its API's
// base and a free address for the bot, to which callbacks go.
func serveWorld(t *testing.T) (sim *simulator.Sim, api, address string) {
	t.Helper()
	listener, err := listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	keys := WeCom{CorpID: trialCorp, Agent: trialAgent, Secret: serveSecret, Token: serveToken, AESKey: serveKey,
		RobotID: trialRobotID, RobotSecret: serveSecret}
	sim, err = newTrialSim(keys, "http://"+address, newClock(trialStart()), false)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/robot", sim.Robot())
	mux.Handle("/", sim.API())
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return sim, server.URL, address
}

// serving is a "cxbot serve" running in this process against the simulator.
type serving struct {
	*county

	sim     *simulator.Sim
	address string
	stop    func() int // stops it and returns its exit code
}

// newServing runs serve with the sample county and more settings; it is stopped
// with the test at the latest.
func newServing(t *testing.T, log *slog.Logger, environ ...string) *serving {
	t.Helper()
	c := newCounty(t)
	if err := loadSample(t.Context(), c.store, newStoppedClock(trialStart()), false); err != nil {
		t.Fatal(err)
	}
	sim, api, address := serveWorld(t)
	c.environ = with(with(c.environ, "CXBOT_LISTEN="+address, "CXBOT_PUBLIC_URL=http://"+address, "CXBOT_WECOM_API_BASE="+api,
		"CXBOT_WECOM_CORP_ID="+trialCorp, "CXBOT_WECOM_SECRET="+serveSecret, "CXBOT_WECOM_TOKEN="+serveToken, "CXBOT_WECOM_AES_KEY="+serveKey,
		"CXBOT_WECOM_ROBOT_ID="+trialRobotID, "CXBOT_WECOM_ROBOT_SECRET="+serveSecret, "CXBOT_WECOM_ROBOT_URL=ws"+strings.TrimPrefix(api, "http")+"/robot",
		"CXBOT_NOW="+trialStart().Format(time.RFC3339)), environ...)
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &serving{county: c, sim: sim, address: address}
	running, cancel := context.WithCancel(t.Context())
	code := make(chan int, 1)
	go func() {
		code <- run(running, []string{"serve"}, &command{environ: c.environ, out: io.Discard, err: io.Discard, log: log})
	}()
	s.stop = func() int {
		cancel()
		select {
		case got := <-code:
			code <- got
			return got
		case <-time.After(10 * time.Second):
			t.Error("serve does not stop")
			return -1
		}
	}
	t.Cleanup(func() { s.stop() })
	waitFor(t, func() bool { return sim.Echo(t.Context()) == nil })
	waitFor(t, sim.RobotConnected)
	return s
}

// TestSendOnly: in a dry run only those on the list are written to, whichever
// way a message would have gone; whoever speaks is answered all the same, and
// nothing is left to burst out when the dry run ends.
func TestSendOnly(t *testing.T) {
	t.Parallel()
	s := newServing(t, nil, "CXBOT_SEND=only:SunJing,nobody")
	ctx := t.Context()
	if d, err := s.sim.Say(ctx, "lichunmei", "帮助"); err != nil || !strings.Contains(d.Reply, "李春梅") {
		t.Errorf("reply to somebody not on the list: %q %v", d.Reply, err)
	}
	if d, err := s.sim.SayInGroup(ctx, trialGroupID, "lichunmei", "报了多少家"); err != nil || !strings.Contains(d.Reply, "0/42") {
		t.Errorf("reply in the group: %q %v", d.Reply, err)
	}
	if d, err := s.sim.SayToRobot(ctx, "gaozhiming", "截止"); err != nil || d.Reply == "" {
		t.Errorf("reply of the robot: %q %v", d.Reply, err)
	}
	before := s.sim.Shown()
	card := &chat.Card{Ref: chat.Ref{Kind: "cycle", ID: "2026", Rev: 1}, Title: "待您确认", Buttons: []chat.Button{{Label: "看", Say: "帮助"}}}
	var messages []chat.Message
	for _, to := range []string{"wangjianguo", "lichunmei", "gaozhiming", "sunjing", chat.GroupPrefix + trialGroupID, chat.GroupPrefix + "wrAnotherGroup"} {
		messages = append(messages,
			chat.Message{Key: "text|" + to, To: to, Text: "试发 " + to},
			chat.Message{Key: "card|" + to, To: to, Text: "卡片 " + to, Card: card},
			chat.Message{Key: "update|" + to, To: to, Update: &chat.Update{Code: "x", Label: "已收到"}})
	}
	if err := s.store.Enqueue(ctx, trialStart(), messages); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool {
		backlog, err := s.store.Backlog(ctx)
		return err == nil && backlog.Messages == 0
	})
	var texts []string
	for _, shown := range s.sim.Shown()[len(before):] {
		if shown.To != "sunjing" {
			t.Errorf("said to %s: %q", shown.To, shown.Text)
		}
		texts = append(texts, shown.Text)
	}
	if len(texts) < 2 || texts[0] != "试发 sunjing" {
		t.Errorf("said to 孙静: %q", texts)
	}
	if backlog, err := s.store.Backlog(ctx); err != nil || backlog.Failed > 1 { // the card update of 孙静 has a made-up code
		t.Errorf("backlog %+v, %v", backlog, err)
	}
	_, said := s.do(t, "check")
	for _, want := range []string{"✗ 试发  CXBOT_SEND 里的 nobody 不在名单里", "· 试发  主动发出的消息只发给：孙静（SunJing）；别的人和群都不发，也不补发。"} {
		if !strings.Contains(said, want) {
			t.Errorf("check lacks %q:\n%s", want, said)
		}
	}
}

// TestCheckMakesNothing: a look at an empty machine leaves it empty.
func TestCheckMakesNothing(t *testing.T) {
	t.Parallel()
	c := newCounty(t)
	data := filepath.Join(c.dir, "data")
	for _, environ := range [][]string{
		with(goodEnviron(), "CXBOT_DATA_DIR="+data, "CXBOT_WECOM_API_BASE=http://127.0.0.1:1"),
		with(c.environ, "CXBOT_WECOM_API_BASE=http://127.0.0.1:1"),
	} {
		look := *c
		look.environ = environ
		code, said := look.do(t, "check")
		if _, err := os.Stat(data); code != exitFail || !os.IsNotExist(err) || !strings.Contains(said, " Redis  ") || !strings.Contains(said, "✗ 人员  还没有导入") {
			t.Errorf("code %d, %v:\n%s", code, err, said)
		}
	}
}
