package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"cxbot/handlers"
	"cxbot/simulator"
	"cxbot/talk"
)

// storyTalk is what demo --play plays.
const storyTalk = "testdata/story.talk"

// noCycleMark begins a talk that starts before 开届.
const noCycleMark = "# no cycle"

// runDemo is "cxbot demo [--play [FILE.talk]]".
func runDemo(ctx context.Context, c *command) error {
	flags := c.flags("demo", "试用：cxbot demo，或 cxbot demo --play [文件.talk]")
	play := flags.Bool("play", false, "在终端里演示全过程；后面可以跟一个 .talk 文件")
	silent := flags.Bool("no-reminders", false, "演示时不发到期提醒")
	address := flags.String("listen", "127.0.0.1:8700", "页面的地址")
	if err := c.parse(flags, 0, 1); err != nil {
		return err
	}
	if flags.NArg() == 1 && !*play {
		flags.Usage()
		return errUsage
	}
	config, err := loadConfig(c.environ, false)
	if err != nil {
		return err
	}
	// What goes well is on the page or in the transcript.
	c.log = newLogger(c.err, slog.LevelWarn)
	start := config.Start
	if start.IsZero() {
		start = trialStart()
	}
	if *play {
		return playTalk(ctx, c, flags.Arg(0), TrialConfig{Start: start, Stopped: true, Silent: *silent, Listen: "127.0.0.1:0", Log: c.log})
	}
	return runPage(ctx, c, *address, start)
}

// runPage serves the trial's page until the process is told to stop.
func runPage(ctx context.Context, c *command, address string, start time.Time) error {
	trial, err := newTrial(ctx, TrialConfig{Start: start, Listen: address, Log: c.log})
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w。\n也许 demo 已经开着，请看看 http://%s；要另开一个，请换个端口，如 cxbot demo --listen 127.0.0.1:8701", err, address)
	}
	if err != nil {
		return err
	}
	sayf(c.out, "创新奖助手试用版已启动。")
	sayf(c.out, "页面   %s", trial.PageURL)
	sayf(c.out, "示例县 %s，机器人的时间从 %s 开始，可以在页面上往后拨。", trialName, start.Format("2006-01-02 15:04"))
	sayf(c.out, "数据   只在内存里，退出后不保留；不会连接真正的企业微信。按 Ctrl-C 退出。")
	trial.Pump.Run(ctx, func(err error) { c.log.ErrorContext(ctx, "trial", "err", err) })
	return trial.Close()
}

// readTalk returns a talk's text: a file, or the story in the binary.
func readTalk(file string) (name, text string, err error) {
	if file == "" {
		data, err := handlers.Talks.ReadFile(storyTalk)
		if err != nil {
			return "", "", fmt.Errorf("the story is not in the binary: %w", err)
		}
		return filepath.Base(storyTalk), string(data), nil
	}
	data, err := os.ReadFile(file) //nolint:gosec // The user names the file.
	if err != nil {
		return "", "", because("打不开文件 "+file, err)
	}
	return filepath.Base(file), string(data), nil
}

// playTalk plays a talk over the wire on a standing clock, prints what was
// really said, and fails with the first line that differs.
func playTalk(ctx context.Context, c *command, file string, config TrialConfig) error {
	name, text, err := readTalk(file)
	if err != nil {
		return err
	}
	script, err := talk.Parse(name, text)
	if err != nil {
		return fmt.Errorf("剧本读不懂：%w", err)
	}
	if len(script.Steps) > 0 && script.Steps[0].Do == talk.DoClock {
		config.Start = script.Steps[0].At
	}
	config.NoCycle = strings.HasPrefix(text, noCycleMark)
	trial, err := newTrial(ctx, config)
	if err != nil {
		return err
	}
	world, err := trial.world(ctx)
	if err != nil {
		return errors.Join(err, trial.Close())
	}
	result, err := talk.Play(script, world)
	_, _ = fmt.Fprint(c.out, result.Transcript)
	if err := errors.Join(err, trial.Close()); err != nil {
		return fmt.Errorf("演示中断：%w", err)
	}
	if result.Diff != nil {
		return fmt.Errorf("有 %d 处与剧本不同，第一处：\n%s", result.Differences, result.Diff) //nolint:err113 // For the terminal only.
	}
	sayf(c.err, "演示完毕：%d 步，与剧本完全一致。", len(script.Steps))
	return nil
}

// talkFiles are the pictures talks send, by name.
func talkFiles() fs.FS {
	files, err := fs.Sub(handlers.Talks, "testdata/files")
	if err != nil {
		return nil // never: the path is well formed
	}
	return files
}

// world is the trial as a place where talks are played.
func (t *Trial) world(ctx context.Context) (talk.World, error) {
	world, err := simulator.NewWorld(simulator.WorldConfig{
		Sim: t.Sim, Now: t.Clock.Now, Files: talkFiles(),
		Set:  func(to time.Time) error { return t.Pump.Advance(ctx, to) },
		Wait: func(d time.Duration) error { return t.Pump.Advance(ctx, t.Clock.Now().Add(d)) },
		Settle: func() error {
			_, err := t.Pump.Settle(ctx)
			return err
		},
	})
	if err != nil {
		return nil, fmt.Errorf("world: %w", err)
	}
	return world, nil
}
