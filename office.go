package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cxbot/award"
	"cxbot/bot"
	"cxbot/bot/wecom"
	"cxbot/chat"
	"cxbot/documents"
	"cxbot/handlers"
	"cxbot/scheduler"
	"cxbot/storage"
)

// Office is the assembled bot: all rooms wired to one store, one clock and one
// WeCom. What drives it differs: serve runs the rooms' own loops, a trial the Pump.
type Office struct {
	Store     *storage.Store
	Turn      *bot.Turn
	Outbox    *bot.Outbox
	Fetcher   *bot.Fetcher
	Scheduler *scheduler.Scheduler
	// Sealer seals the audit trail; nil in a trial, whose data nobody keeps.
	Sealer *Sealer
	// Desk lets a terminal talk to the bot; nil in a trial.
	Desk *Desk

	tap *tapWire
	// Robot is the smart robot, nil where none is set; Routes chooses between it,
	// the app and the group webhook.
	Robot  *wecom.Robot
	Routes wecom.Routes
	// ClockWatch looks at the times of callbacks.
	ClockWatch *clockWatch
	Callback   http.Handler

	app *wecom.App
}

// OfficeConfig says what an Office is made of. All but Wake and Workers are needed.
type OfficeConfig struct {
	Config Config
	Store  *storage.Store
	Clock  *Clock
	Log    *slog.Logger
	Shelf  *documents.Shelf
	// Wake hears that a turn has queued messages or downloads; nil wakes outbox and
	// fetcher themselves.
	Wake func()
	// Metrics counts what happens; nil counts nothing.
	Metrics *Metrics
	// Workers is how many people the outbox serves at once, 0 for its default.
	Workers int
	// Heir is bot.Config's.
	Heir time.Duration
	// Term is wecom.RobotConfig's: which of several replicas has the robot.
	Term func(ctx context.Context) (context.Context, error)
}

// newOffice wires the rooms; nothing runs and nothing is called yet.
func newOffice(ctx context.Context, c OfficeConfig) (*Office, error) {
	talks, err := conversations(c.Config.CountyName, c.Config.WeCom.GroupWebhook != "")
	if err != nil {
		return nil, fmt.Errorf("conversations: %w", err)
	}
	cards := bot.Cards{Secret: cardSecret(c.Config.WeCom)}
	o := &Office{Store: c.Store}
	if err := o.connect(c); err != nil {
		return nil, err
	}
	o.tap = &tapWire{Wire: limitedTo(o.Routes, c.Config.Only, c.Log), ears: map[int]ear{}}
	o.Outbox = bot.NewOutbox(bot.OutboxConfig{
		Queue: c.Store, Wire: o.tap, Cards: cards, Clock: c.Clock, Log: c.Log, Workers: c.Workers,
		Count: c.Metrics.count(groupSend),
		Tell:  func(class bot.Class) []string { return o.tell(ctx, class, c.Config.Admins) },
	})
	o.Fetcher = bot.NewFetcher(bot.FetcherConfig{
		Fetches: c.Store, Source: source{o.app, o.Robot}, Shelf: shelf{c.Shelf}, Clock: c.Clock, Log: c.Log, Workers: c.Workers,
		Count:  c.Metrics.count(groupFetch),
		Handle: func(ctx context.Context, ev chat.Event) bot.Result { return o.Turn.Handle(ctx, ev) },
	})
	wake, fetch := c.Wake, c.Wake
	if wake == nil {
		wake, fetch = o.Outbox.Wake, o.Fetcher.Wake
	}
	o.Turn = bot.New(bot.Config{
		Store: c.Store, Responder: responder(talks), Cards: cards, Clock: c.Clock, Log: c.Log, Wake: wake, Fetch: fetch, Heir: c.Heir,
		Count: c.Metrics.count(groupTurn),
	})
	o.Scheduler, err = scheduler.New(scheduler.Config{
		Store: c.Store, Clock: c.Clock, Log: c.Log, Reminders: scheduler.All(c.Config.WeCom.GroupWebhook != ""),
		View:  func(ctx context.Context) scheduler.View { return c.Store.ViewAt(ctx) },
		Count: c.Metrics.reminder(),
	})
	if err != nil {
		return nil, fmt.Errorf("reminders: %w", err)
	}
	o.Callback, err = o.newCallback(ctx, c)
	return o, err
}

