package wecom

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cxbot/chat"
)

func TestRobotSubscribesFirstAndKeepsTheBeat(t *testing.T) {
	withRobot(t, nil, func(t *testing.T, r *robotRig) {
		first := r.gate.got(cmdSubscribe)[0]
		if first.cmd != cmdSubscribe || first.body["bot_id"] != robotID || first.body["secret"] != robotSecret {
			t.Errorf("first frame %+v", first)
		}
		time.Sleep(5*time.Minute + time.Second)
		pings := r.gate.got(cmdPing)
		if len(pings) != 10 || len(r.gate.got(cmdSubscribe)) != 1 || !r.Connected() {
			t.Errorf("%d pings, %d subscribes, connected %v", len(pings), len(r.gate.got(cmdSubscribe)), r.Connected())
		}
		ids := map[string]bool{}
		for i, p := range pings {
			ids[p.reqID] = true
			if p.body != nil || i > 0 && p.at.Sub(pings[i-1].at) != robotBeat {
				t.Errorf("ping %d: %+v", i, p)
			}
		}
		if len(ids) != len(pings) {
			t.Error("pings share a req_id")
		}
	})
}

func TestRobotAnswersWithTheCallbacksReqID(t *testing.T) {
	tests := map[string]struct {
		cmd  string
		body map[string]any
		want string // command of the answer, "" for none
		text string
	}{
		"text":           {cmdMessage, single("m1", "ZhangSan", "进度"), cmdRespond, "收到：进度"},
		"group text":     {cmdMessage, inGroup("m2", "ZhangSan", "@小助手 进度"), cmdRespond, "收到：@小助手 进度"},
		"chat opened":    {cmdEvent, eventOf("e1", "ZhangSan", eventEnter), cmdWelcome, "收到："},
		"feedback":       {cmdEvent, eventOf("e3", "ZhangSan", "feedback_event"), "", ""},
		"unknown event":  {cmdEvent, eventOf("e4", "ZhangSan", "enter_check_update"), "", ""},
		"unknown cmd":    {"aibot_callback", single("m5", "ZhangSan", "x"), "", ""},
		"another robot":  {cmdMessage, map[string]any{"aibotid": "other", "msgid": "m6"}, "", ""},
		"nobody":         {cmdMessage, single("m7", "@all", "x"), "", ""},
		"typed markdown": {cmdMessage, single("m8", "ZhangSan", "[点](http://x) <think> <a href=x>"), cmdRespond, "收到：[点］(http://x) ＜think> ＜a href=x>"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			withRobot(t, nil, func(t *testing.T, r *robotRig) {
				r.gate.call(test.cmd, "REQ-"+name, test.body)
				for _, cmd := range []string{cmdRespond, cmdWelcome, cmdPush} {
					got := r.gate.got(cmd)
					if cmd != test.want {
						if len(got) > 0 {
							t.Errorf("sent %+v", got)
						}
						continue
					}
					if len(got) != 1 || got[0].reqID != "REQ-"+name {
						t.Fatalf("answers %+v", got)
					}
					content, _ := got[0].body["text"].(map[string]any)
					if cmd == cmdRespond {
						content, _ = got[0].body["stream"].(map[string]any)
						if got[0].body["msgtype"] != "stream" || content["finish"] != true || content["id"] == "" {
							t.Errorf("body %v", got[0].body)
						}
					}
					if content["content"] != test.text {
						t.Errorf("said %v", got[0].body)
					}
				}
			})
		})
	}
}

func TestRobotNeverWaitsWhileReading(t *testing.T) {
	handle := func(_ context.Context, ev chat.Event) Result {
		if ev.From == "slow" {
			time.Sleep(3 * time.Second)
		}
		return Result{Text: ev.Text}
	}
	withRobot(t, handle, func(t *testing.T, r *robotRig) {
		r.gate.call(cmdMessage, "R1", single("m1", "slow", "一"))
		r.gate.call(cmdMessage, "R2", single("m2", "quick", "二"))
		if got := r.gate.got(cmdRespond); len(got) != 1 || got[0].reqID != "R2" || r.counts.of(OutcomeReply) != 1 {
			t.Errorf("answers %+v", got)
		}
		time.Sleep(4 * time.Second)
		if got := r.gate.got(cmdRespond); len(got) != 2 || got[1].reqID != "R1" {
			t.Errorf("answers %+v", got)
		}
	})
}

