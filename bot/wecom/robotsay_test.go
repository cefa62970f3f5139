package wecom

import (
	"errors"
	"strings"
	"testing"
	"time"

	"cxbot/bot"
	"cxbot/chat"
)

// verdictOf names what an error of Send tells the outbox.
func verdictOf(err error) string {
	failed, refused := errors.AsType[*bot.SendError](err)
	switch {
	case err == nil:
		return "sent"
	case refused:
		return map[bot.Class]string{
			bot.Retry: "retry", bot.Wait: "wait", bot.Permanent: "permanent", bot.Receiver: "receiver", bot.Expired: "expired",
		}[failed.Class]
	case errors.Is(err, ErrUnknown):
		return "unknown"
	default:
		return err.Error()
	}
}

func TestRobotPushes(t *testing.T) {
	tests := map[string]struct {
		message chat.Message
		script  func(sentFrame) (int, bool)
		want    string
		chat    string // pushed to, "" when refused before
	}{
		"known group":      {say("group:wrGroup1", "好"), nil, "sent", "wrGroup1"},
		"known person":     {say("wolaa", "好"), nil, "sent", "woLAA"},
		"in other letters": {say("WOLAA", "好"), nil, "sent", "woLAA"},
		"card in words":    {chat.Message{Key: "c", To: "group:wrGroup1", Card: action()}, nil, "sent", "wrGroup1"},
		"unknown group":    {say("group:wrgroup1", "好"), nil, "permanent", ""},
		"unknown person":   {say("b", "好"), nil, "permanent", ""},
		"only opened":      {say("opener", "好"), nil, "permanent", ""},
		"empty":            {say("wolaa", " "), nil, "permanent", ""},
		"card update":      {chat.Message{To: "wolaa", Update: &chat.Update{Code: "c"}}, nil, "expired", ""},
		"too often":        {say("wolaa", "好"), on(cmdPush, codeRobotRate), "wait", "woLAA"},
		"busy":             {say("wolaa", "好"), on(cmdPush, codeBusy), "retry", "woLAA"},
		"chat is gone":     {say("wolaa", "好"), on(cmdPush, codeChat), "retry", "woLAA"},
		"spam":             {say("wolaa", "好"), on(cmdPush, codeSpam), "permanent", "woLAA"},
		"wrong msgtype":    {say("wolaa", "好"), on(cmdPush, 40008), "permanent", "woLAA"},
		"not subscribed":   {say("wolaa", "好"), on(cmdPush, codeNotSubscribed), "retry", "woLAA"},
		"no ack":           {say("wolaa", "好"), mute(cmdPush), "unknown", "woLAA"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			withRobot(t, nil, func(t *testing.T, r *robotRig) {
				r.gate.call(cmdMessage, "R1", inGroup("m1", "a", "x"))
				r.gate.call(cmdMessage, "R2", single("m2", "woLAA", "x"))
				r.gate.call(cmdEvent, "R3", eventOf("e1", "opener", eventEnter))
				r.gate.script(test.script)
				err := r.Send(t.Context(), test.message, "")
				noSecret(t, err)
				if got := verdictOf(err); got != test.want {
					t.Errorf("%s: %v", got, err)
				}
				if failed, ok := errors.AsType[*bot.SendError](err); ok && failed.Class == bot.Wait && failed.After != minuteWindow {
					t.Errorf("wait %v", failed.After)
				}
				if reached := test.want != "permanent" || test.script != nil; name != "empty" && r.Reaches(test.message.To) != (reached && name != "chat is gone") {
					t.Errorf("reaches it: %v", !reached)
				}
				got := r.gate.got(cmdPush)
				if test.chat == "" {
					if len(got) > 0 {
						t.Errorf("pushed %+v", got)
					}
					return
				}
				if len(got) != 1 || got[0].body["chatid"] != test.chat || got[0].body["msgtype"] != "markdown" {
					t.Fatalf("pushed %+v", got)
				}
				if group := test.chat == "wrGroup1"; (got[0].body["chat_type"] == 2.0) != group {
					t.Errorf("chat_type %v", got[0].body["chat_type"])
				}
			})
		})
	}
}

func TestRobotPushesLater(t *testing.T) {
	withRobot(t, nil, func(t *testing.T, r *robotRig) {
		r.gate.call(cmdMessage, "R1", inGroup("m1", "a", "x"))
		r.gate.drop()
		if got := verdictOf(r.Send(t.Context(), say("group:wrGroup1", "好"), "")); got != "retry" {
			t.Error("while not connected:", got)
		}
		time.Sleep(time.Minute)
		if got := verdictOf(r.Send(t.Context(), say("group:wrGroup1", "好"), "")); got != "sent" {
			t.Error("connected again:", got)
		}
		long := chat.Message{Key: "long", To: "group:wrGroup1", Text: strings.Repeat("很长的一行\n", 2000)}
		if got := verdictOf(r.Send(t.Context(), long, "")); got != "sent" {
			t.Error("a long one:", got)
		}
		if n := len(r.gate.got(cmdPush)); n != 3 {
			t.Errorf("%d pushes", n)
		}
	})
}
