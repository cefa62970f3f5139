package dialog_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"cxbot/dialog"
)

// seeds are texts that once were hard, or look like it.
func seeds(f *testing.F, more ...string) {
	f.Helper()
	for _, s := range append(more,
		"", " ", "\x1e\x1f", "\xff\xfe", "\u200b\u202e", "👨\u200d👩\u200d👧", "e\u0301", "①②③", "1.\n2.\n3.", "：：：", "\t\t", "2027年6月30日", "13800000011",
		"课题名称：甲\n申报单位：乙", "改 5", "加 甲", "删 1", "1-3", "｜｜", "（（（", "十万亿", "第第第", "-", "（第1/3页，回复 下一页）",
	) {
		f.Add(s)
	}
}

func FuzzNormalise(f *testing.F) {
	seeds(f, "甲\t\t乙", "\ta\tb", "a\r\n\r\nb", "0\t\t\x90", "ＡＢＣ１２３", "🏳\ufe0f\u200d🌈")
	f.Fuzz(func(t *testing.T, s string) {
		once := dialog.Normalise(s)
		if !utf8.ValidString(once) || strings.ContainsAny(once, "\x00\x1e\x1f\r\u200b\u202e") {
			t.Fatalf("Normalise(%q) = %q", s, once)
		}
		if twice := dialog.Normalise(once); twice != once {
			t.Fatalf("not stable: %q, %q, %q", s, once, twice)
		}
		if key := dialog.Key(s); dialog.Key(key) != key {
			t.Fatalf("Key not stable: %q, %q, %q", s, key, dialog.Key(key))
		}
		if dialog.Runes(once) > utf8.RuneCountInString(once) || dialog.Runes(once) < 0 {
			t.Fatalf("Runes(%q) = %d", once, dialog.Runes(once))
		}
	})
}

func FuzzReadDate(f *testing.F) {
	seeds(f, "明年国庆前", "2月30日", "2027年1-3月", "下下周一", "一个半月后", "27.6.30", "99999999", "2027年6月30日周四", "八月十五", "3月前")
	f.Fuzz(func(t *testing.T, s string) {
		date, precision, ok, problem := dialog.ReadDate(s, monday())
		if ok != (problem == "") || ok != (date != "") || !utf8.ValidString(problem) {
			t.Fatalf("ReadDate(%q) = %q %q %v %q", s, date, precision, ok, problem)
		}
		if !ok {
			return
		}
		value := dialog.JoinDate(date, precision, "")
		again, same, _, _ := dialog.ReadDate(dialog.Date{}.Show(value), monday())
		if again != date || same != precision {
			t.Fatalf("%q is %s %s, shown %q, read %s %s", s, date, precision, dialog.Date{}.Show(value), again, same)
		}
	})
}

