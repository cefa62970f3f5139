package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

// restartPlan is what the command line asks of the restarts.
type restartPlan struct {
	drafts, times int
	binary        string
}

// maxRestart is what promise P20 allows from a crash to the first answer.
const maxRestart = 3 * time.Second

var errSlow = errors.New("a restart took longer than promised")

// runRestart kills bot and Redis together, starts both and measures how long it
// takes until a member's next message is answered (promise P20). As a managed
// Redis does, Redis is started first and the bot as soon as it answers.
func runRestart(ctx context.Context, p restartPlan, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "cxr")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if p.binary == "" {
		if p.binary, err = buildProduct(ctx, dir); err != nil {
			return err
		}
	}
	begin := time.Now()
	redis, err := startServer(ctx, "", server{fsync: "always", rewrites: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, redis.stop()) }()
	clock := startClock()
	if err := prepareProduct(ctx, redis, clock, p.drafts); err != nil {
		return err
	}
	wecom, err := newPlatform(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, wecom.server.Close()) }()
	bot, err := newProcess(ctx, dir, p.binary, redis.socket, wecom.base, clock)
	if err != nil {
		return err
	}
	if err := bot.launch(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bot.kill()) }()
	fmt.Fprintf(out, "%d drafts prepared in %v\n", p.drafts, time.Since(begin).Round(time.Second))
	loads, all, err := crashes(ctx, p, redis, bot)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, bot.tail())
	}
	ms := func(list []time.Duration, percent int) time.Duration {
		return list[(len(list)-1)*percent/100].Round(time.Millisecond)
	}
	fmt.Fprintf(out, "restarts %d with %d drafts: to the first answer p50 %v, p99 %v, max %v; of it Redis reading its log p50 %v, max %v\n",
		len(all), p.drafts, ms(all, 50), ms(all, 99), ms(all, 100), ms(loads, 50), ms(loads, 100))
	if ms(all, 99) > maxRestart {
		return fmt.Errorf("%w: %v", errSlow, ms(all, 99))
	}
	return nil
}

// crashes kills and starts so many times; both lists come back sorted.
func crashes(ctx context.Context, p restartPlan, redis *server, bot *product) (loads, all []time.Duration, err error) {
	c, err := newCourier(bot.address, bot.clock, time.Second, func() {})
	if err != nil {
		return nil, nil, err
	}
	defer c.close()
	var s serials
	for n := range p.times + 1 {
		begin := time.Now()
		if n > 0 { // Before the first crash it only says that it works.
			if err := errors.Join(bot.kill(), redis.kill()); err != nil {
				return nil, nil, err
			}
			begin = time.Now()
			if err := redis.launch(ctx); err != nil {
				return nil, nil, err
			}
			if err := redis.loaded(ctx); err != nil {
				return nil, nil, err
			}
			loads = append(loads, time.Since(begin))
			if err := bot.launch(ctx); err != nil {
				return nil, nil, err
			}
		}
		serial := s.next()
		l := &letter{serial: serial, person: filerID(n * 7 % p.drafts), text: fmt.Sprintf(killFields()[0].say, mark(serial))}
		if err := firstAnswer(ctx, c, l); err != nil {
			return nil, nil, err
		}
		if n > 0 {
			all = append(all, time.Since(begin))
		}
	}
	slices.Sort(loads)
	slices.Sort(all)
	return loads, all, nil
}

// firstAnswer delivers one letter every few milliseconds until it is kept.
func firstAnswer(ctx context.Context, c *courier, l *letter) error {
	const patience, look = 60 * time.Second, 5 * time.Millisecond
	c.caller.serial = l.serial
	c.caller.compose(l.person, l.text)
	for until := time.Now().Add(patience); time.Now().Before(until) && ctx.Err() == nil; wait(ctx, look) {
		if reply, err := c.post(ctx); err == nil {
			if l.hear(reply); l.fate == acknowledged {
				return nil
			}
		}
	}
	return errors.Join(errSilent, ctx.Err())
}