func TestRobotWaitsForOneAckWithoutHoldingUpOthers(t *testing.T) {
	withRobot(t, nil, func(t *testing.T, r *robotRig) {
		r.gate.script(func(f sentFrame) (int, bool) { return 0, f.reqID != "R1" })
		r.gate.call(cmdMessage, "R1", single("m1", "a", "一"))
		r.gate.call(cmdMessage, "R2", single("m2", "b", "二"))
		if n := r.counts.of(OutcomeReply); n != 1 {
			t.Errorf("%d answers are out", n)
		}
		time.Sleep(robotAck)
		if n := r.counts.of(OutcomeRobotUnsaid); n != 1 || !r.Connected() {
			t.Errorf("%d given up", n)
		}
	})
}

func TestRobotHandlesAgainWhatTheTurnClosed(t *testing.T) {
	for name, test := range map[string]struct {
		closed  int32
		answers int
		took    time.Duration
	}{
		"once":   {1, 1, turnPause},
		"twice":  {2, 1, 5 * turnPause},
		"always": {99, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int32
			handle := func(context.Context, chat.Event) Result {
				return Result{Text: "好", Close: calls.Add(1) <= test.closed}
			}
			withRobot(t, handle, func(t *testing.T, r *robotRig) {
				start := time.Now()
				r.gate.call(cmdMessage, "R", single("m", "a", "x"))
				time.Sleep(time.Minute)
				got := r.gate.got(cmdRespond)
				if len(got) != test.answers || calls.Load() != min(test.closed+1, turnTries) {
					t.Fatalf("%d answers after %d calls", len(got), calls.Load())
				}
				if test.answers > 0 && got[0].at.Sub(start) != test.took {
					t.Errorf("answered after %v", got[0].at.Sub(start))
				}
				if closed := r.counts.of(OutcomeClosed); closed != 1-test.answers {
					t.Errorf("closed %d", closed)
				}
			})
		})
	}
}

func TestRobotAnswersADuplicateOnce(t *testing.T) {
	var calls atomic.Int32
	handle := func(context.Context, chat.Event) Result {
		calls.Add(1)
		time.Sleep(time.Second)
		return Result{Text: "好"}
	}
	withRobot(t, handle, func(t *testing.T, r *robotRig) {
		r.gate.call(cmdMessage, "R1", single("m", "a", "x"))
		r.gate.call(cmdMessage, "R1", single("m", "a", "x")) // while the first one runs
		time.Sleep(2 * time.Second)
		r.gate.drop()
		time.Sleep(time.Minute)
		r.gate.call(cmdMessage, "R2", single("m", "a", "x")) // redelivered after a reconnect
		time.Sleep(time.Minute)
		if n := len(r.gate.got(cmdRespond)); n != 1 || calls.Load() != 1 || r.counts.of(OutcomeRepeated) != 2 {
			t.Errorf("%d answers, %d turns, %d repeats", n, calls.Load(), r.counts.of(OutcomeRepeated))
		}
	})
}

