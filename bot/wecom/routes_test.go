package wecom

import (
	"context"
	"errors"
	"testing"

	"cxbot/bot"
	"cxbot/chat"
)

// namedWire says that it was chosen.
type namedWire string

func (w namedWire) Send(context.Context, chat.Message, string) error { return errors.New(string(w)) }

// knowing is a robot to which the listed receivers have spoken.
type knowing []string

func (knowing) Send(context.Context, chat.Message, string) error { return errors.New("robot") }

func (k knowing) Reaches(to string) bool {
	for _, known := range k {
		if known == to {
			return true
		}
	}
	return false
}

func (k knowing) Elsewhere() bool { return len(k) == 0 }

// While another replica has the robot, nothing is given up that only it may reach.
func TestRoutesLeaveItToTheReplicaThatHasTheRobot(t *testing.T) {
	t.Parallel()
	err := Routes{App: namedWire("app"), Robot: knowing{}}.Send(t.Context(), say("group:wrA", "好"), "")
	if failed, ok := errors.AsType[*bot.SendError](err); !ok || failed.Class != bot.Retry {
		t.Errorf("sent by %v, want another try", err)
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	robot := knowing{"group:wrA", "group:own", "zhangsan"}
	all := Routes{App: namedWire("app"), Robot: robot, Webhook: namedWire("webhook"), WebhookGroup: "own"}
	for name, test := range map[string]struct {
		routes Routes
		to     string
		want   string // "" is a permanent refusal
	}{
		"person":                      {all, "zhangsan", "app"},
		"person unknown to the robot": {all, "lisi", "app"},
		"group that has spoken":       {all, "group:wrA", "robot"},
		"group that has not":          {all, "group:wrB", "webhook"},
		"the webhook's own group":     {all, "group:own", "webhook"},
		"its group, no webhook":       {Routes{App: namedWire("app"), Robot: robot, WebhookGroup: "own"}, "group:own", ""},
		"group, no robot":             {Routes{App: namedWire("app"), Webhook: namedWire("webhook")}, "group:wrA", "webhook"},
		"group, no webhook":           {Routes{App: namedWire("app"), Robot: robot}, "group:wrA", "robot"},
		"unknown group, no webhook":   {Routes{App: namedWire("app"), Robot: robot}, "group:wrB", ""},
		"group, app only":             {Routes{App: namedWire("app")}, "group:wrA", ""},
		"person, robot only":          {Routes{Robot: robot}, "zhangsan", "robot"},
		"silent person, robot only":   {Routes{Robot: robot}, "lisi", ""},
		"person, webhook only":        {Routes{Webhook: namedWire("webhook")}, "zhangsan", ""},
		"nothing":                     {Routes{}, "zhangsan", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := test.routes.Send(t.Context(), say(test.to, "好"), "")
			failed, refused := errors.AsType[*bot.SendError](err)
			if refused != (test.want == "") || refused && failed.Class != bot.Permanent || !refused && err.Error() != test.want {
				t.Errorf("sent by %v", err)
			}
		})
	}
}
