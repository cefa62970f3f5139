package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// killPlan is what the command line asks of the kill loop.
type killPlan struct {
	kills, people, rate int
	seed                uint64
	patience, pause     time.Duration
	binary              string
}

// killRun is one kill loop on its way.
type killRun struct {
	plan    killPlan
	dice    *rand.Rand // of the killer alone
	redis   *server
	bot     *product
	serials serials
	born    atomic.Int64 // when the bot was started last, 0 once it has answered

	mu       sync.Mutex
	restarts []time.Duration
	letters  []*letter // in the order in which each member said them
	killed   struct{ bot, redis, both int }
}

var (
	errLost   = errors.New("the promise is broken")
	errSilent = errors.New("the bot does not answer any more")
)

// runKills is the test of promise P1: a stream of encrypted callbacks goes to a
// real process on a real redis-server while one of them, or both, are killed at
// random moments. In the end each acknowledged message must have had exactly one
// effect, and every one that is said not to have been kept none.
func runKills(ctx context.Context, p killPlan, out io.Writer) (err error) {
	begin := time.Now()
	dir, err := os.MkdirTemp("", "cxk")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if p.binary == "" {
		if p.binary, err = buildProduct(ctx, dir); err != nil {
			return err
		}
	}
	r := &killRun{plan: p, dice: rand.New(rand.NewPCG(p.seed, 1))}
	if r.redis, err = startServer(ctx, "", server{fsync: "always", rewrites: true}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.redis.stop()) }()
	clock := startClock()
	if err := prepareProduct(ctx, r.redis, clock, p.people); err != nil {
		return err
	}
	wecom, err := newPlatform(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, wecom.server.Close()) }()
	if r.bot, err = newProcess(ctx, dir, p.binary, r.redis.socket, wecom.base, clock); err != nil {
		return err
	}
	if err := r.start(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.bot.kill()) }()
	if err := r.play(ctx); err != nil {
		return fmt.Errorf("%w\n%s", err, r.bot.tail())
	}
	found, err := r.audit(ctx, wecom)
	if err != nil {
		return err
	}
	r.report(out, found, time.Since(begin))
	if len(found.broken) > 0 {
		return fmt.Errorf("%w:\n%s\n%s", errLost, strings.Join(found.broken[:min(len(found.broken), 20)], "\n"), r.bot.tail())
	}
	return nil
}

// prepareProduct fills a fresh Redis with members who have fifteen fields filled.
func prepareProduct(ctx context.Context, redis *server, clock clock, people int) error {
	client, _ := newClient(redis.socket)
	defer func() { _ = client.Close() }()
	store, err := newStore(client)
	if err != nil {
		return err
	}
	if err := seed(ctx, store, people); err != nil {
		return err
	}
	turn, err := newTurn(store, clock)
	if err != nil {
		return err
	}
	return seedDrafts(ctx, store, turn, people)
}

// start runs the bot and notes when.
func (r *killRun) start(ctx context.Context) error {
	r.born.Store(time.Now().UnixNano())
	return r.bot.launch(ctx)
}

// answered hears of every answer; the first one after a start is measured.
func (r *killRun) answered() {
	born := r.born.Load()
	if born == 0 || !r.born.CompareAndSwap(born, 0) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.restarts = append(r.restarts, time.Duration(time.Now().UnixNano()-born))
}

// play lets everybody talk while the killer goes about, and then lets one member
// of each unit hand in.
func (r *killRun) play(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	talking, hush := context.WithCancel(ctx)
	typing, handIn := context.WithCancel(talking)
	defer hush()
	defer handIn()
	tickets := make(chan struct{}, r.plan.rate)
	var crowd sync.WaitGroup
	failed := make(chan error, r.plan.people+1)
	for n := range r.plan.people {
		until := talking
		if n%filersAUnit == 0 {
			until = typing
		}
		crowd.Go(func() {
			if err := r.member(ctx, until, n, tickets); err != nil {
				failed <- err
				stop()
			}
		})
	}
	crowd.Go(func() { pace(talking, r.plan.rate, tickets) })
	// The last tenth of the kills meets people who hand in.
	err := r.kill(ctx, r.plan.kills-r.plan.kills/10)
	handIn()
	if err == nil {
		err = r.kill(ctx, r.plan.kills/10)
	}
	hush()
	if err != nil {
		stop()
	}
	crowd.Wait()
	close(failed)
	return errors.Join(err, <-failed)
}

// pace hands out tickets at a steady rate; one not taken in time is lost.
func pace(ctx context.Context, rate int, tickets chan<- struct{}) {
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		select {
		case tickets <- struct{}{}:
		default:
		}
	}
}

// kill kills and restarts so many times. Mostly it waits until the bot has
// answered since the last time; one kill in eight meets a process that starts.
func (r *killRun) kill(ctx context.Context, times int) error {
	for range times {
		if r.dice.IntN(8) > 0 {
			if err := r.awaitAnswer(ctx); err != nil {
				return err
			}
		}
		wait(ctx, time.Duration(r.dice.Int64N(int64(2*r.plan.pause))))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := r.strike(ctx, r.victims()); err != nil {
			return err
		}
	}
	return r.awaitAnswer(ctx)
}

// victims is what one stroke kills.
type victims struct{ bot, redis bool }

