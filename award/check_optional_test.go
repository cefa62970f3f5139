package award_test

import (
	"fmt"
	"strings"
	"testing"

	"cxbot/award"
)

// Each line fills what a filing may leave out; "" breaks no rule.
func TestCheckOptional(t *testing.T) {
	t.Parallel()
	today := award.DateOf(now)
	member := func(n int) []award.Contact {
		var out []award.Contact
		for i := range n {
			out = append(out, award.Contact{Name: fmt.Sprintf("成员%d", i)})
		}
		return out
	}
	links := func(n int) []award.LinkPoint {
		var out []award.LinkPoint
		for i := range n {
			out = append(out, award.LinkPoint{Member: fmt.Sprintf("委员%d", i)})
		}
		return out
	}
	for name, c := range map[string]struct {
		change func(*award.Filing)
		rule   string
		clause string
	}{
		"joint":             {func(f *award.Filing) { f.Joint = []string{liulin, education} }, "", ""},
		"joint unknown":     {func(f *award.Filing) { f.Joint = []string{"柳林"} }, "joint.unknown", "C31"},
		"joint oneself":     {func(f *award.Filing) { f.Joint = []string{liulin, qinghe} }, "joint.own", "C31"},
		"joint twice":       {func(f *award.Filing) { f.Joint = []string{liulin, liulin} }, "joint.twice", "C31"},
		"joint four":        {func(f *award.Filing) { f.Joint = []string{liulin, education, "甲", "乙"} }, "joint.many", "C31"},
		"joint department":  {func(f *award.Filing) { f.Joint = []string{department} }, "joint.no-filer", "C67"},
		"focus all":         {func(f *award.Filing) { f.Focus = award.FocusKinds() }, "", ""},
		"focus unknown":     {func(f *award.Filing) { f.Focus = []string{"新"} }, "focus.unknown", "C7"},
		"nature all":        {func(f *award.Filing) { f.Nature = award.NatureKinds() }, "", ""},
		"nature twice":      {func(f *award.Filing) { f.Nature = []string{"热点", "热点"} }, "nature.unknown", "C107"},
		"background 3":      {func(f *award.Filing) { f.Background = chars(3) }, "background.short", "C106"},
		"background 500":    {func(f *award.Filing) { f.Background = chars(500) }, "", ""},
		"background 501":    {func(f *award.Filing) { f.Background = chars(501) }, "background.long", "C106"},
		"background secret": {func(f *award.Filing) { f.Background = "机密★5年的材料" }, "secrecy.stop", ""},
		"serves 60":         {func(f *award.Filing) { f.Serves = chars(60) }, "", ""},
		"serves 61":         {func(f *award.Filing) { f.Serves = chars(61) }, "serves.long", "C53"},
		"link to all":       {func(f *award.Filing) { f.LinkPoints = links(1) }, "", ""},
		"link to one": {func(f *award.Filing) {
			f.LinkPoints = []award.LinkPoint{{Member: "何为民", Pilot: f.Pilots[0].Name}}
		}, "", ""},
		"link elsewhere":     {func(f *award.Filing) { f.LinkPoints = []award.LinkPoint{{Member: "何为民", Pilot: "东庄村"}} }, "links.pilot", "C102"},
		"link without name":  {func(f *award.Filing) { f.LinkPoints = []award.LinkPoint{{Pilot: f.Pilots[0].Name}} }, "links.blank", "C102"},
		"link twice":         {func(f *award.Filing) { f.LinkPoints = append(links(1), links(1)...) }, "links.twice", "C102"},
		"links ten":          {func(f *award.Filing) { f.LinkPoints = links(10) }, "", ""},
		"links eleven":       {func(f *award.Filing) { f.LinkPoints = links(11) }, "links.many", "C102"},
		"members eight":      {func(f *award.Filing) { f.Members = member(8) }, "", ""},
		"members nine":       {func(f *award.Filing) { f.Members = member(9) }, "members.many", "C71"},
		"member twice":       {func(f *award.Filing) { f.Members = append(member(1), member(1)...) }, "members.twice", "C71"},
		"member no name":     {func(f *award.Filing) { f.Members = []award.Contact{{Post: "副镇长"}} }, "members.name", "C71"},
		"member phone":       {func(f *award.Filing) { f.Members = []award.Contact{{Name: "钱大力", Phone: "123"}} }, "members.phone", "C71"},
		"meeting today":      {func(f *award.Filing) { f.Meeting = award.Meeting{Name: "党委会", Date: today} }, "", ""},
		"meeting tomorrow":   {func(f *award.Filing) { f.Meeting = award.Meeting{Name: "党委会", Date: today.Add(1)} }, "meeting.ahead", ""},
		"meeting long ago":   {func(f *award.Filing) { f.Meeting = award.Meeting{Name: "党委会", Date: date(2024, 11, 22)} }, "meeting.old", ""},
		"meeting no date":    {func(f *award.Filing) { f.Meeting.Name = "党委会" }, "meeting.date", ""},
		"meeting no name":    {func(f *award.Filing) { f.Meeting.Date = today }, "meeting.name", ""},
		"meeting long":       {func(f *award.Filing) { f.Meeting = award.Meeting{Name: chars(41), Date: today} }, "meeting.long", ""},
		"abilities":          {func(f *award.Filing) { f.Category, f.Direction, f.Abilities = "2", "", award.AbilityKinds() }, "", ""},
		"abilities unknown":  {func(f *award.Filing) { f.Category, f.Direction, f.Abilities = "2", "", []string{"唱歌"} }, "abilities.unknown", "C25"},
		"abilities not here": {func(f *award.Filing) { f.Abilities = []string{"发展经济"} }, "abilities.category", "C25"},
		"means":              {func(f *award.Filing) { f.Category, f.Direction, f.Means = "2", "2.3", award.MeansKinds() }, "", ""},
		"means not here":     {func(f *award.Filing) { f.Means = []string{"法律"} }, "means.direction", "C34"},
		"systems":            {func(f *award.Filing) { f.Category, f.Direction, f.Systems = "3", "3.3", award.SystemKinds() }, "", ""},
		"systems not here":   {func(f *award.Filing) { f.Category, f.Direction, f.Systems = "3", "3.1", []string{"党内选举"} }, "systems.direction", "C47"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := opened(t)
			f := filing()
			c.change(&f)
			issues := award.CheckFiling(w, w.unit(qinghe), f, "", now)
			if c.rule == "" {
				if len(issues) > 0 {
					t.Fatalf("issues: %+v", issues)
				}
				return
			}
			if len(issues) != 1 || issues[0].Rule != c.rule || issues[0].Clause != c.clause {
				t.Fatalf("issues: %+v, want %s %s", issues, c.rule, c.clause)
			}
			if strings.Contains(issues[0].Text, "机密") {
				t.Errorf("text: %q", issues[0].Text)
			}
		})
	}
}

