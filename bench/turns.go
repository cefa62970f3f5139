package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// plan is what the command line asks for.
type plan struct {
	connections, rounds, people int
	duration, warmup            time.Duration
	messages                    int64
	fsync, dir, profile         string
}

// result is one round of one program.
type result struct {
	turns    int
	rate     float64       // turns a second
	cpu      time.Duration // of the program, a turn
	redis    time.Duration // of Redis, a turn
	load     time.Duration // of the load generator, a turn
	p50, p99 time.Duration
	rss      int64
	commands float64 // Redis commands a turn
	writes   float64 // system calls' worth of them a turn
}

var errCalls = errors.New("a turn is to cost two Redis commands")

// runTurns measures both programs in alternating rounds and prints a table for
// each way of syncing the log.
func runTurns(ctx context.Context, p plan, out io.Writer) error {
	modes := []string{"always", "everysec"}
	if p.fsync != "" {
		modes = []string{p.fsync}
	}
	for _, fsync := range modes {
		if err := compare(ctx, p, fsync, out); err != nil {
			return err
		}
	}
	return nil
}

func compare(ctx context.Context, p plan, fsync string, out io.Writer) error {
	fmt.Fprintf(out, "full durable turns, appendfsync %s, %d connections, %d members, %d rounds of %v\n",
		fsync, p.connections, p.people, p.rounds, p.duration)
	fmt.Fprintf(out, "%-8s%10s%10s%10s%10s%10s%10s%10s%12s%12s\n", "", "turns/s", "CPU µs", "Redis µs", "load µs", "p50 ms", "p99 ms", "RSS MiB", "commands/t", "writes/t")
	got := map[string][]result{}
	var ratios []float64
	size := usual()
	for range p.rounds {
		for _, program := range []string{programBot, programFloor} {
			r, measured, err := round(ctx, p, fsync, program, size)
			if err != nil {
				return fmt.Errorf("%s: %w", program, err)
			}
			if program == programBot {
				size = measured
			}
			got[program] = append(got[program], r)
			r.print(out, program)
		}
		n := len(ratios)
		ratios = append(ratios, got[programBot][n].rate/got[programFloor][n].rate)
	}
	fmt.Fprintf(out, "stored: draft %d, reply %d, audit line %d bytes\nmedians\n", size.Draft, size.Reply, size.Audit)
	for _, program := range []string{programBot, programFloor} {
		medians(got[program]).print(out, program)
	}
	fmt.Fprintf(out, "ratio by round %.2f, median %.2f\n\n", ratios, median(ratios))
	return nil
}

func (r result) print(out io.Writer, name string) {
	const mib = 1 << 20
	in := func(d, unit time.Duration) float64 { return float64(d) / float64(unit) }
	fmt.Fprintf(out, "%-8s%10.0f%10.1f%10.1f%10.1f%10.2f%10.2f%10.1f%12.3f%12.3f\n", name, r.rate,
		in(r.cpu, time.Microsecond), in(r.redis, time.Microsecond), in(r.load, time.Microsecond),
		in(r.p50, time.Millisecond), in(r.p99, time.Millisecond), float64(r.rss)/mib, r.commands, r.writes)
}

// medians takes the median of each column by itself.
func medians(list []result) result {
	column := func(of func(result) float64) float64 {
		values := make([]float64, len(list))
		for i, r := range list {
			values[i] = of(r)
		}
		return median(values)
	}
	length := func(of func(result) time.Duration) time.Duration {
		return time.Duration(column(func(r result) float64 { return float64(of(r)) }))
	}
	return result{
		rate:     column(func(r result) float64 { return r.rate }),
		cpu:      length(func(r result) time.Duration { return r.cpu }),
		redis:    length(func(r result) time.Duration { return r.redis }),
		load:     length(func(r result) time.Duration { return r.load }),
		p50:      length(func(r result) time.Duration { return r.p50 }),
		p99:      length(func(r result) time.Duration { return r.p99 }),
		rss:      int64(column(func(r result) float64 { return float64(r.rss) })),
		commands: column(func(r result) float64 { return r.commands }),
		writes:   column(func(r result) float64 { return r.writes }),
	}
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	const half = 2
	return (sorted[(len(sorted)-1)/half] + sorted[len(sorted)/half]) / half
}

