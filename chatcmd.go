package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// runChat is "cxbot chat --as USERID": a trial talked to from the terminal, line
// by line; what the person hears is printed.
func runChat(ctx context.Context, c *command) error {
	flags := c.flags("chat", "在终端里试用：cxbot chat --as lichunmei（一行一句，Ctrl-D 退出）")
	as := flags.String("as", "lichunmei", "以谁的身份说话（示例县的 userid 或姓名）")
	if err := c.parse(flags, 0, 0); err != nil {
		return err
	}
	trial, err := newTrial(ctx, TrialConfig{Start: trialStart(), Stopped: true, Listen: "127.0.0.1:0", Log: newLogger(c.err, slog.LevelWarn)})
	if err != nil {
		return err
	}
	err = chatLines(ctx, c, trial, *as)
	return errors.Join(err, trial.Close())
}

// chatLines says each line of the input and prints what the bot answers.
func chatLines(ctx context.Context, c *command, trial *Trial, as string) error {
	world, err := trial.world(ctx)
	if err != nil {
		return err
	}
	me := as
	for _, m := range trial.Sim.People() {
		if m.UserID == as {
			me = m.Name
		}
	}
	lines := bufio.NewScanner(c.in)
	for lines.Scan() {
		text := strings.TrimSpace(lines.Text())
		if text == "" {
			continue
		}
		if err := world.Say(as, "", "", text); err != nil {
			return fmt.Errorf("没有发出去：%w", err)
		}
		heard, err := world.Heard()
		if err != nil {
			return fmt.Errorf("没有收到回复：%w", err)
		}
		for _, u := range heard {
			head := ""
			if u.To != me {
				head = "（发给" + u.To + "）"
			}
			sayf(c.out, "%s%s", head, strings.Join(u.Shown(), "\n"))
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("读输入：%w", err)
	}
	return nil
}
