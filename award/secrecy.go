package award

import (
	"slices"
	"strings"
	"unicode"
)

// Secrecy looks for words of secrecy in what somebody typed or in a file name
// (S60). stop means it must not be stored, logged or repeated: 绝密, 机密, a ★
// mark of secrecy, 内部讨论稿, 内部文件. Any other hit is to be asked about once
// before it is taken. hit is the word of the list, never the person's text; ""
// means nothing was found. Full-width, traditional, spaced-out and decorated
// spellings count; everyday phrases (内部自查, 党内部署, 手机密码) do not.
func Secrecy(text string) (hit string, stop bool) {
	folded := foldSecret(text)
	if !containsAny(folded, "密", "内部", "领导行程", "未公开") {
		return "", false // every word of the lists holds one of these
	}
	runes := []rune(folded)
	for _, word := range stopWords() {
		for at := indexFrom(runes, word.text, 0); at >= 0; at = indexFrom(runes, word.text, at+1) {
			if word.normal == nil || !word.normal(runes[:at], runes[at+len(word.text):]) {
				return word.name, true
			}
		}
	}
	for _, word := range askWords() {
		for at := indexFrom(runes, word.text, 0); at >= 0; at = indexFrom(runes, word.text, at+1) {
			if word.normal == nil || !word.normal(runes[:at], runes[at+len(word.text):]) {
				return word.name, false
			}
		}
	}
	return "", false
}

// secretWord is a word to look for. normal tells from what stands before and
// behind it whether this occurrence is everyday language.
type secretWord struct {
	name   string
	text   []rune
	normal func(before, after []rune) bool
}

// starMark is what any ★ mark of secrecy is reported as.
const starMark = "★密级"

func stopWords() []secretWord {
	return []secretWord{
		{"绝密", []rune("绝密"), splitAbsolute},
		{"机密", []rune("机密"), splitMachine},
		{starMark, []rune("★秘密"), nil},
		{starMark, []rune("秘密★"), nil},
		{starMark, []rune(starMark), nil},
		{starMark, []rune("密级★"), nil},
		{"内部讨论稿", []rune("内部讨论稿"), nil},
		{"内部文件", []rune("内部文件"), nil},
	}
}

func askWords() []secretWord {
	return []secretWord{
		{"涉密", []rune("涉密"), everydayInvolved},
		{"秘密", []rune("秘密"), everydaySecret},
		{"领导行程", []rune("领导行程"), nil},
		{"未公开", []rune("未公开"), everydayUnpublished},
		{"内部", []rune("内部"), everydayInternal},
	}
}

// splitAbsolute recognises 绝密 across two words: 杜绝|密闭, 隔绝|密切.
func splitAbsolute(before, _ []rune) bool {
	return endsWith(before, "杜", "隔", "拒", "断", "谢")
}

// splitMachine recognises 机密 across two words: 手机|密码, 有机|密切. Both sides
// must fit, and 机密切勿 or 机密封存 stay what they are.
func splitMachine(before, after []rune) bool {
	if startsWith(after, "切勿", "切莫", "切忌", "切不", "封存", "封面", "封条", "封袋", "码头") {
		return false
	}
	return startsWith(after, "码", "切", "集", "封", "度", "闭", "布", "钥", "不可分") &&
		endsWith(before, "手", "算", "有", "司", "危", "时", "动", "生", "转", "飞", "影", "印", "体", "主", "人",
			"农", "契", "随", "电", "割", "商", "信", "话", "战", "分", "开", "关", "款", "票")
}

// everydayInvolved: denials and checks of 涉密, and 牵涉|密切.
func everydayInvolved(before, after []rune) bool {
	if startsWith(after, "切", "集", "布") && !startsWith(after, "切勿", "切莫", "切忌", "切不") {
		return true
	}
	return endsWith(before, "不", "非", "未", "无", "没有", "是否", "有无", "不得", "严禁", "禁止", "防止", "不含", "不属于", "不存在") ||
		startsWith(after, "审查", "自查", "检查", "风险", "筛查")
}

