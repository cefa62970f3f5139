package bot

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"cxbot/chat"
)

// action is what becomes of a message after a failed try.
type action int

const (
	retryLater action = iota
	dropIt
	buryIt
)

// verdict is a decision on a failed try, with its named reason.
type verdict struct {
	do     action
	name   string // for the counter "send.…"
	after  time.Duration
	class  Class
	code   int
	reason string
	note   note // what to remember until the next try
}

const (
	// maxTries is how often a message is tried before it is given up: with the
	// delays of backOff just under 24 hours.
	maxTries = 147
	// maxUnknown is how often a try may end without an answer; each may have
	// been a delivery.
	maxUnknown = 3
	// maxUpdateTries bounds the greying of a card, which is only decoration and
	// must not hold up the words behind it.
	maxUpdateTries = 3
	// minWait and usualWait are the rest after "too often", when the platform
	// names a very short one, or none.
	minWait   = time.Second
	usualWait = time.Minute
)

// backOff is the delay after the n-th failed try of a passing failure, n from 0.
func backOff(n int) time.Duration {
	delays := [...]time.Duration{2 * time.Second, 8 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute}
	return delays[min(max(n, 0), len(delays)-1)]
}

// blindBackOff is the delay after the n-th try without an answer, n from 0. All
// three together stay inside the half hour in which WeCom recognises a repeated
// reminder (design.md D32) and outlast an outage of a quarter of an hour.
func blindBackOff(n int) time.Duration {
	delays := [...]time.Duration{10 * time.Second, 2 * time.Minute, 15 * time.Minute}
	return delays[min(max(n, 0), len(delays)-1)]
}

// judge decides what becomes of a message whose sending failed with err.
// c.Tries is how often it was given back before; before is what this process
// remembers of it.
func judge(c Claimed, err error, before note) verdict {
	v := verdict{class: Permanent, note: before}
	var known *SendError
	if errors.As(err, &known) {
		v.class, v.code, v.reason = known.Class, known.Code, known.Text
	}
	switch {
	case known == nil:
		v.name, v.reason = "unknown", "no answer: "+err.Error()
		v.do, v.after = retryLater, blindBackOff(before.unknown)
		if before.unknown >= maxUnknown {
			v.do = buryIt
		}
		v.note.unknown++
	case known.Class == Retry:
		v.name, v.do, v.after = "retry", retryLater, backOff(c.Tries)
	case known.Class == Wait:
		v.name, v.do, v.after = "wait", retryLater, max(known.After, minWait)
		if known.After <= 0 {
			v.after = usualWait
		}
	case known.Class == Refresh:
		v.name, v.do, v.after = "refresh", retryLater, backOff(0)
		if before.refreshed {
			v.do = buryIt
		}
		v.note.refreshed = true
	case known.Class == Receiver:
		v.name, v.do = "receiver", buryIt
	case known.Class == Expired && c.Message.Update != nil:
		v.name, v.do = "expired", dropIt
	default:
		v.name, v.do = "permanent", buryIt
	}
	if v.do != retryLater {
		return v
	}
	switch {
	case c.Message.Update != nil && c.Tries >= maxUpdateTries:
		v.do, v.name = dropIt, "update-given-up"
	case c.Tries >= maxTries:
		v.do, v.name = buryIt, "given-up"
	}
	return v
}

// The words and names of the notice that messages were given up.
const (
	ruleNotice    = "outbox.failed"
	wordsReceiver = "有消息没能送达收件人。回复“发送失败”可以看到是谁、什么原因，并可重发。"
	wordsGivenUp  = "有消息没能发出去，请检查企业微信应用的设置。回复“发送失败”可以看到原因，并可重发。"
)

// tell lets people know that a message was given up. The key holds the hour, so
// that a thousand failures make one notice; a failed notice makes none.
func (o *Outbox) tell(ctx context.Context, now time.Time, c Claimed, class Class) {
	if c.Message.Rule == ruleNotice {
		return
	}
	words, kind := wordsGivenUp, "app"
	if class == Receiver {
		words, kind = wordsReceiver, "receiver"
	}
	var notices []chat.Message
	for _, to := range o.cfg.Tell(class) {
		notices = append(notices, chat.Message{
			Key: ruleNotice + "|" + kind + "|" + to + "|" + now.UTC().Format("2006-01-02T15"),
			To:  to, Text: words, Priority: chat.PriorityReceipt, Rule: ruleNotice,
		})
	}
	if len(notices) == 0 {
		return
	}
	if err := o.cfg.Queue.Enqueue(ctx, now, notices); err != nil {
		// The failed list still shows it; only the nudge is lost.
		o.cfg.Log.LogAttrs(ctx, slog.LevelError, "failure notice not queued", slog.String("why", err.Error()))
	}
}
