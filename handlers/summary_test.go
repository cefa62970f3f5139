package handlers_test

import (
	"testing"

	"cxbot/chat"
)

// TestDraftSummaryFollowsTheAnswers: what reminders know of a draft is what was
// answered, after each answer.
func TestDraftSummaryFollowsTheAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true)
	for done, text := range []string{"我要报课题", "村级党群议事会机制探索", "3.3"} {
		if err := w.event("陆雅琴", chat.Event{Kind: chat.Text, Text: text}); err != nil {
			t.Fatal(err)
		}
		if d, ok := w.memory.Draft("白马镇党委"); !ok || d.Done != done || d.Draft == "" {
			t.Errorf("after %q: %d of %d done, draft %q, %v", text, d.Done, d.Total, d.Draft, ok)
		}
	}
}