func TestRobotAnswersOverTheNextConnection(t *testing.T) {
	handle := func(context.Context, chat.Event) Result {
		time.Sleep(2 * time.Second)
		return Result{Text: "好"}
	}
	withRobot(t, handle, func(t *testing.T, r *robotRig) {
		// The connection breaks while the turn runs, and again with the answer out.
		r.gate.script(func(f sentFrame) (int, bool) {
			if f.cmd == cmdRespond && f.link == 2 {
				r.gate.cut()
				return 0, false
			}
			return 0, true
		})
		r.gate.call(cmdMessage, "R1", single("m", "a", "x"))
		r.gate.drop()
		if r.Connected() {
			t.Error("connected without a connection")
		}
		time.Sleep(time.Minute)
		got := r.gate.got(cmdRespond)
		if len(got) != 2 || got[0].link != 2 || got[1].link != 3 || got[0].reqID != "R1" || got[1].reqID != "R1" {
			t.Fatalf("answers %+v", got)
		}
		stream := func(f sentFrame) any { return f.body["stream"].(map[string]any)["id"] }
		if stream(got[0]) != stream(got[1]) || stream(got[0]) != streamID("robot|"+robotID+"|m") {
			t.Error("another try opens a second bubble")
		}
		if r.counts.of(OutcomeReply) != 1 || r.counts.of(OutcomeRobotLost) != 2 {
			t.Errorf("counts %v", r.counts.all())
		}
	})
}

func TestRobotAnswersRefused(t *testing.T) {
	for name, test := range map[string]struct {
		code     int
		answers  int
		pushes   int
		outcome  string
		reframed bool
	}{
		"taken":             {codeOK, 1, 0, OutcomeReply, false},
		"busy for ever":     {codeBusy, answerTries, 0, OutcomeRobotUnsaid, false},
		"too often":         {codeRobotRate, answerTries, 0, OutcomeRobotUnsaid, false},
		"answered already":  {codeAnswered, 1, 0, OutcomeReply, false},
		"stream is sealed":  {codeStreamExpired, 1, 0, OutcomeReply, false},
		"req_id is unknown": {codeTurnUnknown, 1, 1, OutcomeReply, false},
		"anti-spam":         {codeSpam, 1, 0, OutcomeRobotUnsaid, false},
		"not subscribed":    {codeNotSubscribed, answerTries, 0, OutcomeRobotUnsaid, true},
	} {
		t.Run(name, func(t *testing.T) {
			withRobot(t, nil, func(t *testing.T, r *robotRig) {
				r.gate.script(on(cmdRespond, test.code))
				r.gate.call(cmdMessage, "R", inGroup("m", "a", "x"))
				time.Sleep(2 * time.Minute)
				answers, pushes := r.gate.got(cmdRespond), r.gate.got(cmdPush)
				if len(answers) != test.answers || len(pushes) != test.pushes || r.counts.of(test.outcome) != 1 {
					t.Errorf("%d answers, %d pushes, %v", len(answers), len(pushes), r.counts.all())
				}
				if reframed := len(r.gate.got(cmdSubscribe)) > 1; reframed != test.reframed {
					t.Errorf("subscribed %d times", len(r.gate.got(cmdSubscribe)))
				}
			})
		})
	}
	t.Run("welcome too late", func(t *testing.T) {
		withRobot(t, nil, func(t *testing.T, r *robotRig) {
			r.gate.script(on(cmdWelcome, codeTurnExpired))
			r.gate.call(cmdEvent, "R", eventOf("e", "a", eventEnter))
			if n := len(r.gate.got(cmdPush)); n != 0 || r.counts.of(OutcomeRobotUnsaid) != 1 {
				t.Errorf("%d pushes: a late greeting is worth nothing", n)
			}
		})
	})
	t.Run("silence", func(t *testing.T) {
		withRobot(t, nil, func(t *testing.T, r *robotRig) {
			r.gate.script(mute(cmdRespond))
			r.gate.call(cmdMessage, "R", single("m", "a", "x"))
			time.Sleep(2 * time.Minute)
			if n := len(r.gate.got(cmdRespond)); n != 1 || r.counts.of(OutcomeRobotUnsaid) != 1 {
				t.Errorf("%d answers: it may be shown already", n)
			}
		})
	})
}

