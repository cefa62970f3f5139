package main

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cxbot/award"
	"cxbot/documents"
	"cxbot/storage"
)

// county is a data directory and a store in memory for the commands of one test.
type county struct {
	environ []string
	store   *storage.Store
	dir     string
}

func newCounty(t *testing.T) *county {
	t.Helper()
	server, err := openMemory()
	if err != nil {
		t.Fatal(err)
	}
	store, err := storage.Open(storage.Config{URL: server.URL.Reveal(), County: "qinghe"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(store.Close(), server.Close()); err != nil {
			t.Error(err)
		}
	})
	dir := t.TempDir()
	return &county{dir: dir, store: store, environ: with(goodEnviron(), "CXBOT_REDIS_URL="+server.URL.Reveal(), "CXBOT_DATA_DIR="+filepath.Join(dir, "data"))}
}

// do runs a command and returns its exit code and everything it said.
func (c *county) do(t *testing.T, args ...string) (code int, said string) {
	t.Helper()
	var out strings.Builder
	code = run(t.Context(), args, &command{environ: c.environ, in: strings.NewReader(""), out: &out, err: &out, log: slog.New(slog.DiscardHandler)})
	return code, out.String()
}

func (c *county) file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(c.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCommandsExplainThemselves(t *testing.T) {
	t.Parallel()
	c := newCounty(t)
	for _, x := range []struct {
		args []string
		code int
		says string
	}{
		{nil, exitUsage, "用法：cxbot"},
		{[]string{"help"}, exitOK, "import"},
		{[]string{"--help"}, exitOK, "CXBOT_"},
		{[]string{"servr"}, exitUsage, "没有“servr”这个命令"},
		{[]string{"import", "-h"}, exitOK, "--dry-run"},
		{[]string{"import"}, exitUsage, "cxbot import"},
		{[]string{"import", "a", "b"}, exitUsage, "cxbot import"},
		{[]string{"import", "--wrong", "a"}, exitUsage, "wrong"},
		{[]string{"import", "/does/not/exist.csv"}, exitFail, "打不开文件"},
		{[]string{"export", "people", "x.csv"}, exitUsage, "cxbot export ledger"},
		{[]string{"export", "ledger", "x.pdf"}, exitFail, ".xlsx 或 .csv"},
		{[]string{"export", "ledger", "x.csv", "--split"}, exitFail, ".xlsx"},
		{[]string{"demo", "x.talk"}, exitUsage, "--play"},
	} {
		if code, said := c.do(t, x.args...); code != x.code || !strings.Contains(said, x.says) {
			t.Errorf("%v: code %d, said %q, want %d %q", x.args, code, said, x.code, x.says)
		}
	}
}

const (
	twoPeople = "userid,姓名,角色,基层党委,职务,电话\nwjg,王建国,一把手,清河镇党委,书记,13800000010\nlcm,李春梅,填报人,清河镇党委,副书记,13800000011\n"
	onePerson = "userid,姓名,角色,基层党委\nwjg,王建国,一把手,清河镇党委\n"
)

func TestImportPeople(t *testing.T) {
	t.Parallel()
	c, ctx := newCounty(t), t.Context()
	c.environ = with(c.environ, "CXBOT_ADMINS=wjg")
	both, one := c.file(t, "two.csv", "\ufeff"+twoPeople), c.file(t, "one.csv", onePerson)

	code, said := c.do(t, "import", "--dry-run", both)
	if _, persons, err := c.store.AllPeople(ctx); code != exitOK || err != nil || len(persons) != 0 || !strings.Contains(said, "没有写入") {
		t.Fatalf("dry run: code %d, %d people, %v, %q", code, len(persons), err, said)
	}
	code, said = c.do(t, "import", both)
	if code != exitOK || !strings.Contains(said, "单位 1 个，其中应报课题 1 个；人员 2 人。") || !strings.Contains(said, "乡镇 1") || !strings.Contains(said, "新增 2") {
		t.Fatalf("import: code %d, %q", code, said)
	}
	view := c.store.ViewAt(ctx)
	if p, _ := view.Person("wjg"); !p.Has(award.RoleAdmin) || !p.Has(award.RoleHead) {
		t.Errorf("王建国 = %+v", p)
	}
	if table := view.Calendar(); !table.Known(2026) {
		t.Error("the import did not put the published calendar in")
	}
	code, said = c.do(t, "import", one)
	if code != exitOK || !strings.Contains(said, "要停用请加 --replace") || !strings.Contains(said, "李春梅（lcm）") {
		t.Fatalf("second import: code %d, %q", code, said)
	}
	if p, _ := c.store.ViewAt(ctx).Person("lcm"); p.Left {
		t.Error("李春梅 was removed without --replace")
	}
	code, said = c.do(t, "import", one, "--replace")
	if p, _ := c.store.ViewAt(ctx).Person("lcm"); code != exitOK || !p.Left || !strings.Contains(said, "停用（文件里没有）") {
		t.Errorf("replace: code %d, %+v, %q", code, p, said)
	}
}

// TestDryRunMakesNothing: a look at a file before the first start leaves no
// directory behind and needs no redis-server.
func TestDryRunMakesNothing(t *testing.T) {
	t.Parallel()
	c := newCounty(t)
	file, data := c.file(t, "two.csv", twoPeople), filepath.Join(c.dir, "data")
	for _, redis := range []string{"", c.environ[len(c.environ)-2]} {
		look := *c
		look.environ = with(goodEnviron(), "CXBOT_DATA_DIR="+data)
		if redis != "" {
			look.environ = with(look.environ, redis)
		}
		code, said := look.do(t, "import", "--dry-run", file)
		if _, err := os.Stat(data); code != exitOK || !strings.Contains(said, "没有写入") || !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%q: code %d, %q, %v", redis, code, said, err)
		}
	}
	if table := c.store.ViewAt(t.Context()).Calendar(); len(table.Years) > 0 {
		t.Error("a dry run put the calendar in")
	}
}