// assembled are the conversations made so far: they keep no state, and putting
// them together takes longer than starting everything else.
var assembled sync.Map // kindOfOffice → *handlers.Bot

// kindOfOffice is what the conversations depend on.
type kindOfOffice struct {
	county  string
	webhook bool
}

func conversations(county string, webhook bool) (*handlers.Bot, error) {
	kind := kindOfOffice{county, webhook}
	if have, ok := assembled.Load(kind); ok {
		if talks, ok := have.(*handlers.Bot); ok {
			return talks, nil
		}
	}
	talks, err := handlers.New(county, handlers.WithWebhook(webhook))
	if err != nil {
		return nil, err
	}
	assembled.Store(kind, talks)
	return talks, nil
}

// responder adapts the conversations to the turn; the two declare the same
// shapes because neither may import the other.
func responder(talks *handlers.Bot) bot.Responder {
	return func(r bot.Request) bot.Response { return bot.Response(talks.Respond(handlers.Request(r))) }
}

// connect makes the wires out that are set, and the robot's, which goes both ways.
func (o *Office) connect(c OfficeConfig) error {
	w := c.Config.WeCom
	app, err := newApp(w, c.Clock, c.Shelf, c.Metrics.count(groupAPI))
	if err != nil {
		return err
	}
	o.Routes.App, o.app = app, app
	if w.GroupWebhook != "" {
		groups, err := wecom.NewWebhook(wecom.WebhookConfig{URL: wecom.Secret(w.GroupWebhook.Reveal())})
		if err != nil {
			return fmt.Errorf("CXBOT_WECOM_GROUP_WEBHOOK: %w", err)
		}
		o.Routes.Webhook, o.Routes.WebhookGroup = groups, award.WebhookGroup
	}
	if !w.HasRobot() {
		return nil
	}
	o.Robot, err = wecom.NewRobot(wecom.RobotConfig{
		URL: w.RobotURL, ID: w.RobotID, Secret: wecom.Secret(w.RobotSecret.Reveal()), Now: c.Clock.Now, Log: c.Log, Handle: o.handle,
		Count: c.Metrics.count(groupRobot),
		Term:  c.Term,
	})
	if err != nil {
		return fmt.Errorf("CXBOT_WECOM_ROBOT_ID: %w", err)
	}
	o.Routes.Robot = o.Robot
	return nil
}

// knowGroups tells the robot which groups are bound: it forgets at a restart who
// has spoken to it, and their reminders must not go to the webhook's group.
func (o *Office) knowGroups(ctx context.Context) {
	for _, g := range o.Store.ViewAt(ctx).Groups().List {
		if g.ID != award.WebhookGroup {
			o.Robot.Know(g.ID)
		}
	}
}

// handle gives an event to the turn, whichever wire it came in by.
func (o *Office) handle(ctx context.Context, ev chat.Event) wecom.Result {
	return wecom.Result(o.Turn.Handle(ctx, ev))
}

// newApp makes the wire out of the self-built app.
func newApp(w WeCom, clock *Clock, files *documents.Shelf, count func(string)) (*wecom.App, error) {
	app, err := wecom.New(wecom.Config{
		Open:    openKept(files),
		APIBase: w.APIBase, CorpID: w.CorpID, Secret: wecom.Secret(w.Secret.Reveal()), AgentID: int(w.Agent), Now: clock.Now,
		Count: count,
	})
	if err != nil {
		return nil, fmt.Errorf("WeCom: %w", err)
	}
	return app, nil
}