// A joint filing counts for the unit that files it alone, and the unit remembers
// what it submitted last.
func TestSubmitJoint(t *testing.T) {
	t.Parallel()
	w := opened(t)
	f := filing()
	f.Joint = []string{liulin}
	changes := w.must(award.SubmitFiling{By: w.who("zhao"), Filing: f, At: now}, now)
	id := changes.Topics[0].After.ID
	if own := w.unit(qinghe); own.Last != id || len(own.Topics) != 1 {
		t.Errorf("the filing unit remembers %q and counts %v", own.Last, own.Topics)
	}
	if other := w.unit(liulin); other.Last != "" || len(other.Topics) != 0 || len(changes.Units) != 1 {
		t.Errorf("the joint unit remembers %q and counts %v", other.Last, other.Topics)
	}
	// A unit that is full may still join, and its own deadline does not help.
	for _, title := range []string{"党员积分管理办法甲", "党员积分管理办法乙", "党员积分管理办法丙"} {
		own := filing()
		own.Title, own.Key = title, false
		w.must(award.SubmitFiling{By: w.who("zhou"), Filing: own, At: now}, now)
	}
	w.must(award.ExtendUnit{By: w.who("sun"), Unit: liulin, Until: date(2026, 12, 31)}, now)
	late := date(2026, 12, 24).At(9, 0)
	f.Title = "联村党委议事机制创新实践"
	w.refused(award.SubmitFiling{By: w.who("zhao"), Filing: f, At: late}, late, "filing.late")
	grace := date(2026, 12, 22).At(0, 20)
	if got := w.must(award.SubmitFiling{By: w.who("zhao"), Filing: f, At: grace}, grace).Topics[0].After; got.Late {
		t.Error("a joint filing within the grace is late")
	}
	f.Title = "农村无职党员设岗定责办法探索"
	second := w.must(award.SubmitFiling{By: w.who("zhao"), Filing: f, At: now}, now).Topics[0].After.ID
	if own := w.unit(qinghe); own.Last != second {
		t.Errorf("the unit remembers %q, want %q", own.Last, second)
	}
}
