package dialog

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// postWords end or make up the names of posts; longer ones first.
var postWords = []string{
	"党组成员", "党委委员", "党工委委员", "支部委员", "总支委员", "政治委员", "纪检委员", "组织委员", "宣传委员", "统战委员", "常委", "委员",
	"第一书记", "副书记", "总支书记", "支部书记", "书记", "副主任", "主任科员", "主任", "副部长", "部长", "副局长", "局长", "副镇长", "镇长", "副乡长", "乡长",
	"副县长", "县长", "副科长", "科长", "副股长", "股长", "副处长", "处长", "副校长", "校长", "副院长", "院长", "副站长", "站长", "副所长", "所长",
	"副组长", "组长", "副经理", "总经理", "经理", "副会长", "会长", "秘书长", "副秘书长", "董事长", "厂长", "园长", "行长", "队长", "村长", "社长", "主席", "副主席",
	"干事", "专干", "专员", "科员", "办事员", "组织员", "联络员", "网格员", "网格长", "连长", "班长", "排长", "党务工作者", "党建办", "工会主席", "总监", "老师", "教师", "主管", wordLeader, "秘书", "文书", "会计", "职员", "干部", "主持工作", "大学生村官", "调研员",
}

// families are the commonest surnames, to tell a name from other words. A rarer
// name is still taken when it is the only word that can be one.
const families = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤" +
	"常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆卓古吉缪简车项连芦麦褚娄窦戚岑景费卜冷晏席卫柏宗瞿桂佟应臧闵苟邬边卞姬仇栾隋刁沙荣巫寇桑郎甄丛仲虞敖巩佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁班储燕楚鄢劳谌奚"

