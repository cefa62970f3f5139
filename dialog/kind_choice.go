package dialog

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// otherPrefix begins the canonical value of an answer outside the list.
const otherPrefix = "其他："

// Option is one thing to choose. Key is stored and never reused; Label is shown.
type Option struct {
	Key, Label string
	Aliases    []string
}

// Choice is one of several options; canonical is the option's Key, or with
// Other "其他：" and what was written.
type Choice struct {
	Options []Option
	Other   bool
}

// Read implements Kind.
func (k Choice) Read(text string, _ Env) Reading {
	typed := oneLineText(Normalise(text))
	if questioned(typed) {
		return NotRead(k.unknown(typed))
	}
	if k.Other {
		if r, ok := readOther(typed, k.Options); ok {
			return r
		}
	}
	found := findOptions(k.Options, typed)
	switch len(found) {
	case 1:
		return Reading{Value: k.Options[found[0]].Key, Echo: echoOption(k.Options[found[0]], typed)}
	case 0:
		return NotRead(k.unknown(typed))
	}
	return NotRead(whichOption(k.Options, found, typed))
}

// Show implements Kind.
func (k Choice) Show(value string) string { return labelOf(k.Options, value) }

// Form implements Kind.
func (k Choice) Form() string { return fmt.Sprintf("回复数字 1–%d 或名称", len(k.Options)) }

// Numeric implements Kind.
func (Choice) Numeric() bool { return true }

// Long implements Kind.
func (Choice) Long() bool { return false }

func (k Choice) unknown(typed string) string {
	sentence := unknownOption(k.Options, typed)
	if k.Other {
		sentence += "都不合适的，请写 " + otherPrefix + "加上内容。"
	}
	return sentence
}

// Multi is several of the options, Min to Max (0: all). Canonical is the keys in
// the order of the options, joined as rows of one cell.
type Multi struct {
	Options  []Option
	Min, Max int
}

// Read implements Kind.
func (k Multi) Read(text string, env Env) Reading {
	typed := oneLineText(Normalise(text))
	if questioned(typed) {
		return NotRead(unknownOption(k.Options, typed))
	}
	picked, problem := k.changed(typed, env.Old)
	if problem != "" {
		return NotRead(problem)
	}
	var keys, labels []string
	for i, o := range k.Options {
		if picked[i] {
			keys, labels = append(keys, o.Key), append(labels, o.Label)
		}
	}
	switch {
	case len(keys) < k.Min:
		return Breaks(fmt.Sprintf("至少选 %d 项，现在选了 %d 项，请再选一次，如 1、2。", k.Min, len(keys)))
	case k.Max > 0 && len(keys) > k.Max:
		return Breaks(fmt.Sprintf("最多选 %d 项，现在选了 %d 项：%s。请留下 %d 项再发。", k.Max, len(keys), strings.Join(labels, "、"), k.Max))
	}
	shown := strings.Join(labels, "、")
	r := Reading{Value: strings.Join(keys, rowSep)}
	if Key(shown) != Key(typed) {
		r.Echo = shown
	}
	return r
}

// Show implements Kind.
func (k Multi) Show(value string) string {
	if value == "" {
		return ""
	}
	var labels []string
	for key := range strings.SplitSeq(value, rowSep) {
		labels = append(labels, labelOf(k.Options, key))
	}
	return strings.Join(labels, "、")
}

// Form implements Kind.
func (Multi) Form() string { return "可选多项，如 1、3 或 全选" }

// Numeric implements Kind.
func (Multi) Numeric() bool { return true }

// Long implements Kind.
func (Multi) Long() bool { return false }

// changed reads 加 X and 删 X over the old choice, anything else as a new one.
func (k Multi) changed(typed, old string) (map[int]bool, string) {
	more, add := strings.CutPrefix(typed, "加 ")
	less, drop := strings.CutPrefix(typed, "删 ")
	if old == "" || !add && !drop {
		return k.pick(typed)
	}
	if drop {
		more = less
	}
	part, problem := k.tokens(more)
	if problem != "" {
		return nil, problem
	}
	picked := map[int]bool{}
	for i, o := range k.Options {
		was := slices.Contains(strings.Split(old, rowSep), o.Key)
		picked[i] = add && (was || part[i]) || drop && was && !part[i]
	}
	return picked, ""
}

// pick reads the whole answer: which options are meant, or a problem.
func (k Multi) pick(typed string) (map[int]bool, string) {
	key := Key(typed)
	switch key {
	case "全选", "全部", "都选", "所有", "都要", "全要", "都是", "全都要", "全部都要", "全都选", "全部选", "all":
		return k.all(), ""
	}
	if m := firstFew.FindStringSubmatch(key); m != nil {
		if n, ok := smallNumber(m[1]); ok && n >= 1 && n <= len(k.Options) {
			return k.upTo(n), ""
		}
	}
	for _, word := range []string{"除了", "除去", "除", "全选但不要", "全选不要", "不要", "不选"} {
		if rest, ok := strings.CutPrefix(key, word); ok {
			rest = trimSuffixes(rest, "都选", "都要", "全选", "全要", "以外", "之外", "外", "其他", "其余", "剩下的")
			out, problem := k.tokens(rest)
			if problem != "" {
				return nil, problem
			}
			picked := k.all()
			for i := range out {
				delete(picked, i)
			}
			return picked, ""
		}
	}
	return k.tokens(typed)
}

