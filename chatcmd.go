package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"cxbot/simulator"
)

// runChat is "cxbot chat --as USERID": the running bot talked to from the
// terminal, line by line, or a trial where none is running.
func runChat(ctx context.Context, c *command) error {
	flags := c.flags("chat", "在终端里跟机器人说话：cxbot chat --as lichunmei（一行一句，Ctrl-D 退出）。\nserve 在运行就连它，以这个人的身份办真事；没有在运行，就用示例县试。")
	as := flags.String("as", "lichunmei", "以谁的身份说话（userid 或姓名）")
	try := flags.Bool("trial", false, "只用示例县试，不连正在运行的")
	if err := c.parse(flags, 0, 0); err != nil {
		return err
	}
	config, err := loadConfig(c.environ, false)
	if err != nil {
		return err
	}
	if !*try {
		conn, err := dialDesk(ctx, config)
		if err != nil {
			return err
		}
		if conn != nil {
			return errors.Join(c.chatWithDesk(conn, config, *as), ignoreClosed(conn.Close()))
		}
		sayf(c.err, "没有正在运行的 serve，用示例县试（数据只在内存里）。")
	}
	trial, err := newTrial(ctx, TrialConfig{Start: trialStart(), Stopped: true, Listen: "127.0.0.1:0", Log: newLogger(c.err, slog.LevelWarn)})
	if err != nil {
		return err
	}
	err = chatLines(ctx, c, trial, *as)
	return errors.Join(err, trial.Close())
}

// dialDesk connects to the running bot, nil when none is running.
func dialDesk(ctx context.Context, config Config) (net.Conn, error) {
	path := filepath.Join(config.DataDir, deskFile)
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", path)
	switch {
	case err == nil:
		return conn, nil
	case errors.Is(err, fs.ErrPermission):
		return nil, because("正在运行的机器人不让连，请用运行它的那个用户，如 runuser -u cxbot", err)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EINVAL):
		return nil, nil //nolint:nilnil // No bot is running: that is no failure.
	}
	return nil, because("连不上 "+path, err)
}

var (
	errDeskGone = errors.New("连接断了：机器人停了，或这个用户没有权限（要用运行机器人的那个用户，或 root）")
	errDeskNo   = errors.New("没有连上")
)

// chatWithDesk says each line of the input to the running bot and prints what it
// answers and what it sends to the person meanwhile.
func (c *command) chatWithDesk(conn net.Conn, config Config, as string) error {
	out, in := json.NewEncoder(conn), json.NewDecoder(conn)
	var hello deskWord
	if err := errors.Join(out.Encode(deskAsk{As: as}), in.Decode(&hello)); err != nil {
		return errDeskGone
	}
	if hello.Kind != deskHello {
		return fmt.Errorf("%w：%s", errDeskNo, hello.Text)
	}
	sayf(c.err, "已连上正在运行的机器人（%s），以%s的身份说话：办的是真事，发给别人的照发，每一句都记入审计。Ctrl-D 退出。", config.County, hello.Text)
	ended, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		for {
			var w deskWord
			if in.Decode(&w) != nil {
				return
			}
			switch w.Kind {
			case deskEnd:
				ended <- struct{}{}
			case deskPush:
				sayf(c.out, "（推送）%s", w.shown())
			default:
				sayf(c.out, "%s", w.shown())
			}
		}
	}()
	err := eachLine(c.in, func(text string) error {
		if err := out.Encode(deskAsk{Say: text}); err != nil {
			return errDeskGone
		}
		select {
		case <-ended:
			return nil
		case <-gone:
			return errDeskGone
		}
	})
	if err == nil {
		err = ignoreClosed(conn.Close())
	}
	<-gone
	return err
}

// ignoreClosed forgives closing twice.
func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) || errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

// eachLine calls say for every line with text.
func eachLine(in io.Reader, say func(text string) error) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxDeskLine/2)
	for lines.Scan() {
		if text := strings.TrimSpace(lines.Text()); text != "" {
			if err := say(text); err != nil {
				return err
			}
		}
	}
	if err := lines.Err(); err != nil {
		return because("读输入", err)
	}
	return nil
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

// chatLines says each line of the input in a trial and prints what the bot answers.
func chatLines(ctx context.Context, c *command, trial *Trial, as string) error {
	world, err := trial.world(ctx)
	if err != nil {
		return err
	}
	me, err := speaker(trial.Sim.People(), as)
	if err != nil {
		return err
	}
	return eachLine(c.in, func(text string) error {
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
		return nil
	})
}
