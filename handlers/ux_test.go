package handlers_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// uxRules is how many rules for long forms on a phone there are (dialog.md 6).
const uxRules = 41

// TestUXRulesAreShown wants a talk for every rule, which says which one it shows.
// That the bot still says the words is the business of the tests that play them.
func TestUXRulesAreShown(t *testing.T) {
	t.Parallel()
	for n := 1; n <= uxRules; n++ {
		data, err := os.ReadFile(filepath.Join("testdata", fmt.Sprintf("ux_%02d.talk", n)))
		if err != nil {
			t.Error(err)
			continue
		}
		first, _, _ := strings.Cut(string(data), "\n@")
		if !strings.Contains(first, fmt.Sprintf("UX rule %d. ", n)) || !strings.Contains(string(data), "\nbot→") {
			t.Errorf("rule %d: the talk begins %q", n, first)
		}
	}
}