// newCallback makes the wire in.
func (o *Office) newCallback(ctx context.Context, c OfficeConfig) (http.Handler, error) {
	w := c.Config.WeCom
	crypter, err := wecom.NewCrypter(wecom.CrypterConfig{
		Token: wecom.Secret(w.Token.Reveal()), AESKey: wecom.Secret(w.AESKey.Reveal()), ReceiveID: w.CorpID,
		PreviousToken: wecom.Secret(w.TokenPrevious.Reveal()), PreviousAESKey: wecom.Secret(w.AESKeyPrevious.Reveal()),
	})
	if err != nil {
		return nil, fmt.Errorf("callback keys: %w", err)
	}
	o.ClockWatch = &clockWatch{now: c.Clock.Now, tell: func(now time.Time) { o.tellClock(ctx, c, now) }}
	handler, err := wecom.NewHandler(wecom.HandlerConfig{
		Crypter: crypter, AgentID: strconv.FormatInt(w.Agent, 10), Now: c.Clock.Now, Log: c.Log,
		Handle: o.handle, Count: o.ClockWatch.counting(c.Metrics.count(groupCallback)),
	})
	if err != nil {
		return nil, fmt.Errorf("callback: %w", err)
	}
	return handler, nil
}

// cardSecret is the key of the cards' MAC. It is made of the app's secret, so
// that all replicas share it and nothing more has to be kept.
func cardSecret(w WeCom) []byte {
	mac := hmac.New(sha256.New, []byte(w.Secret.Reveal()))
	mac.Write([]byte("cxbot cards"))
	return mac.Sum(nil)
}

// tell names who hears of messages given up: staff when a receiver is the
// matter, the administrators otherwise.
func (o *Office) tell(ctx context.Context, class bot.Class, admins []string) []string {
	role := award.RoleAdmin
	if class == bot.Receiver {
		role = award.RoleStaff
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyTimeout)
	defer cancel()
	var ids []string
	for _, p := range o.Store.ViewAt(ctx).WithRole(role) {
		ids = append(ids, p.UserID)
	}
	if role == award.RoleAdmin {
		for _, id := range admins {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// onlyWire sends to some people and leaves the others in peace (CXBOT_SEND).
type onlyWire struct {
	bot.Wire

	only []string
	log  *slog.Logger
}

// limitedTo puts CXBOT_SEND before a wire; an empty list changes nothing.
func limitedTo(wire bot.Wire, only []string, log *slog.Logger) bot.Wire {
	if len(only) == 0 {
		return wire
	}
	return &onlyWire{wire, only, log}
}

// Send implements bot.Wire. What is not sent counts as delivered: a dry run
// must not pile up an outbox that bursts when it ends.
func (w *onlyWire) Send(ctx context.Context, m chat.Message, task string) error {
	// The platform ignores the case of userids. A group is on no list.
	if !slices.ContainsFunc(w.only, func(id string) bool { return strings.EqualFold(id, m.To) }) {
		w.log.InfoContext(ctx, "not sent because of CXBOT_SEND", "key", m.Key)
		return nil
	}
	return w.Wire.Send(ctx, m, task) //nolint:wrapcheck // The outbox judges the wire's own errors.
}

// errNoSetter says that nobody in the directory may open a cycle.
var errNoSetter = errors.New("人员里没有经办、科室负责人或管理员，开不了届")

// openCycle opens a cycle through the rules, as the first person who may, unless
// one is open.
func openCycle(ctx context.Context, store *storage.Store, clock *Clock, cmd award.OpenCycle) error {
	now := clock.Now()
	view := store.ViewAt(ctx)
	for _, role := range []award.Role{award.RoleStaff, award.RoleChief, award.RoleAdmin} {
		if who := view.WithRole(role); len(who) > 0 && cmd.By.UserID == "" {
			cmd.By = who[0]
		}
	}
	if cmd.By.UserID == "" {
		return errors.Join(errNoSetter, view.Err())
	}
	event := chat.Event{ID: "internal|open-cycle|" + cmd.Name, Channel: chat.Internal, From: cmd.By.UserID, At: now}
	loaded, err := store.Load(ctx, event, now)
	if err != nil {
		return fmt.Errorf("open the cycle: %w", err)
	}
	if _, open := loaded.View.Cycle(); open || loaded.Done {
		return nil
	}
	changes, refusal := award.Decide(loaded.View, cmd, now)
	if refusal != nil {
		return fmt.Errorf("open the cycle: %w: %s", refusal, refusal.Text)
	}
	err = store.Commit(ctx, bot.Outcome{
		Event: event, View: loaded.View, At: now,
		Response: bot.Response{Conversation: loaded.Conversation, Changes: changes},
	})
	if err != nil {
		return fmt.Errorf("open the cycle: %w", err)
	}
	return nil
}
