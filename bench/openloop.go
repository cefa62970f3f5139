package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// loadPlan is what the command line asks of the open loop.
type loadPlan struct {
	rate, people, connections int
	duration, slice           time.Duration
}

// lane is one of the two programs of an open loop with its connections.
type lane struct {
	name   string
	child  *child
	plan   loadPlan
	serial int64
	wants  func(said int) line // nil: the answer is not looked at
	filers []filer
	next   int
	turns  int
	took   []time.Duration
	errs   []error
	late   int // sent more than a millisecond after their time, for want of a free connection
}

var errTurns = errors.New("turns have failed")

// runLoad lets messages come at a steady rate whether or not the earlier ones
// are answered, to the product and to a server without work in alternating
// slices. A latency counts from the moment a message was due, so that waiting
// for a slow answer is not hidden. What both share, the machine and the
// generator, stands in the second row.
func runLoad(ctx context.Context, p loadPlan, out io.Writer) (err error) {
	redis, err := startServer(ctx, "", server{fsync: "always", rewrites: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, redis.stop()) }()
	if err := prepareProduct(ctx, redis, startClock(), p.people); err != nil {
		return err
	}
	bot, err := newLane(ctx, programBot, redis.socket, p, wanted(programBot))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bot.close()) }()
	idle, err := newLane(ctx, programIdle, redis.socket, p, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, idle.close()) }()
	before, after, err := alternate(ctx, p, bot, idle)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "open loop, %d turns/s, %v each in slices of %v, %d members with 15 fields filled, appendfsync always\n",
		p.rate, p.duration, p.slice, p.people)
	fmt.Fprintf(out, "%-10s%10s%8s%10s%10s%10s%10s\n", "", "turns", "errors", "p50 ms", "p99 ms", "p99.9 ms", "max ms")
	difference := bot.print(out) - idle.print(out)
	fmt.Fprintf(out, "difference of p99: %.2f ms\n", ms(difference))
	printHoldings(out, before, after)
	if errs := slices.Concat(bot.errs, idle.errs); len(errs) > 0 {
		return fmt.Errorf("%w: %d, the first: %w", errTurns, len(errs), errs[0])
	}
	return nil
}

// alternate runs a warm-up slice of both and then the measured ones; what the
// product holds is looked at before and after those.
func alternate(ctx context.Context, p loadPlan, bot, idle *lane) (before, after holding, err error) {
	for _, l := range []*lane{bot, idle} {
		// Everybody speaks once: the process reads each member's unit for itself.
		all := time.Duration(p.people) * time.Second / time.Duration(p.rate)
		if err = l.run(ctx, p.rate, max(p.slice, all)); err != nil {
			return before, after, err
		}
		l.took, l.turns, l.late = nil, 0, 0
	}
	if before, err = bot.child.holding(); err != nil {
		return before, after, err
	}
	for left := p.duration; left > 0 && ctx.Err() == nil; left -= p.slice {
		for _, l := range []*lane{bot, idle} {
			if err = l.run(ctx, p.rate, min(p.slice, left)); err != nil {
				return before, after, err
			}
		}
	}
	if ctx.Err() != nil {
		return before, after, ctx.Err()
	}
	after, err = bot.child.holding()
	return before, after, err
}

func newLane(ctx context.Context, program, socket string, p loadPlan, wants func(int) line) (*lane, error) {
	c, err := startChild(ctx, order{Program: program, Socket: socket})
	if err != nil {
		return nil, err
	}
	l := &lane{name: program, child: c, plan: p, wants: wants}
	for n := range p.people {
		l.filers = append(l.filers, filer{id: filerID(n)})
	}
	return l, nil
}

func (l *lane) close() error { return l.child.stop() }

// due is a message whose time has come.
type due struct {
	who  *filer
	said int
	at   time.Time
}

// run sends at the given rate for a while and waits for the last answer. Each
// slice has connections of its own, because the servers close those that rest.
func (l *lane) run(ctx context.Context, rate int, length time.Duration) error {
	callers, err := newCallers(ctx, l.child.address, plan{connections: l.plan.connections}, nil)
	defer closeAll(callers)
	if err != nil {
		return err
	}
	work := make(chan due, int(float64(rate)*length.Seconds())+1)
	var crowd sync.WaitGroup
	var mu sync.Mutex
	for _, c := range callers {
		l.serial += 1e9
		c.serial = l.serial
		crowd.Go(func() {
			late := 0
			for d := range work {
				if time.Since(d.at) > time.Millisecond {
					late++
				}
				if err := l.turn(c, d); err != nil {
					mu.Lock()
					l.errs = append(l.errs, err)
					mu.Unlock()
					break // The connection is of no use any more.
				}
			}
			mu.Lock()
			defer mu.Unlock()
			l.late += late
			l.took = append(l.took, c.took...)
		})
	}
	begin := time.Now()
	gap := time.Second / time.Duration(rate)
	for n := 0; ctx.Err() == nil; n++ {
		at := begin.Add(time.Duration(n) * gap)
		if at.Sub(begin) >= length {
			break
		}
		time.Sleep(time.Until(at))
		f := &l.filers[l.next]
		l.next = (l.next + 1) % len(l.filers)
		work <- due{f, f.said, at}
		f.said++
		l.turns++
	}
	close(work)
	crowd.Wait()
	return nil
}

// turn sends one message; its answer counts from when it was due.
func (l *lane) turn(c *caller, d due) error {
	if l.wants == nil {
		c.write(d.who.id, "改 9")
		return c.exchange(d.at)
	}
	wants := l.wants(d.said)
	c.write(d.who.id, wants.say)
	if err := c.exchange(d.at); err != nil {
		return err
	}
	return c.check(wants)
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// print writes the lane's row and returns its p99.
func (l *lane) print(out io.Writer) time.Duration {
	slices.Sort(l.took)
	at := func(permille int) time.Duration {
		if len(l.took) == 0 {
			return 0
		}
		return l.took[(len(l.took)-1)*permille/1000]
	}
	fmt.Fprintf(out, "%-10s%10d%8d%10.2f%10.2f%10.2f%10.2f   %d waited for a connection\n",
		l.name, l.turns, len(l.errs), ms(at(500)), ms(at(990)), ms(at(999)), ms(at(1000)), l.late)
	return at(990)
}

func printHoldings(out io.Writer, before, after holding) {
	const mib = 1 << 20
	growth := func(a, b float64) float64 { return 100 * (b - a) / a }
	row := func(name string, a, b float64) {
		fmt.Fprintf(out, "%-22s%10.1f → %8.1f %+7.1f %%\n", name, a, b, growth(a, b))
	}
	row("cxbot RSS MiB", float64(before.RSS)/mib, float64(after.RSS)/mib)
	row("cxbot heap MiB", float64(before.Heap)/mib, float64(after.Heap)/mib)
	row("cxbot goroutines", float64(before.Goroutines), float64(after.Goroutines))
	row("cxbot descriptors", float64(before.Descriptors), float64(after.Descriptors))
}