// TestWordsForOperators: what goes wrong is said in Chinese with what to do.
func TestWordsForOperators(t *testing.T) {
	t.Parallel()
	c := newCounty(t)
	backup := filepath.Join(c.dir, "cx.backup")
	if code, said := c.do(t, "import", c.file(t, "p.csv", twoPeople)); code != exitOK {
		t.Fatal(said)
	}
	if code, said := c.do(t, "backup", backup); code != exitOK {
		t.Fatal(said)
	}
	taken := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(taken.Close)
	address := strings.TrimPrefix(taken.URL, "http://")
	for _, x := range []struct {
		args  []string
		input string
		code  int
		says  string
	}{
		{[]string{"import", "nope.csv"}, "", exitFail, "打不开文件 nope.csv：没有这个文件"},
		{[]string{"import", c.dir}, "", exitFail, "请核对路径"},
		{[]string{"restore", "nope"}, "", exitFail, "打不开文件 nope：没有这个文件"},
		{[]string{"restore", backup}, "", exitFail, "库里已经有数据，没有恢复。确定要全部换成备份里的，请加 --force"},
		{[]string{"demo", "--play", "nope.talk"}, "", exitFail, "打不开文件 nope.talk：没有这个文件"},
		{[]string{"demo", "--listen", address}, "", exitFail, "已经被别的程序占用。\n也许 demo 已经开着，请看看 http://" + address},
		{[]string{"explain"}, "{\"text\":", exitFail, "第 1 行不是 JSON，请写成 {\"text\":\"我要报课题\"} 这样：格式不对，或没有写完"},
		{[]string{"chat", "--as", "张三丰"}, "在吗\n", exitFail, "示例县里没有“张三丰”"},
	} {
		var out strings.Builder
		code := run(t.Context(), x.args, &command{environ: c.environ, in: strings.NewReader(x.input), out: &out, err: &out, log: slog.New(slog.DiscardHandler)})
		said := out.String()
		if code != x.code || !strings.Contains(said, x.says) {
			t.Errorf("%v: code %d, said %q, want %q", x.args, code, said, x.says)
		}
		for _, word := range []string{"no such", "storage:", "unexpected", "address already", "is a directory", "bind"} {
			if strings.Contains(said, word) {
				t.Errorf("%v: %q leaks %q", x.args, said, word)
			}
		}
	}
	code, said := c.do(t, "restore", "--force", backup)
	if code != exitOK || !strings.Contains(said, "张图片（备份于20") || !strings.Contains(said, "库里原有的 ") {
		t.Errorf("restore --force: %d %q", code, said)
	}
	c.environ = with(c.environ, "CXBOT_WECOM_API_BASE=http://127.0.0.1:1", "CXBOT_PUBLIC_URL=http://127.0.0.1:1")
	if _, said := c.do(t, "check"); strings.Contains(said, "***") || !strings.Contains(said, "✗ 企业微信  连不上 http://127.0.0.1:1，") {
		t.Errorf("check: %s", said)
	}
}