// round measures one program on a fresh Redis in a fresh process.
func round(ctx context.Context, p plan, fsync, program string, s sizes) (r result, measured sizes, err error) {
	server, err := startRedis(ctx, p.dir, fsync)
	if err != nil {
		return r, s, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	client, _ := newClient(server.socket)
	defer func() { err = errors.Join(err, client.Close()) }()
	if err := prepare(ctx, client, program, p.people, s); err != nil {
		return r, s, err
	}
	o := order{Program: program, Socket: server.socket, Sizes: s}
	if p.profile != "" {
		o.Profile = p.profile + "." + program
	}
	c, err := startChild(ctx, o)
	if err != nil {
		return r, s, err
	}
	defer func() { err = errors.Join(err, c.stop()) }()
	r, err = measure(ctx, c, client, p, wanted(program))
	if err != nil {
		return r, s, err
	}
	if program == programBot {
		if r.commands > 2 {
			return r, s, fmt.Errorf("%w: it took %.3f", errCalls, r.commands)
		}
		s, err = storedSizes(ctx, client)
	}
	return r, s, err
}

// prepare fills a fresh Redis for a program.
func prepare(ctx context.Context, client *redis.Client, program string, people int, s sizes) error {
	if program == programFloor {
		return seedFloor(ctx, client, people, s)
	}
	store, err := newStore(client)
	if err != nil {
		return err
	}
	if err := seed(ctx, store, people); err != nil {
		return err
	}
	turn, err := newTurn(store, startClock())
	if err != nil {
		return err
	}
	return seedDrafts(ctx, store, turn, people)
}

// wanted says what a filer types next and what a program must answer.
func wanted(program string) func(said int) line {
	const variants = 10
	var script []line
	for i := range variants {
		script = append(script, lines(i)...)
	}
	if program == programBot {
		return func(said int) line { return script[said%len(script)] }
	}
	return func(said int) line {
		return line{script[said%len(script)].say, []string{fmt.Sprintf("第 %d 条 ", said+1)}}
	}
}

// measure warms a program up and measures it.
func measure(ctx context.Context, c *child, client *redis.Client, p plan, wants func(int) line) (result, error) {
	var r result
	callers, err := newCallers(ctx, c.address, p, wants)
	defer closeAll(callers)
	if err != nil {
		return r, err
	}
	next := func(length time.Duration) phase {
		if p.messages == 0 {
			return phase{until: time.Now().Add(length)}
		}
		left := new(atomic.Int64)
		left.Store(p.messages)
		return phase{left: left}
	}
	// A process reads a member's unit by itself when it first meets the member.
	for _, before := range []phase{{once: true}, next(p.warmup)} {
		if _, err := drive(callers, before); err != nil {
			return r, err
		}
	}
	before, err := takeReading(ctx, c, client)
	if err != nil {
		return r, err
	}
	took, err := drive(callers, next(p.duration))
	if err != nil {
		return r, err
	}
	after, err := takeReading(ctx, c, client)
	if err != nil {
		return r, err
	}
	n := time.Duration(len(took))
	turns := float64(n)
	return result{
		turns: len(took), rate: turns / after.at.Sub(before.at).Seconds(), rss: after.bot.RSS,
		cpu: (after.bot.CPU - before.bot.CPU) / n, redis: (after.redis - before.redis) / n, load: (after.load - before.load) / n,
		p50: took[n/2], p99: took[n*99/100],
		commands: float64(after.bot.Commands-before.bot.Commands) / turns, writes: float64(after.bot.Writes-before.bot.Writes) / turns,
	}, nil
}

// reading is what everybody has used up to a moment.
type reading struct {
	at          time.Time
	bot         usage
	redis, load time.Duration
}

func takeReading(ctx context.Context, c *child, client *redis.Client) (reading, error) {
	bot, err := c.usage()
	if err != nil {
		return reading{}, err
	}
	self, err := ownUsage()
	if err != nil {
		return reading{}, err
	}
	server, err := redisCPU(ctx, client)
	return reading{at: time.Now(), bot: bot, redis: server, load: self.CPU}, err
}

// storedSizes looks at what the product has stored.
func storedSizes(ctx context.Context, client *redis.Client) (sizes, error) {
	mean := func(pattern string, size func(key string) (int64, error)) (int, error) {
		const sample = 500
		var total, n int64
		scan := client.Scan(ctx, 0, pattern, sample).Iterator()
		for n < sample && scan.Next(ctx) {
			bytes, err := size(scan.Val())
			if err != nil {
				return 0, err
			}
			total += bytes
			n++
		}
		return int(total / max(n, 1)), scan.Err()
	}
	text := func(key string) (int64, error) { return client.StrLen(ctx, key).Result() }
	last := func(key string) (int64, error) {
		line, err := client.LIndex(ctx, key, -1).Result()
		return int64(len(line)), err
	}
	prefix := "cx:{" + benchCounty + "}:"
	var s sizes
	var errs [3]error
	s.Draft, errs[0] = mean(prefix+"d:*", text)
	s.Reply, errs[1] = mean(prefix+"seen:app|*", text)
	s.Audit, errs[2] = mean(prefix+"audit:*", last)
	return s, errors.Join(errs[:]...)
}
