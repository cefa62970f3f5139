package award

import (
	"slices"
	"strings"
)

// Category is one of the three directions of innovation (一级类别, C11 C24 C36).
type Category struct {
	Code       string // "1"
	Name       string // "先进性"
	Title      string // "在保持党员队伍先进性上有新作为"
	Clause     string
	Directions []Direction
}

// Direction is one of the ten 参考方向 (appendix A).
type Direction struct {
	Code     string // "1.1"
	Category string // "1"
	Name     string
	Suits    []string // unit types it is recommended to; empty: all
	Points   []Point
}

// Point is one of the thirty 参考点.
type Point struct {
	Code   string // "1.1①"
	Text   string
	Clause string
}

// Directions returns the directory of reference directions in order (C49). It
// is open: 自选 is always as good (C68).
func Directions() []Category {
	return []Category{advanced(), capable(), lively()}
}

func advanced() Category {
	return Category{"1", "先进性", "在保持党员队伍先进性上有新作为", "C11", []Direction{
		{"1.1", "1", "优化党员队伍结构、在“两新”组织发展党员、团结各阶层优秀分子", []string{"两新", "街道", "企业"}, []Point{
			{"1.1①", "改善和优化党员队伍结构", "C13"},
			{"1.1②", "加大在新经济组织、新社会组织中发展党员的工作力度", "C14"},
			{"1.1③", "把社会各阶层中的优秀分子紧紧团结在党的周围的具体措施", "C15"},
		}},
		{"1.2", "1", "党员教育活动载体与教育管理、作用发挥长效机制", nil, []Point{
			{"1.2①", "创新党员教育活动的载体", "C16"},
			{"1.2②", "建立党员教育管理和发挥党员作用的长效机制", "C17"},
		}},
		{"1.3", "1", "农村无职党员、社区在职党员双重管理、管理融入服务", []string{"乡镇", "街道", "县直"}, []Point{
			{"1.3①", "发挥农村无职党员作用的方法和途径", "C18"},
			{"1.3②", "深化社区在职党员的“双重管理”", "C19"},
			{"1.3③", "把对在职党员的教育管理融入服务之中", "C20"},
		}},
		{"1.4", "1", "民主评议方法、分类评议标准、自我纯洁机制", nil, []Point{
			{"1.4①", "改进民主评议党员方法", "C21"},
			{"1.4②", "制定不同类型党员的评议标准", "C22"},
			{"1.4③", "形成党员队伍自我纯洁机制", "C23"},
		}},
	}}
}

func capable() Category {
	return Category{"2", "能力", "在加强基层党组织的能力建设上有新突破", "C24", []Direction{
		{"2.1", "2", "农村党组织驾驭市场、三带三强、组织设置、建设新农村", []string{"乡镇"}, []Point{
			{"2.1①", "提高农村党组织驾驭市场经济能力", "C26"},
			{"2.1②", "围绕中心任务，增强“三带三强”能力", "C27"},
			{"2.1③", "调整组织设置", "C28"},
			{"2.1④", "团结带领党员、群众全面建设社会主义新农村", "C29"},
		}},
		{"2.2", "2", "非公企业党建、结对共建、社区共驻共建、质量效率", []string{"两新", "街道", "县直", "企业"}, []Point{
			{"2.2①", "加强非公有制企业党建工作", "C30"},
			{"2.2②", "完善党组织结对共建、社区共驻共建等机制", "C31"},
			{"2.2③", "提高党建工作的质量和效率", "C32"},
		}},
		{"2.3", "2", "组织教育凝聚群众的方法、综合手段化解矛盾、维护稳定", nil, []Point{
			{"2.3①", "研究组织群众、教育群众、凝聚群众的新方法", "C33"},
			{"2.3②", "运用思想、经济、法律、行政等手段，妥善处理各种矛盾", "C34"},
			{"2.3③", "既保护好群众的合理利益，又维护好改革、发展、稳定的大局", "C35"},
		}},
	}}
}

func lively() Category {
	return Category{"3", "活力", "在增强基层党组织活力上有新进展", "C36", []Direction{
		{"3.1", "3", "选优配强班子和书记、推荐与竞争结合、公选竞聘", []string{"乡镇", "街道", "县直"}, []Point{
			{"3.1①", "选优配强基层领导班子特别是党组织书记", "C40"},
			{"3.1②", "将组织推荐和竞争机制有机结合", "C41"},
			{"3.1③", "推行基层干部公开选拔、竞争上岗、社会竞聘", "C42"},
		}},
		{"3.2", "3", "农村干部规范化管理、保障激励", []string{"乡镇"}, []Point{
			{"3.2①", "研究农村干部规范化管理", "C43"},
			{"3.2②", "建立基层干部保障激励机制", "C44"},
		}},
		{"3.3", "3", "民主决策管理、议事规则、四项制度、党员四个民主作用", nil, []Point{
			{"3.3①", "健全民主决策和民主管理制度", "C45"},
			{"3.3②", "规范各级各类党组织的议事规则和决策机制", "C46"},
			{"3.3③", "完善“党员议事”、党内选举、情况通报、重大决策征求意见等制度", "C47"},
			{"3.3④", "充分发挥党员在民主选举、民主决策、民主管理和民主监督中的作用", "C48"},
		}},
	}}
}

