package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"cxbot/award"
	"cxbot/documents"
	"cxbot/storage"
)

// importOptions says how a file is brought in.
type importOptions struct {
	replace bool // absent people lose their rights
	dryRun  bool // report only
	admins  []string
	now     time.Time
}

// notWritten ends the report of a dry run.
const notWritten = "以上只是检查，没有写入。"

// entry is the audit line of an import; it counts and names no one.
func (o importOptions) entry(did, object, detail string) []award.Entry {
	return []award.Entry{{
		At: o.now, Who: "system", Did: did, Object: object, Detail: detail, Event: "import|" + o.now.Format(time.RFC3339Nano),
	}}
}

// runImport is "cxbot import FILE": people and units, the calendar or past
// results, xlsx or CSV, all or nothing.
func runImport(ctx context.Context, c *command) error {
	flags := c.flags("import", "导入人员和单位、工作日历或往届成果：cxbot import [选项] 文件.xlsx（或 .csv）")
	replace := flags.Bool("replace", false, "文件里没有的人停用（不删除，档案保留）")
	dryRun := flags.Bool("dry-run", false, "只检查和报告，不写入")
	if err := c.parse(flags, 1, 1); err != nil {
		return err
	}
	data, err := readInput(flags.Arg(0), documents.MaxTableBytes)
	if err != nil {
		return err
	}
	o, err := c.openStore(ctx, need{look: *dryRun})
	if err != nil {
		return err
	}
	defer o.close()
	if !*dryRun {
		if err := seedCalendar(ctx, o.store, award.DefaultCalendar()); err != nil {
			return err
		}
	}
	options := importOptions{replace: *replace, dryRun: *dryRun, admins: o.config.Admins, now: newClock(o.config.Start).Now()}
	switch documents.KindOf(data) {
	case documents.Calendar:
		return importCalendar(ctx, o.store, data, options, c.out)
	case documents.Past:
		return importPast(ctx, o.store, data, options, c.out)
	default:
		return importPeople(ctx, o.store, data, options, c.out)
	}
}

// readInput reads a file up to a limit; a longer one is cut one byte past it,
// so that the reader can say it is too long.
func readInput(path string, limit int64) ([]byte, error) {
	file, err := os.Open(path) //nolint:gosec // The operator names the file.
	if err != nil {
		return nil, because("打不开文件 "+path, err)
	}
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, because("读不了文件 "+path, err)
	}
	return data, nil
}

// importPeople brings a people file in and reports what it did by name.
func importPeople(ctx context.Context, store *storage.Store, data []byte, o importOptions, out io.Writer) error {
	rows, err := documents.ReadPeople(data)
	if err != nil {
		return refusedFile(err)
	}
	incoming, warnings, problems := award.BuildUnits(rows)
	if len(problems) > 0 {
		return refusedFile(&documents.BadFileError{Problems: problems})
	}
	addAdmins(incoming.Persons, o.admins)
	units, persons, err := store.AllPeople(ctx)
	if err != nil {
		return fmt.Errorf("读现有人员：%w", err)
	}
	changes, report := award.Merge(award.Directory{Units: units, Persons: persons}, incoming, o.replace)
	reportPeople(out, incoming, report, warnings)
	if o.dryRun {
		sayf(out, "%s", notWritten)
		return nil
	}
	in := storage.Import{Mode: storage.Merge, Persons: changes.Persons, Log: o.entry("import.people", "people",
		fmt.Sprintf("new %d, changed %d, absent %d, replace %v", len(report.Added), len(report.Changed), len(report.Absent), o.replace))}
	for _, u := range changes.Units {
		in.Units = append(in.Units, u.After)
	}
	if _, err := store.PutPeople(ctx, in); err != nil {
		return fmt.Errorf("写入人员：%w", err)
	}
	sayf(out, "已写入。")
	return nil
}

// addAdmins gives the people of CXBOT_ADMINS the role, so that somebody can set
// the bot up whatever the file says.
func addAdmins(persons []award.Person, admins []string) {
	for i, p := range persons {
		isAdmin := slices.ContainsFunc(admins, func(id string) bool { return strings.EqualFold(id, p.UserID) })
		if isAdmin && !p.Has(award.RoleAdmin) {
			persons[i].Roles = append(slices.Clone(p.Roles), award.RoleAdmin)
		}
	}
}

// refusedFile says that nothing of a file was taken and why, by line.
func refusedFile(err error) error {
	return fmt.Errorf("文件有问题，一条也没有导入：\n%w", err)
}

