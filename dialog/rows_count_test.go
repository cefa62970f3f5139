package dialog_test

import (
	"strings"
	"testing"
	"time"

	"cxbot/dialog"
)

// TestRowsDateBeforeACount keeps the count of things apart from the day: a
// month before "两个村" is not its second.
func TestRowsDateBeforeACount(t *testing.T) {
	t.Parallel()
	kind := dialog.Rows{Min: 1, Max: 12, Columns: []dialog.Column{
		{Key: "title", Label: "内容", Kind: dialog.Text{Min: 2, Max: 40}, Required: true},
		{Key: "due", Label: "完成日期", Kind: dialog.Date{}, Required: true},
	}}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for typed, want := range map[string]string{
		"2027年12月 两个村试点":   "两个村试点/2027-12-31/month",
		"2027年12月 三个点试行":   "三个点试行/2027-12-31/month",
		"2027年12月3个村试点":    "3个村试点/2027-12-31/month",
		"12月 一村一策全面推开":     "一村一策全面推开/2026-12-31/month",
		"2027年6月二期工程":      "二期工程/2027-06-30/month",
		"2027年12月二日 两个村试点": "两个村试点/2027-12-02/day",
		"两个村试点 2027年12月":   "两个村试点/2027-12-31/month",
	} {
		rows := dialog.SplitRows(kind.Read(typed, dialog.Env{Now: now}).Value)
		got := ""
		if len(rows) == 1 && len(rows[0]) == 2 {
			date, precision, _ := dialog.SplitDate(rows[0][1])
			got = strings.Join([]string{rows[0][0], date, precision}, "/")
		}
		if got != want {
			t.Errorf("%q is read as %q, want %q", typed, got, want)
		}
	}
}
