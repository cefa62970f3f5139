package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"cxbot/simulator"
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

// unknownError names somebody who is not in the sample county.
type unknownError struct {
	who   string
	found int
}

// Error implements error.
func (e *unknownError) Error() string {
	if e.found > 1 {
		return fmt.Sprintf("示例县里有 %d 个“%s”，请写 userid。", e.found, e.who)
	}
	return fmt.Sprintf("示例县里没有“%s”，请写示例名单里的姓名或 userid，如 --as 李春梅；名单见 docs/sample/people.csv，或打开 cxbot demo 的页面找人。", e.who)
}

// speaker finds whom --as means, by userid or name, and returns the name.
func speaker(people []simulator.Member, as string) (string, error) {
	found := 0
	for _, m := range people {
		if m.UserID == as {
			return m.Name, nil
		}
		if m.Name == as {
			found++
		}
	}
	if found != 1 {
		return "", &unknownError{as, found}
	}
	return as, nil
}

// chatLines says each line of the input and prints what the bot answers.
func chatLines(ctx context.Context, c *command, trial *Trial, as string) error {
	world, err := trial.world(ctx)
	if err != nil {
		return err
	}
	me, err := speaker(trial.Sim.People(), as)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(c.in)
	for lines.Scan() {
		text := strings.TrimSpace(lines.Text())
		if text == "" {
			continue
		}
		if err := world.Say(as, "", "", text); err != nil {
			return because("没有发出去", err)
		}
		heard, err := world.Heard()
		if err != nil {
			return because("没有收到回复", err)
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
		return because("读输入", err)
	}
	return nil
}
