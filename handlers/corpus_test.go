package handlers_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"testing"
	"time"

	"cxbot/award"
	"cxbot/handlers"
)

// corpusLine is one line of a corpus: what was said, and what should be understood.
type corpusLine struct {
	Text   string         `json:"text"`
	Role   string         `json:"role"`
	Intent string         `json:"intent"`
	Slots  map[string]any `json:"slots"`
}

// corpusNow is the moment relative dates of the corpora count from.
func corpusNow() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, award.Shanghai) }

func readCorpus(t *testing.T, file string) []corpusLine {
	t.Helper()
	f, err := os.Open(filepath.Clean(file))
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	var out []corpusLine
	scan := bufio.NewScanner(f)
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		if strings.TrimSpace(scan.Text()) == "" {
			continue
		}
		var l corpusLine
		if err := json.Unmarshal(scan.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		out = append(out, l)
	}
	return out
}

// inScope are the purposes whose readings must be right; the rest belongs to
// later stages and must only never be taken for these.
func inScope(intent string) bool {
	for _, head := range []string{"topic.", "past.search", "template.get", "help", "deadline.", "extension.request", "change.request", "delegate.set", "reminder.", "remind.send", "review.pending", "filing.", "stats.query", "secrecy.block", "privacy.block"} {
		if strings.HasPrefix(intent, head) {
			return true
		}
	}
	return false
}

// tally counts right readings.
type tally struct{ right, all, slotsRight, slotsAll int }

// score reads a corpus and reports every difference.
func score(t *testing.T, lines []corpusLine) (scope, rest tally, wrong []string) {
	t.Helper()
	bot, err := handlers.New("清河县")
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]*tally{}
	for _, l := range lines {
		got := bot.Explain(l.Text, l.Role, corpusNow())
		sum := &rest
		if inScope(l.Intent) {
			sum = &scope
		}
		one := by[l.Intent]
		if one == nil {
			one = &tally{}
			by[l.Intent] = one
		}
		sum.all++
		one.all++
		if got.Intent == l.Intent {
			sum.right++
			one.right++
		} else {
			wrong = append(wrong, fmt.Sprintf("INTENT %q (%s): want %s, got %s", l.Text, l.Role, l.Intent, got.Intent))
		}
		if l.Slots == nil {
			continue // the line judges its purpose alone
		}
		right, all, diff := compareSlots(l, got)
		sum.slotsRight += right
		sum.slotsAll += all
		one.slotsRight += right
		one.slotsAll += all
		if diff != "" && inScope(l.Intent) {
			wrong = append(wrong, fmt.Sprintf("SLOTS %q %s:%s", l.Text, l.Intent, diff))
		}
	}
	names := make([]string, 0, len(by))
	for name := range by {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		o := by[name]
		t.Logf("%-18s intents %d/%d  slots %d/%d", name, o.right, o.all, o.slotsRight, o.slotsAll)
	}
	return scope, rest, wrong
}

// compareSlots counts the slots of a line: those expected and those read beyond
// them; a slot is right when it is equal in shape and, up to filler words, in text.
func compareSlots(l corpusLine, got handlers.Explanation) (right, all int, diff string) {
	var have map[string]any
	data, err := json.Marshal(got.Slots)
	if err == nil {
		err = json.Unmarshal(data, &have)
	}
	if err != nil {
		return 0, 1, err.Error()
	}
	var b strings.Builder
	for key, want := range l.Slots {
		all++
		var value any = have[key]
		if key == "missing" {
			value = anyList(got.Missing)
			want, value = sorted(want), sorted(value)
		}
		if got.Intent == l.Intent && sameSlot(want, value) {
			right++
		} else {
			fmt.Fprintf(&b, "\n   %s want %v got %v", key, show(want), show(value))
		}
	}
	for key, value := range have {
		if _, ok := l.Slots[key]; !ok {
			all++
			fmt.Fprintf(&b, "\n   %s extra %v", key, show(value))
		}
	}
	return right, all, b.String()
}

func show(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

func anyList(list []string) any {
	out := make([]any, 0, len(list))
	for _, s := range list {
		out = append(out, s)
	}
	return out
}

func sorted(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	out := append([]any(nil), list...)
	sort.Slice(out, func(i, j int) bool { return fmt.Sprint(out[i]) < fmt.Sprint(out[j]) })
	return out
}

// filler are words that change nothing in a reason or an issue.
var filler = strings.NewReplacer("没有", "无", "没", "无", "未", "无", "了", "", "都", "", "的", "", "，", ",", "“", "\"", "”", "\"", "、", "", ",", "", "。", "")

// sameSlot compares two values as JSON gives them.
func sameSlot(want, have any) bool {
	switch w := want.(type) {
	case string:
		h, ok := have.(string)
		return ok && filler.Replace(w) == filler.Replace(h)
	case []any:
		h, ok := have.([]any)
		if !ok || len(h) != len(w) {
			return false
		}
		for i := range w {
			if !sameSlot(w[i], h[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		h, ok := have.(map[string]any)
		if !ok || len(h) != len(w) {
			return false
		}
		for k := range w {
			if !sameSlot(w[k], h[k]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(want, have)
}

func percent(a, b int) float64 {
	if b == 0 {
		return 100
	}
	return 100 * float64(a) / float64(b)
}

// floors are the least shares of right intents and slots, in percent.
var corpora = []struct {
	file           string
	intents, slots float64
}{
	{"testdata/corpus/utterances.jsonl", 100, 95},
	{"testdata/corpus/heldout_dev.jsonl", 97, 92},
	{"testdata/corpus/heldout_test.jsonl", 97, 90},
	{"testdata/corpus/fresh.jsonl", 97, 90},
}

func TestCorpus(t *testing.T) {
	t.Parallel()
	for _, c := range corpora {
		t.Run(filepath.Base(c.file), func(t *testing.T) {
			t.Parallel()
			scope, rest, wrong := score(t, readCorpus(t, c.file))
			for _, w := range wrong {
				t.Log(w)
			}
			t.Logf("in scope: intents %d/%d slots %d/%d; others: intents %d/%d slots %d/%d", scope.right, scope.all, scope.slotsRight, scope.slotsAll, rest.right, rest.all, rest.slotsRight, rest.slotsAll)
			if percent(scope.right, scope.all) < c.intents || percent(scope.slotsRight, scope.slotsAll) < c.slots {
				t.Errorf("below the floor of %v %% intents and %v %% slots", c.intents, c.slots)
			}
		})
	}
}
