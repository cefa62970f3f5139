package dialog_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"cxbot/dialog"
)

var pageFooter = regexp.MustCompile(`\n（第\d+/\d+页(?:，回复 下一页)?）$`)

// bodies joins the pages without their footers and checks each page.
func bodies(t *testing.T, pages []string, limit int) string {
	t.Helper()
	var b strings.Builder
	for i, p := range pages {
		if len(p) > limit || !utf8.ValidString(p) {
			t.Errorf("page %d: %d bytes of %d, valid %v", i+1, len(p), limit, utf8.ValidString(p))
		}
		foot := pageFooter.FindString(p)
		want := fmt.Sprintf("\n（第%d/%d页，回复 下一页）", i+1, len(pages))
		switch {
		case len(pages) == 1:
			want = ""
		case i+1 == len(pages):
			want = fmt.Sprintf("\n（第%d/%d页）", i+1, len(pages))
		}
		if len(pages) > 1 && foot != want {
			t.Errorf("page %d ends in %q, want %q", i+1, foot, want)
		}
		b.WriteString(strings.TrimSuffix(p, want))
	}
	return b.String()
}

func TestPages(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		text  string
		limit int
		pages int
	}{
		{"empty", "", 2048, 1},
		{"2,047 bytes", strings.Repeat("a", 2047), 2048, 1},
		{"2,048 bytes", strings.Repeat("a", 2048), 2048, 1},
		{"2,049 bytes", strings.Repeat("a", 2049), 2048, 2},
		{"682 characters", strings.Repeat("字", 682), 2048, 1},
		{"683 characters", strings.Repeat("字", 683), 2048, 2},
		{"paragraphs", strings.Repeat(strings.Repeat("字", 200)+"\n\n", 6), 2000, 2},
		{"lines", strings.Repeat(strings.Repeat("字", 30)+"\n", 60), 2000, 3},
		{"families", strings.Repeat("👨\u200d👩\u200d👧", 300), 2000, 3},
		{"flags", strings.Repeat("🇨🇳", 600), 2000, 3},
		{"combining marks", strings.Repeat("e\u0301", 1500), 2000, 3},
		{"one endless character", "e" + strings.Repeat("\u0301", 3000), 2000, 4},
		{"20,000 bytes", strings.Repeat("村级议事会，一月一次。", 606), 2000, 11},
		{"over 99 pages", strings.Repeat("字", 12_000), 300, 142},
	}
	for _, tt := range tests {
		pages := dialog.Pages(tt.text, tt.limit)
		if len(pages) != tt.pages {
			t.Errorf("%s: %d pages, want %d", tt.name, len(pages), tt.pages)
		}
		if got := bodies(t, pages, tt.limit); got != tt.text {
			t.Errorf("%s: text lost: %d bytes of %d", tt.name, len(got), len(tt.text))
		}
	}
}

func TestPagesCutAtTheBestPlace(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, ends string }{
		{"paragraph before line", strings.Repeat("字", 30) + "\n\n" + strings.Repeat("字", 5) + "\n" + strings.Repeat("字", 60), "\n\n"},
		{"line before sentence", strings.Repeat("字", 30) + "\n" + strings.Repeat("字", 5) + "。" + strings.Repeat("字", 60), "\n"},
		{"sentence before comma", strings.Repeat("字", 30) + "。" + strings.Repeat("字", 5) + "，" + strings.Repeat("字", 60), "。"},
		{"comma", strings.Repeat("字", 30) + "，" + strings.Repeat("字", 60), "，"},
		{"character", strings.Repeat("字", 90), "字"},
	}
	for _, tt := range tests {
		first := pageFooter.ReplaceAllString(dialog.Pages(tt.text, 180)[0], "")
		if !strings.HasSuffix(first, tt.ends) {
			t.Errorf("%s: first page ends in %q, want %q", tt.name, first[max(0, len(first)-6):], tt.ends)
		}
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in    string
		bytes int
		want  string
	}{
		{"课题名称", 12, "课题名称"}, {"课题名称", 11, "课题…"}, {"课题名称", 9, "课题…"}, {"课题名称", 8, "课…"}, {"课题名称", 6, "课…"}, {"课题", 3, "课"}, {"课题", 2, ""}, {"课题", 0, ""}, {"课题", -1, ""},
		{"abcdef", 5, "ab…"}, {"甲👨\u200d👩\u200d👧家庭", 20, "甲…"},
	}
	for _, tt := range tests {
		if got := dialog.Cut(tt.in, tt.bytes); got != tt.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", tt.in, tt.bytes, got, tt.want)
		}
	}
	for n := range 40 {
		if got := dialog.Cut("👨\u200d👩\u200d👧家庭活动中心", n); len(got) > n || !utf8.ValidString(got) {
			t.Errorf("Cut(…, %d) = %q", n, got)
		}
	}
}