func TestImportIsAllOrNothing(t *testing.T) {
	t.Parallel()
	c := newCounty(t)
	for text, want := range map[string]string{
		twoPeople + "wjg,又一个,填报人,清河镇党委,,\n":   "第 4 行：userid 和第 2 行重复",
		twoPeople + "x,某人,主任,清河镇党委,,\n":       "第 4 行：不认识的角色：主任",
		twoPeople + "x,某人,填报人,,,\n":           "第 4 行：没有写所在的基层党委",
		twoPeople + "x,某人,填报人,清河镇党委,,12345\n": "第 4 行：电话",
		"userid,姓名\n":                           "第 1 行：缺少列“角色”",
		"日期,类型\n2026-13-01,放假\n":                "第 2 行：日期",
		"\xd0\xd5\xc3\xfb,userid\n\xff\xff,x\n": "文字编码认不出来",
	} {
		code, said := c.do(t, "import", c.file(t, "bad.csv", text))
		if code != exitFail || !strings.Contains(said, want) || !strings.Contains(said, "一条也没有导入") {
			t.Errorf("%.40q: code %d, said %q, want %q", text, code, said, want)
		}
	}
	if units, persons, err := c.store.AllPeople(t.Context()); err != nil || len(units)+len(persons) != 0 {
		t.Errorf("%d units, %d people, %v", len(units), len(persons), err)
	}
}

func TestImportCalendarLaysOverTheTable(t *testing.T) {
	t.Parallel()
	c := newCounty(t)
	code, said := c.do(t, "import", c.file(t, "cal.csv", "日期,类型,名称\n2026-12-25,放假,县庆\n"))
	if code != exitOK || !strings.Contains(said, "放假 1 天") {
		t.Fatalf("code %d, %q", code, said)
	}
	table := c.store.ViewAt(t.Context()).Calendar()
	if table.IsWorking(award.Date{Year: 2026, Month: 12, Day: 25}) || !table.Known(2026) || table.IsWorking(award.Date{Year: 2026, Month: 10, Day: 1}) {
		t.Errorf("table = %+v", table.Holidays)
	}
}