// FuzzPaste also starts from the pasted forms of the filing's corpus.
func FuzzPaste(f *testing.F) {
	seeds(f, "【课题名称】甲【申报单位】乙", "课题名称\t甲\n申报单位\t乙", "课 题 名 称:甲 申报单位:乙", "题目：甲\n题目：乙\n单位：丙", ">题目：甲\n>单位：乙", "|题目|甲|\n|-|-|\n|单位|乙|",
		"题目\t单位\n甲\t乙", "题目：□甲 ☑乙\n单位：是√", "责任人：\n姓名：甲\n单位：乙", "题目 甲\n单位 乙\n完成时间 丙", "题目：甲\n单位：乙\n----\n丙", "题目：甲…\n单位：乙")
	forms, err := filepath.Glob(filepath.Join("..", "handlers", "testdata", "corpus", "pasted", "*.txt"))
	if err != nil || len(forms) == 0 {
		f.Fatal(forms, err)
	}
	for _, name := range forms {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	labels := append(pasteLabels(), dialog.Label{Label: "备注", Aliases: []string{"附件"}, Ignore: true},
		dialog.Label{Key: "key", Label: "重点课题", Boxes: true}, dialog.Label{Key: "head", Label: "一把手", Person: true})
	f.Fuzz(func(t *testing.T, s string) {
		p := dialog.ReadPaste(s, labels, monday())
		known := map[string]bool{}
		for _, it := range p.Items {
			if it.Raw == "" || known[it.Key] || !utf8.ValidString(it.Raw) {
				t.Fatalf("ReadPaste(%q) = %+v", s, p)
			}
			known[it.Key] = true
		}
		for _, key := range p.Twice {
			if known[key] {
				t.Fatalf("%s is both taken and twice: %+v", key, p)
			}
		}
		if p.Labels == 1 || len(p.Items)+len(p.Twice) > p.Labels {
			t.Fatalf("ReadPaste(%q) counts %d: %+v", s, p.Labels, p)
		}
		for _, words := range p.Unknown {
			if words == "" || !utf8.ValidString(words) {
				t.Fatalf("ReadPaste(%q) does not know %q", s, p.Unknown)
			}
		}
		dialog.ReadEdit(s, labels)
	})
}

func FuzzPages(f *testing.F) {
	f.Add("", 100)
	f.Add(strings.Repeat("字", 100), 200)
	f.Add(strings.Repeat("🇨🇳", 100), 200)
	f.Add(strings.Repeat("👨\u200d👩\u200d👧", 50), 150)
	f.Add(strings.Repeat("甲。\n\n乙，", 90), 300)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		if limit < 160 || limit > 4096 || !utf8.ValidString(s) {
			t.Skip()
		}
		if got := bodies(t, dialog.Pages(s, limit), limit); got != s {
			t.Fatalf("lost text: %q, %q", s, got)
		}
		if cut := dialog.Cut(s, limit); len(cut) > limit || !utf8.ValidString(cut) {
			t.Fatalf("Cut(%q, %d) = %q", s, limit, cut)
		}
	})
}

// FuzzReadKinds checks every kind at once: no panic, problems in words, and what
// is shown reads back as the same value. It starts from the corpus of phrases.
func FuzzReadKinds(f *testing.F) {
	for _, p := range phrases(f) {
		f.Add(p.text)
	}
	seeds(f, "3月启动，6月中期小结，年底验收", "柳林村 村 王五 13800000011", "1.甲；2.乙；3.丙", "甲\t乙\t丙\t丁", "甲｜—｜乙", "甲、乙和丙三个", "李春梅 副书记 13800000011", "其他：甲", "除了2", "12.5万",
		"|01", "2月启动，2)00", "柳林村 0 王五 02000000000")
	kinds := []dialog.Kind{
		stepRows(), pilotRows(), measureRows(), products(), dialog.Choice{Options: directions(), Other: true}, dialog.Text{Min: 1, Max: 40}, dialog.LongText{Min: 1, Max: 900},
		dialog.YesNo{}, dialog.Word{Words: []string{"承诺"}}, dialog.Number{Min: 0, Max: 999}, dialog.Money{}, dialog.Percent{}, dialog.Phone{}, dialog.Contact{}, dialog.Date{}, dialog.Date{Past: true},
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, k := range kinds {
			r := k.Read(s, dialog.Env{Now: monday(), Label: "本项"})
			if !utf8.ValidString(r.Value+r.Echo+r.Problem.Text) || r.Problem.OK() == (r.Problem.Text != "") {
				t.Fatalf("%T Read(%q) = %+v", k, s, r)
			}
			if !r.Problem.OK() {
				continue
			}
			if r.Value == "" {
				t.Fatalf("%T Read(%q) is empty", k, s)
			}
			env := dialog.Env{Now: monday(), Label: "本项"}
			same := func(a, b string) bool { return a == b }
			switch k := k.(type) {
			case dialog.Date:
				env.Old = r.Value // keeps the person's own words of a date
			case dialog.Rows:
				same = func(a, b string) bool { return flat(k, a) == flat(k, b) }
				if len(dialog.SplitRows(r.Value)) == 1 {
					env.Old = r.Value // one row may hold numbers that look like a list
				}
			}
			again := k.Read(k.Show(r.Value), env)
			if !same(again.Value, r.Value) {
				t.Fatalf("%T Read(%q) = %q, shown %q, read %q %q", k, s, r.Value, k.Show(r.Value), again.Value, again.Problem.Text)
			}
		}
	})
}