// firstFew reads "前三项".
var firstFew = regexp.MustCompile(`^(?:选)?前([\d一二两三四五六七八九十]{1,2})[项个条种]$`)

func (k Multi) all() map[int]bool { return k.upTo(len(k.Options)) }

// upTo picks the first n options.
func (k Multi) upTo(n int) map[int]bool {
	picked := make(map[int]bool, n)
	for i := range n {
		picked[i] = true
	}
	return picked
}

// tokens reads "1 3 5", "1、3", "1-3", "135 is one number", names and mixtures.
func (k Multi) tokens(typed string) (map[int]bool, string) {
	if found := exactOptions(k.Options, typed); len(found) == 1 {
		return map[int]bool{found[0]: true}, ""
	}
	picked := map[int]bool{}
	for _, token := range splitChoices(trimSuffixes(typed, "都要", "都选", "都有", "都是"), k.Options) {
		if from, to, ok := numberSpan(token); ok && len(exactOptions(k.Options, token)) == 0 {
			if from > to {
				from, to = to, from
			}
			if from < 1 || to > len(k.Options) {
				return nil, unknownOption(k.Options, token)
			}
			for n := from; n <= to; n++ {
				picked[n-1] = true
			}
			continue
		}
		found := findOptions(k.Options, token)
		switch len(found) {
		case 0:
			return nil, unknownOption(k.Options, token)
		case 1:
			picked[found[0]] = true
		default:
			return nil, whichOption(k.Options, found, token)
		}
	}
	if len(picked) == 0 {
		return nil, unknownOption(k.Options, typed)
	}
	return picked, ""
}

// circled are numbers that need no separator.
var circled = regexp.MustCompile(`[①-⑳]`)

// andWords stand between the parts of an answer like a comma.
var andWords = strings.NewReplacer("以及", "、", "还有", "、", "加上", "、", "另外", "、")

// splitChoices cuts an answer at separators; a piece that is half of an option
// whose own name holds a separator is put together again.
func splitChoices(typed string, options []Option) []string {
	typed = andWords.Replace(circled.ReplaceAllString(typed, " $0 "))
	pieces := strings.FieldsFunc(typed, func(r rune) bool { return strings.ContainsRune(" \t\n、，,；;/和与及+|", r) })
	whole := strings.FieldsFunc(typed, func(r rune) bool { return strings.ContainsRune(" \t\n、，,；;", r) })
	if allFound(whole, options) {
		return whole
	}
	return pieces
}

func allFound(tokens []string, options []Option) bool {
	for _, t := range tokens {
		if _, _, ok := numberSpan(t); !ok && len(findOptions(options, t)) != 1 {
			return false
		}
	}
	return true
}

// numberSpan reads "1-3", "1到3", "3-1" and "1—3".
func numberSpan(token string) (from, to int, ok bool) {
	for _, sep := range []string{"-", "—", "–", "~", "～", "到", "至"} {
		left, right, found := strings.Cut(token, sep)
		if !found {
			continue
		}
		a, errA := strconv.Atoi(strings.TrimSpace(left))
		b, errB := strconv.Atoi(trimSuffixes(strings.TrimSpace(right), "项", "个", "条", "种"))
		return a, b, errA == nil && errB == nil
	}
	return 0, 0, false
}

// findOptions returns the options an answer can mean, the surest way first:
// number or key, then the full name, then part of a name, then a name among words
// that add nothing.
func findOptions(options []Option, typed string) []int {
	key := Key(typed)
	if key == "" || key == "请选择" {
		return nil
	}
	if found := exactOptions(options, typed); len(found) > 0 {
		return found
	}
	var found []int
	for i, o := range options {
		if slices.ContainsFunc(names(o), func(name string) bool { return Runes(key) >= 2 && strings.Contains(name, key) }) {
			found = append(found, i)
		}
	}
	if len(found) > 0 {
		return found
	}
	said := false // a name and nothing else that means anything
	for i, o := range options {
		for _, name := range names(o) {
			before, after, ok := strings.Cut(key, name)
			if !ok || Runes(name) < 2 {
				continue
			}
			said = said || filler.MatchString(before) && filler.MatchString(after)
			if !slices.Contains(found, i) {
				found = append(found, i)
			}
		}
	}
	if len(found) == 1 && !said {
		return nil // "制度和小册子": the rest must not be lost
	}
	return found
}

