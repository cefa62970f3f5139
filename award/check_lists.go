package award

import (
	"fmt"
	"slices"
	"strings"
)

// PilotTypes are the kinds of 试点单位 (C37, domain.md 2.4).
func PilotTypes() []string {
	return []string{"村", "社区", "机关", "学校", "国企", "非公", "社会组织", "其他"}
}

// ProductKinds are the kinds of 成果形式 (C111).
func ProductKinds() []string {
	return []string{"制度", "经验材料", "案例", "调研报告", "工作法", "手册", "视频", "其他"}
}

// CheckPilots wants 1–5 pilot units, each named once (C63, C70).
func CheckPilots(pilots []Pilot) *Issue {
	const field, clause = "pilots", "C70"
	if issue := checkCount(field, "试点单位", "个", len(pilots), MinPilots, MaxPilots, clause); issue != nil {
		return issue
	}
	seen := map[string]bool{}
	for i, pilot := range pilots {
		name := strings.TrimSpace(pilot.Name)
		at := fmt.Sprintf("第 %d 个试点单位", i+1)
		if issue := checkEntry(field, at, name, MaxPilotName, clause); issue != nil {
			return issue
		}
		if seen[FoldTitle(name)] {
			return &Issue{field, fmt.Sprintf("试点单位“%s”写了两次，请删去一个。", name), clause, "pilots.twice"}
		}
		seen[FoldTitle(name)] = true
		if pilot.Type != "" && !slices.Contains(PilotTypes(), pilot.Type) {
			text := fmt.Sprintf("%s的类型请从这些里选：%s。", at, strings.Join(PilotTypes(), "、"))
			return &Issue{field, text, clause, "pilots.type"}
		}
		if issue := checkPerson(field, at+"的负责人", Contact{Name: pilot.Leader, Phone: pilot.Phone}, needNothing, clause); issue != nil {
			return issue
		}
	}
	return nil
}

// CheckSteps wants 2–12 dated steps in ascending order, none after the finish (C73).
func CheckSteps(steps []Step, finish PartialDate) *Issue {
	const field, clause = "steps", "C73"
	if issue := checkCount(field, "实施步骤", "步", len(steps), MinSteps, MaxSteps, clause); issue != nil {
		return issue
	}
	var last Date
	for i, step := range steps {
		at := fmt.Sprintf("第 %d 步", i+1)
		if issue := checkEntry(field, at, step.Title, MaxStepTitle, clause); issue != nil {
			return issue
		}
		if n := Length(strings.TrimSpace(step.Output)); n > MaxStepOutput {
			return &Issue{field, fmt.Sprintf("%s的产出现在 %d 字，最多 %d 字。", at, n, MaxStepOutput), clause, "steps.output"}
		}
		due := step.Due.Date
		switch {
		case due.IsZero():
			return &Issue{field, at + "还没有写完成日期，如“2027年6月底”。", clause, "steps.undated"}
		case due.Before(last):
			text := fmt.Sprintf("%s的日期 %s 早于上一步的 %s，请按先后排列。", at, due, last)
			return &Issue{field, text, clause, "steps.order"}
		case !finish.Date.IsZero() && due.After(finish.Date):
			text := fmt.Sprintf("%s的日期 %s 晚于完成时间 %s，请改其中一个。", at, due, finish.Date)
			return &Issue{field, text, "C75", "steps.finish"}
		}
		last = due
	}
	return nil
}

// CheckMeasures wants 1–10 measures of at most 200 characters (C74).
func CheckMeasures(measures []string) *Issue {
	const field, clause = "measures", "C74"
	if issue := checkCount(field, "具体措施", "条", len(measures), MinMeasures, MaxMeasures, clause); issue != nil {
		return issue
	}
	for i, measure := range measures {
		if issue := checkEntry(field, fmt.Sprintf("第 %d 条措施", i+1), measure, MaxMeasure, clause); issue != nil {
			return issue
		}
	}
	return nil
}

// CheckProducts wants one or more known kinds of results, each once (C111).
func CheckProducts(products []string) *Issue {
	if len(products) == 0 {
		return &Issue{"products", "还没有选成果形式，可多选：" + strings.Join(ProductKinds(), "、") + "。", "C111", "products.empty"}
	}
	return checkPicked("products", "成果形式", products, ProductKinds(), "C111")
}

