package handlers_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cxbot/dialog"
)

// leastPasted is the share of fields of pasted forms that must be read as a
// careful clerk would (dialog.md section 7); none may be stored wrongly.
const leastPasted = 0.98

// wanted is what a careful clerk takes from a pasted form: NN.want beside NN.txt.
// Its lines are "key = value", "key ?" (asked, nothing stored), "says words" (the
// reply names them), "after text" (sent before the form); # begins a remark.
// Rows stand between " / ", their cells between "|", lines between "⏎".
type wanted struct {
	fields map[string]string
	says   []string
	after  []string
}

// TestPastedForms pastes forms as people have them into the filing, against what
// a careful clerk would enter from them.
func TestPastedForms(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "corpus", "pasted", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var all, right, asked, wrong int
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want := readWanted(t, strings.TrimSuffix(name, ".txt")+".want")
		got, known, reply := paste(t, want.after, strings.TrimSuffix(string(text), "\n"))
		name = filepath.Base(name)
		for key, value := range want.fields {
			all++
			stored := got[key]
			if stored == "" && value != "" {
				stored = known[key] // what was proposed and left as it was
			}
			delete(got, key)
			switch {
			case stored == value:
				right++
				if value == "" {
					asked++
				}
			case stored == "":
				asked++
				t.Logf("%s: %s is asked for, want %q", name, key, value)
			default:
				wrong++
				t.Errorf("%s: %s is stored as\n%q, want\n%q", name, key, stored, value)
			}
		}
		for key, stored := range got {
			all, wrong = all+1, wrong+1
			t.Errorf("%s: %s is stored as %q, which nobody wrote", name, key, stored)
		}
		for _, words := range want.says {
			if !strings.Contains(reply, words) {
				t.Errorf("%s: the reply does not say %q: %s", name, words, reply)
			}
		}
	}
	line := fmt.Sprintf("pasted forms: %d, fields %d, right %.1f %%, asked %d, silently wrong %d", len(files), all, 100*float64(right)/float64(max(all, 1)), asked, wrong)
	t.Log(line)
	if len(files) < 60 || float64(right) < leastPasted*float64(all) || wrong > 0 {
		t.Errorf("%s; want 60 forms or more, right 98 %%, silently wrong 0", line)
	}
}

// paste sends the texts before and the form as somebody who files, and returns
// what was stored from it, what was proposed without it, and the last reply.
func paste(t *testing.T, before []string, form string) (stored, proposed map[string]string, reply string) {
	t.Helper()
	w := newWorld(t, true)
	for _, text := range append(slices.Clone(before), form) {
		if err := w.Say("李春梅", "", "", text); err != nil {
			t.Fatal(err)
		}
		reply = ""
		heard, err := w.Heard()
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range heard {
			reply += u.Text
		}
	}
	stored, proposed = map[string]string{}, map[string]string{}
	for _, d := range w.talks[w.id("李春梅")].Drafts {
		for _, v := range d.Values {
			if v.From == "paste" || v.From == "typed" {
				stored[v.Key] = plainValue(v.Text)
			} else {
				proposed[v.Key] = plainValue(v.Text)
			}
		}
	}
	return stored, proposed, reply
}

// plainValue writes a canonical value as the corpus does: dates without the
// person's own words, rows without empty cells at their ends.
func plainValue(value string) string {
	rows := dialog.SplitRows(value)
	lines := make([]string, 0, len(rows))
	for _, row := range rows {
		for i, cell := range row {
			if date, precision, _ := dialog.SplitDate(cell); isDate(date) && precision != "" {
				row[i] = date + " " + precision
			}
		}
		lines = append(lines, strings.TrimRight(strings.Join(row, "|"), "|"))
	}
	return strings.ReplaceAll(strings.Join(lines, " / "), "\n", "⏎")
}

// isDate reports the shape 2027-06-30.
func isDate(s string) bool {
	return len(s) == len("2027-06-30") && strings.Count(s, "-") == 2 && strings.Trim(s, "0123456789-") == ""
}

func readWanted(t *testing.T, name string) wanted {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	w := wanted{fields: map[string]string{}}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		key, value, found := strings.Cut(line, " = ")
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "", word == "#":
		case word == "says":
			w.says = append(w.says, rest)
		case word == "after":
			w.after = append(w.after, strings.ReplaceAll(rest, "⏎", "\n"))
		case rest == "?":
			w.fields[word] = ""
		case found:
			w.fields[key] = value
		default:
			t.Fatalf("%s: cannot read %q", name, line)
		}
	}
	return w
}