func TestRobotComesBack(t *testing.T) {
	withRobot(t, nil, func(t *testing.T, r *robotRig) {
		r.gate.mu.Lock()
		r.gate.down = true
		r.gate.mu.Unlock()
		r.gate.drop()
		time.Sleep(10 * time.Minute)
		// 0.5–1, 1–2, 2–4, 4–8, 8–16 and then 15–30 seconds apart.
		if lost := r.counts.of(OutcomeRobotLost); lost < 20 || lost > 45 {
			t.Errorf("%d tries in ten minutes", lost)
		}
		r.gate.mu.Lock()
		r.gate.down = false
		r.gate.mu.Unlock()
		time.Sleep(lostMost)
		if !r.Connected() {
			t.Fatal("not connected again")
		}
		r.gate.call(cmdMessage, "R", single("m", "a", "x"))
		if n := len(r.gate.got(cmdRespond)); n != 1 {
			t.Errorf("%d answers", n)
		}
	})
}

func TestRobotNoticesADeadConnection(t *testing.T) {
	withRobot(t, nil, func(t *testing.T, r *robotRig) {
		r.gate.script(func(f sentFrame) (int, bool) { return 0, f.cmd != cmdPing || f.link > 1 })
		start := time.Now()
		time.Sleep(3 * time.Minute)
		subscribed := r.gate.got(cmdSubscribe)
		if len(subscribed) != 2 || !r.Connected() {
			t.Fatalf("%d connections", len(subscribed))
		}
		if took := subscribed[1].at.Sub(start); took < 2*robotBeat || took > 2*robotBeat+robotAck+lostFirst {
			t.Errorf("came back after %v", took)
		}
	})
}

func TestRobotSlowsDownWhenRefused(t *testing.T) {
	withRobot(t, nil, func(t *testing.T, r *robotRig) {
		r.gate.script(on(cmdSubscribe, codeRobotSecret))
		r.gate.drop()
		time.Sleep(time.Hour)
		tries := r.gate.got(cmdSubscribe)[1:]
		if n := r.counts.of(OutcomeRobotRefused); n != len(tries) || n < 6 || n > 16 {
			t.Fatalf("%d tries in an hour, %d alarms", len(tries), n)
		}
		for i := 1; i < len(tries); i++ {
			if pause := tries[i].at.Sub(tries[i-1].at); pause < refusedFirst/2 || pause > refusedMost {
				t.Errorf("pause %v", pause)
			}
		}
		if err := r.stop(); err != nil || !strings.Contains(r.log.String(), "level=ERROR") {
			t.Errorf("Run %v, log %s", err, r.log)
		}
	})
}

func TestRobotStaysAwayWhenEvicted(t *testing.T) {
	var finished atomic.Bool
	handle := func(ctx context.Context, _ chat.Event) Result {
		finished.Store(rested(ctx, robotRest/2))
		return Result{Text: "好"}
	}
	withRobot(t, handle, func(t *testing.T, r *robotRig) {
		r.gate.call(cmdMessage, "R", inGroup("m", "a", "x"))
		r.gate.call(cmdEvent, "E", map[string]any{"msgtype": "event", "event": map[string]any{"eventtype": eventEvicted}})
		time.Sleep(time.Hour)
		if !finished.Load() {
			t.Error("the running turn was cut off")
		}
		if n := len(r.gate.got(cmdSubscribe)); n != 1 || r.Connected() || r.Reaches("group:wrGroup1") {
			t.Errorf("%d subscribes, connected %v", n, r.Connected())
		}
		if err := r.WaitConnected(t.Context()); !errors.Is(err, ErrEvicted) {
			t.Errorf("waiting: %v", err)
		}
		if err := r.stop(); !errors.Is(err, ErrEvicted) || r.counts.of(OutcomeRobotEvicted) != 1 {
			t.Errorf("Run: %v", err)
		}
	})
}

