package talk_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"cxbot/talk"
)

var errNoButton = errors.New("no such button")

// parrot is a world that answers from a table: what it hears as a key ("say
// 李春梅 在吗") brings the listed utterances.
type parrot struct {
	now     time.Time
	answers map[string][]talk.Utterance
	acts    []string
	pending []talk.Utterance
}

func (p *parrot) do(act string) error {
	p.acts = append(p.acts, act)
	if strings.HasPrefix(act, "click") && p.answers[act] == nil {
		return errNoButton
	}
	p.pending = append(p.pending, p.answers[act]...)
	return nil
}

func (p *parrot) Now() time.Time { return p.now }

func (p *parrot) Set(t time.Time) error {
	p.now = t
	return p.do("set " + t.Format(time.DateTime))
}

func (p *parrot) Wait(d time.Duration) error {
	p.now = p.now.Add(d)
	return p.do("wait " + d.String())
}

func (p *parrot) Say(who, group, channel, text string) error {
	return p.do(strings.Join(strings.Fields("say "+who+" "+group+" "+channel+" "+text), " "))
}

func (p *parrot) Attach(who, channel, kind, name string) error {
	return p.do(strings.Join(strings.Fields("attach "+who+" "+channel+" "+kind+" "+name), " "))
}

func (p *parrot) Click(who, label string, old int) error {
	return p.do("click " + who + " " + label + strings.Repeat(" old", old))
}

func (p *parrot) Heard() ([]talk.Utterance, error) {
	got := p.pending
	p.pending = nil
	return got, nil
}

func said(to, text string, buttons ...string) talk.Utterance {
	return talk.Utterance{To: to, Text: text, Buttons: buttons}
}

func TestPlayActsInOrder(t *testing.T) {
	t.Parallel()
	world := &parrot{answers: map[string][]talk.Utterance{"click 王建国 确认报送 old": {}}}
	_, err := talk.Play(parse(t, `@2026-11-23 09:00
李春梅> 在吗
李春梅@党建工作群> 谁没报
李春梅/机器人> [文件 方案.docx]
王建国> (点 确认报送 #旧)
@2026-11-24 10:30
wait 2h
`), world)
	if err != nil {
		t.Fatal(err)
	}
	want := "set 2026-11-23 09:00:00|say 李春梅 在吗|say 李春梅 党建工作群 谁没报|attach 李春梅 robot 文件 方案.docx|" +
		"click 王建国 确认报送 old|wait 25h30m0s|wait 2h0m0s"
	if got := strings.Join(world.acts, "|"); got != want {
		t.Errorf("acts:\n%s\nwant:\n%s", got, want)
	}
}

func TestPlayFindsEachKindOfDifference(t *testing.T) {
	t.Parallel()
	answers := map[string][]talk.Utterance{
		"say 李春梅 提交": {said("王建国", "请确认", "确认", "退回"), said("李春梅", "已提交\n\n编号 7"), said("王建国", "第二条")},
	}
	const good = "李春梅> 提交  # C77\nbot→李春梅> 已提交\n\n  编号 ‹号›\nbot→王建国> 请确认\n  [确认] [退回]  # C82\nbot→王建国> 第二条\n"
	for _, c := range []struct {
		name, script string
		line         int
		to, want     string
		got          string
	}{
		{"as written", good, 0, "", "", ""},
		{"other words", strings.Replace(good, "编号 ‹号›", "编号 8", 1), 2, "李春梅", "已提交\n\n编号 8", "已提交\n\n编号 7"},
		{"other buttons", strings.Replace(good, "[退回]", "[取消]", 1), 5, "王建国", "请确认\n[确认] [取消]", "请确认\n[确认] [退回]"},
		{"a line more", strings.Replace(good, "第二条", "第二条\n  尾", 1), 7, "王建国", "第二条\n尾", "第二条"},
		{"missing", good + "bot→李春梅> 再见\n", 8, "李春梅", "再见", ""},
		{"extra", strings.Replace(good, "bot→王建国> 第二条\n", "", 1), 1, "王建国", "", "第二条"},
		{"nobody expected", "李春梅> 提交\n", 1, "王建国", "", "请确认\n[确认] [退回]"},
		{"wrong order to one", "李春梅> 提交\nbot→王建国> 第二条\nbot→王建国> 请确认\n  [确认] [退回]\nbot→李春梅> 已提交\n  \n  编号 7\n", 2, "王建国", "第二条", "请确认\n[确认] [退回]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			result, err := talk.Play(parse(t, c.script), &parrot{answers: answers})
			if err != nil {
				t.Fatal(err)
			}
			if c.line == 0 {
				if result.Diff != nil || strings.Join(result.Clauses, " ") != "C77 C82" {
					t.Fatalf("diff %v, clauses %v", result.Diff, result.Clauses)
				}
				return
			}
			d := result.Diff
			if d == nil || d.Line != c.line || d.To != c.to || d.Want != c.want || d.Got != c.got {
				t.Fatalf("difference = %+v", d)
			}
			if result.Differences != 1 || len(result.Clauses) != 0 {
				t.Errorf("%d differences, clauses %v", result.Differences, result.Clauses)
			}
			if text := d.String(); !strings.Contains(text, "t.talk:") || !strings.Contains(text, c.to) {
				t.Errorf("String() = %q", text)
			}
		})
	}
}

