package award_test

import (
	"strings"
	"testing"

	"cxbot/award"
)

func TestDiffer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b, onlyA, onlyB string }{
		{"村级议事会机制探索", "村级理事会机制探索", "议事", "理事"},
		{"村级议事会机制探索", "村级议事会机制研究", "探索", "研究"},
		{"村级议事会机制探索", "镇村级议事会机制", "探索", "镇村"},
		{"村级“议事会”机制", "村级议事会 机制", "", ""},
		{"甲乙", "丙丁", "甲乙", "丙丁"},
		{"", "丙丁", "", "丙丁"},
	} {
		onlyA, onlyB := award.Differ(c.a, c.b)
		if strings.Join(onlyA, "|") != c.onlyA || strings.Join(onlyB, "|") != c.onlyB {
			t.Errorf("%s / %s: %q %q, want %q %q", c.a, c.b, onlyA, onlyB, c.onlyA, c.onlyB)
		}
	}
}
