package handlers_test

import (
	"strings"
	"testing"

	"cxbot/award"
)

// TestTakeOverFromSomebodyWhoLeft goes on with the draft of a member who is no
// longer in the directory, and tells nobody who cannot hear it.
func TestTakeOverFromSomebodyWhoLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true)
	say := func(who, text string) string {
		t.Helper()
		w.heard = nil
		if err := w.Say(who, "", "", text); err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, u := range w.heard {
			said = append(said, u.To+"："+u.Text)
		}
		return strings.Join(said, "\n")
	}
	say("李春梅", "我要报课题")
	say("李春梅", "村级党群议事会机制探索")
	left, _ := w.memory.Person("lichunmei")
	left.Left = true
	if err := w.memory.Apply(award.Changes{Persons: []award.Person{left}}); err != nil {
		t.Fatal(err)
	}
	if got := say("李春梅", "继续"); !strings.Contains(got, "已停用") {
		t.Errorf("somebody who left is told %q", got)
	}
	if got := say("王建国", "接手李春梅的草稿"); !strings.Contains(got, "要接手李春梅的草稿") {
		t.Fatalf("asked %q", got)
	}
	got := say("王建国", "确认")
	if !strings.Contains(got, "村级党群议事会机制探索") || strings.Contains(got, "李春梅：") {
		t.Errorf("took over with %q", got)
	}
	if len(w.talks["lichunmei"].Drafts) != 0 || len(w.talks["wangjianguo"].Drafts) != 1 {
		t.Error("the draft is not where it should be")
	}
}
