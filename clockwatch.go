package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"cxbot/award"
	"cxbot/bot"
	"cxbot/bot/wecom"
	"cxbot/chat"
	"cxbot/storage"
)

// differsAfter is how many callbacks in a row must bear a time far from ours
// before the clock is blamed: one alone may have been held up on its way.
const differsAfter = 3

// clockWatch notices that this machine's clock and WeCom's are minutes apart.
// Deadlines go by ours (design.md D11), so the administrators must hear of it.
type clockWatch struct {
	now  func() time.Time
	tell func(now time.Time)

	mu  sync.Mutex
	row int // late callbacks in a row
	// The callback being counted was late, or a repeat of an old one: those say
	// nothing about clocks. Callbacks counted at the same moment may be mixed up;
	// a row of them is not.
	late, replay bool
	told         award.Date
}

// counting passes outcomes of callbacks on to count, which may be nil, and looks
// at them.
func (w *clockWatch) counting(count func(string)) func(string) {
	return func(outcome string) {
		if count != nil {
			count(outcome)
		}
		w.see(outcome)
	}
}

// see counts callbacks whose time is far off; one with a good time starts anew.
func (w *clockWatch) see(outcome string) {
	w.mu.Lock()
	switch outcome {
	case wecom.OutcomeLate:
		w.late = true
	case wecom.OutcomeNonceReused, wecom.OutcomeRepeated:
		w.replay = true
	case wecom.OutcomeOK, wecom.OutcomeReply, wecom.OutcomeClosed:
		switch {
		case !w.late:
			w.row = 0
		case !w.replay:
			w.row++
		}
		w.late, w.replay = false, false
	}
	now := w.now()
	today := award.DateOf(now)
	speak := w.row >= differsAfter && w.told != today
	if speak {
		w.told = today
	}
	w.mu.Unlock()
	if speak {
		w.tell(now)
	}
}

// Differs reports whether the last callbacks bore a time far from ours.
func (w *clockWatch) Differs() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.row >= differsAfter
}

// tellClock tells the administrators that the clock is off, once a day.
func (o *Office) tellClock(ctx context.Context, c OfficeConfig, now time.Time) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyTimeout)
	defer cancel()
	c.Log.LogAttrs(ctx, slog.LevelWarn, "!!! this machine's clock and WeCom's differ by more than five minutes")
	local := now.In(award.Shanghai)
	text := "服务器的时间和企业微信相差超过 5 分钟（服务器现在是" + award.DateOf(now).Short() + local.Format("15:04") +
		"）。备案按不按时、提醒几点发都按服务器的时间算，请尽快校准服务器时钟。"
	if err := clockMessages(ctx, o.Store, o.tell(ctx, bot.Permanent, c.Config.Admins), text, now); err != nil {
		c.Log.LogAttrs(ctx, slog.LevelWarn, "cannot tell the administrators about the clock", slog.Any("err", err))
		return
	}
	if c.Wake != nil {
		c.Wake()
		return
	}
	o.Outbox.Wake()
}

// clockMessages queues the day's word about the clock, once for each receiver.
func clockMessages(ctx context.Context, store *storage.Store, to []string, text string, now time.Time) error {
	messages := make([]chat.Message, 0, len(to))
	for _, id := range to {
		messages = append(messages, chat.Message{
			Key: "clock|" + award.DateOf(now).String() + "|" + id, To: id, Text: text, Priority: chat.PriorityReceipt, Rule: "clock.differs",
		})
	}
	return store.Enqueue(ctx, now, messages)
}