// victims picks the bot in three strokes of six, Redis in two, both in one.
func (r *killRun) victims() victims {
	const sides = 6
	switch n := r.dice.IntN(sides); n {
	case 0:
		r.killed.both++
		return victims{bot: true, redis: true}
	case 1, 2:
		r.killed.redis++
		return victims{redis: true}
	default:
		r.killed.bot++
		return victims{bot: true}
	}
}

// strike kills, the two in any order, and starts what was killed.
func (r *killRun) strike(ctx context.Context, v victims) error {
	var err error
	botLast := v.redis && r.dice.IntN(2) == 0
	if v.bot && !botLast {
		err = r.bot.kill()
	}
	if v.redis {
		err = errors.Join(err, r.redis.kill())
	}
	if v.bot && botLast {
		wait(ctx, time.Duration(r.dice.Int64N(int64(20*time.Millisecond))))
		err = errors.Join(err, r.bot.kill())
	}
	if v.redis {
		wait(ctx, time.Duration(r.dice.Int64N(int64(200*time.Millisecond)))) // It is down for a while.
		err = errors.Join(err, r.redis.launch(ctx))
	}
	if v.bot || r.bot.ended() {
		err = errors.Join(err, r.start(ctx))
	}
	return err
}

// awaitAnswer returns when the bot has answered since its last start. A process
// that has ended, because it found no Redis, is started again as a supervisor does.
func (r *killRun) awaitAnswer(ctx context.Context) error {
	const patience, look = 60 * time.Second, 2 * time.Millisecond
	for until := time.Now().Add(patience); time.Now().Before(until); wait(ctx, look) {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case r.bot.ended():
			if err := r.start(ctx); err != nil {
				return err
			}
		case r.born.Load() == 0:
			return nil
		}
	}
	return errSilent
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// member types changes of the fields until it is told to come to an end, and
// then hands in when first of the unit.
func (r *killRun) member(ctx, until context.Context, n int, tickets <-chan struct{}) error {
	dice := rand.New(rand.NewPCG(r.plan.seed, uint64(n)+2))
	c, err := newCourier(r.bot.address, r.bot.clock, r.plan.patience, r.answered)
	if err != nil {
		return err
	}
	defer c.close()
	fields := killFields()
	for {
		select {
		case <-until.Done():
			if n%filersAUnit > 0 || ctx.Err() != nil {
				return nil
			}
			return r.handIn(ctx, c, n)
		case <-tickets:
		}
		field := fields[dice.IntN(len(fields))]
		l := r.letter(n, field.key, field.say)
		c.deliver(ctx, l, dice.IntN(20) == 0, dice.IntN(50) == 0)
	}
}

// letter writes a new message; format takes its mark.
func (r *killRun) letter(n int, field, format string) *letter {
	l := &letter{serial: r.serials.next(), person: filerID(n), field: field, text: format}
	if field != "" {
		l.text = fmt.Sprintf(format, mark(l.serial))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.letters = append(r.letters, l)
	return l
}

// handIn confirms the secrecy and submits, as often as a person would who hears
// nothing.
func (r *killRun) handIn(ctx context.Context, c *courier, n int) error {
	const attempts, done = 100, "已收到"
	say := "确认"
	for range attempts {
		l := r.letter(n, "", say)
		c.deliver(ctx, l, true, true)
		switch {
		case l.fate != acknowledged:
		case strings.HasPrefix(l.reply, done), say == "提交":
			// A second 确认 submits when the first has had its effect unheard; a
			// second 提交 hears that nothing is left to submit.
			return ctx.Err()
		default:
			say = "提交"
		}
	}
	return errors.Join(errSilent, ctx.Err())
}

// killField is a field that one message changes.
type killField struct{ key, say string }

func killFields() []killField {
	return []killField{
		{"title", "改 1 联村党委议事协商机制创新实践%s"},
		{"problem", "改 3 村里重大事项议而不决、决而不公开，群众意见集中，去年来访较多，影响了党组织的威信，这是%s。"},
		{"outcome", "改 9 村级重大事项公开率达到 100%%，相关来访下降一半以上，形成制度和手册，这是%s。"},
	}
}

// report prints the figures.
func (r *killRun) report(out io.Writer, found verdicts, took time.Duration) {
	slices.Sort(r.restarts)
	at := func(percent int) time.Duration {
		if len(r.restarts) == 0 {
			return 0
		}
		return r.restarts[(len(r.restarts)-1)*percent/100].Round(time.Millisecond)
	}
	fmt.Fprintf(out, "kills %d, messages %d, acknowledged %d, lost %d, doubled %d, seed %d, duration %v\n",
		r.killed.bot+r.killed.redis+r.killed.both, len(r.letters), found.acknowledged, found.lost, found.doubled, r.plan.seed, took.Round(time.Second))
	fmt.Fprintf(out, "killed: bot %d, Redis %d, both %d; deliveries %d; said not kept %d (kept after all %d); unanswered %d (of them with an effect %d); answers that differ %d\n",
		r.killed.bot, r.killed.redis, r.killed.both, found.deliveries, found.refused, found.untrue, found.unanswered, found.silent, found.differ)
	fmt.Fprintf(out, "handed in: units %d, records %d, audit lines %d, heads asked %d, asked again %d\n",
		found.units, found.records, found.submits, found.asked, found.askedAgain)
	fmt.Fprintf(out, "start to first answer: %d starts, p50 %v, p99 %v, max %v\n", len(r.restarts), at(50), at(99), at(100))
}
