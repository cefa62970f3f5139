package handlers

import (
	"regexp"
	"strings"
	"unicode"

	"cxbot/dialog"
)

// orgTail is what the names of units end in; the longer first.
var orgTail = regexp.MustCompile(`党工委|党委|党组|街道办事处|街道办|街道|[镇乡]|开发区|园区|管理局|[^结布格终大当时定困全]局|公司|集团|医院|中学|小学|学校|学院|大学|银行|林场|农场|供销社|残联|妇联|工商联|文联|科协|法院|检察院|委员会|发改委|卫健委|农工委|政法委|编办|信访办`)

// orgEdge are words that stand before a unit's name and are no part of it.
var orgEdge = regexp.MustCompile(`.*(?:我们|咱们|俺们|单独|单位|同意|批准|准予|麻烦|辛苦|退回|打回|退掉|通过|审核|查一下|看看|关于|帮忙|以及|备案|课题|县里|一家|一下|一催|一遍|延期|放宽|延长|[我俺咱看帮替给把将让请叫是在对由就的了那这到去从被也还报想各个查催问])`)

// orgLead are single characters that may begin a name by chance only.
const orgLead = "和与及跟为于要有先"

// orgKinds are trades of which a county has one; their units carry its name.
var orgKinds = regexp.MustCompile(`^(?:公交|公共交通|自来水|供水|燃气|热力|粮食|烟草|电力|供电|盐业|城投|水务|交投|交通|文旅|国资|环卫|农投|水利|建筑|旅游|人民|中|第一|第二|实验|职业|党)`)

// org is a unit's name in a sentence.
type org struct {
	from, to int    // bytes of plain
	short    string // as said: 柳林镇
	full     string // as the list writes it: 柳林镇党委
}

// orgs finds the units a sentence names.
func (s said) orgs() []org {
	var out []org
	last := 0
	for _, at := range orgTail.FindAllStringIndex(s.plain, -1) {
		if at[0] < last {
			continue
		}
		from := orgStart(s.plain, last, at[0])
		name := s.plain[from:at[1]]
		if n := dialog.Runes(name); n < 2 || n > 16 || from == at[0] && n < 3 || orgNever.MatchString(name) {
			continue
		}
		end := at[1]
		if m := orgMore.FindString(s.plain[end:]); m != "" {
			end += len(m)
			name += m
		}
		out = append(out, org{from, end, s.cut(from, end), orgName(name)})
		last = end
	}
	return out
}

var (
	orgMore  = regexp.MustCompile(`^(?:街道|集团|公司)?(?:综合)?(?:党工委|党委|党组)|^街道`)
	orgNever = regexp.MustCompile(`^(?:县委|全县|全镇|全乡|各乡|各镇|乡镇|各乡镇|每个乡|有的乡|哪个镇|哪些乡|村镇|城镇|当地|该镇|本镇|本乡|我镇|我乡|其他乡|别的乡|.*乡镇)$`)
)

// orgStart is where a name that ends before tail begins: the last edge before it.
func orgStart(text string, from, tail int) int {
	start := tail
	for start > from {
		r, size := lastRuneOf(text[:start])
		if !unicode.Is(unicode.Han, r) {
			break
		}
		start -= size
	}
	if m := orgEdge.FindStringIndex(text[start:tail]); m != nil {
		start += m[1]
	}
	return tail - len(strings.TrimLeft(text[start:tail], orgLead))
}

func lastRuneOf(s string) (rune, int) {
	r := []rune(s)
	if len(r) == 0 {
		return 0, 0
	}
	last := r[len(r)-1]
	return last, len(string(last))
}

// orgName writes a unit as the list does: a town's, district's or bureau's
// committee.
func orgName(name string) string {
	name = strings.TrimSuffix(strings.TrimSuffix(name, "办事处"), "的")
	switch {
	case name == "":
		return ""
	case strings.HasSuffix(name, "党委"), strings.HasSuffix(name, "党工委"), strings.HasSuffix(name, "党组"), strings.HasSuffix(name, "支部"):
		return name
	case strings.HasSuffix(name, "街道办"):
		return strings.TrimSuffix(name, "办") + "党工委"
	case strings.HasSuffix(name, "街道"), strings.HasSuffix(name, "开发区"), strings.HasSuffix(name, "园区"):
		return name + "党工委"
	case strings.HasSuffix(name, "镇"), strings.HasSuffix(name, "乡"):
		return name + "党委"
	case strings.HasPrefix(name, "县"), strings.HasPrefix(name, "市"), strings.HasPrefix(name, "省"):
		return name + "党委"
	case strings.HasSuffix(name, "局"), strings.HasSuffix(name, "委"), strings.HasSuffix(name, "办"), strings.HasSuffix(name, "联"), strings.HasSuffix(name, "院"), orgKinds.MatchString(name):
		return "县" + name + "党委"
	}
	return name + "党委"
}

