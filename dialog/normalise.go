package dialog

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	zwj          = '\u200d'
	kangxiFirst  = 0x2f00 // first Kangxi radical; PDF text is full of them
	fullWidthGap = 0xfee0 // distance from ！ to !
)

// kangxi holds the plain characters of U+2F00–U+2FD5 in order.
const kangxi = "一丨丶丿乙亅二亠人儿入八冂冖冫几凵刀力勹匕匚匸十卜卩厂厶又口囗土士夂夊夕大女子宀寸小尢尸屮山巛工己巾干幺广廴廾弋弓彐彡彳" +
	"心戈戶手支攴文斗斤方无日曰月木欠止歹殳毋比毛氏气水火爪父爻爿片牙牛犬玄玉瓜瓦甘生用田疋疒癶白皮皿目矛矢石示禸禾穴立竹米糸缶网羊羽老而耒耳聿" +
	"肉臣自至臼舌舛舟艮色艸虍虫血行衣襾見角言谷豆豕豸貝赤走足身車辛辰辵邑酉釆里金長門阜隶隹雨靑非面革韋韭音頁風飛食首香馬骨高髟鬥鬯鬲鬼魚鳥鹵鹿麥麻" +
	"黃黍黑黹黽鼎鼓鼠鼻齊齒龍龜龠"

// kangxiRunes is kangxi by index.
var kangxiRunes = []rune(kangxi)

// compatible maps a few characters that keyboards, PDFs and OCR put in place of
// plain ones. Chinese punctuation stays as it is.
var compatible = map[rune]rune{
	'\u00a0': ' ', '\u1680': ' ', '\u202f': ' ', '\u205f': ' ', '\u3000': ' ',
	'\v': '\n', '\f': '\n', '\u0085': '\n', '\u2028': '\n', '\u2029': '\n',
	'％': '%', '＋': '+', '－': '-', '／': '/', '＝': '=', '＠': '@', '＃': '#', '＆': '&', '＊': '*', '＿': '_', '．': '.',
	'⺠': '民', '⻅': '见', '⻆': '角', '⻉': '贝', '⻋': '车', '⻓': '长', '⻔': '门', '⻘': '青', '⻚': '页', '⻛': '风', '⻜': '飞', '⻢': '马', '⻥': '鱼', '⻦': '鸟', '⻩': '黄', '⻬': '齐', '⻮': '齿', '⻰': '龙',
	'‐': '-', '‑': '-', '﹕': '：', '︰': '：', '﹐': '，', '﹑': '、', '﹔': '；', '﹖': '？', '﹗': '！', '﹙': '（', '﹚': '）', '﹣': '-', '﹪': '%',
}