// reportPeople writes what an import does.
func reportPeople(out io.Writer, dir award.Directory, r award.MergeReport, warnings []string) {
	owing, kinds := 0, map[string]int{}
	for _, u := range dir.Units {
		kinds[u.Type]++
		if u.Owes {
			owing++
		}
	}
	sayf(out, "单位 %d 个，其中应报课题 %d 个；人员 %d 人。", len(dir.Units), owing, len(dir.Persons))
	var parts []string
	for _, kind := range award.UnitTypes() {
		if kinds[kind] > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", kind, kinds[kind]))
		}
	}
	sayf(out, "单位类型（按名称判断，可用“单位类型”一列改）：%s。", strings.Join(parts, "，"))
	sayf(out, "人员：新增 %d，变更 %d，不变 %d。", len(r.Added), len(r.Changed), r.Same)
	list(out, "变更", r.Changed)
	if r.Removed {
		list(out, "停用（文件里没有）", r.Absent)
	} else {
		list(out, "文件里没有、保留不动（要停用请加 --replace）", r.Absent)
	}
	list(out, "名下有课题、导入后没有人管的单位（课题跟着原来的单位名走；如果是改名，请先按原名导入）", r.Orphaned)
	list(out, "请留意", warnings)
}

// list writes a heading and its lines, at most fifty.
func list(out io.Writer, heading string, lines []string) {
	const most = 50
	if len(lines) == 0 {
		return
	}
	sayf(out, "%s：", heading)
	for _, line := range lines[:min(len(lines), most)] {
		sayf(out, "  %s", line)
	}
	if len(lines) > most {
		sayf(out, "  ……共 %d 条", len(lines))
	}
}

// importCalendar lays a calendar file over the table in use.
func importCalendar(ctx context.Context, store *storage.Store, data []byte, o importOptions, out io.Writer) error {
	table, err := documents.ReadCalendar(data)
	if err != nil {
		return refusedFile(err)
	}
	view := store.ViewAt(ctx)
	merged := view.Calendar().Merge(table)
	cycle, _ := view.Cycle()
	if err := view.Err(); err != nil {
		return fmt.Errorf("读现有日历：%w", err)
	}
	sayf(out, "日历：放假 %d 天，调休上班 %d 天；整年公布的年份：%s。", len(table.Holidays), len(table.Worked), years(table))
	list(out, "本届已定的期限不会自己变，和新日历不一样的有", movedMilestones(cycle, merged))
	if o.dryRun {
		sayf(out, "%s", notWritten)
		return nil
	}
	log := o.entry("import.calendar", "calendar", fmt.Sprintf("off %d, worked %d, years %s", len(table.Holidays), len(table.Worked), years(table)))
	if err := store.PutCalendar(ctx, merged, log...); err != nil {
		return fmt.Errorf("写入日历：%w", err)
	}
	sayf(out, "已写入。")
	return nil
}

// movedMilestones says, a line each, which days of the open cycle the calendar
// would set otherwise now. Nothing is changed: who set them decides.
func movedMilestones(cycle award.Cycle, calendar award.Calendar) []string {
	var lines []string
	for _, m := range cycle.Milestones {
		day, _ := award.Effective(calendar, m.Date, cycle.RollOver && m.From.IsZero())
		if m.Effective.IsZero() || day == m.Effective {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s截止按新日历是%s，现在定的是%s；要改请科室负责人在企业微信里说：%s截止改到%d年%d月%d日",
			m.Stage, day.Short(), m.Effective.Short(), m.Stage, day.Year, day.Month, day.Day))
	}
	return lines
}

// importPast brings results of earlier cycles in.
func importPast(ctx context.Context, store *storage.Store, data []byte, o importOptions, out io.Writer) error {
	results, err := documents.ReadPast(data)
	if err != nil {
		return refusedFile(err)
	}
	var cycles []string
	count, winners := map[string]int{}, 0
	for _, p := range results {
		if count[p.Cycle]++; count[p.Cycle] == 1 {
			cycles = append(cycles, p.Cycle)
		}
		if p.Rank != "" {
			winners++
		}
	}
	sayf(out, "往届成果 %d 个，其中有等次的 %d 个。", len(results), winners)
	for _, cycle := range cycles {
		sayf(out, "  %s：%d 个", cycle, count[cycle])
	}
	if o.replace {
		sayf(out, "--replace 只对人员有用；往届成果只增加和更新，不删除。")
	}
	if o.dryRun {
		sayf(out, "%s", notWritten)
		return nil
	}
	changed, err := store.ImportPast(ctx, results, o.entry("import.past", "past", fmt.Sprintf("results %d", len(results))))
	if err != nil {
		return fmt.Errorf("写入往届成果：%w", err)
	}
	sayf(out, "已写入：新增或更新 %d 个，没有变的 %d 个。", changed, len(results)-changed)
	return nil
}

// years lists the published years of a table.
func years(c award.Calendar) string {
	var list []string
	for year, known := range c.Years {
		if known {
			list = append(list, strconv.Itoa(year))
		}
	}
	if len(list) == 0 {
		return "没有（只改个别日子）"
	}
	slices.Sort(list)
	return strings.Join(list, "、")
}

// sayf writes one line for the operator; a closed terminal is nobody to tell.
func sayf(out io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(out, format+"\n", args...)
}