// bareOrgs reads names without their kind where several stand in a row
// ("跑城关、白马、东岭三家"); the seat of a county is a street district.
var bareOrgs = regexp.MustCompile(`((?:\p{Han}{2,4}[、,])+\p{Han}{2,4}?)(?:这)?(?:[两二三四五六七八九十]|\d)[家个]`)

// orgList names every unit of a sentence, bare names included.
func (s said) orgList() []string {
	var out []string
	for _, o := range s.orgs() {
		out = append(out, o.full)
	}
	if len(out) > 0 {
		return out
	}
	if m := bareOrgs.FindStringSubmatch(s.plain); m != nil {
		for _, name := range strings.FieldsFunc(m[1], func(r rune) bool { return r == '、' || r == ',' }) {
			name = strings.TrimLeft(name, "跑去到查看督")
			if name == "城关" {
				out = append(out, name+"街道党工委")
			} else {
				out = append(out, name+"镇党委")
			}
		}
	}
	return out
}

// org is the first unit named, "" for none.
func (s said) org() string {
	if all := s.orgs(); len(all) > 0 {
		return all[0].full
	}
	return ""
}

var (
	phoneWords  = regexp.MustCompile(`1[3-9]\d{9}|0\d{2,3}-?\d{7,8}`)
	filingNo    = regexp.MustCompile(`[〔\[【(]?(20\d\d)[〕\]】)]?\s*备\s*-?\s*(\d{1,4})`)
	titledName  = regexp.MustCompile(`^(\p{Han})((?:党委|党工委|纪委|常务)?(?:第一)?副?(?:书记|镇长|乡长|主任|局长|部长|校长|院长|所长|站长|经理|董事长|委员|科长|股长|组织委员|宣传委员))$`)
	contactEdge = regexp.MustCompile(`^(?:换成|换为|改成|改为|变更为|变更成|调整为|现由|改由|由|让|请|是|为|叫|新任|新来的|新的|我们的?|现在的?|现任的?)+|(?:来)?(?:具体)?(?:负责|牵头|主抓|接任|接替|接手|担任|顶上|了|吧|,|\.|。)+$`)
)

// number is a filing number in its official form, "" for none.
func (s said) number() string {
	m := filingNo.FindStringSubmatch(s.plain)
	if m == nil {
		return ""
	}
	n, _ := smallInt(m[2])
	return "〔" + m[1] + "〕备-" + threeDigits(n)
}

func threeDigits(n int) string {
	text := itoa(n)
	for len(text) < 3 {
		text = "0" + text
	}
	return text
}

// contactSlot reads one person: name, post and phone as far as they are there.
func contactSlot(text string) map[string]any {
	text = half(text)
	out := map[string]any{}
	if p := phoneWords.FindString(text); p != "" {
		out["phone"] = p
		text = strings.Replace(text, p, " ", 1)
	}
	text = strings.NewReplacer("电话", " ", "手机号", " ", "手机", " ", "联系方式", " ", "(", " ", ")", " ", ",", " ", ":", " ").Replace(text)
	text = strings.TrimSpace(contactEdge.ReplaceAllString(strings.TrimSpace(text), ""))
	if m := titledName.FindStringSubmatch(strings.ReplaceAll(text, " ", "")); m != nil {
		out["name"], out["post"] = m[1], m[2]
		return out
	}
	read := dialog.Contact{}.Read(text, dialog.Env{})
	rows := dialog.SplitRows(read.Value)
	if len(rows) == 1 {
		for i, key := range []string{"name", "post"} {
			if v := cell(rows[0], i); v != "" {
				out[key] = v
			}
		}
	}
	if out["name"] == nil {
		if words := strings.Fields(text); len(words) > 0 && dialog.Runes(words[0]) <= 4 && dialog.Runes(words[0]) >= 2 {
			out["name"] = words[0]
			if len(words) > 1 {
				out["post"] = words[1]
			}
		}
	}
	return out
}
