package award_test

import (
	"fmt"
	"slices"
	"testing"

	"cxbot/award"
)

func codes(directions []award.Direction) []string {
	out := make([]string, len(directions))
	for i, d := range directions {
		out[i] = d.Code
	}
	return out
}

func TestDirectionsAreComplete(t *testing.T) {
	t.Parallel()
	var directions, points int
	clauses := map[string]bool{}
	for i, category := range award.Directions() {
		if category.Code != fmt.Sprint(i+1) || award.CategoryName(category.Code) != category.Name {
			t.Errorf("category %q", category.Code)
		}
		for j, direction := range category.Directions {
			directions++
			if direction.Code != fmt.Sprintf("%d.%d", i+1, j+1) || direction.Category != category.Code || direction.Name == "" {
				t.Errorf("direction %+v", direction)
			}
			for k, point := range direction.Points {
				points++
				if point.Code != direction.Code+string('①'+rune(k)) || clauses[point.Clause] || point.Text == "" {
					t.Errorf("point %+v", point)
				}
				clauses[point.Clause] = true
			}
		}
	}
	if directions != 10 || points != 30 {
		t.Errorf("%d directions, %d points; C49 says 10 and 30", directions, points)
	}
	// C12, C24, C25, C36–C39 describe categories; everything else between is a point.
	for n := 13; n <= 48; n++ {
		other := n == 24 || n == 25 || n >= 36 && n <= 39
		if clauses[fmt.Sprintf("C%d", n)] == other {
			t.Errorf("C%d: point %v", n, !other)
		}
	}
	if award.CategoryName("9") != "其他" || award.CategoryName("4") != "" || award.CategoryName("") != "" {
		t.Error("CategoryName of other codes")
	}
}

func TestFindDirections(t *testing.T) {
	t.Parallel()
	for word, want := range map[string][]string{
		"2":      {"2.1", "2.2", "2.3"},
		"活力":     {"3.1", "3.2", "3.3"},
		"1.3":    {"1.3"},
		"２．２":    {"2.2"},
		"3.3③":   {"3.3"},
		"3.2③":   nil,
		"1.9":    nil,
		"双重管理":   {"1.3"},
		"“双重管理”": {"1.3"},
		"矛盾":     {"2.3"},
		"评议":     {"1.4"},
		"民主":     {"1.4", "3.3"},
		"两新":     {"1.1", "2.2"},
		"无人机":    nil,
		"？":      nil,
		"新经济组织":  {"1.1"},
	} {
		if got := codes(award.FindDirections(word)); !slices.Equal(got, want) {
			t.Errorf("FindDirections(%q) = %v, want %v", word, got, want)
		}
	}
	if all := award.FindDirections(" "); len(all) != 10 {
		t.Errorf("no word: %d directions", len(all))
	}
	// Where a point matches, only that point is shown.
	if got := award.FindDirections("党员议事"); len(got) != 1 || len(got[0].Points) != 1 || got[0].Points[0].Code != "3.3③" {
		t.Errorf("党员议事: %+v", got)
	}
	if got := award.FindDirections("3.3④"); len(got) != 1 || len(got[0].Points) != 1 || got[0].Points[0].Clause != "C48" {
		t.Errorf("3.3④: %+v", got)
	}
}

func TestSuggestDirections(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string][]string{
		"乡镇": {"1.3", "2.1", "3.1", "3.2", "1.2", "1.4", "2.3", "3.3"},
		"两新": {"1.1", "2.2", "1.2", "1.4", "2.3", "3.3"},
		"其他": {"1.2", "1.4", "2.3", "3.3"},
	} {
		if got := codes(award.SuggestDirections(kind)); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", kind, got, want)
		}
	}
}

func TestDirectionByCode(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{"1.1": "1.1", " 3.3 ": "3.3", "2.1④": "2.1", "": "", "9": "", "自选": ""} {
		got, ok := award.DirectionByCode(code)
		if got.Code != want || ok != (want != "") {
			t.Errorf("DirectionByCode(%q) = %q %v", code, got.Code, ok)
		}
	}
}