// compoundFamilies are surnames of two characters.
var compoundFamilies = []string{"欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "令狐", "慕容", "司徒", "夏侯", "端木", "南宫", "长孙", "宇文"}

var (
	phoneInText = regexp.MustCompile(`(?:\+?86[- ]?|0086[- ]?)?1[3-9](?:[- ]?\d){9}|[（(]?0\d{2,3}[）)]?[- —]?\d{7,8}(?:\s*(?:转|分机|#|-)\s*\d{1,6})?|\+?\d{3,}(?:[ -]?\d{2,})+`)
	tokenSep    = regexp.MustCompile(`[ \t\n,，、;；/|｜:：()（）【】\[\]<>《》。]+`)
	contactHead = regexp.MustCompile(`^(?:换成|改成|改为|换为|现由|由|请|让)?(?:新来的|新任的?|现任的?|我们的?)?`)
	bracketNote = regexp.MustCompile(`[（(](?:女|男|汉族|兼|代|办公室|办公|单位|本人|主持工作|小写|同微信|微信同号|手机)[）)]`)
)

// contactLabels may stand before each part.
var contactLabels = map[string]bool{
	"姓名": true, "名字": true, "职务": true, "职位": true, "电话": true, "手机": true, "联系电话": true, "手机号": true, "手机号码": true, "联系方式": true, "电话号码": true,
	"联系人": true, "责任人": true, wordLeader: true, "tel": true, "是": true, "由": true, "叫": true, "女": true, "男": true, "同志": true, "微信同号": true,
}

// readContact takes a line apart. What it finds nothing of is left empty; what
// could be two things is a problem.
func readContact(typed string) (contact, Problem) {
	if Runes(typed) > 80 {
		return contact{}, Problem{NotUnderstood, "这一项写一个人就行：姓名、职务、电话，如 " + sampleContact + "。"}
	}
	var c contact
	rest := bracketNote.ReplaceAllString(nameDots.ReplaceAllString(withoutThanks(typed), "$1·$2"), " ")
	phone, problem := onePhone(phoneInText.FindAllString(rest, -1))
	c.phone = phone
	rest = phoneInText.ReplaceAllString(rest, " ")
	for _, t := range tokenSep.Split(rest, -1) {
		if selfWord.MatchString(t) {
			return contact{}, Problem{NotUnderstood, "请写姓名，不写“" + t + "”，如 " + sampleContact + "；上面列出的就是本人，回复 沿用 就行。"}
		}
	}
	tokens := contactTokens(rest)
	for _, t := range tokens {
		if strings.Trim(t, "0123456789") == "" {
			return contact{}, Problem{RuleBroken, quoted(fmt.Sprintf("电话“%s”只有 %d 位，手机是 11 位，座机请带区号。", t, len(t)), shortQuote(typed))}
		}
	}
	for _, t := range tokens {
		if title := calledBy(t); title {
			return contact{}, Problem{NotUnderstood, quoted("请写“"+t+"”的全名，如 "+sampleContact+"。", shortQuote(typed))}
		}
	}
	if name, post, ok := joinedTokens(tokens); ok {
		c.name, c.post, c.family = name, post, Runes(name) == 1
		if c.unlikely() && problem.Kind == None {
			return contact{}, notAName(typed)
		}
		if problem.Kind != None {
			return c, problem
		}
		return c, c.check(typed)
	}
	if problem.Kind != None {
		return contact{}, problem
	}
	return contact{}, notAName(typed)
}

// unlikely reports a name that is more likely a word of talk: alone it must begin
// with a known surname; a common word is a name only beside a post and a phone.
func (c contact) unlikely() bool {
	switch {
	case c.name == "" || c.family:
		return false
	case talkWord.MatchString(c.name):
		return true
	case c.post == "" && c.phone == "":
		return !looksName(c.name)
	}
	return (c.post == "" || c.phone == "") && commonWord(c.name)
}

func notAName(typed string) Problem {
	return Problem{NotUnderstood, quoted("没看明白哪个是姓名、哪个是职务，请写成 "+sampleContact+" 这样。", shortQuote(typed))}
}

var (
	// selfWord is what people call themselves.
	selfWord = regexp.MustCompile(`^(?:就是|还是|就|由|是|写|填)?(?:我|本人|我自己|我本人|自己|俺|咱)(?:自己|本人)?(?:来|负责|填|吧|呀|啊|呢)*$`)
	// talkWord is a word of talk and no name, whatever it begins with.
	talkWord = regexp.MustCompile(`[了吧呢吗啊呀么的着]$|一下|[我你您咱谁啥这哪]|什么|怎么|不涉密|草稿`)
)

// commonWords begin like a name and are none.
var commonWords = []string{
	"马上", "高兴", "安排", "安全", "安心", "安装", "方案", "方便", "方向", "方法", "方式", "万一", "于是", "常常", "平时", "任务", "任何", "任意", "任职", "白天", "时间", "时候", "时效", "连续", "单位", "单独", "单个",
	"项目", "成果", "成员", "成效", "谢谢", "多谢", "何时", "何人", "何必", "何况", "毛病", "向上", "向前", "向您", "应该", "应当", "应急", "程序", "程度", "管理", "严重", "严格", "金额", "关于", "关闭", "关掉", "包括", "包含", "左右",
	"路上", "路线", "冷静", "费用", "席位", "卫生", "宁可", "尚未", "尚无", "荣誉", "童年", "季度", "车辆", "符合", "文件", "文字", "文档", "温度", "施工", "谈话", "谈谈", "封面", "官方", "储备", "查看", "查询", "查收", "班子", "班里",
	"游客", "解决", "解释", "解除", "毕业", "余下", "余额", "章程", "齐全", "范围", "范例", "范本", "夏天", "夏季", "付款", "段落", "史料", "顾问", "顾虑", "许多", "许可", "曾经", "杜绝", "陆续", "林业", "罗列", "郑重", "胡说",
	"周一", "周二", "周三", "周四", "周五", "周六", "周日", "周末", "周边", "周期", "周围", "陈述", "张贴", "计划", "党委", "全部", "好的", "可以", "接着", "继续", "等等", "稍等", "再说", "随便", "没有", "不是", "不行", "不用", "重新", "重来", "明天", "今天", "后天", "下周", "暂无", "暂缺", "待定", "未定", "保密", "提交", "取消", "返回", "跳过", "预览", "帮助", "确认", "沿用",
}

// commonWord reports a word that is nobody's name.
func commonWord(t string) bool {
	return talkWord.MatchString(t) || slices.Contains(commonWords, t)
}

const sampleContact = "张三 副主任 13900000000"

// onePhone reads the only telephone number of a line, "" when there is none. Of
// two good ones it asks which is meant.
func onePhone(found []string) (string, Problem) {
	var phone string
	var problem Problem
	for _, s := range found {
		got, p := readPhone(s)
		switch {
		case p.Kind != None:
			problem = p
		case phone != "" && phone != got:
			return "", Problem{NotUnderstood, fmt.Sprintf("写了两个电话：%s 和 %s。用哪一个？请只发一个。", phone, got)}
		default:
			phone = got
		}
	}
	if phone != "" {
		return phone, Problem{}
	}
	return "", problem
}

// contactTokens are the words of a line without labels and polite titles.
func contactTokens(s string) []string {
	var tokens []string
	for _, t := range tokenSep.Split(s, -1) {
		t = contactHead.ReplaceAllString(strings.Trim(t, ".-—·+"), "")
		for _, head := range []string{"姓名", "职务", "电话", "手机", "由", "是"} {
			if after, ok := strings.CutPrefix(t, head); ok && Runes(after) >= 2 && Runes(after) <= 4 {
				t = after
				break
			}
		}
		t = strings.TrimSuffix(strings.TrimSuffix(t, "同志"), "负责")
		if t != "" && !strings.ContainsFunc(t, func(r rune) bool { return !pictograph(r) && !extends(r) }) {
			continue
		}
		if t != "" && !contactLabels[t] && !notYet.MatchString(t) {
			tokens = append(tokens, t)
		}
	}
	return tokens
}

// joinedTokens decides which tokens are the name and which the post.
func joinedTokens(tokens []string) (name, post string, ok bool) {
	tokens = joinSingles(tokens)
	var names, posts []string
	for _, t := range tokens {
		switch n, p, split := splitNamePost(t); {
		case strings.ContainsAny(t, "0123456789") && hasPostEnd(t) == "":
			return "", "", false // part of a telephone number, or something else
		case isPost(t):
			posts = append(posts, t)
		case split:
			names, posts = append(names, n), append(posts, p)
		case looksName(t):
			names = append(names, t)
		case nameLike(t), postLike(t), bodyLike(t):
			posts = append(posts, t) // a unit before its post: "清河镇 副书记"
		default:
			return "", "", false
		}
	}
	if len(names) == 0 && len(posts) > 1 {
		for i, p := range posts {
			if !isPost(p) && nameLike(p) {
				names, posts = []string{p}, append(posts[:i:i], posts[i+1:]...)
				break
			}
		}
	}
	if len(names) > 1 {
		// Of several name-like words the one with a known surname is the name.
		return "", "", false
	}
	if len(names) == 1 {
		name = names[0]
	}
	for _, p := range posts {
		if len(posts)+len(names) > 1 && !postLike(p) && !bodyLike(p) {
			return "", "", false // neither a post nor where it is
		}
	}
	post = strings.Join(posts, " ")
	if name == "" && len(posts) == 1 && !isPost(posts[0]) {
		if !nameLike(posts[0]) || placeEnd(posts[0]) {
			return "", "", false
		}
		name, post = posts[0], ""
	}
	return name, post, true
}

// joinSingles puts "王 强" and "李 春 梅" together: names are padded to three
// characters, and read from pictures with blanks. Four are two names, or one
// with a surname of two characters.
func joinSingles(tokens []string) []string {
	var out []string
	for i := 0; i < len(tokens); {
		j := i
		for j < len(tokens) && oneHan(tokens[j]) {
			j++
		}
		joined := strings.Join(tokens[i:j], "")
		if n := j - i; n == 2 || n == 3 || n == 4 && looksName(joined) {
			out = append(out, joined)
			i = j
			continue
		}
		j = max(j, i+1)
		out = append(out, tokens[i:j]...)
		i = j
	}
	return out
}

var (
	// nameDots are the dots people put into names.
	nameDots = regexp.MustCompile(`(\p{Han})[•・‧･⋅∙.](\p{Han})`)
	// notYet stands where a part is not known.
	notYet = regexp.MustCompile(`^(?:电话|手机|号码|职务)?(?:号码)?(?:暂无|暂缺|待定|未定|待补|后补|稍后补|没有|无|空缺|不详|见通讯录|另告)$`)
	// titled is a surname with a title, or behind 老 and 小: nobody's full name.
	titled = regexp.MustCompile(`^(?:[老小](\p{Han})|(\p{Han})[总工局处队所站董姐哥叔姨嫂爷])$`)
	// postShape are the ends of posts that are not in postWords.
	postShape = regexp.MustCompile(`\p{Han}(?:长|员|师|书记?|记|主任|主席|委员|支委|经理|干事|助理|代表|干部|书|主管|负责人|联络人|选调生|村官)$|^(?:党委|支部)?(?:组织|宣传|统战|纪检|党务|政工|人事)(?:委员|工作)?$`)
)

// calledBy reports a name as people call each other ("张总", "老王").
func calledBy(t string) bool {
	m := titled.FindStringSubmatch(t)
	return m != nil && strings.Contains(families, m[1]+m[2])
}

// postLike reports a word that ends like a post.
func postLike(t string) bool { return hasPostEnd(t) != "" || postShape.MatchString(t) }

// bodyLike reports a word that names a place or a body a post belongs to.
func bodyLike(t string) bool {
	return placeEnd(t) || unitLike(t) || slices.ContainsFunc(partyEnds, func(e string) bool { return strings.HasSuffix(t, e) }) || strings.HasSuffix(t, "委")
}

func oneHan(s string) bool {
	r, size := utf8.DecodeRuneInString(s)
	return size == len(s) && unicode.Is(unicode.Han, r)
}

// isPost reports a word that ends in a post and begins with no name.
func isPost(t string) bool {
	if hasPostEnd(t) == "" {
		return false
	}
	_, _, split := splitNamePost(t)
	return !split
}

// hasPostEnd is the post word a text ends in, "" for none.
func hasPostEnd(t string) string {
	for _, p := range postWords {
		if strings.HasSuffix(t, p) {
			return p
		}
	}
	return ""
}

// splitNamePost takes "张三副主任", "副主任张三" and "赵副主任" apart.
func splitNamePost(t string) (name, post string, ok bool) {
	if post = hasPostEnd(t); post != "" {
		head := []rune(t)
		for _, n := range []int{3, 2, 4, 1} {
			if n >= len(head) {
				continue
			}
			name, rest := string(head[:n]), string(head[n:])
			if strings.ContainsRune("副总正一", head[n-1]) {
				continue // the first character of the post: 张 副书记
			}
			if (looksName(name) || n == 1 && strings.Contains(families, name)) && postAlone(rest) {
				return name, rest, true
			}
		}
		return "", "", false
	}
	runes := []rune(t)
	for _, n := range []int{3, 2, 4} {
		if n >= len(runes) {
			continue
		}
		name, rest := string(runes[len(runes)-n:]), string(runes[:len(runes)-n])
		if looksName(name) && hasPostEnd(rest) != "" {
			return name, rest, true
		}
	}
	return "", "", false
}

// postAlone reports a post without a name or unit before it ("党委副书记").
func postAlone(s string) bool {
	for _, body := range []string{"党委", "党组", "党工委", "党总支", "党支部", "支部", "总支", "镇党委", "机关党委", "专职", "常务", "办公室", "党建办", "组织", "党群", "分管", "村", "社区", "团委", "工会", "综合办", "政工科", "人事科", "组织科"} {
		if after, ok := strings.CutPrefix(s, body); ok && hasPostEnd(after) == after && after != "" {
			return true
		}
	}
	return s != "" && (hasPostEnd(s) == s || wholePost(s))
}

// wholePost reports two posts in a row ("副书记副镇长", "党委委员组织委员").
func wholePost(s string) bool {
	p := hasPostEnd(s)
	if p == "" || p == s {
		return p != ""
	}
	return hasPostEnd(strings.TrimSuffix(s, p)) == strings.TrimSuffix(s, p)
}

// looksName reports a word with a known surname and the length of a name.
func looksName(t string) bool {
	if !nameLike(t) || hasPostEnd(t) != "" || commonWord(t) {
		return false
	}
	for _, f := range compoundFamilies {
		if strings.HasPrefix(t, f) {
			return Runes(t) <= 4
		}
	}
	if strings.ContainsRune(t, '·') {
		return true
	}
	n := Runes(t)
	return n >= 2 && n <= 3 && strings.ContainsRune(families, []rune(t)[0]) && !placeEnd(t)
}

// placeEnd reports words that end like places and bodies.
func placeEnd(t string) bool {
	for _, e := range []string{"镇", "乡", "县", "村", "局", "街道", "社区", "党委", "支部", "学校", "公司", "办", "科", "部", "总支", "中心", "党组", "小学", "中学", "医院", "集团"} {
		if strings.HasSuffix(t, e) {
			return true
		}
	}
	return false
}

// nameLike reports two to four characters, or a name with a middle dot.
func nameLike(t string) bool {
	n := Runes(t)
	for _, r := range t {
		if !unicode.Is(unicode.Han, r) && r != '·' && r != '•' && !unicode.Is(unicode.Co, r) {
			return false
		}
	}
	if strings.ContainsAny(t, "·•") {
		return n >= 3 && n <= 20
	}
	return n >= 2 && n <= 4 && hasPostEnd(t) == ""
}

// check finds what cannot stand although something was read.
func (c contact) check(typed string) Problem {
	switch {
	case c.family:
		return Problem{RuleBroken, quoted("请写"+c.name+c.post+"的全名，如 "+c.name+"某某 "+c.post+"。", shortQuote(typed))}
	case c.name == "" && c.post == "" && c.phone == "":
		return Problem{NotUnderstood, quoted("请写姓名、职务和电话，如 "+sampleContact+"。", shortQuote(typed))}
	}
	return Problem{}
}

// over fills what is missing from the parts known before.
// A different name is a different person, of whom nothing is known.
func (c contact) over(old contact) contact {
	if c.name != "" && old.name != "" && c.name != old.name {
		return c
	}
	if c.name == "" {
		c.name = old.name
	}
	if c.post == "" {
		c.post = old.post
	}
	if c.phone == "" {
		c.phone = old.phone
	}
	return c
}

// missing asks for just the parts that are not there, "" for none.
func (c contact) missing() string {
	var parts, have []string
	for _, p := range []struct{ label, value string }{{"姓名", c.name}, {"职务", c.post}, {"电话", c.phone}} {
		if p.value == "" {
			parts = append(parts, p.label)
		} else {
			have = append(have, p.value)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "已记下 " + strings.Join(have, " ") + "，还差" + strings.Join(parts, "和") + "，只发这一部分就行。"
}