func TestRobotFinishesItsTurnsWhenItStops(t *testing.T) {
	for name, test := range map[string]struct {
		turn    time.Duration
		answers int
	}{
		"quick": {robotRest / 2, 1},
		"slow":  {2 * robotRest, 0},
	} {
		t.Run(name, func(t *testing.T) {
			handle := func(ctx context.Context, _ chat.Event) Result {
				return Result{Text: "好", Close: !rested(ctx, test.turn)}
			}
			withRobot(t, handle, func(t *testing.T, r *robotRig) {
				r.gate.call(cmdMessage, "R", single("m", "a", "x"))
				start := time.Now()
				if err := r.stop(); err != nil {
					t.Error(err)
				}
				if took := time.Since(start); took > robotRest || len(r.gate.got(cmdRespond)) != test.answers {
					t.Errorf("stopped after %v with %d answers", took, len(r.gate.got(cmdRespond)))
				}
			})
		})
	}
}

func TestRobotSurvivesStrangeFrames(t *testing.T) {
	withRobot(t, nil, func(t *testing.T, r *robotRig) {
		for _, frame := range []string{
			"", "null", "[]", "{", `"x"`, `{"cmd":7}`, `{"headers":{"req_id":"nobody waits"},"errcode":0}`,
			`{"cmd":"aibot_msg_callback"}`, `{"cmd":"aibot_msg_callback","headers":{"req_id":"R"},"body":[]}`,
			`{"cmd":"aibot_msg_callback","headers":{},"body":{"chattype":"single","from":{"userid":"a"}}}`,
			`{"cmd":"aibot_msg_callback","headers":{"req_id":"R"},"body":{"msgid":"g","chattype":"group","from":{"userid":"a"},"msgtype":"text"}}`,
			`{"cmd":"aibot_msg_callback","headers":{"req_id":"R"},"body":{"msgid":"g","chatid":"wr1","from":{"userid":"a"},"msgtype":"text"}}`,
			`{"cmd":"aibot_event_callback","headers":{"req_id":"R"},"body":{"msgtype":"event","from":{"userid":"a"},"chattype":"single"}}`,
		} {
			r.gate.raw(frame)
		}
		if n := len(r.gate.got(cmdRespond)); n != 0 || !r.Connected() {
			t.Fatalf("%d answers, connected %v", n, r.Connected())
		}
		r.gate.raw("{\"cmd\":\"aibot_msg_callback\",\"headers\":{\"req_id\":\"R\"},\"body\":{\"msgid\":\"m\",\"chattype\":\"single\"," +
			"\"from\":{\"userid\":\"a\"},\"msgtype\":\"text\",\"text\":{\"content\":\"你\x01好\x1f\"}}}")
		got := r.gate.got(cmdRespond)
		if len(got) != 1 || got[0].body["stream"].(map[string]any)["content"] != "收到：你好" {
			t.Errorf("answers %+v", got)
		}
		r.gate.call(cmdMessage, "R2", single("m2", "a", strings.Repeat("长", 15_000)))
		if n := len(r.gate.got(cmdRespond)); n != 2 || r.counts.of(OutcomeLongReply) != 1 {
			t.Errorf("%d answers after a frame of 45 kB", n)
		}
		r.gate.raw(`{"cmd":"` + strings.Repeat("x", robotFrameLimit) + `"}`)
		time.Sleep(time.Minute)
		if !r.Connected() || r.counts.of(OutcomeRobotLost) != 1 {
			t.Errorf("after a frame too large: %v", r.counts.all())
		}
	})
}

func TestRobotBoundsWhatItDoesAtOnce(t *testing.T) {
	handle := func(context.Context, chat.Event) Result { time.Sleep(time.Second); return Result{Text: "好"} }
	withRobot(t, handle, func(t *testing.T, r *robotRig) {
		for i := range maxRobotTurns + 3 {
			r.gate.call(cmdMessage, "R"+strconv.Itoa(i), single("m"+strconv.Itoa(i), "a", "x"))
		}
		time.Sleep(time.Minute)
		if n := len(r.gate.got(cmdRespond)); n != maxRobotTurns || r.counts.of(OutcomeRobotCrowded) != 3 {
			t.Errorf("%d answers, %v", n, r.counts.all())
		}
	})
}
