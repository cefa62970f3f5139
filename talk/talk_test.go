package talk_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"cxbot/talk"
)

const sample = `# The opening.
@2026-11-23 09:00
李春梅> 我要报课题   # C62
bot→李春梅> 1/11 课题名称
  请写课题名称，6–40字。

  例：村级议事会  # C70
李春梅> 第一行
  第二行

  第四行
李春梅@党建工作群> 谁没报
bot→党建工作群> 还有 ‹数› 个单位  # C76
bot→李春梅> 名单
李春梅/机器人> [文件 方案.docx]
李春梅> [位置 柳林村委会]
王建国> (点 确认报送 #旧)
bot→王建国> 已确认
  [查看] [撤回]

wait 1d12h  # a comment
`

func parse(t *testing.T, text string) talk.Script {
	t.Helper()
	script, err := talk.Parse("t.talk", text)
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return script
}

func TestParseReadsEveryKindOfLine(t *testing.T) {
	t.Parallel()
	s := parse(t, sample)
	if len(s.Steps) != 8 {
		t.Fatalf("%d steps, want 8", len(s.Steps))
	}
	clock, ask, long, group, file, place, click, wait := s.Steps[0], s.Steps[1], s.Steps[2], s.Steps[3], s.Steps[4], s.Steps[5], s.Steps[6], s.Steps[7]
	if want := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC); clock.Do != talk.DoClock || !clock.At.Equal(want) || clock.Line != 2 {
		t.Errorf("clock = %+v", clock)
	}
	if ask.Text != "我要报课题" || ask.Channel != "" || strings.Join(ask.Clauses, "") != "C62" {
		t.Errorf("ask = %+v", ask)
	}
	if got := ask.Heard[0]; len(ask.Heard) != 1 || got.To != "李春梅" || got.Line != 4 ||
		strings.Join(got.Lines, "|") != "1/11 课题名称|请写课题名称，6–40字。||例：村级议事会" || strings.Join(got.Clauses, "") != "C70" {
		t.Errorf("heard = %+v", ask.Heard)
	}
	if long.Text != "第一行\n第二行\n\n第四行" {
		t.Errorf("long = %q", long.Text)
	}
	if group.Group != "党建工作群" || len(group.Heard) != 2 || group.Heard[0].To != "党建工作群" {
		t.Errorf("group = %+v", group)
	}
	if file.Do != talk.DoAttach || file.Channel != talk.RobotChannel || file.Kind != "文件" || file.Name != "方案.docx" {
		t.Errorf("file = %+v", file)
	}
	if place.Kind != "位置" || place.Name != "柳林村委会" || place.Channel != "" {
		t.Errorf("place = %+v", place)
	}
	if click.Do != talk.DoClick || click.Label != "确认报送" || click.Old != 1 || strings.Join(click.Heard[0].Lines, "|") != "已确认|[查看] [撤回]" {
		t.Errorf("click = %+v", click)
	}
	if wait.Do != talk.DoWait || wait.For != 36*time.Hour {
		t.Errorf("wait = %+v", wait)
	}
}

func TestParseRefusesWithTheLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		line int
		says string
	}{
		{"hello", 1, "want a clock line"},
		{"@2026-13-01 09:00", 1, "want @2026"},
		{"\nwait 3", 2, "want wait"},
		{"wait 0d", 1, "want wait"},
		{"wait 9999d", 1, "ten years"},
		{"# c\n  indented", 2, "continues nothing"},
		{"bot→李春梅> x", 1, "nothing happened"},
		{"wait 1d\nbot→李春梅@群> x", 2, "want bot→姓名>"},
		{"bot-> 李春梅> x", 1, "begin with bot→"},
		{"bot> x", 1, "begin with bot→"},
		{"李春梅/电话> x", 1, "unknown channel"},
		{"李春梅>", 1, "says nothing"},
		{"李春梅> (点 )", 1, "want (点"},
		{"李春梅> (点 确认 #新)", 1, "want (点"},
		{"李春梅> [图片 a.jpg]\n  more", 2, "continues nothing"},
		{"李春梅> \xff", 1, "UTF-8"},
	} {
		_, err := talk.Parse("t.talk", c.text)
		var syntax *talk.SyntaxError
		if !errors.As(err, &syntax) || syntax.Line != c.line || !strings.Contains(syntax.Why, c.says) {
			t.Errorf("Parse(%q) = %v, want line %d %q", c.text, err, c.line, c.says)
		}
	}
}

func TestParseForgivesEditors(t *testing.T) {
	t.Parallel()
	s := parse(t, "\ufeff"+strings.ReplaceAll(sample, "\n", "\r\n"))
	if talk.Format(s) != talk.Format(parse(t, sample)) {
		t.Error("CRLF and BOM change what is read")
	}
	full := parse(t, "王建国> （点 确认报送）")
	if full.Steps[0].Do != talk.DoClick {
		t.Error("full-width brackets of a click are read as words")
	}
}

func TestFormatRoundTrip(t *testing.T) {
	t.Parallel()
	once := talk.Format(parse(t, sample))
	if twice := talk.Format(parse(t, once)); twice != once {
		t.Errorf("formatted again:\n%s\nwant:\n%s", twice, once)
	}
	for _, want := range []string{"李春梅> 我要报课题  # C62\n", "(点 确认报送 #旧)\n", "wait 1d12h\n", "李春梅/机器人> [文件 方案.docx]\n", "  第二行\n  \n  第四行\n"} {
		if !strings.Contains(once, want) {
			t.Errorf("formatted talk lacks %q:\n%s", want, once)
		}
	}
}

func TestMatchLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want, got string
		ok        bool
	}{
		{"备案编号 ‹编号›", "备案编号 〔2026〕备-001", true},
		{"备案编号 ‹编号›", "备案编号 ", false},
		{"‹甲›和‹乙›", "张三和李四", true},
		{"‹甲›和‹乙›", "和李四", false},
		{"‹甲›和‹乙›", "张三和", false},
		{"‹甲›‹乙›", "张", false},
		{"‹甲›‹乙›", "张三", true},
		{"‹x›aa‹y›a", "1aaaa", true},
		{"‹x›末", "末末", true},
		{"plain", "plain", true},
		{"plain", "plain ", false},
		{"unclosed ‹x", "unclosed ‹x", true},
	} {
		if got := talk.MatchLine(c.want, c.got); got != c.ok {
			t.Errorf("MatchLine(%q, %q) = %v", c.want, c.got, got)
		}
	}
}

// files of talks in the repository must parse; the founders' talks land in handlers.
func TestTalksOfTheRepositoryParse(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"../handlers/testdata", "testdata"} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ".talk") {
				continue
			}
			text, err := os.ReadFile(dir + "/" + e.Name())
			if err != nil {
				t.Fatal(err)
			}
			parse(t, string(text))
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample)
	f.Add("李春梅> a\n\n  b\n  \nbot→李春梅>\n  x # C1 # C2\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := talk.Parse("f", text)
		if err != nil {
			var syntax *talk.SyntaxError
			if !errors.As(err, &syntax) || syntax.Line < 1 {
				t.Fatalf("error without a line: %v", err)
			}
			return
		}
		once := talk.Format(s)
		again, err := talk.Parse("f", once)
		if err != nil {
			t.Fatalf("formatted talk does not parse: %v\n%q", err, once)
		}
		if twice := talk.Format(again); twice != once {
			t.Fatalf("round trip:\n%q\n%q", once, twice)
		}
	})
}
