package storage_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/storage/storagetest"
)

// TestQueuedForm keeps the stored form of a message: what an earlier release has
// queued must still be understood after an upgrade, so names never change.
func TestQueuedForm(t *testing.T) {
	t.Parallel()
	c := storagetest.MiniClient(t)
	o := outbox{t, storagetest.Open(t, c)}
	full := chat.Message{
		Key: "k", To: "LiChunmei", Text: "您好\n第二行",
		Card: &chat.Card{
			Ref: chat.Ref{Kind: "draft", ID: "filing.1", Rev: 3}, Title: "备案", Desc: "d",
			Rows: []chat.Row{{Name: "课题", Value: "党建"}}, Buttons: []chat.Button{{Label: "提交", Say: "提交", Style: 1}},
		},
		Priority: chat.PriorityReminder, NotBefore: noon.UTC(), Latest: noon.UTC(),
		Unless:   &chat.Condition{Record: award.FilingRecord("城关镇\x1e党委"), Field: "filed", Value: "2026"},
		Replaces: "filing.t7", Rule: "filing.t7", Clause: "C76",
	}
	o.put(noon, full)
	bodies := c.HGetAll(t.Context(), prefix+"out:msgs").Val()
	const want = "2m1795406400000\x1eunit:城关镇党委|filed\x1e2026\x1efiling.t7\x1e" +
		`{"Key":"k","To":"LiChunmei","Text":"您好\n第二行","Card":{"Ref":{"Kind":"draft","ID":"filing.1","Rev":3},"Task":"",` +
		`"Title":"备案","Desc":"d","Rows":[{"Name":"课题","Value":"党建"}],"Buttons":[{"Label":"提交","Say":"提交","Style":1}]},` +
		`"Update":null,"Priority":2,"NotBefore":"2026-11-23T04:00:00Z","Latest":"2026-11-23T04:00:00Z",` +
		`"Unless":{"Record":"unit:城关镇\u001e党委","Field":"filed","Value":"2026"},` +
		`"Replaces":"filing.t7","Rule":"filing.t7","Clause":"C76"}`
	for id, body := range bodies {
		if body != want || len(id) != 16 || !strings.HasSuffix(id, "2") {
			t.Errorf("stored %s\n%s\nwant\n%s", id, body, want)
		}
	}
	if got := o.wants(noon.Add(time.Second), 1, "k"); !reflect.DeepEqual(got[0].Message, full) {
		t.Errorf("read back %+v", got[0].Message)
	}
}
