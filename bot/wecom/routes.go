package wecom

import (
	"context"

	"cxbot/bot"
	"cxbot/chat"
)

// Reacher is a wire that reaches only those who have spoken to it.
type Reacher interface {
	bot.Wire
	Reaches(to string) bool
	// Elsewhere reports whether another replica has the wire at present.
	Elsewhere() bool
}

// Routes chooses the wire for each message; any of them may be nil. It
// implements bot.Wire.
type Routes struct {
	// App takes everything for persons.
	App bot.Wire
	// Robot takes what is for groups that have spoken to it, and for persons when
	// there is no app.
	Robot Reacher
	// Webhook takes what is for other groups, and alone what is for WebhookGroup,
	// the name the bot gives the webhook's own group.
	Webhook      bot.Wire
	WebhookGroup string
}

var (
	_ bot.Wire = Routes{}
	_ Reacher  = (*Robot)(nil)
)

// Send implements bot.Wire.
func (r Routes) Send(ctx context.Context, m chat.Message, task string) error {
	wire, fallback := r.App, bot.Wire(nil)
	group, isGroup := chat.ToGroup(m.To)
	if isGroup {
		if m.File != nil {
			return permanentError("routes", "files never go to groups")
		}
		wire, fallback = nil, r.Webhook
	}
	own := isGroup && group == r.WebhookGroup
	switch {
	case wire != nil:
	case !own && r.Robot != nil && r.Robot.Reaches(m.To):
		wire = r.Robot
	case fallback != nil:
		wire = fallback
	case r.Robot != nil && r.Robot.Elsewhere():
		return &bot.SendError{Class: bot.Retry, Text: "wecom: routes: another replica holds the robot's connection"}
	default:
		return permanentError("routes", "no channel reaches the receiver")
	}
	return wire.Send(ctx, m, task)
}