// Normalise brings typed text into one form (dialog.md 5.3, B31–B34): digits,
// letters and spaces half-width, runs of spaces one space, lines trimmed,
// newlines LF, and everything invisible gone (zero-width and bidi controls,
// interlinear marks, tag characters, control characters). Tabs between cells
// stay, because two tabs are an empty cell. Emoji sequences, combining marks,
// rare Han, private-use characters and Chinese punctuation are kept. The result
// is valid UTF-8 and normalising it again changes nothing.
func Normalise(s string) string {
	if isPlain(s) {
		return s
	}
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\r\n", "\n")
	runes := []rune(s)
	out := make([]rune, 0, len(runes))
	for i, r := range runes {
		r = fold(r)
		switch {
		case r == zwj:
			if i+1 < len(runes) && pictograph(runes[i+1]) && pictograph(lastBase(out)) {
				out = append(out, r)
			}
		case unicode.Is(unicode.Variation_Selector, r):
			if base := lastBase(out); base != 0 && !unicode.IsSpace(base) {
				out = append(out, r)
			}
		case !invisible(r):
			out = append(out, r)
		}
	}
	lines := strings.Split(string(out), "\n")
	for i, line := range lines {
		lines[i] = squeezeLine(line)
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// isPlain reports whether s surely is in normal form already: nothing but Han,
// ASCII, the usual punctuation and single blanks and line ends inside. Most
// messages are, and every one is normalised again by whoever reads it.
func isPlain(s string) bool {
	last := '\n'
	for _, r := range s {
		switch {
		case r > ' ' && r < 0x7f, isHan(r), r >= '、' && r <= '】' && r != '〒':
		case r == '，', r == '：', r == '；', r == '？', r == '！', r == '（', r == '）', r == '“', r == '”', r == '—', r == '…', r == '·', r == '✓':
		case r == ' ' && last != ' ' && last != '\n':
		case r == '\n' && last != ' ' && last != '\n':
		default:
			return false
		}
		last = r
	}
	return last != ' ' && (last != '\n' || s == "")
}

const (
	hanFirst = 0x4e00
	hanLast  = 0x9fff
)

// isHan reports a character of the common block of Han characters.
func isHan(r rune) bool { return r >= hanFirst && r <= hanLast }

// fold maps one character to its plain form.
func fold(r rune) rune {
	switch {
	case r < 0x80 && r >= ' ', r == '\n', r == '\t':
		return r
	case r == '\r':
		return '\n'
	case r >= '０' && r <= '９', r >= 'Ａ' && r <= 'Ｚ', r >= 'ａ' && r <= 'ｚ':
		return r - fullWidthGap
	case r >= 0x2000 && r <= 0x200a:
		return ' '
	case r >= kangxiFirst && r < kangxiFirst+rune(len(kangxiRunes)):
		return kangxiRunes[r-kangxiFirst]
	}
	if plain, ok := compatible[r]; ok {
		return plain
	}
	return r
}

// invisible reports characters that show nothing and are dropped.
func invisible(r rune) bool {
	switch r {
	case '\n', '\t':
		return false
	case '\u034f', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u3164', '\uffa0', '\ufffe', '\uffff':
		return true
	}
	if r >= 0xe0000 && r <= 0xe0fff && !unicode.Is(unicode.Variation_Selector, r) {
		return true
	}
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) && r != zwj
}

// lastBase is the last rune that is not a mark, selector or skin tone; 0 for none.
func lastBase(out []rune) rune {
	for _, r := range slices.Backward(out) {
		if !extends(r) {
			return r
		}
	}
	return 0
}

// pictograph reports runes that take part in emoji sequences.
func pictograph(r rune) bool {
	switch {
	case r >= 0x1f000 && r <= 0x1faff, r >= 0x2190 && r <= 0x21ff, r >= 0x2300 && r <= 0x23ff, r >= 0x2600 && r <= 0x27bf, r >= 0x2900 && r <= 0x297f, r >= 0x2b00 && r <= 0x2bff:
		return true
	}
	return r == '©' || r == '®' || r == '‼' || r == '⁉'
}

// extends reports runes that add to the character before them.
func extends(r rune) bool {
	if r < 0x300 || isHan(r) {
		return false
	}
	return unicode.Is(unicode.M, r) || r >= 0x1f3fb && r <= 0x1f3ff || unicode.Is(unicode.Variation_Selector, r)
}

// squeezeLine trims a line and makes each run of blanks one space, or its tabs
// alone when it holds any.
func squeezeLine(line string) string {
	trimmed := strings.Trim(line, " \t")
	if strings.Contains(trimmed, "\t") {
		trimmed = strings.TrimRight(line, " \t")
	}
	var b strings.Builder
	b.Grow(len(trimmed))
	for i := 0; i < len(trimmed); {
		j := i
		for j < len(trimmed) && (trimmed[j] == ' ' || trimmed[j] == '\t') {
			j++
		}
		if j == i {
			b.WriteByte(trimmed[i])
			i++
			continue
		}
		tabs := strings.Count(trimmed[i:j], "\t")
		switch {
		case tabs > 0:
			b.WriteString(strings.Repeat("\t", tabs))
		case i > 0:
			b.WriteByte(' ')
		}
		i = j
	}
	return b.String()
}

// Visible reports whether anything in s can be seen (B29).
func Visible(s string) bool {
	for _, r := range Normalise(s) {
		if !unicode.IsSpace(r) && !extends(r) && r != zwj && r != '\u2800' {
			return true
		}
	}
	return false
}

// Runes is the length of s as a person counts it: combining marks, joiners,
// variation selectors and skin tones count nothing, an emoji sequence or a flag
// counts one (B32).
func Runes(s string) int {
	n := 0
	joined, flag := false, false
	for _, r := range s {
		regional := r >= 0x1f1e6 && r <= 0x1f1ff
		switch {
		case r == zwj:
			joined = true
			continue
		case extends(r) && n > 0, joined && n > 0, regional && flag:
			flag = false
		default:
			n++
			flag = regional
		}
		joined = false
	}
	return n
}

// traditional lists pairs of traditional and simplified characters that occur
// in reserved words, labels and short answers.
const traditional = "幫帮進进備备報报題题單单領领導导責责點点內内實实檢检預预覽览繼继續续銷销刪删開开關关閉闭確确認认選选擇择" +
	"為为這这個个們们對对錯错還还沒没無无麼么嗎吗說说請请問问謝谢設设計计劃划時时間间長长號号後后裡里裏里來来過过" +
	"運运動动態态訊讯圖图檔档處处務务隊队員员組组織织會会議议級级縣县鄉乡鎮镇區区處处黨党書书記记標标準准評评審审" +
	"獎奖勵励優优範范創创據据資资產产業业東东車车電电話话網网絡络課课學学習习練练績绩給给結结經经濟济紅红綠绿藍蓝黃黄" +
	"歲岁見见規规視视觀观覺觉訪访詢询證证詳详調调談谈論论識识護护變变讓让負负財财貨货費费質质購购賬账銀银錄录錢钱鐘钟" +
	"陽阳陰阴階阶隨随際际險险離离難难順顺須须頁页項项額额願愿顯显風风飛飞飯饭館馆驗验體体齊齐農农連连遲迟適适遠远遞递" +
	"類类幾几萬万億亿兩两參参雙双發发聯联聲声聽听辦办誰谁誤误讀读貼贴賽赛軍军達达違违遺遗鄭郑樣样樓楼條条極极構构楊杨" +
	"權权歡欢歷历歸归殘残決决沖冲淺浅測测準准溝沟潔洁濕湿災灾爭争狀状獨独獲获現现瑪玛環环畢毕異异當当療疗瘋疯皺皱盡尽" +
	"監监盤盘礎础種种稱称積积穩稳窮穷競竞筆笔節节築筑簡简簽签糧粮純纯紙纸納纳級级統统綜综維维緊紧線线編编總总縮缩罰罚別别試试擬拟驟骤繫系屆届係系擔担範范徵征減减殺杀協协慶庆嚴严樂乐務务議议職职稱称櫃柜"

// simplified holds the second of each pair in traditional at the place of the
// first, counted from hanFirst: every character of every message is looked up.
var simplified = pairs(traditional)

func pairs(list string) *[hanLast - hanFirst + 1]rune {
	runes := []rune(list)
	m := new([hanLast - hanFirst + 1]rune)
	for i := 0; i+1 < len(runes); i += 2 {
		m[runes[i]-hanFirst] = runes[i+1]
	}
	return m
}

// simplify maps a traditional character to its simplified form.
func simplify(r rune) rune {
	if isHan(r) && simplified[r-hanFirst] != 0 {
		return simplified[r-hanFirst]
	}
	return r
}

// Punctuation and words that carry no meaning at the ends of a short message.
const (
	endMarks    = " \n\t，。！？!?~～、,.;；…：:·^_—"
	headMarks   = " \n\t，。！？!?~～、,;；…：:·/#^_"
	endParticle = "吧啊呀呢哈嘛哦噢啦咯呗哟喽呐哇嗷"
)

// asciiMark maps Chinese punctuation to ASCII, in Key only.
var asciiMark = map[rune]rune{'，': ',', '。': '.', '！': '!', '？': '?', '：': ':', '；': ';', '（': '(', '）': ')', '～': '~'}

// asciiMarkFirst is below every key of asciiMark.
const asciiMarkFirst = 0x2fff

// Key is the form in which short messages are compared with words: normalised,
// lower case, simplified, punctuation as in ASCII, without politeness, particles
// and punctuation at the ends and without spaces beside Chinese characters. A
// final 了 goes when two characters or more stay ("完成了" is 完成, "算了" stays).
// A text of nothing but punctuation stays ("？" is "?").
func Key(s string) string {
	runes := []rune(strings.Join(strings.Fields(strings.ToLower(Normalise(s))), " "))
	out := make([]rune, 0, len(runes))
	for i, r := range runes {
		if unicode.IsSpace(r) && i > 0 && i+1 < len(runes) && (!ascii(runes[i-1]) || !ascii(runes[i+1])) {
			continue
		}
		r = simplify(r)
		if r > asciiMarkFirst && !isHan(r) {
			if plain, ok := asciiMark[r]; ok {
				r = plain
			}
		}
		out = append(out, r)
	}
	key := string(out)
	for {
		shorter := stripEnds(key)
		if shorter == key {
			return key
		}
		key = shorter
	}
}

func ascii(r rune) bool { return r < utf8.RuneSelf }

// stripEnds takes one layer of politeness off both ends; it never returns ""
// for a text that says something.
func stripEnds(key string) string {
	short := strings.TrimLeft(strings.TrimRight(key, endMarks), headMarks)
	if short == "" {
		return key
	}
	last, size := utf8.DecodeLastRuneInString(short)
	rest := short[:len(short)-size]
	switch {
	case rest == "":
	case strings.ContainsRune(endParticle, last), pictograph(last), extends(last), last == zwj:
		short = rest
	case last == '了' && utf8.RuneCountInString(rest) >= 2:
		short = rest
	}
	for _, word := range []string{"请问", "麻烦", "劳驾", "您好", "你好"} {
		if after, ok := strings.CutPrefix(short, word); ok && after != "" {
			short = after
		}
	}
	for _, word := range []string{"谢谢", "多谢", "谢谢您", "谢谢你", "一下"} {
		if before, ok := strings.CutSuffix(short, word); ok && before != "" {
			short = before
		}
	}
	if after, ok := strings.CutPrefix(short, "请"); ok && utf8.RuneCountInString(after) >= 2 && !strings.HasPrefix(short, "请假") && !strings.HasPrefix(short, "请示") {
		short = after
	}
	return short
}
