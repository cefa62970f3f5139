package dialog_test

import (
	"encoding/csv"
	"fmt"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"cxbot/dialog"
)

// leastRight is the share of answers that must be read as a careful clerk would
// (dialog.md section 7); none may be stored wrongly.
const leastRight = 0.99

// score counts how a corpus was read.
type score struct{ all, right, asked, wrong int }

// summary is the line the checks of a submission show.
func (s score) summary(what string) string {
	return fmt.Sprintf("%s: %d, right %.1f %%, asked %d, silently wrong %d", what, s.all, 100*float64(s.right)/float64(max(s.all, 1)), s.asked, s.wrong)
}

// phrase is one line of a corpus; the head of phrases.csv explains its columns.
type phrase struct {
	file, kind, text, want string
	env                    dialog.Env
}

// TestPhrases reads what people answer against what a careful clerk would write
// down: values, questions, and never a value that was not said.
func TestPhrases(t *testing.T) {
	t.Parallel()
	kinds := corpusKinds()
	var all score
	by := map[string]*score{}
	for _, p := range phrases(t) {
		kind := kinds[p.kind]
		if kind == nil {
			t.Fatalf("%s: no kind %q for %q", p.file, p.kind, p.text)
		}
		if by[p.kind] == nil {
			by[p.kind] = &score{}
		}
		got := plain(p.kind, kind.Read(p.text, p.env))
		right, stored := got == p.want, !strings.HasPrefix(got, askBack)
		for _, s := range []*score{&all, by[p.kind]} {
			s.all++
			if right {
				s.right++
			}
			if !stored {
				s.asked++
			}
			if !right && (stored || got != askBack) {
				s.wrong++
			}
		}
		switch {
		case right:
		case stored, got != askBack:
			t.Errorf("%s: %s %q is stored as %q, want %q", p.file, p.kind, p.text, got, p.want)
		default:
			t.Logf("%s: %s %q is asked about, want %q: %s", p.file, p.kind, p.text, p.want, kind.Read(p.text, p.env).Problem.Text)
		}
	}
	for kind, s := range by {
		t.Log(s.summary(kind))
	}
	t.Log(all.summary("phrases"))
	if all.all < 400 || float64(all.right) < leastRight*float64(all.all) || all.wrong > 0 {
		t.Errorf("%s; want 400 or more, right 99 %%, silently wrong 0", all.summary("phrases"))
	}
}

// TestReadersKnowNoPhrase keeps the readers general: no whole phrase of a corpus
// stands in their source, short words of their lists aside.
func TestReadersKnowNoPhrase(t *testing.T) {
	t.Parallel()
	const short = 8
	known := map[string]bool{}
	for _, p := range phrases(t) {
		known[p.text] = dialog.Runes(p.text) >= short
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var s scanner.Scanner
		s.Init(token.NewFileSet().AddFile(name, -1, len(data)), data, nil, 0)
		for _, tok, lit := s.Scan(); tok != token.EOF; _, tok, lit = s.Scan() {
			if text, err := strconv.Unquote(lit); tok == token.STRING && err == nil && known[text] {
				t.Errorf("%s knows the phrase %q", name, text)
			}
		}
	}
}

// askBack stands for a question instead of a value.
const askBack = "ask"

// corpusKinds are the kinds by the names the corpus gives them.
func corpusKinds() map[string]dialog.Kind {
	many := products()
	many.Max = 0
	return map[string]dialog.Kind{
		"date": dialog.Date{}, "date-past": dialog.Date{Past: true}, "money": dialog.Money{}, "number": dialog.Number{Max: 99_999}, "percent": dialog.Percent{},
		"choice": dialog.Choice{Options: directions()}, "multi": many, "yesno": dialog.YesNo{}, "word": dialog.Word{}, "phone": dialog.Phone{}, "contact": dialog.Contact{},
	}
}

// plain writes a reading as the corpus does; a question keeps what was read of a
// person, because the next message is put on top of it.
func plain(kind string, r dialog.Reading) string {
	value := r.Value
	if strings.HasPrefix(kind, "date") && value != "" {
		date, precision, _ := dialog.SplitDate(value)
		value = date + " " + precision
	}
	value = strings.NewReplacer("\x1e", "+", "\x1f", "|").Replace(value)
	if !r.Problem.OK() {
		return strings.TrimSpace(askBack + " " + value)
	}
	return value
}

// phrases reads the corpora of phrases.
func phrases(t testing.TB) []phrase {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "corpus", "*.csv"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var list []phrase
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(file)
		r.Comment, r.FieldsPerRecord = '#', 6
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(name, err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			env := dialog.Env{Now: monday(), Old: strings.NewReplacer("+", "\x1e", "|", "\x1f").Replace(row[2]), Label: "本项"}
			if row[1] != "" {
				day, err := time.ParseInLocation(time.DateOnly, row[1], env.Now.Location())
				if err != nil {
					t.Fatal(name, err)
				}
				env.Now = day.Add(9 * time.Hour)
			}
			list = append(list, phrase{file: filepath.Base(name), kind: row[0], env: env, text: row[3], want: row[4]})
		}
	}
	return list
}
