package award_test

import (
	"slices"
	"testing"

	"cxbot/award"
)

func TestAide(t *testing.T) {
	t.Parallel()
	w := opened(t)
	w.refused(award.AllowAide{By: w.who("he"), To: "zhao"}, now, "rights.role")
	w.refused(award.AllowAide{By: w.who("zhao"), To: "zhao"}, now, "delegate.self")
	w.refused(award.AllowAide{By: w.who("zhao"), To: "sun"}, now, "delegate.other-unit")
	w.refused(award.AllowAide{By: w.who("zhao"), To: "nobody"}, now, "delegate.other-unit")
	w.refused(award.AllowAide{By: w.who("zhao"), To: "li"}, now, "aide.may")
	w.refused(award.AllowAide{By: w.who("zhao"), To: "he", Off: true}, now, "aide.none")
	w.refused(award.SubmitFiling{By: w.who("he"), Filing: filing(), At: now}, now, "rights.role")
	w.must(award.AllowAide{By: w.who("zhao"), To: "he"}, now)
	w.refused(award.AllowAide{By: w.who("li"), To: "he"}, now, "aide.held")
	w.refused(award.AllowAide{By: w.who("he"), To: "liu"}, now, "rights.role")
	w.must(award.SubmitFiling{By: w.who("he"), Filing: filing(), At: now}, now)
	if topic := w.topic("2026-0001"); topic.Filer != "he" || topic.Status != award.StatusAwaiting {
		t.Errorf("an aide's filing: %s by %s", topic.Status, topic.Filer)
	}
	w.must(award.AllowAide{By: w.who("wang"), To: "he", Off: true}, now)
	w.refused(award.SubmitFiling{By: w.who("he"), Filing: titled("另一个合规的课题名称"), At: now}, now, "rights.role")
}

func TestHandOver(t *testing.T) {
	t.Parallel()
	w := opened(t)
	today := award.DateOf(now)
	w.refused(award.HandOver{By: w.who("he"), To: "li", From: today}, now, "rights.role")
	w.refused(award.HandOver{By: w.who("zhao"), To: "li", From: today.Add(-1)}, now, "handover.past")
	w.refused(award.HandOver{By: w.who("zhao"), To: "li", From: today.AddMonths(13)}, now, "handover.far")
	w.refused(award.HandOver{By: w.who("zhao"), To: "li", From: today.Add(9), Until: today.Add(8)}, now, "handover.order")
	w.refused(award.HandOver{By: w.who("zhao"), Off: true}, now, "handover.none")
	w.must(award.HandOver{By: w.who("zhao"), To: "he", From: today.Add(7), Until: today.Add(9)}, now)
	w.refused(award.HandOver{By: w.who("li"), To: "zhao", From: today}, now, "handover.away")
	zhao := w.who("zhao")
	for days, want := range map[int]string{0: "zhao", 6: "zhao", 7: "he", 9: "he", 10: "zhao"} {
		if got := award.Stand(w, zhao, today.Add(days)); got.UserID != want {
			t.Errorf("after %d days %s acts, want %s", days, got.UserID, want)
		}
	}
	unit, _ := w.Unit(zhao.Unit)
	if !slices.Equal(unit.Aides, []string{"he"}) {
		t.Errorf("aides %v", unit.Aides)
	}
	w.must(award.HandOver{By: w.who("zhao"), Off: true}, now)
	if got := award.Stand(w, w.who("zhao"), today.Add(8)); got.UserID != "zhao" {
		t.Errorf("after the end %s acts", got.UserID)
	}
	// Somebody who left stands for nobody.
	w.must(award.HandOver{By: w.who("zhao"), To: "he", From: today}, now)
	he := w.who("he")
	he.Left = true
	w.Add(nil, []award.Person{he})
	if got := award.Stand(w, w.who("zhao"), today); got.UserID != "zhao" {
		t.Errorf("%s acts after having left", got.UserID)
	}
}

func TestTakeOver(t *testing.T) {
	t.Parallel()
	w := opened(t)
	w.must(award.TakeOver{By: w.who("li"), From: "zhao"}, now)
	w.refused(award.TakeOver{By: w.who("zhao"), From: "zhao"}, now, "takeover.self")
	w.refused(award.TakeOver{By: w.who("zhao"), From: "sun"}, now, "takeover.other-unit")
	w.refused(award.TakeOver{By: w.who("he"), From: "zhao"}, now, "rights.role")
	w.refused(award.TakeOver{By: w.who("sun"), From: "zhao"}, now, "rights.proxy")
}

func TestProxyFiling(t *testing.T) {
	t.Parallel()
	w := opened(t)
	w.refused(award.SubmitFiling{By: w.who("tang"), Unit: qinghe, Filing: filing(), At: now}, now, "rights.role")
	w.refused(award.SubmitFiling{By: w.who("sun"), Unit: "没有这家", Filing: filing(), At: now}, now, "unit.unknown")
	w.must(award.SubmitFiling{By: w.who("sun"), Unit: qinghe, Filing: filing(), At: now}, now)
	topic := w.topic("2026-0001")
	if topic.Unit != qinghe || topic.Status != award.StatusAwaiting || topic.Current().By != "sun" || topic.Filer == "sun" {
		t.Errorf("entered for a unit: %+v", topic)
	}
	w.refused(award.SubmitFiling{By: w.who("sun"), Topic: topic.ID, Filing: titled("另一个合规的课题名称"), At: now}, now, "rights.proxy")
	w.must(award.ConfirmFiling{By: w.who("wang"), Topic: topic.ID}, now)
}
