package handlers_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGuideQuotesTheTalks holds the user's guide to what the bot really says:
// every quoted first line of an answer stands in a talk.
func TestGuideQuotesTheTalks(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile(filepath.Join("..", "docs", "user.md"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("testdata/*.talk")
	if err != nil {
		t.Fatal(err)
	}
	var talks strings.Builder
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		talks.Write(data)
	}
	quoted := 0
	for line := range strings.SplitSeq(string(guide), "\n") {
		_, said, ok := strings.Cut(line, "：")
		if !strings.HasPrefix(line, "助手") || !ok {
			continue
		}
		quoted++
		if !strings.Contains(talks.String(), "> "+said) {
			t.Errorf("docs/user.md quotes %q, which no talk says", said)
		}
	}
	if quoted < 10 {
		t.Errorf("only %d quotes found in docs/user.md", quoted)
	}
}
