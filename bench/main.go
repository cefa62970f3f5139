// Command bench measures cxbot against a floor of its own kind, side by side and
// in alternating rounds, because on a shared machine only ratios mean something
// (docs/adr/0003-benchmark-against-a-floor.md).
//
//	go run ./bench            durable turns a second: the product and the floor
//	go run ./bench queries    what a question reads with 100 and 100,000 topics
//	go run ./bench kills      kill -9 of bot and Redis under load: nothing lost, nothing twice
//	go run ./bench load       an open loop of 500 turns a second, beside a server without work
//	go run ./bench restart    from a crash to the first answer, with 100,000 drafts
//
// It needs redis-server on the PATH and asserts no time; a wrong reply, a turn of
// more than two Redis commands or a query that grows with the county fails it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

// childVar tells a copy of this program which of the two servers it is to be.
const childVar = "CXBOT_BENCH_CHILD"

func main() {
	if os.Getenv(childVar) != "" {
		exit(runChild(os.Stdin, os.Stdout))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	exit(run(ctx, os.Args[1:], os.Stdout))
}

func exit(err error) {
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

var errUsage = errors.New("usage: bench [turns|queries|load|kills|restart] [flags]")

// run reads the command line and runs one benchmark.
func run(ctx context.Context, args []string, out io.Writer) error {
	name := "turns"
	if len(args) > 0 && args[0][0] != '-' {
		name, args = args[0], args[1:]
	}
	flags := flag.NewFlagSet("bench "+name, flag.ContinueOnError)
	switch name {
	case "turns":
		var p plan
		flags.IntVar(&p.connections, "connections", 32, "connections that each wait for the answer before the next message")
		flags.IntVar(&p.rounds, "rounds", 5, "rounds of each of the two programs")
		flags.DurationVar(&p.duration, "duration", 4*time.Second, "measured time of a round")
		flags.DurationVar(&p.warmup, "warmup", time.Second, "time before it")
		flags.Int64Var(&p.messages, "messages", 0, "end a round after so many messages, 0: by time")
		flags.IntVar(&p.people, "people", 1600, "members with a draft")
		flags.StringVar(&p.fsync, "fsync", "", "only this appendfsync, always or everysec; empty: both")
		flags.StringVar(&p.dir, "dir", "", "where Redis keeps its files, empty: the temporary directory")
		flags.StringVar(&p.profile, "profile", "", "write profiles to FILE.cxbot, FILE.floor and with .allocs behind")
		if err := flags.Parse(args); err != nil {
			return err
		}
		return runTurns(ctx, p, out)
	case "queries":
		topics := flags.Int("topics", 100_000, "topics of the large county")
		if err := flags.Parse(args); err != nil {
			return err
		}
		return runQueries(ctx, *topics, out)
	case "load":
		var p loadPlan
		flags.IntVar(&p.rate, "rate", 500, "turns a second")
		flags.DurationVar(&p.duration, "duration", 5*time.Minute, "how long, for each of the two programs")
		flags.DurationVar(&p.slice, "slice", 5*time.Second, "after which the programs take turns")
		flags.IntVar(&p.people, "people", 2000, "members with a draft of 15 fields")
		flags.IntVar(&p.connections, "connections", 64, "connections")
		if err := flags.Parse(args); err != nil {
			return err
		}
		return runLoad(ctx, p, out)
	case "kills":
		var p killPlan
		flags.IntVar(&p.kills, "n", 1000, "how often to kill")
		flags.IntVar(&p.people, "people", 200, "members who type")
		flags.IntVar(&p.rate, "rate", 200, "messages a second")
		flags.Uint64Var(&p.seed, "seed", uint64(time.Now().UnixNano()), "of all chance")
		flags.DurationVar(&p.patience, "patience", time.Second, "after which a delivery is given up and repeated, instead of WeCom's 5 s")
		flags.DurationVar(&p.pause, "pause", 800*time.Millisecond, "how long the bot runs between two kills on average")
		flags.StringVar(&p.binary, "binary", "", "an executable of the product; empty: build it")
		if err := flags.Parse(args); err != nil {
			return err
		}
		return runKills(ctx, p, out)
	case "restart":
		var p restartPlan
		flags.IntVar(&p.drafts, "drafts", 100_000, "members with a draft")
		flags.IntVar(&p.times, "n", 50, "crashes")
		flags.StringVar(&p.binary, "binary", "", "an executable of the product; empty: build it")
		if err := flags.Parse(args); err != nil {
			return err
		}
		return runRestart(ctx, p, out)
	default:
		return errUsage
	}
}