// everydaySecret: the secret ballot, the oath of admission, denials.
func everydaySecret(before, after []rune) bool {
	return startsWith(after, "写票", "投票", "划票", "填票", "武器") ||
		endsWith(before, "商业", "保守", "保守党的", "严守党的", "没有", "无", "不含", "不涉及", "不涉及国家", "不含国家",
			"无国家", "未涉及国家", "不涉国家", "保守国家", "保守党和国家")
}

// everydayUnpublished: affairs nobody made public yet are what topics are about.
func everydayUnpublished(before, after []rune) bool {
	return endsWith(before, "务", "而", "公开", "公开而", "开的", "期", "仍", "账目", "结果", "项目", "收支", "及时") ||
		startsWith(after, "透明", "的问题", "、不", "到位", "选拔", "招聘", "竞争")
}

// everydayInternal tells 内部自查 from 内部资料. Papers and news stay asked about
// even when they are some unit's own (单位内部资料).
func everydayInternal(before, after []rune) bool {
	if startsWith(after, "资料", "消息", "通知", "文", "材料", "掌握", "传阅", "使用", "发行", "刊物", "参考", "通报", "数据",
		"名单", "纪要", "会议纪要", "讲话", "简报", "电报", "信息", "传达", "口径", "稿", "版", "件") {
		return false
	}
	if endsWith(before, "仅限", "只限", "仅供", "属", "属于") {
		return false
	}
	return startsWith(after, "署", "分", "门", "队", // 党内|部署, 市内|部分, 镇内|部门
		"自查", "控制", "管理", "监督", "审计", "矛盾", "治理", "运行", "运作", "挖潜", "考核", "讨论", "公示", "公开", "制度", "培训",
		"协调", "机构", "机制", "建设", "活力", "环境", "结构", "关系", "团结", "流程", "规章", "审核", "整改", "选拔", "竞争", "竞聘",
		"交流", "学习", "轮岗", "调剂", "党员", "成员", "职工", "员工", "事务", "民主", "沟通", "评议", "评比", "激励", "挖掘", "调解",
		"化解", "责任", "约束", "组织", "选举", "征求", "情况") ||
		endsWith(before, "单位", "企业", "党组织", "支部", "党委", "班子", "系统", "村", "公司", "组织", "队伍", "机关", "学校",
			"社区", "行业", "集团", "人民", "镇", "乡", "局", "部门", "医院", "街道", "党员", "村民", "家族", "群体", "内部和", "从")
}

// foldSecret makes the variants of a spelling equal: plain width, simplified,
// one kind of star, without spaces, invisible characters and decoration. Line
// ends and punctuation stay, so that words do not grow together across them.
func foldSecret(text string) string {
	return strings.Map(func(r rune) rune {
		han := r >= '一' && r <= '\u9fff'
		if !han {
			r = narrow(r)
		}
		switch r {
		case '絕':
			return '绝'
		case '機':
			return '机'
		case '內':
			return '内'
		case '祕':
			return '秘'
		case '討':
			return '讨'
		case '論':
			return '论'
		case '級':
			return '级'
		case '☆', '⭐', '✩', '✭', '🌟':
			return '★'
		case '\n', '\r':
			return '\n'
		case '·', '•', '.', '_', '*', '~', '|', '/', '\\', '+', '=', '^', '‖':
			return -1
		}
		if han {
			return r
		}
		if unicode.IsSpace(r) || unicode.In(r, unicode.M, unicode.Cf, unicode.Pd) {
			return -1
		}
		return r
	}, text)
}

// indexFrom returns where word first stands in text at or after from, or -1.
func indexFrom(text, word []rune, from int) int {
	for i := from; i+len(word) <= len(text); i++ {
		if slices.Equal(text[i:i+len(word)], word) {
			return i
		}
	}
	return -1
}

func startsWith(text []rune, words ...string) bool {
	// No word of the lists is longer than eight characters.
	head := string(text[:min(len(text), 8)])
	for _, word := range words {
		if strings.HasPrefix(head, word) {
			return true
		}
	}
	return false
}

func endsWith(text []rune, words ...string) bool {
	tail := string(text[max(0, len(text)-8):])
	for _, word := range words {
		if strings.HasSuffix(tail, word) {
			return true
		}
	}
	return false
}