// filler is what people say around an option's name without adding to it.
var filler = regexp.MustCompile(`^(?:我们?|咱们?|单位|就|要|想|选择?|选定|报|填|写|做|搞|用|属于|是|第|个|项|类型?|方面|方向|形式|类别|课题|这|那|的|吧|呢|了|啊|呀|哦|嗯|等|集|为主|主要|为|以|这个|那个|一|[ ,，、。;；:：.()（）“”"'])*$`)

// exactOptions finds options by number, key, full name or "1 名称".
func exactOptions(options []Option, typed string) []int {
	key := Key(typed)
	var found []int
	n, isNumber := optionNumber(key)
	for i, o := range options {
		label := Key(o.Label)
		numbered := strconv.Itoa(i+1) + label
		switch {
		case isNumber && n == i+1, key == strings.ToLower(o.Key), key == label, dropMarks(key) == numbered, dropMarks(key) == dropMarks(strings.ToLower(o.Key))+label, slices.Contains(names(o), key):
			found = append(found, i)
		}
	}
	return found
}

// optionNumber reads "3", "第3个", "选3", "③", "三".
func optionNumber(key string) (int, bool) {
	key = trimSuffixes(key, "个", "项", "号", "种", "类", "条")
	for _, p := range []string{"那", "就", "我们", "我", "选择", "选", "第"} {
		key = strings.TrimPrefix(key, p)
	}
	n, ok := smallNumber(key)
	return n, ok
}

// smallNumber reads 1–99 in digits, circled or Chinese numerals.
func smallNumber(s string) (int, bool) {
	runes := []rune(s)
	if len(runes) == 1 && runes[0] >= '①' && runes[0] <= '⑳' {
		return int(runes[0]-'①') + 1, true
	}
	if len(s) > 0 && len(s) <= 2 && strings.Trim(s, "0123456789") == "" {
		n, err := strconv.Atoi(s)
		return n, err == nil
	}
	n, ok := chineseInt(s)
	return n, ok && n < 100
}

// names are the label and aliases of an option as Key spells them.
func names(o Option) []string {
	list := make([]string, 0, 1+len(o.Aliases))
	list = append(list, Key(o.Label))
	for _, a := range o.Aliases {
		list = append(list, Key(a))
	}
	return list
}

// dropMarks removes what people put between a number and a name.
func dropMarks(s string) string {
	return strings.NewReplacer(".", "", "、", "", ":", "", ")", "", " ", "", ",", "").Replace(s)
}

// readOther reads "其他：…" where answers outside the list are taken.
func readOther(typed string, options []Option) (Reading, bool) {
	for _, p := range []string{"其他", "其它", "自选", "自拟"} {
		rest, ok := strings.CutPrefix(typed, p)
		if !ok {
			continue
		}
		body := strings.TrimLeft(rest, " ：:，,-")
		if body == rest && rest != "" {
			continue // "其他组织" may be a name of the list
		}
		if body != "" {
			return Reading{Value: otherPrefix + body}, true
		}
		if len(exactOptions(options, typed)) == 0 {
			return Breaks("请写明是什么，如 " + otherPrefix + "加上内容。"), true
		}
	}
	return Reading{}, false
}

// labelOf shows an option by key; an unknown key shows as it is.
func labelOf(options []Option, key string) string {
	for _, o := range options {
		if o.Key == key {
			return o.Label
		}
	}
	return key
}

// echoOption says which option was taken when it was not typed in full.
func echoOption(o Option, typed string) string {
	if Key(typed) == Key(o.Label) {
		return ""
	}
	return o.Label
}

// whichOption asks which of two or more options is meant (B59).
func whichOption(options []Option, found []int, typed string) string {
	parts := make([]string, 0, len(found))
	for _, i := range found {
		if len(parts) == 4 {
			break
		}
		parts = append(parts, fmt.Sprintf("%d %s", i+1, options[i].Label))
	}
	return fmt.Sprintf("“%s”对得上 %d 项：%s。是哪一项？请回复名称。", typed, len(found), strings.Join(parts, "；"))
}

// unknownOption says what can be answered; up to seven options are named.
func unknownOption(options []Option, typed string) string {
	var b strings.Builder
	if q := shortQuote(typed); q != "" {
		b.WriteString("没有“" + q + "”这一项。")
	}
	fmt.Fprintf(&b, "请回复 1–%d 的数字或名称", len(options))
	if len(options) <= 7 {
		for i, o := range options {
			sep := "；"
			if i == 0 {
				sep = "："
			}
			fmt.Fprintf(&b, "%s%d %s", sep, i+1, o.Label)
		}
	}
	b.WriteString("。")
	return b.String()
}

// trimSuffixes removes the given endings, each once at most.
func trimSuffixes(s string, endings ...string) string {
	for _, e := range endings {
		if before, ok := strings.CutSuffix(s, e); ok && before != "" {
			s = before
		}
	}
	return s
}