func TestPlayStopsAtAnErrorOfTheWorld(t *testing.T) {
	t.Parallel()
	world := &parrot{answers: map[string][]talk.Utterance{"say 王建国 在": {said("王建国", "在")}}}
	result, err := talk.Play(parse(t, "王建国> 在\nbot→王建国> 在\n王建国> (点 没有)\n王建国> 后来\n"), world)
	if !errors.Is(err, errNoButton) || !strings.Contains(err.Error(), "t.talk:3:") {
		t.Fatalf("err = %v", err)
	}
	if !strings.Contains(result.Transcript, "bot→王建国> 在") || len(world.acts) != 2 {
		t.Errorf("transcript %q, acts %v", result.Transcript, world.acts)
	}
	if _, err := talk.Play(parse(t, "@2026-11-23 09:00\n@2026-11-22 09:00\n"), &parrot{}); err == nil {
		t.Error("the clock went back")
	}
}

func TestTranscriptIsATalkThatPlays(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 26, 9, 0, 0, 0, talk.Zone)
	answers := map[string][]talk.Utterance{
		"say 李春梅 提交":   {said("李春梅", "已提交\n\n编号 7  \n\n", "撤回")},
		"wait 72h0m0s": {{To: "李春梅", Text: "提醒", At: at}, {To: "党建工作群", Text: "两天后截止", At: at}},
	}
	result, err := talk.Play(parse(t, "@2026-11-23 09:00\n李春梅> 提交\nwait 3d\n"), &parrot{answers: answers})
	if err != nil {
		t.Fatal(err)
	}
	want := "@2026-11-23 09:00\n\n李春梅> 提交\nbot→李春梅> 已提交\n  \n  编号 7\n  [撤回]\n\nwait 3d\n# 2026-11-26 09:00\nbot→李春梅> 提醒\nbot→党建工作群> 两天后截止\n"
	if result.Transcript != want {
		t.Fatalf("transcript:\n%s\nwant:\n%s", result.Transcript, want)
	}
	again, err := talk.Play(parse(t, result.Transcript), &parrot{answers: answers})
	if err != nil || again.Diff != nil {
		t.Errorf("played again: %v, %v", err, again.Diff)
	}
}

func TestRewrite(t *testing.T) {
	t.Parallel()
	answers := map[string][]talk.Utterance{
		"say 李春梅 提交": {
			said("孙静", "新报送：〔2026〕备-001"), said("李春梅", "已提交\n新的一行\n编号 7\n结束", "撤回"),
			said("李春梅", "又一条"), said("周磊", "抄送"),
		},
	}
	const before = `# Keep me.
@2026-11-23 09:00

李春梅> 提交   # C62
bot→李春梅> 已提交
  编号 ‹号›  # C77
  旧的一行
# Keep me too.
bot→孙静> 新报送：‹编号›
bot→王建国> 不再说

# The end.
王建国> 在吗
bot→王建国> 多余
`
	const after = `# Keep me.
@2026-11-23 09:00

李春梅> 提交   # C62
bot→李春梅> 已提交
  新的一行
  编号 ‹号›  # C77
  结束
  [撤回]
bot→李春梅> 又一条
# Keep me too.
bot→孙静> 新报送：‹编号›
bot→周磊> 抄送

# The end.
王建国> 在吗
`
	script := parse(t, before)
	result, err := talk.Play(script, &parrot{answers: answers})
	if err != nil {
		t.Fatal(err)
	}
	if result.Diff == nil || result.Differences != 2 {
		t.Errorf("diff %v, %d differences", result.Diff, result.Differences)
	}
	got := talk.Rewrite(script, result)
	if got != after {
		t.Fatalf("rewritten:\n%s\nwant:\n%s", got, after)
	}
	script = parse(t, got)
	result, err = talk.Play(script, &parrot{answers: answers})
	if err != nil || result.Diff != nil {
		t.Fatalf("the rewritten talk differs: %v %v", err, result.Diff)
	}
	if again := talk.Rewrite(script, result); again != got {
		t.Errorf("rewritten twice:\n%s", again)
	}
}

func TestRewriteFillsAFreshTalk(t *testing.T) {
	t.Parallel()
	answers := map[string][]talk.Utterance{
		"say 李春梅 一": {said("李春梅", "甲\n乙"), said("王建国", "丙")},
		"say 李春梅 二": {said("李春梅", "丁")},
	}
	script := parse(t, "李春梅> 一\n\n李春梅> 二")
	result, err := talk.Play(script, &parrot{answers: answers})
	if err != nil {
		t.Fatal(err)
	}
	const want = "李春梅> 一\nbot→李春梅> 甲\n  乙\nbot→王建国> 丙\n\n李春梅> 二\nbot→李春梅> 丁"
	if got := talk.Rewrite(script, result); got != want {
		t.Errorf("rewritten:\n%q\nwant:\n%q", got, want)
	}
}

func TestRewriteLeavesUnplayedStepsAlone(t *testing.T) {
	t.Parallel()
	const text = "王建国> (点 没有)\nbot→王建国> 原样\n"
	script := parse(t, text)
	result, err := talk.Play(script, &parrot{})
	if err == nil {
		t.Fatal("the click worked")
	}
	if got := talk.Rewrite(script, result); got != text {
		t.Errorf("rewritten: %q", got)
	}
}
