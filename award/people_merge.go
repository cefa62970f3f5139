package award

import (
	"fmt"
	"slices"
	"strings"
)

// MergeReport says by name what a repeated import does (D13).
type MergeReport struct {
	Added   []string // 王建国（wangjg）
	Changed []string // 王建国（wangjg）：职务、电话
	Same    int
	Absent  []string // on the list so far, not in the file
	Removed bool     // whether the absent ones were taken off
	// NewUnits were not known before.
	NewUnits []string
	// Orphaned are units with topics in which nobody is left to look after them:
	// mostly a unit that was renamed in the file.
	Orphaned []string
}

// Merge brings an imported directory into the existing one by userid. People
// not in the file stay as they are, unless replace takes them off the list: they
// are kept for the records but may do nothing. Units keep their topics,
// extensions and authorisations.
func Merge(existing, incoming Directory, replace bool) (Changes, MergeReport) {
	var changes Changes
	report := MergeReport{Removed: replace}
	old := map[string]Person{}
	for _, p := range existing.Persons {
		old[strings.ToLower(p.UserID)] = p
	}
	var people []Person
	listed := map[string]bool{}
	for _, p := range incoming.Persons {
		id := strings.ToLower(p.UserID)
		listed[id] = true
		was, known := old[id]
		if known {
			// The spelling first stored stays: other records refer to it.
			p.UserID = was.UserID
		}
		switch fields := differences(was, p); {
		case !known:
			report.Added = append(report.Added, nameWithID(p))
			changes.Persons = append(changes.Persons, p)
		case len(fields) > 0:
			report.Changed = append(report.Changed, nameWithID(p)+"："+strings.Join(fields, "、"))
			changes.Persons = append(changes.Persons, p)
		default:
			report.Same++
		}
		people = append(people, p)
	}
	for _, p := range existing.Persons {
		if listed[strings.ToLower(p.UserID)] {
			continue
		}
		if !p.Left {
			report.Absent = append(report.Absent, nameWithID(p))
			if replace {
				p.Left = true
				changes.Persons = append(changes.Persons, p)
			}
		}
		people = append(people, p)
	}
	changes.Units, report.NewUnits = mergeUnits(existing.Units, incoming.Units, people)
	for _, change := range changes.Units {
		if change.Before != nil && change.Before.Owes && !change.After.Owes && len(change.After.Topics) > 0 {
			report.Orphaned = append(report.Orphaned, fmt.Sprintf("%s（%d 个课题）", change.After.Name, len(change.After.Topics)))
		}
	}
	return changes, report
}

// mergeUnits computes the units anew from the merged people.
func mergeUnits(existing, incoming []Unit, people []Person) (changes []UnitChange, added []string) {
	for _, unit := range incoming {
		if !slices.ContainsFunc(existing, func(u Unit) bool { return u.ID == unit.ID }) {
			unit.Rev = 1
			changes = append(changes, UnitChange{After: staffUnit(unit, people)})
			added = append(added, unit.Name)
		}
	}
	for _, unit := range existing {
		after := cloneUnit(unit)
		if i := slices.IndexFunc(incoming, func(u Unit) bool { return u.ID == unit.ID }); i >= 0 {
			after.Type, after.Order = incoming[i].Type, incoming[i].Order
		}
		after = staffUnit(after, people)
		if !sameUnit(unit, after) {
			after.Rev = unit.Rev + 1
			changes = append(changes, UnitChange{Before: &unit, After: after})
		}
	}
	return changes, added
}

// sameUnit compares what an import can change.
func sameUnit(a, b Unit) bool {
	return a.Type == b.Type && a.Order == b.Order && a.Owes == b.Owes && slices.Equal(a.Heads, b.Heads) &&
		slices.Equal(a.Deputys, b.Deputys) && slices.Equal(a.Filers, b.Filers) && slices.Equal(a.Confirmers, b.Confirmers)
}

// differences names the columns in which two records of a person differ.
func differences(a, b Person) []string {
	var fields []string
	for _, field := range []struct {
		name string
		same bool
	}{
		{"姓名", a.Name == b.Name},
		{"角色", slices.Equal(a.Roles, b.Roles)},
		{"基层党委", a.Unit == b.Unit},
		{"职务", a.Post == b.Post},
		{"电话", a.Phone == b.Phone},
		{"恢复", a.Left == b.Left},
	} {
		if !field.same {
			fields = append(fields, field.name)
		}
	}
	return fields
}

func nameWithID(p Person) string { return p.Name + "（" + p.UserID + "）" }