// CategoryOther is the category of topics outside the directory (C49, C68).
const CategoryOther = "9"

// CategoryName returns the short name of a category code, "" for an unknown one.
func CategoryName(code string) string {
	if code == CategoryOther {
		return "其他"
	}
	for _, category := range Directions() {
		if category.Code == code {
			return category.Name
		}
	}
	return ""
}

// DirectionByCode returns a direction by its code "1.1"; the code of one of its
// points "1.1①" leads to it as well.
func DirectionByCode(code string) (Direction, bool) {
	code = strings.TrimRight(strings.TrimSpace(code), "①②③④")
	for _, direction := range allDirections() {
		if direction.Code == code {
			return direction, true
		}
	}
	return Direction{}, false
}

// FindDirections returns the directions a word leads to: a code ("2", "2.2",
// "2.2②"), a unit type it suits (乡镇), or words of its name or points. Where
// only points match, only those are kept. "" returns them all.
func FindDirections(word string) []Direction {
	word = strings.TrimSpace(strings.Map(narrow, word))
	if category, ok := codeOf(word); ok {
		return category
	}
	if word != "" && FoldTitle(word) == "" {
		return nil
	}
	if found := directionsWith([]string{word}); len(found) > 0 {
		return found
	}
	return directionsWith(kinWords(word))
}

// directionsWith returns the directions in which one of the words occurs; where
// only points match, only those are kept.
func directionsWith(words []string) []Direction {
	var found []Direction
	for _, direction := range allDirections() {
		if slices.ContainsFunc(words, func(word string) bool {
			return containsFolded(direction.Name, word) || slices.Contains(direction.Suits, word)
		}) {
			found = append(found, direction)
			continue
		}
		direction.Points = slices.DeleteFunc(direction.Points, func(p Point) bool {
			return !slices.ContainsFunc(words, func(word string) bool { return containsFolded(p.Text, word) })
		})
		if len(direction.Points) > 0 {
			found = append(found, direction)
		}
	}
	return found
}

// kinWords leads from what people ask for to words of the directory, "" nothing:
// who asks about 民企 means 非公.
func kinWords(asked string) []string {
	kin := []struct {
		said  string // words people use, apart by spaces
		words []string
	}{
		{"两新 民企 民营 私企 私营 非公 商会 企业 厂 公司 园区", []string{"两新", "非公有制企业", "新经济组织", "新社会组织"}},
		{"农村 乡村 村 乡镇 三农 农民 振兴 乡", []string{"农村", "乡镇"}},
		{"社区 街道 小区 居委会 物业 网格 楼栋 城市", []string{"社区", "街道"}},
		{"机关 局 县直 部门", []string{"县直"}},
		{"书记 班子 带头人 头雁 干部 选人 换届 后备", []string{"领导班子", "干部"}},
		{"发展党员 入党 积极分子 吸收 年轻党员 流动党员", []string{"发展党员", "队伍结构"}},
		{"教育 学习 培训 党课 主题党日 载体", []string{"党员教育"}},
		{"评议 考核 积分 不合格 处置", []string{"评议", "自我纯洁"}},
		{"矛盾 信访 调解 纠纷 稳定 综治 平安", []string{"矛盾", "稳定"}},
		{"群众 服务 宣传 志愿", []string{"群众", "服务"}},
		{"议事 民主 公开 决策 自治 选举 监督", []string{"民主", "议事"}},
		{"激励 待遇 保障 报酬 关爱", []string{"保障激励"}},
		{"共建 结对 联建 联盟 双报到 双管", []string{"共建", "双重管理"}},
		{"经济 致富 产业 集体经济 市场 增收", []string{"市场经济", "三带三强"}},
	}
	var words []string
	for _, line := range kin {
		if slices.ContainsFunc(strings.Fields(line.said), func(said string) bool { return strings.Contains(asked, said) }) {
			words = append(words, line.words...)
		}
	}
	return words
}

// SuggestDirections returns the directions recommended to a type of unit, those
// made for it before the general ones (C49).
func SuggestDirections(unitType string) []Direction {
	var special, general []Direction
	for _, direction := range allDirections() {
		switch {
		case len(direction.Suits) == 0:
			general = append(general, direction)
		case slices.Contains(direction.Suits, unitType):
			special = append(special, direction)
		}
	}
	return append(special, general...)
}

// codeOf reads a word as the code of a category, direction or point.
func codeOf(word string) ([]Direction, bool) {
	for _, category := range Directions() {
		if word == category.Code || word == category.Name {
			return category.Directions, true
		}
	}
	direction, ok := DirectionByCode(word)
	if !ok {
		return nil, false
	}
	if word != direction.Code {
		direction.Points = slices.DeleteFunc(direction.Points, func(p Point) bool { return p.Code != word })
	}
	return []Direction{direction}, len(direction.Points) > 0
}

func allDirections() []Direction {
	var all []Direction
	for _, category := range Directions() {
		all = append(all, category.Directions...)
	}
	return all
}

// containsFolded compares without quotes, spaces and punctuation.
func containsFolded(text, word string) bool {
	return strings.Contains(FoldTitle(text), FoldTitle(word))
}
