package award_test

import (
	"testing"

	"cxbot/award"
)

func TestLength(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"":                        0,
		"党建":                      2,
		"a b":                     3,
		"e\u0301":                 1, // combining acute
		"\u200b党\u200b":           1, // zero-width spaces
		"👨\u200d👩\u200d👧":         1,
		"👍🏽":                      1,
		"🇨🇳":                      1,
		"🇨🇳🇨🇳":                    2,
		"❤\ufe0f":                 1,
		"“三议三公开”机制":               9,
		"好👨\u200d👩\u200d👧好":       3,
		"\u0301":                  0,
		"𠮷野家":                     3,
		"line\nbreak":             10,
		string([]byte{0xff, 'a'}): 2,
	} {
		if got := award.Length(text); got != want {
			t.Errorf("Length(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestFoldTitle(t *testing.T) {
	t.Parallel()
	want := award.FoldTitle("“楼栋党小组+网格员”双向报到ABC1")
	for _, same := range []string{
		"楼栋党小组网格员双向报到ABC1", "「楼栋党小组＋网格员」双向报到ＡＢＣ１", " 楼栋党小组 + 网格员 双向报到abc1。", "\"楼栋党小组+网格员\"双向\u200b报到Abc1",
	} {
		if got := award.FoldTitle(same); got != want {
			t.Errorf("FoldTitle(%q) = %q, want %q", same, got, want)
		}
	}
	if award.FoldTitle("楼栋党小组网格员双向报到ABC2") == want {
		t.Error("different titles fold to one")
	}
}

func TestNormalPhone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"13800000011":           "13800000011",
		" 138 0000 0011 ":       "13800000011",
		"138-0000-0011":         "13800000011",
		"１３８００００００１１":           "13800000011",
		"+86 13800000011":       "13800000011",
		"+8613800000011":        "13800000011",
		"0086-138-0000-0011":    "13800000011",
		"86-13800000011":        "13800000011",
		"0512-58000001":         "0512-58000001",
		"051258000001":          "0512-58000001",
		"（0512）5800001":         "0512-5800001",
		"010-62345678":          "010-62345678",
		"02112345678":           "021-12345678",
		"0512－58000001转12":      "0512-58000001-12",
		"0512-58000001-8001":    "0512-58000001-8001",
		"0512-58000001 ext.12":  "0512-58000001-12",
		"0512-58000001分机12":     "0512-58000001-12",
		"+86 512 58000001":      "0512-58000001",
		"1380000001":            "", // ten digits
		"138000000111":          "",
		"12800000011":           "",
		"58000001":              "", // land line without area code
		"0000-58000001":         "",
		"1380000001a":           "",
		"":                      "",
		"无":                     "",
		"0512-58000001-1234567": "",
	} {
		got, ok := award.NormalPhone(text)
		if got != want || ok != (want != "") {
			t.Errorf("NormalPhone(%q) = %q %v, want %q", text, got, ok, want)
		}
	}
}
