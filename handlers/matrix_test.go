package handlers_test

import (
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"cxbot/award"
	"cxbot/handlers"
)

// TestMatrix plays all talks and looks for empty cells: every field of the
// filing × what can happen to an answer, every transition of a topic, every
// action × each kind of person who may not do it. Run with -v to read it.
func TestMatrix(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	files, err := filepath.Glob("testdata/*.talk")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if isClocked(t, file) {
			continue
		}
		for _, mark := range playFile(t, file) {
			seen[mark] = true
		}
	}
	var cells []string
	for _, key := range handlers.FilingKeys() {
		for _, mark := range []string{"good", "notread", "broken", "edited", "undone"} {
			if cell := "field filing." + key + " " + mark; notApplicable[cell] == "" {
				cells = append(cells, cell)
			}
		}
	}
	for _, move := range [][2]award.Status{
		{"", award.StatusAwaiting},
		{"", award.StatusFiled},
		{award.StatusAwaiting, award.StatusAwaiting},
		{award.StatusAwaiting, award.StatusFiled},
		{award.StatusAwaiting, award.StatusReworking},
		{award.StatusAwaiting, award.StatusWithdrawn},
		{award.StatusReworking, award.StatusAwaiting},
		{award.StatusReworking, award.StatusWithdrawn},
		{award.StatusFiled, award.StatusAwaiting},
		{award.StatusFiled, award.StatusFiled},
		{award.StatusFiled, award.StatusReturned},
		{award.StatusFiled, award.StatusRunning},
		{award.StatusFiled, award.StatusWithdrawn},
		{award.StatusReturned, award.StatusAwaiting},
		{award.StatusReturned, award.StatusFiled},
		{award.StatusReturned, award.StatusWithdrawn},
	} {
		cells = append(cells, "move "+string(move[0])+"→"+string(move[1]))
	}
	for action, roles := range refusals() {
		for _, role := range roles {
			cells = append(cells, "refused "+action+" "+string(role))
		}
	}
	sort.Strings(cells)
	for _, cell := range cells {
		if !seen[cell] {
			t.Errorf("no talk shows: %s", cell)
		}
		t.Logf("%-60s %v", cell, seen[cell])
	}
}

// notApplicable are cells that cannot be, with the reason.
var notApplicable = map[string]string{
	"field filing.products broken":  "every choice of the list is allowed",
	"field filing.focus broken":     "every choice of the list is allowed",
	"field filing.nature broken":    "every choice of the list is allowed",
	"field filing.abilities broken": "every choice of the list is allowed",
	"field filing.means broken":     "every choice of the list is allowed",
	"field filing.systems broken":   "every choice of the list is allowed",
}

// refusals lists which roles each action refuses, role by role as the sample
// county has them.
func refusals() map[string][]award.Role {
	unitless := []award.Role{award.RoleMember, award.RolePilot, award.RoleStaff, award.RoleChief, award.RoleInspector, award.RoleReviewer, award.RoleSupervisor, award.RoleAdmin}
	fillers := []award.Role{award.RoleFiler, award.RoleHead}
	rest := []award.Role{award.RoleMember, award.RolePilot, award.RoleInspector, award.RoleReviewer, award.RoleSupervisor}
	return map[string][]award.Role{
		"filing":   unitless,
		"confirm":  append(slices.Clone(unitless), award.RoleFiler),
		"withdraw": unitless,
		"grant":    append(slices.Clone(unitless), award.RoleFiler),
		// 经办 and 科室负责人 saying 退回修改 mean their own 退回补正.
		"decline":    append(slices.Clone(rest), award.RoleFiler, award.RoleAdmin),
		"cycle":      append(slices.Clone(rest), fillers...),
		"extend":     append(append(slices.Clone(rest), fillers...), award.RoleAdmin),
		"reschedule": append(slices.Clone(rest), fillers...),
		"simulate":   append(slices.Clone(rest), fillers...),
		"close":      append(append(slices.Clone(rest), fillers...), award.RoleStaff, award.RoleAdmin),
		"wishes":     append(append(slices.Clone(rest), fillers...), award.RoleAdmin),
		"unwish":     append(append(slices.Clone(rest), fillers...), award.RoleAdmin),
		"ask":        unitless,
		"quota":      append(append(slices.Clone(rest), fillers...), award.RoleAdmin, award.RoleStaff),
		"pending":    append(append(slices.Clone(rest), fillers...), award.RoleAdmin),
		"accept":     append(append(slices.Clone(rest), fillers...), award.RoleAdmin),
		"return":     append(append(slices.Clone(rest), fillers...), award.RoleAdmin),
		"unfiled":    append(append(slices.Clone(rest), fillers...), award.RoleAdmin),
		"failed":     append(slices.Clone(rest), fillers...),
		"resend":     append(slices.Clone(rest), fillers...),
		"promise":    unitless,
		"plan":       append(slices.Clone(rest), fillers...),
		"groups":     append(slices.Clone(rest), fillers...),
	}
}

// cellsOf are the matrix marks of one turn.
func cellsOf(trace []string, person award.Person, changes award.Changes) []string {
	out := slices.Clone(trace)
	for _, mark := range trace {
		if action, ok := strings.CutPrefix(mark, "refused "); ok && !strings.Contains(action, ".") {
			for _, role := range person.Roles {
				out = append(out, mark+" "+string(role))
			}
		}
	}
	for _, c := range changes.Topics {
		var before award.Status
		if c.Before != nil {
			before = c.Before.Status
		}
		out = append(out, "move "+string(before)+"→"+string(c.After.Status))
	}
	return out
}
