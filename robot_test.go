package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/simulator"
)

// TestGroupMessagesFindTheirWay sends to a group before and after it has spoken
// to the robot, and while the robot is away.
func TestGroupMessagesFindTheirWay(t *testing.T) {
	t.Parallel()
	trial := newTestTrial(t, true)
	ctx := t.Context()
	tell := func(key string) simulator.Shown {
		t.Helper()
		err := trial.Office.Store.Enqueue(ctx, trial.Clock.Now(), []chat.Message{{Key: key, To: chat.GroupPrefix + trialGroupID, Text: key}})
		if err == nil {
			_, err = trial.Pump.Settle(ctx)
		}
		shown := trial.Sim.Shown()
		if err != nil || len(shown) == 0 || shown[len(shown)-1].Text != key {
			t.Fatalf("%s: %v, shown %+v", key, err, shown)
		}
		return shown[len(shown)-1]
	}
	if got := tell("silent group"); got.Channel != simulator.ChannelWebhook || got.To != trialGroupID {
		t.Errorf("before it has spoken: %+v", got)
	}
	delivery, err := trial.Sim.SayInGroup(ctx, trialGroupID, "sunjing", "备案还有几天")
	if err != nil || !strings.Contains(delivery.Reply, "还有 28 天") {
		t.Fatalf("reply %q, %v", delivery.Reply, err)
	}
	if got := tell("known group"); got.Channel != simulator.ChannelRobot || got.Passive {
		t.Errorf("after it has spoken: %+v", got)
	}
	trial.Sim.DropRobot()
	waitFor(t, trial.Sim.RobotConnected)
	if err := trial.Office.Robot.WaitConnected(ctx); err != nil {
		t.Fatal(err)
	}
	if got := tell("after a break"); got.Channel != simulator.ChannelRobot {
		t.Errorf("connected again: %+v", got)
	}
	if problems := trial.Sim.Stats().Problems; len(problems) > 0 {
		t.Errorf("WeCom would not show: %v", problems)
	}
}

// TestBoundGroupSurvivesARestart: a group bound by a word is told by the robot
// after the bot was started again, before anybody speaks there.
func TestBoundGroupSurvivesARestart(t *testing.T) {
	t.Parallel()
	s := newStage(t, stageConfig{})
	ctx := t.Context()
	if said, err := s.sim.SayInGroup(ctx, trialGroupID, "sunjing", "每周三上午10点在群里提醒"); err != nil || !strings.HasPrefix(said.Reply, "好，每周三10点") {
		t.Fatalf("%q, %v", said.Reply, err)
	}
	s.restart()
	if err := s.advance(award.Date{Year: 2026, Month: time.November, Day: 25}.At(10, 30)); err != nil {
		t.Fatal(err)
	}
	shown := s.sim.Shown()
	last := shown[len(shown)-1]
	if last.Channel != simulator.ChannelRobot || last.To != trialGroupID || !strings.HasPrefix(last.Text, "【课题备案进展】") {
		t.Errorf("%+v", last)
	}
}

// TestRobotSharesTheConversation begins in the app and goes on with the robot.
func TestRobotSharesTheConversation(t *testing.T) {
	t.Parallel()
	trial := newTestTrial(t, true)
	ctx := t.Context()
	begun, err := trial.Sim.Say(ctx, "lichunmei", "我要报课题")
	if err != nil || !strings.Contains(begun.Reply, "1/12") {
		t.Fatalf("app: %q, %v", begun.Reply, err)
	}
	answered, err := trial.Sim.SayToRobot(ctx, "lichunmei", "村级党群议事会机制探索")
	if err != nil || !strings.Contains(answered.Reply, "2/12") {
		t.Errorf("robot: %q, %v", answered.Reply, err)
	}
	file, err := trial.Sim.SendToRobot(ctx, "lichunmei", simulator.SendKindFile, "方案.docx", []byte("docx"))
	if err != nil || !strings.Contains(file.Reply, "没有保存") {
		t.Errorf("file: %q, %v", file.Reply, err)
	}
	if err := trial.Pump.Advance(ctx, trialStart().Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if entered, err := trial.Sim.EnterRobot(ctx, "lichunmei"); err != nil || !strings.Contains(entered.Reply, "2/12") {
		t.Errorf("chat opened a day later: %q, %v", entered.Reply, err)
	}
	if delivery, err := trial.Sim.SayToRobot(ctx, trialStranger, "在吗"); err != nil || !strings.Contains(delivery.Reply, "名单里还没有您") {
		t.Errorf("stranger: %q, %v", delivery.Reply, err)
	}
}

func TestReadinessShowsTheRobot(t *testing.T) {
	t.Parallel()
	connected := true
	h := &Health{Ready: func(context.Context) error { return nil }, Robot: func() bool { return connected }}
	mux := http.NewServeMux()
	h.Routes(mux)
	for _, want := range []string{"ok\nrobot connected: true\n", "ok\nrobot connected: false\n"} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
		if w.Code != http.StatusOK || w.Body.String() != want {
			t.Errorf("%d %q", w.Code, w.Body)
		}
		connected = false
	}
}
