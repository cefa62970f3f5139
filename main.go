// Command cxbot (创新奖助手) runs a county's award for grassroots organisational
// innovation inside 企业微信. This package is wiring and command line only.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/redis/go-redis/v9"

	"cxbot/award"
	"cxbot/storage"
)

// Exit codes.
const (
	exitOK    = 0
	exitFail  = 1
	exitUsage = 2
)

// errUsage asks for exit code 2; the words were said already.
var errUsage = errors.New("usage")

// errRed asks for exit code 1 without further words (check's table says it all).
var errRed = errors.New("red")

// command is what a sub-command is given.
type command struct {
	args    []string // after the sub-command
	environ []string
	in      io.Reader
	out     io.Writer
	err     io.Writer
	log     *slog.Logger
}

// sub is one sub-command.
type sub struct {
	name, summary string
	run           func(context.Context, *command) error
}

// subs lists the sub-commands in the order of the help.
func subs() []sub {
	return []sub{
		{"demo", "试用：自带模拟企业微信和示例县，不用安装任何东西；--play 演示全过程", runDemo},
		{"serve", "正式运行", runServe},
		{"chat", "在终端里跟机器人说话：chat --as USERID", runChat},
		{"explain", "看一句话会怎么理解：每行一个 JSON，不存任何东西", runExplain},
		{"check", "检查 Redis、企业微信、人员和日历，有问题退出码为 1", runCheck},
		{"import", "导入人员和单位、工作日历或往届成果（xlsx 或 csv）", runImport},
		{"export", "导出台账：export ledger 文件.xlsx（或 .csv）", runExport},
		{"audit", "核对审计记录有没有被改动：audit verify [日期]", runAudit},
		{"backup", "备份到文件", runBackup},
		{"restore", "从备份恢复", runRestore},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	log := newLogger(os.Stderr, slog.LevelInfo)
	redis.SetLogger(redisLog{log})
	code := run(ctx, os.Args[1:], &command{environ: os.Environ(), in: os.Stdin, out: os.Stdout, err: os.Stderr, log: log})
	stop()
	os.Exit(code)
}

// run finds the sub-command and turns its error into an exit code.
func run(ctx context.Context, args []string, c *command) int {
	if len(args) == 0 {
		help(c.err)
		return exitUsage
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		help(c.out)
		return exitOK
	}
	for _, s := range subs() {
		if s.name != args[0] {
			continue
		}
		c.args = args[1:]
		err := s.run(ctx, c)
		switch {
		case err == nil, errors.Is(err, flag.ErrHelp):
			return exitOK
		case errors.Is(err, errUsage):
			return exitUsage
		case !errors.Is(err, errRed):
			sayf(c.err, "%s", err)
		}
		return exitFail
	}
	sayf(c.err, "没有“%s”这个命令。", args[0])
	help(c.err)
	return exitUsage
}

// help lists the sub-commands.
func help(out io.Writer) {
	sayf(out, "创新奖助手：在企业微信里办基层党组织建设改革创新成果奖。\n\n用法：cxbot 命令 [选项]\n")
	for _, s := range subs() {
		sayf(out, "  %-8s %s", s.name, s.summary)
	}
	sayf(out, "\n配置用 CXBOT_ 开头的环境变量；demo 和 explain 不需要任何配置。每个命令加 -h 看选项。")
}

// flags makes a flag set that speaks Chinese.
func (c *command) flags(name, usage string) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(c.err)
	flags.Usage = func() {
		sayf(c.err, "%s", usage)
		flags.VisitAll(func(f *flag.Flag) { sayf(c.err, "  --%-10s %s", f.Name, f.Usage) })
	}
	return flags
}

// parse reads the flags, which may also stand behind the arguments, and wants
// at least low and at most high arguments.
func (c *command) parse(flags *flag.FlagSet, low, high int) error {
	var plain []string
	rest := c.args
	for {
		err := flags.Parse(rest)
		if errors.Is(err, flag.ErrHelp) {
			return err //nolint:wrapcheck // Compared by run.
		}
		if err != nil {
			return errUsage // flag has said what is wrong
		}
		if flags.NArg() == 0 {
			break
		}
		plain = append(plain, flags.Arg(0))
		rest = flags.Args()[1:]
	}
	if len(plain) < low || len(plain) > high {
		flags.Usage()
		return errUsage
	}
	// The arguments alone, so that flags.Arg finds them.
	if err := flags.Parse(append([]string{"--"}, plain...)); err != nil {
		return errUsage
	}
	return nil
}

// opened is a county's store and what it was opened with.
type opened struct {
	config Config
	server *Redis
	store  *storage.Store
	close  func()
}

// need says what a command wants of the settings and of a managed Redis.
type need struct {
	wire bool // WeCom's settings must be complete
	own  bool // no other process may be using a managed Redis
	look bool // nothing is written, so nothing is made that is not there
}

// openStore reads the settings and opens the county's store. A managed Redis is
// used when alive, else started for as long as it takes.
func (c *command) openStore(ctx context.Context, n need) (*opened, error) {
	config, err := loadConfig(c.environ, n.wire)
	if err != nil {
		return nil, err
	}
	if config.County == "" {
		return nil, &ConfigError{[]string{envPrefix + "COUNTY：没有填写，请写县的代号（小写字母），例如 qinghe。"}}
	}
	var server *Redis
	if n.look {
		server, err = openToLook(ctx, config, c.log)
	} else {
		server, err = openRedis(ctx, config, n.own, c.log)
	}
	if err != nil {
		return nil, err
	}
	store, err := storage.Open(storage.Config{URL: server.URL.Reveal(), County: config.County})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the store: %w", err), server.Close())
	}
	return &opened{config: config, server: server, store: store, close: func() {
		if err := errors.Join(store.Close(), server.Close()); err != nil {
			c.log.ErrorContext(ctx, "closing the store", "err", err)
		}
	}}, nil
}

// seedCalendar puts a calendar in when there is none yet.
func seedCalendar(ctx context.Context, store *storage.Store, table award.Calendar) error {
	view := store.ViewAt(ctx)
	known := view.Calendar()
	if err := view.Err(); err != nil {
		return fmt.Errorf("read the calendar: %w", err)
	}
	if len(known.Years) > 0 || len(known.Holidays) > 0 {
		return nil
	}
	if err := store.PutCalendar(ctx, table); err != nil {
		return fmt.Errorf("write the calendar: %w", err)
	}
	return nil
}
