package handlers_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNoCorpusLineInSources: the readers are grammars, not lists of the lines
// they are tried with. Lines of up to eight characters are everyday words.
func TestNoCorpusLineInSources(t *testing.T) {
	t.Parallel()
	var lines []string
	for _, c := range corpora {
		for _, l := range readCorpus(t, c.file) {
			if len([]rune(l.Text)) > 8 && l.Intent != "" {
				lines = append(lines, l.Text)
			}
		}
	}
	for _, dir := range []string{".", "../dialog", "../award", "../bot"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			data, err := os.ReadFile(filepath.Clean(file))
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range lines {
				if strings.Contains(string(data), line) {
					t.Errorf("%s holds the line %q", file, line)
				}
			}
		}
	}
}