// CheckFinish wants a finish that is not over yet, not before the last step,
// at most MaxYearsAhead off, and not after the cycle's 总结申报 unless the filing
// says 跨届, then by at most MaxCrossMonths (C75, C80). today is the day in Shanghai.
func CheckFinish(cycle Cycle, steps []Step, finish PartialDate, cross bool, today Date) *Issue {
	const field, clause = "finish", "C75"
	end := finish.Date
	switch {
	case end.IsZero():
		return &Issue{field, "还没有写完成时间，如“2028年9月”。", clause, "finish.empty"}
	case end.Before(today):
		return &Issue{field, fmt.Sprintf("完成时间 %s 已经过去，请写今天以后的日期。", end), clause, "finish.past"}
	case end.After(Date{today.Year + MaxYearsAhead, today.Month, today.Day}):
		return &Issue{field, fmt.Sprintf("完成时间 %s 离现在超过 %d 年，请核对年份。", end, MaxYearsAhead), clause, "finish.far"}
	}
	if summary, ok := cycle.Milestone(StageSummary); ok {
		last := lastDay(summary)
		latest := last.AddMonths(MaxCrossMonths)
		switch {
		case !cross && end.After(last):
			text := fmt.Sprintf("完成时间 %s 晚于本届总结申报 %s，请改早；确实做不完，请先回复“跨届：是”，再写完成时间（最晚 %s）。", end, last, latest)
			return &Issue{field, text, "C80", "finish.cycle"}
		case end.After(latest):
			text := fmt.Sprintf("完成时间 %s 太晚，跨届最多到本届总结申报后 %d 个月，即 %s，请改早。", end, MaxCrossMonths, latest)
			return &Issue{field, text, "C80", "finish.cross"}
		}
	}
	for i, step := range steps {
		if step.Due.Date.After(end) {
			text := fmt.Sprintf("完成时间 %s 早于第 %d 步的日期 %s，请改其中一个。", end, i+1, step.Due.Date)
			return &Issue{field, text, clause, "finish.steps"}
		}
	}
	return nil
}

// lastDay is the day that counts of a milestone.
func lastDay(m Milestone) Date {
	if m.Effective.IsZero() {
		return m.Date
	}
	return m.Effective
}

// need says which parts of a contact must be there.
type need int

const (
	needNothing need = iota // every part may be missing
	needName
	needAll // name, post and phone
)

// CheckHead wants the 一把手's name (C100).
func CheckHead(c Contact) *Issue { return checkPerson("head", "一把手", c, needName, "C100") }

// CheckDeputy wants the 分管领导's name (C101).
func CheckDeputy(c Contact) *Issue { return checkPerson("deputy", "分管领导", c, needName, "C101") }

// CheckResponsible wants name, post and phone of the 责任人 (C71).
func CheckResponsible(c Contact) *Issue {
	return checkPerson("responsible", "责任人", c, needAll, "C71")
}

// CheckContact wants the name of whoever can be asked about the filing (填报联系人).
func CheckContact(c Contact) *Issue {
	return checkPerson("contact", "填报联系人", c, needName, "C109")
}

// CheckPhone wants a mobile number or a land line with area code; "" passes.
func CheckPhone(field, label, phone string) *Issue {
	if strings.TrimSpace(phone) == "" {
		return nil
	}
	if _, ok := NormalPhone(phone); !ok {
		text := label + "的电话请写 11 位手机号，或带区号的座机，如 0512-58000001。"
		return &Issue{field, text, "C71", field + ".phone"}
	}
	return nil
}

func checkPerson(field, label string, c Contact, want need, clause string) *Issue {
	name, post, phone := strings.TrimSpace(c.Name), strings.TrimSpace(c.Post), strings.TrimSpace(c.Phone)
	switch {
	case want >= needName && FoldTitle(name) == "":
		return &Issue{field, "还没有写" + label + "的姓名。", clause, field + ".name"}
	case Length(name) > MaxName:
		return &Issue{field, fmt.Sprintf("%s的姓名现在 %d 字，最多 %d 字。", label, Length(name), MaxName), clause, field + ".name"}
	case want >= needAll && post == "":
		return &Issue{field, "还没有写" + label + "的职务。", clause, field + ".post"}
	case Length(post) > MaxPost:
		return &Issue{field, fmt.Sprintf("%s的职务现在 %d 字，最多 %d 字。", label, Length(post), MaxPost), clause, field + ".post"}
	case want >= needAll && phone == "":
		return &Issue{field, "还没有写" + label + "的电话。", clause, field + ".phone"}
	}
	return CheckPhone(field, label, phone)
}

// checkCount bounds the number of entries of a list.
func checkCount(field, label, unit string, n, low, high int, clause string) *Issue {
	switch {
	case n < low:
		return &Issue{field, fmt.Sprintf("%s现在 %d %s，至少 %d %s。", label, n, unit, low, unit), clause, field + ".few"}
	case n > high:
		return &Issue{field, fmt.Sprintf("%s现在 %d %s，最多 %d %s。", label, n, unit, high, unit), clause, field + ".many"}
	}
	return nil
}

// checkEntry wants some words, and not too many, in one entry of a list.
func checkEntry(field, at, text string, high int, clause string) *Issue {
	text = strings.TrimSpace(text)
	if FoldTitle(text) == "" {
		return &Issue{field, at + "还没有写。", clause, field + ".blank"}
	}
	if n := Length(text); n > high {
		return &Issue{field, fmt.Sprintf("%s现在 %d 字，最多 %d 字。", at, n, high), clause, field + ".long"}
	}
	return nil
}
