package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"cxbot/award"
	"cxbot/bot"
	"cxbot/bot/wecom"
	"cxbot/documents"
)

// checkTimeout bounds each check that leaves the process.
const checkTimeout = 10 * time.Second

// doctor collects the lines of check's table.
type doctor struct {
	out io.Writer
	red bool
}

// goodf writes a ✓ line.
func (d *doctor) goodf(what, format string, args ...any) {
	sayf(d.out, "✓ %s  %s", what, fmt.Sprintf(format, args...))
}

// badf writes a ✗ line and turns the result red.
func (d *doctor) badf(what, format string, args ...any) {
	d.red = true
	sayf(d.out, "✗ %s  %s", what, fmt.Sprintf(format, args...))
}

// notef writes a line that needs a human's eye but is no fault.
func (d *doctor) notef(what, format string, args ...any) {
	sayf(d.out, "· %s  %s", what, fmt.Sprintf(format, args...))
}

// runCheck is "cxbot check": a table, and exit code 1 when anything is red.
func runCheck(ctx context.Context, c *command) error {
	if err := c.parse(c.flags("check", "检查：cxbot check"), 0, 0); err != nil {
		return err
	}
	d := &doctor{out: c.out}
	d.check(ctx, c)
	if d.red {
		return errRed
	}
	return nil
}

// check goes from the settings outwards; what rests on a red thing is left out.
func (d *doctor) check(ctx context.Context, c *command) {
	config, err := loadConfig(c.environ, true)
	if err != nil {
		problems := []string{err.Error()}
		if wrong, ok := errors.AsType[*ConfigError](err); ok {
			problems = wrong.Problems
		}
		for _, problem := range problems {
			d.badf("配置", "%s", problem)
		}
	} else {
		d.goodf("配置", "齐全")
		d.platform(ctx, config)
		d.callback(ctx, config, newClock(config.Start).Now())
		if config.WeCom.HasRobot() {
			d.notef("智能机器人", "已配置。检查不另连，以免顶掉正在运行的连接；连没连上看 /readyz")
		}
	}
	o, err := c.openStore(ctx, need{look: true})
	if err != nil {
		if _, ok := errors.AsType[*ConfigError](err); !ok { // else said above
			d.badf("Redis", "%s", err)
		}
		return
	}
	defer o.close()
	if o.server.IsMemory() {
		d.noData(o.config)
	} else {
		d.redis(ctx, o)
	}
	d.directory(ctx, o)
	d.send(ctx, o)
	d.audit(ctx, o)
	d.calendar(ctx, o, newClock(o.config.Start).Now())
	d.files(ctx, o)
}

// redis looks at the connection and at what Redis promises to keep.
func (d *doctor) redis(ctx context.Context, o *opened) {
	if err := o.store.Ping(ctx); err != nil {
		d.badf("Redis", "没有应答：%s", redactText(err.Error()))
		return
	}
	d.goodf("Redis", "%s", o.server.Mode)
	for _, s := range o.store.CheckSettings(ctx) {
		switch {
		case s.OK:
			d.goodf("Redis", "%s %s", s.Name, s.Got)
		case s.Got == "":
			d.badf("Redis", "读不到 %s，请确认它是 %s", s.Name, s.Want)
		default:
			d.badf("Redis", "%s 是 %s，应为 %s，否则可能丢消息", s.Name, s.Got, s.Want)
		}
	}
	backlog, err := o.store.Backlog(ctx)
	switch {
	case err != nil:
		d.badf("发件箱", "读不到：%s", redactText(err.Error()))
	case backlog.Failed > 0:
		d.notef("发件箱", "待发 %d，发送失败 %d（对机器人说“发送失败”可查看和重发）", backlog.Messages, backlog.Failed)
	default:
		d.goodf("发件箱", "待发 %d", backlog.Messages)
	}
}

// noData speaks of a machine on which serve has never run: there is nothing to
// look at yet, and looking must not make anything.
func (d *doctor) noData(config Config) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		d.badf("Redis", "%s", errNoRedisServer)
		return
	}
	d.notef("Redis", "数据目录 %s 还没有建，第一次运行 serve 或 import 时建立", config.DataDir)
}

// audit says how far the audit trail is sealed and whether anybody gets its codes.
func (d *doctor) audit(ctx context.Context, o *opened) {
	head, lines, err := o.store.AuditState(ctx)
	view := o.store.ViewAt(ctx)
	watchers := view.WithRole(award.RoleSupervisor)
	if err = errors.Join(err, view.Err()); err != nil {
		d.badf("审计", "读不到：%s", redactText(err.Error()))
		return
	}
	if head.Serial > 0 {
		d.goodf("审计", "已封存 %d 条，最近一次在%s；核对请运行 cxbot audit verify", lines, award.DateOf(head.At).Chinese()+head.At.In(award.Shanghai).Format("15:04"))
	}
	if head.Serial > 0 && len(watchers) == 0 {
		d.notef("审计", "没有监督员，每天的核对码没有人收")
	}
}

// send says who alone gets messages during a dry run (CXBOT_SEND).
func (d *doctor) send(ctx context.Context, o *opened) {
	if len(o.config.Only) == 0 {
		return
	}
	view := o.store.ViewAt(ctx)
	var known, unknown []string
	for _, id := range o.config.Only {
		if p, ok := view.Person(id); ok && !p.Left {
			known = append(known, p.Name+"（"+id+"）")
		} else {
			unknown = append(unknown, id)
		}
	}
	if err := view.Err(); err != nil {
		d.badf("试发", "读不到人员：%s", redactText(err.Error()))
		return
	}
	if len(unknown) > 0 {
		d.badf("试发", "CXBOT_SEND 里的 %s 不在名单里，收不到", strings.Join(unknown, "、"))
	}
	d.notef("试发", "主动发出的消息只发给：%s；别的人和群都不发，也不补发。正式使用请删掉 CXBOT_SEND", cmp.Or(strings.Join(known, "、"), "没有人"))
}

