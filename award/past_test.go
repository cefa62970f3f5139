package award_test

import (
	"fmt"
	"testing"

	"cxbot/award"
)

func TestAlike(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b  string
		alike bool
	}{
		{"村级党群议事会机制探索", "村级党群议事会机制探索", true},
		{"村级党群议事会“三议三公开”机制探索", "村级党群议事会 三议三公开 机制探索", true},
		{"村级党群议事会机制探索", "村级党群议事会机制的探索", true},
		{"村级党群议事会机制探索", "社区党员双报到机制探索", false},
		{"党建引领基层治理", "党建引领社区物业", false},
		{"", "", false},
		{"一", "一", false},
	} {
		if score := award.Alike(c.a, c.b); (score >= award.LikeTitle) != c.alike {
			t.Errorf("%q and %q: %.2f", c.a, c.b, score)
		}
	}
}

func TestSelectPast(t *testing.T) {
	t.Parallel()
	var all []award.Past
	for i, rank := range []string{"优秀奖", "三等奖", "", "一等奖", "特等奖"} {
		for _, cycle := range []string{"2022—2024", "2024—2026"} {
			all = append(all, award.Past{ID: fmt.Sprint(cycle, i), Cycle: cycle, Title: fmt.Sprintf("第%d个“课题”", i), Unit: "清河镇党委", Rank: rank})
		}
	}
	for _, c := range []struct {
		q     award.PastQuery
		total int
		first string
	}{
		{award.PastQuery{Limit: 3}, 10, "特等奖"},
		{award.PastQuery{Limit: 1, Offset: 4}, 10, ""},
		{award.PastQuery{Limit: 9, Winners: true}, 8, "特等奖"},
		{award.PastQuery{Limit: 9, Latest: true}, 5, "特等奖"},
		{award.PastQuery{Limit: 9, Words: "第 3 个课题"}, 2, "一等奖"},
		{award.PastQuery{Words: "没有"}, 0, ""},
	} {
		page := award.SelectPast(all, c.q)
		if page.Total != c.total || len(page.Results) > c.q.Limit || len(page.Results) > 0 && page.Results[0].Rank != c.first {
			t.Errorf("%+v: %d in all, %+v", c.q, page.Total, page.Results)
		}
	}
}
