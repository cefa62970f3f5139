package handlers_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cxbot/talk"
)

// maxWasted is the largest share of human messages, in percent, that may be
// wasted: refused, asked for again or ignored. The aim is 5; until it is reached
// this holds what has been, and is only ever lowered.
const maxWasted = 19.0

// wastedComment stands before a message that no mark of the machine betrays but
// that a reader of the talk judged wasted: the answer missed what was meant.
const wastedComment = "# wasted"

// wastedMarks end or begin the trace marks of a message that has to be said
// again, in other words, or with less in it.
var wastedMarks = []string{
	"not understood", "confirm not understood", "ambiguous", "ask answer or intent", "wondered", "edit unknown", "edit not applying",
	"empty", "too long", "group unknown", "submit missing", "nothing to undo", "no page", "tray empty", "card gone", "card unknown",
	"back at first", "finish problems",
}

// isWasted says by the marks of a turn whether the message was wasted.
func isWasted(trace []string, answered bool) bool {
	for _, mark := range trace {
		for _, bad := range wastedMarks {
			if mark == bad {
				return true
			}
		}
		switch {
		case strings.HasPrefix(mark, "refused "), strings.HasPrefix(mark, "reuse refused "), strings.HasPrefix(mark, "picture refused "):
			return true
		case strings.HasPrefix(mark, "field ") && (strings.HasSuffix(mark, " broken") || strings.HasSuffix(mark, " notread") || strings.HasSuffix(mark, " pasted wrong")):
			return true
		case strings.HasPrefix(mark, "media "):
			return true
		}
	}
	return !answered && !slices.ContainsFunc(trace, func(m string) bool { return strings.HasPrefix(m, "pictures ") })
}

// tester plays a talk and counts its human messages.
type tester struct {
	checkedWorld
	messages int
	wasted   []string
}

func (p *tester) Say(who, group, channel, text string) error {
	return p.count(who, text, p.checkedWorld.Say(who, group, channel, text))
}

func (p *tester) Attach(who, channel, kind, name string) error {
	return p.count(who, "["+kind+" "+name+"]", p.checkedWorld.Attach(who, channel, kind, name))
}

func (p *tester) Click(who, label string, old int) error {
	return p.count(who, "(点 "+label+")", p.checkedWorld.Click(who, label, old))
}

func (p *tester) count(who, text string, err error) error {
	p.messages++
	if isWasted(p.marks, len(p.heard) > 0) {
		p.wasted = append(p.wasted, who+"> "+strings.SplitN(text, "\n", 2)[0]+"   ["+strings.Join(p.marks, "; ")+"]")
	}
	return err
}

// TestTesters plays the twenty sessions typed by people who had read only the
// guide, and counts the messages they wasted. What they said stays as it was
// typed; -update rewrites only the bot's lines.
func TestTesters(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/testers/*.talk")
	if err != nil || len(files) < 20 {
		t.Fatal("testers missing", len(files), err)
	}
	messages, wasted := 0, 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		script, err := talk.Parse(filepath.Base(file), string(data))
		if err != nil {
			t.Fatal(err)
		}
		player := &tester{checkedWorld: checkedWorld{world: newWorld(t, true), t: t}}
		result, err := talk.Play(script, player)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case *update:
			if err := os.WriteFile(file, []byte(talk.Rewrite(script, result)), 0o600); err != nil {
				t.Fatal(err)
			}
		case result.Diff != nil:
			t.Error(result.Diff)
		}
		judged := strings.Count("\n"+string(data), "\n"+wastedComment)
		messages += player.messages
		wasted += len(player.wasted) + judged
		t.Logf("%s: %d messages, wasted %d (%d by a reader)\n  %s", filepath.Base(file), player.messages, len(player.wasted)+judged, judged,
			strings.Join(player.wasted, "\n  "))
	}
	share := 100 * float64(wasted) / float64(messages)
	t.Logf("testers: %d scripts, %d messages, wasted %d (%.1f %%)", len(files), messages, wasted, share)
	if share > maxWasted {
		t.Errorf("wasted %.1f %% of what people said, may be %.1f %%", share, maxWasted)
	}
}
