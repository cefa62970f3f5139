package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestKills plays a short kill loop; CI and releases play long ones.
func TestKills(t *testing.T) {
	t.Parallel()
	needRedis(t)
	var out bytes.Buffer
	if err := run(t.Context(), []string{"kills", "-n", "10", "-people", "40", "-rate", "100", "-pause", "200ms", "-seed", "7"}, &out); err != nil {
		t.Fatal(err, "\n", out.String())
	}
	if !strings.HasPrefix(out.String(), "kills 10, ") || !strings.Contains(out.String(), "lost 0, doubled 0, seed 7") {
		t.Errorf("the figures:\n%s", out.String())
	}
}

// TestRestart crashes a bot with a handful of drafts.
func TestRestart(t *testing.T) {
	t.Parallel()
	needRedis(t)
	var out bytes.Buffer
	if err := run(t.Context(), []string{"restart", "-n", "3", "-drafts", "100"}, &out); err != nil {
		t.Fatal(err, "\n", out.String())
	}
	if !strings.Contains(out.String(), "restarts 3 with 100 drafts") {
		t.Errorf("the figures:\n%s", out.String())
	}
}

// TestVerdictsFindWhatIsBroken gives the kill loop's judge broken promises.
func TestVerdictsFindWhatIsBroken(t *testing.T) {
	t.Parallel()
	stored := "✓ 课题名称"
	one := &letter{serial: 1, person: "p", field: "title", text: "改 1 第1稿", fate: acknowledged, reply: stored}
	two := &letter{serial: 2, person: "p", field: "title", text: "改 1 第2稿", fate: acknowledged, reply: stored}
	both := map[*letter]*string{one: &stored, two: &stored}
	judged := func(l *letter, stored *string) verdicts {
		var v verdicts
		v.judge(l, stored)
		return v
	}
	recorded := func(raw, title string) verdicts {
		var v verdicts
		v.conversation("p", raw, 1, []*letter{one, two}, both, map[string]string{"title": title})
		return v
	}
	other, untrue := "别的", *one
	untrue.fate = refused
	differ := *one
	differ.hear("别的")
	for name, tt := range map[string]struct {
		got            verdicts
		lost, doubled  int
		untrue, differ int
	}{
		"all is well":                  {got: recorded("3 {}", "第2稿")},
		"no mark":                      {got: judged(one, nil), lost: 1},
		"another reply":                {got: judged(one, &other), lost: 1},
		"mark without effect":          {got: recorded("2 {}", "第2稿"), lost: 1},
		"two effects":                  {got: recorded("4 {}", "第2稿"), doubled: 1},
		"an older word has won":        {got: recorded("3 {}", "第1稿"), lost: 1},
		"said not to be kept, but is":  {got: judged(&untrue, &stored), untrue: 1},
		"two answers to one message":   {got: judged(&differ, &stored), differ: 1},
		"unanswered without an effect": {got: judged(&letter{}, nil)},
	} {
		v := tt.got
		if v.lost != tt.lost || v.doubled != tt.doubled || v.untrue != tt.untrue || v.differ != tt.differ {
			t.Errorf("%s: %+v", name, v)
		}
		if broken := tt.lost+tt.doubled+tt.untrue+tt.differ > 0; broken != (len(v.broken) > 0) {
			t.Errorf("%s: broken %q", name, v.broken)
		}
	}
}

// TestLoad runs a second of the open loop; no time is asserted.
func TestLoad(t *testing.T) {
	t.Parallel()
	needRedis(t)
	var out bytes.Buffer
	args := []string{"load", "-rate", "100", "-duration", "1s", "-slice", "500ms", "-people", "40", "-connections", "4"}
	if err := run(t.Context(), args, &out); err != nil {
		t.Fatal(err, "\n", out.String())
	}
	for _, want := range []string{"\ncxbot            100       0", "\nno work          100       0", "difference of p99", "goroutines"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, out.String())
		}
	}
}