// TestImportWorkbooks: people, calendar and past results come in from xlsx and CSV
// alike, all or nothing, and a dry run writes none of them.
func TestImportWorkbooks(t *testing.T) {
	t.Parallel()
	c, ctx := newCounty(t), t.Context()
	for _, args := range [][]string{
		{"import", "--dry-run", "docs/sample/people.xlsx"}, {"import", "docs/sample/people.xlsx"},
		{"import", "--dry-run", "docs/sample/past.csv"}, {"import", "docs/sample/past.csv"}, {"import", "docs/sample/past.csv"},
	} {
		code, said := c.do(t, args...)
		if code != exitOK {
			t.Fatalf("%v: %d %q", args, code, said)
		}
		want := map[string]string{"docs/sample/people.xlsx": "单位 44 个，其中应报课题 42 个", "docs/sample/past.csv": "往届成果 8 个，其中有等次的 7 个。\n  2024—2026：6 个\n  2022—2024：2 个"}
		if !strings.Contains(said, want[args[len(args)-1]]) || strings.Contains(said, "没有写入") != (args[1] == "--dry-run") {
			t.Errorf("%v: %q", args, said)
		}
	}
	if p, ok := c.store.ViewAt(ctx).Person("lichunmei"); !ok || p.Phone == "" || strings.ContainsAny(p.Phone, ".eE") {
		t.Errorf("李春梅 = %+v", p)
	}
	if page := c.store.ViewAt(ctx).Past(award.PastQuery{Latest: true, Winners: true, Limit: 10}); page.Total != 5 {
		t.Errorf("%d winners of the last cycle", page.Total)
	}
	_, said := c.do(t, "import", "docs/sample/past.csv")
	if !strings.Contains(said, "新增或更新 0 个，没有变的 8 个。") {
		t.Errorf("again: %q", said)
	}
	data, err := os.ReadFile("docs/sample/people.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	code, said := c.do(t, "import", c.file(t, "cut.xlsx", string(data[:len(data)-100])))
	if code != exitFail || !strings.Contains(said, "一条也没有导入：\n文件坏了") {
		t.Errorf("a cut workbook: %d %q", code, said)
	}
}

// TestImportCalendarNamesMovedDays: the open cycle's days stay as they are, and
// the report names those that the new table would set otherwise.
func TestImportCalendarNamesMovedDays(t *testing.T) {
	t.Parallel()
	c, ctx := newCounty(t), t.Context()
	if err := loadSample(ctx, c.store, newStoppedClock(trialStart()), false); err != nil {
		t.Fatal(err)
	}
	file := c.file(t, "cal.csv", "日期,类型,名称\n2026-12-21,放假,县庆\n")
	for _, args := range [][]string{{"import", "--dry-run", file}, {"import", file}} {
		code, said := c.do(t, args...)
		if code != exitOK || !strings.Contains(said, "本届已定的期限不会自己变，和新日历不一样的有：\n  备案截止按新日历是12月22日（周二），现在定的是12月21日（周一）；要改请科室负责人在企业微信里说：备案截止改到2026年12月22日\n") {
			t.Errorf("%v: %d %q", args, code, said)
		}
	}
	// The sentence the report quotes is one the bot understands.
	trial := newTestTrial(t, true)
	for sentence, want := range map[string]string{
		"备案截止改到2026年12月22日": "备案截止：2026年12月21日（周一） → 2026年12月22日（周二）", "总结申报截止改到2028年10月23日": "总结申报：2028年10月20日（周五） → 2028年10月23日（周一）",
	} {
		if d, err := trial.Sim.Say(ctx, "zhoulei", sentence); err != nil || !strings.Contains(d.Reply, want) {
			t.Errorf("%s: %q, %v", sentence, d.Reply, err)
		}
		if _, err := trial.Sim.Say(ctx, "zhoulei", "取消"); err != nil {
			t.Error(err)
		}
	}
	cycle, _ := c.store.ViewAt(ctx).Cycle()
	if m, _ := cycle.Milestone(award.StageFiling); m.Effective != (award.Date{Year: 2026, Month: 12, Day: 21}) {
		t.Errorf("the import moved the deadline to %v", m.Effective)
	}
	if code, said := c.do(t, "import", c.file(t, "other.csv", "日期,类型,名称\n2026-12-25,放假,县庆\n2026-12-21,上班,补班\n")); code != exitOK || strings.Contains(said, "不一样") {
		t.Errorf("a day that touches nothing: %d %q", code, said)
	}
}

func TestExportLedger(t *testing.T) {
	t.Parallel()
	c, ctx := newCounty(t), t.Context()
	path := filepath.Join(c.dir, "ledger.csv")
	if code, said := c.do(t, "export", "ledger", path); code != exitFail || !strings.Contains(said, "还没有开届") {
		t.Fatalf("without a cycle: code %d, %q", code, said)
	}
	if err := loadSample(ctx, c.store, newStoppedClock(trialStart()), false); err != nil {
		t.Fatal(err)
	}
	if code, said := c.do(t, "export", "ledger", path); code != exitOK || !strings.Contains(said, "已导出 0 个课题") {
		t.Fatalf("code %d, %q", code, said)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(data), "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 1 || len(rows[0]) != len(documents.LedgerColumns()) {
		t.Errorf("%v, %v", rows, err)
	}
	if code, said := c.do(t, "export", "ledger", path); code != exitFail || !strings.Contains(said, "文件已存在") {
		t.Errorf("over an existing file: code %d, %q", code, said)
	}
	book := filepath.Join(c.dir, "ledger.xlsx")
	if code, said := c.do(t, "export", "ledger", "--split", book); code != exitOK || !strings.Contains(said, "已导出 0 个课题") {
		t.Fatalf("xlsx: code %d, %q", code, said)
	}
	if data, err := os.ReadFile(book); err != nil || !strings.HasPrefix(string(data), "PK") {
		t.Errorf("%.10q, %v", data, err)
	}
	if left, err := filepath.Glob(filepath.Join(c.dir, ".cxbot-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	from, to := newCounty(t), newCounty(t)
	path := filepath.Join(from.dir, "cx.backup")
	if code, said := from.do(t, "import", from.file(t, "p.csv", twoPeople)); code != exitOK {
		t.Fatal(said)
	}
	if code, said := from.do(t, "backup", path); code != exitOK || !strings.Contains(said, "已备份") {
		t.Fatalf("backup: %d %q", code, said)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup holds phone numbers and has mode %v (%v)", info.Mode(), err)
	}
	if code, said := to.do(t, "restore", path); code != exitOK || !strings.Contains(said, "已恢复") {
		t.Fatalf("restore: %d %q", code, said)
	}
	if p, ok := to.store.ViewAt(t.Context()).Person("lcm"); !ok || p.Name != "李春梅" {
		t.Errorf("李春梅 = %+v", p)
	}
	if code, said := to.do(t, "restore", path); code != exitFail || !strings.Contains(said, "--force") {
		t.Errorf("over data: %d %q", code, said)
	}
	if code, said := to.do(t, "restore", "--force", path); code != exitOK {
		t.Errorf("forced: %d %q", code, said)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	broken := to.file(t, "broken", string(data[:len(data)-20]))
	if code, said := to.do(t, "restore", "--force", broken); code != exitFail || !strings.Contains(said, "不完整") {
		t.Errorf("damaged: %d %q", code, said)
	}
}

func TestCheckIsRedWithReasons(t *testing.T) {
	t.Parallel()
	c := newCounty(t)
	// Nothing listens at port 1, so the platform cannot be reached.
	c.environ = with(c.environ, "CXBOT_WECOM_API_BASE=http://127.0.0.1:1", "CXBOT_PUBLIC_URL=http://127.0.0.1:1")
	code, said := c.do(t, "check")
	for _, want := range []string{"✓ 配置", "✗ 企业微信", "✗ 回调", "连不上", "✗ Redis", "✗ 人员  还没有导入"} {
		if !strings.Contains(said, want) {
			t.Errorf("lacks %q:\n%s", want, said)
		}
	}
	if code != exitFail {
		t.Errorf("code %d", code)
	}
	c.environ = with(c.environ, "CXBOT_WECOM_SECRET=", "CXBOT_LISTN=x")
	code, said = c.do(t, "check")
	if code != exitFail || !strings.Contains(said, "✗ 配置  CXBOT_WECOM_SECRET") || !strings.Contains(said, "CXBOT_LISTN") {
		t.Errorf("code %d:\n%s", code, said)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	var broken error
	h := &Health{Ready: func(context.Context) error { return broken }}
	mux := http.NewServeMux()
	h.Routes(mux)
	ask := func(path string) (int, string) {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		return w.Code, strings.TrimSpace(w.Body.String())
	}
	if code, text := ask("/readyz"); code != http.StatusOK || text != "ok" {
		t.Errorf("ready: %d %s", code, text)
	}
	broken = io.ErrUnexpectedEOF
	if code, text := ask("/readyz"); code != http.StatusServiceUnavailable || text != "store" {
		t.Errorf("store down: %d %s", code, text)
	}
	broken = nil
	h.Drain()
	if code, text := ask("/readyz"); code != http.StatusServiceUnavailable || text != "stopping" {
		t.Errorf("draining: %d %s", code, text)
	}
	if code, _ := ask("/healthz"); code != http.StatusOK {
		t.Errorf("healthz: %d", code)
	}
}

// TestServe runs the real thing against the simulator: a message is answered
// over the encrypted wire and a group by the robot, check is green but for the store in memory, and a
// stop takes less than five seconds.
func TestServe(t *testing.T) {
	t.Parallel()
	c, ctx := newCounty(t), t.Context()
	if err := loadSample(ctx, c.store, newStoppedClock(trialStart()), false); err != nil {
		t.Fatal(err)
	}
	sim, api, address := serveWorld(t)
	c.environ = with(c.environ, "CXBOT_LISTEN="+address, "CXBOT_PUBLIC_URL=http://"+address, "CXBOT_WECOM_API_BASE="+api,
		"CXBOT_WECOM_CORP_ID="+trialCorp, "CXBOT_WECOM_SECRET="+serveSecret, "CXBOT_WECOM_TOKEN="+serveToken, "CXBOT_WECOM_AES_KEY="+serveKey,
		"CXBOT_WECOM_ROBOT_ID="+trialRobotID, "CXBOT_WECOM_ROBOT_SECRET="+serveSecret, "CXBOT_WECOM_ROBOT_URL=ws"+strings.TrimPrefix(api, "http")+"/robot",
		"CXBOT_NOW="+trialStart().Format(time.RFC3339))
	running, stop := context.WithCancel(ctx)
	code := make(chan int, 1)
	go func() {
		code <- run(running, []string{"serve"}, &command{environ: c.environ, out: io.Discard, err: io.Discard, log: slog.New(slog.DiscardHandler)})
	}()
	waitFor(t, func() bool { return sim.Echo(ctx) == nil })
	delivery, err := sim.Say(ctx, "lichunmei", "帮助")
	if err != nil || !strings.Contains(delivery.Reply, "李春梅") {
		t.Errorf("reply %q, %v", delivery.Reply, err)
	}
	waitFor(t, sim.RobotConnected)
	delivery, err = sim.SayInGroup(ctx, trialGroupID, "sunjing", "报了多少家")
	if err != nil || !strings.Contains(delivery.Reply, "0/42") {
		t.Errorf("group reply %q, %v", delivery.Reply, err)
	}
	_, said := c.do(t, "check")
	for _, want := range []string{"✓ 配置", "✓ 企业微信", "✓ 回调  http://" + address, "· 智能机器人", "✓ 人员  单位 44 个（应报 42）", "✓ 届次", "✓ 日历"} {
		if !strings.Contains(said, want) {
			t.Errorf("check lacks %q:\n%s", want, said)
		}
	}
	// With another key the callback answers, but not as ours.
	wrong := *c
	wrong.environ = with(c.environ, "CXBOT_WECOM_TOKEN=anotherToken", "CXBOT_WECOM_SECRET=wrong")
	_, said = wrong.do(t, "check")
	if !strings.Contains(said, "✗ 企业微信") || !strings.Contains(said, "✗ 回调") || strings.Contains(said, "anotherToken") {
		t.Errorf("check with wrong keys:\n%s", said)
	}
	begin := time.Now()
	stop()
	select {
	case got := <-code:
		if got != exitOK || time.Since(begin) > 5*time.Second {
			t.Errorf("stopped with %d after %v", got, time.Since(begin))
		}
	case <-time.After(10 * time.Second):
		t.Fatal("serve does not stop")
	}
}

func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if done() {
			return
		}
	}
	t.Fatal("it does not come up")
}
