package handlers_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"cxbot/dialog"
	"cxbot/talk"
)

var update = flag.Bool("update", false, "write the bot's lines of the talks anew; review them like code")

// clockedMark begins a talk that runs into reminders, which only the whole bot
// sends: the tests of the root play it.
const clockedMark = "# with reminders"

// TestTalks plays every talk of testdata. A talk whose first line says
// "# no cycle" starts before 开届.
func TestTalks(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.talk")
	if err != nil || len(files) == 0 {
		t.Fatal("no talks found", err)
	}
	for _, file := range files {
		if isClocked(t, file) {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".talk"), func(t *testing.T) {
			t.Parallel()
			playFile(t, file)
		})
	}
}

func isClocked(t *testing.T, file string) bool {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.HasPrefix(string(data), clockedMark)
}

func playFile(t *testing.T, file string) []string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	script, err := talk.Parse(filepath.Base(file), string(data))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, !strings.HasPrefix(string(data), "# no cycle"))
	checked := &checkedWorld{world: w, t: t}
	result, err := talk.Play(script, checked)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, []byte(talk.Rewrite(script, result)), 0o600); err != nil {
			t.Fatal(err)
		}
		return w.trace
	}
	if result.Diff != nil {
		t.Error(result.Diff)
	}
	return w.trace
}

// checkedWorld holds every utterance against what must always be true of one.
type checkedWorld struct {
	*world
	t *testing.T
}

func (c *checkedWorld) Heard() ([]talk.Utterance, error) {
	said, err := c.world.Heard()
	for _, u := range said {
		if len(u.Text) > dialog.PageBytes || !utf8.ValidString(u.Text) {
			c.t.Errorf("%s was told %d bytes, valid %v: %.60q", u.To, len(u.Text), utf8.ValidString(u.Text), u.Text)
		}
		for _, bad := range []string{"错误", "非法", "无效输入"} {
			if strings.Contains(u.Text, bad) {
				c.t.Errorf("%s was told %q in %.80q", u.To, bad, u.Text)
			}
		}
	}
	return said, err
}