// directory looks whether the people are there without whom nothing works.
func (d *doctor) directory(ctx context.Context, o *opened) {
	units, persons, err := o.store.AllPeople(ctx)
	if err != nil {
		d.badf("人员", "读不到：%s", redactText(err.Error()))
		return
	}
	owing := 0
	for _, u := range units {
		if u.Owes {
			owing++
		}
	}
	if len(persons) == 0 {
		d.badf("人员", "还没有导入，请运行 cxbot import 人员.xlsx")
		return
	}
	d.goodf("人员", "单位 %d 个（应报 %d），人员 %d 人", len(units), owing, len(persons))
	holders := map[award.Role]int{}
	for _, p := range persons {
		for _, role := range p.Roles {
			if p.Has(role) {
				holders[role]++
			}
		}
	}
	for _, role := range []award.Role{award.RoleStaff, award.RoleAdmin} {
		if holders[role] == 0 {
			d.badf("人员", "没有%s", role)
		}
	}
	view := o.store.ViewAt(ctx)
	if cycle, ok := view.Cycle(); ok {
		d.goodf("届次", "%s", cycle.Name)
	} else {
		d.notef("届次", "还没有开届，可以先填草稿，开届后才能提交")
	}
}

// calendar looks whether the working days of this year and the next are known.
func (d *doctor) calendar(ctx context.Context, o *opened, now time.Time) {
	view := o.store.ViewAt(ctx)
	table := view.Calendar()
	if err := view.Err(); err != nil {
		d.badf("日历", "读不到：%s", redactText(err.Error()))
		return
	}
	if len(table.Years) == 0 {
		table = award.DefaultCalendar() // what serve starts with
	}
	year := award.DateOf(now).Year
	switch {
	case !table.Known(year):
		d.badf("日历", "没有 %d 年的放假安排，请导入日历", year)
	case !table.Known(year + 1):
		d.notef("日历", "%d 年有；%d 年国务院公布后请导入，之前只按周末算", year, year+1)
	default:
		d.goodf("日历", "%d 年和 %d 年都有", year, year+1)
	}
}

// platform asks WeCom for a token and for the app itself.
func (d *doctor) platform(ctx context.Context, config Config) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	app, err := newApp(config.WeCom, newClock(config.Start), documents.ViewShelf(shelfDir(config)), nil)
	if err == nil {
		err = app.Check(ctx)
	}
	if failed, ok := errors.AsType[*bot.SendError](err); ok && failed.Class == bot.Retry && failed.Code == 0 {
		d.badf("企业微信", "连不上 %s，请看这台机器能不能上网、CXBOT_WECOM_API_BASE 对不对（原文：%s）", config.WeCom.APIBase, redactText(failed.Text))
		return
	}
	if err != nil {
		d.badf("企业微信", "%s", redactText(err.Error()))
		return
	}
	d.goodf("企业微信", "CorpID、Secret、AgentId 可用")
}

// callback sends ourselves WeCom's URL check through the public address.
func (d *doctor) callback(ctx context.Context, config Config, now time.Time) {
	if config.PublicURL == "" {
		d.notef("回调", "没有填写 CXBOT_PUBLIC_URL，没法检查")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	address, want, err := echoRequest(config, now)
	if err == nil {
		err = fetchEcho(ctx, address, want)
	}
	if err != nil {
		d.badf("回调", "%s：%s", config.PublicURL+wecom.CallbackPath, redactText(err.Error()))
		return
	}
	d.goodf("回调", "%s 往返正常", config.PublicURL+wecom.CallbackPath)
}

// echoRequest makes a URL check as WeCom would (90930).
func echoRequest(config Config, now time.Time) (address, want string, err error) {
	w := config.WeCom
	crypter, err := wecom.NewCrypter(wecom.CrypterConfig{
		Token: wecom.Secret(w.Token.Reveal()), AESKey: wecom.Secret(w.AESKey.Reveal()), ReceiveID: w.CorpID,
	})
	if err != nil {
		return "", "", fmt.Errorf("keys: %w", err)
	}
	want = "check" + strconv.FormatInt(now.UnixNano(), 10)
	timestamp := strconv.FormatInt(now.Unix(), 10)
	sealed, err := crypter.Seal(wecom.Generation{}, nil, []byte(want), timestamp, want)
	if err != nil {
		return "", "", fmt.Errorf("seal: %w", err)
	}
	query := url.Values{
		"msg_signature": {cdataAfter(string(sealed), "<MsgSignature><![CDATA[")}, "timestamp": {timestamp}, "nonce": {want},
		"echostr": {cdataAfter(string(sealed), "<Encrypt><![CDATA[")},
	}
	return strings.TrimRight(config.PublicURL, "/") + wecom.CallbackPath + "?" + query.Encode(), want, nil
}

// cdataAfter returns what a CDATA section of our own document holds.
func cdataAfter(document, head string) string {
	_, rest, _ := strings.Cut(document, head)
	value, _, _ := strings.Cut(rest, "]]>")
	return value
}

var errEcho = errors.New("有应答，但不是本机器人的，或密钥不一致")

// fetchEcho expects the plain echo. The error names no query: it is signed.
func fetchEcho(ctx context.Context, address, want string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return errEcho
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		if failed, ok := errors.AsType[*url.Error](err); ok {
			err = failed.Err
		}
		return because("连不上（serve 在运行吗？）", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, int64(len(want))+1))
	if err != nil || response.StatusCode != http.StatusOK || string(body) != want {
		return errEcho
	}
	return nil
}
