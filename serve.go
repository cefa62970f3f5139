package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"cxbot/award"
	"cxbot/bot"
	"cxbot/bot/wecom"
	"cxbot/documents"
)

// A stop takes five seconds at most: the running turns first, then what is
// being sent, then the store.
const (
	drainTimeout = 3 * time.Second
	loopsTimeout = time.Second
)

// runServe is "cxbot serve": the real thing, until SIGTERM or SIGINT.
func runServe(ctx context.Context, c *command) error {
	if err := c.parse(c.flags("serve", "正式运行：cxbot serve（配置见环境变量 CXBOT_*）"), 0, 0); err != nil {
		return err
	}
	o, err := c.openStore(ctx, need{wire: true, own: true})
	if err != nil {
		return err
	}
	defer o.close()
	if err := seedCalendar(ctx, o.store, award.DefaultCalendar()); err != nil {
		return err
	}
	c.warn(ctx, o)
	clock := newClock(o.config.Start)
	pictures, err := documents.OpenShelf(shelfDir(o.config))
	if err != nil {
		return because("图片目录 "+shelfDir(o.config)+" 用不了", err)
	}
	metrics, leader := newMetrics(), newLeader(o.store, c.log)
	office, err := newOffice(ctx, OfficeConfig{
		Config: o.config, Store: o.store, Clock: clock, Log: c.log, Shelf: pictures, Heir: bot.DefaultHeir, Term: leader.Term,
		Metrics: metrics,
	})
	if err != nil {
		return err
	}
	office.Sealer, err = newSealer(o.config, o.store, clock, c.log, office.Outbox.Wake)
	if err != nil {
		return err
	}
	office.Desk = newDesk(o.config, office, clock, c.log)
	listener, err := listen(ctx, o.config.Listen)
	if err != nil {
		return err
	}
	health := &Health{Ready: o.store.Ping, ClockDiffers: office.ClockWatch.Differs}
	if office.Robot != nil {
		health.Robot = office.Robot.Connected
	}
	mux := http.NewServeMux()
	mux.Handle(wecom.CallbackPath, office.Callback)
	health.Routes(mux)
	metrics.watch(o.store, office, clock)
	mux.Handle("GET /metrics", metrics.Handler())
	server := wecom.NewServer(o.config.Listen, mux)
	c.log.InfoContext(ctx, "serving", "listen", listener.Addr().String(), "county", o.config.County, "store", o.server.Mode)

	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	stopLoops := office.run(ctx, leader, func(err error) { c.log.ErrorContext(ctx, "a loop stopped", "err", err) })
	select {
	case <-ctx.Done():
		err = nil
	case err = <-failed:
		err = fmt.Errorf("HTTP: %w", err)
	}
	c.log.InfoContext(ctx, "stopping")
	health.Drain()
	return errors.Join(err, drain(ctx, office, server, stopLoops))
}

// run starts the rooms' own loops and returns what stops them and waits a while.
func (o *Office) run(ctx context.Context, leader *Leader, failed func(error)) (stop func()) {
	// The loops outlive the signal, so that what the last turns queue is sent.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var loops sync.WaitGroup
	loops.Go(func() { o.Outbox.Run(ctx) })
	loops.Go(func() { o.Fetcher.Run(ctx) })
	loops.Go(func() {
		if err := o.Scheduler.Run(ctx); err != nil {
			failed(err)
		}
	})
	if o.Sealer != nil {
		loops.Go(func() { o.Sealer.Run(ctx) })
	}
	if o.Desk != nil {
		loops.Go(func() {
			// Without the terminal the bot works all the same.
			if err := o.Desk.Run(ctx); err != nil {
				failed(err)
			}
		})
	}
	if o.Robot != nil {
		o.knowGroups(ctx)
		loops.Go(func() { leader.Run(ctx) })
		loops.Go(func() {
			// Evicted, the bot goes on with the app alone.
			if err := o.Robot.Run(ctx); err != nil {
				failed(err)
			}
		})
	}
	return func() {
		cancel()
		done := make(chan struct{})
		go func() {
			defer close(done)
			loops.Wait()
		}()
		select {
		case <-done:
		case <-time.After(loopsTimeout):
			// A message in the middle of being sent is sent again after the restart.
		}
	}
}

// drain ends a server in order: no new turns, the running ones to their end,
// then the loops.
func drain(ctx context.Context, office *Office, server *http.Server, stopLoops func()) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	err := office.Turn.Drain(ctx)
	if server.Shutdown(ctx) != nil {
		// The turns are over; what is open still are connections nobody has used
		// yet, which Shutdown would wait five seconds for.
		err = errors.Join(err, server.Close())
	}
	stopLoops()
	if err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}

// warn says loudly what a real programme should not run with.
func (c *command) warn(ctx context.Context, o *opened) {
	if !o.config.Start.IsZero() {
		c.log.WarnContext(ctx, "!!! CXBOT_NOW is set: the bot does not use the real time", "now", o.config.Start)
	}
	if len(o.config.Only) > 0 {
		c.log.WarnContext(ctx, "!!! CXBOT_SEND is set: most messages are not sent", "only", o.config.Only)
	}
	for _, s := range o.store.CheckSettings(ctx) {
		if !s.OK {
			c.log.ErrorContext(ctx, "!!! Redis can lose acknowledged messages", "setting", s.Name, "want", s.Want, "got", s.Got)
		}
	}
}
