package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"cxbot/award"
	"cxbot/bot"
	"cxbot/chat"
	"cxbot/documents"
	"cxbot/storage"
)

// The county of the benchmark.
const (
	benchCounty  = "bench"
	benchName    = "清河县"
	benchCycle   = "2026—2028年度基层党组织建设改革创新成果奖"
	filersAUnit  = 4
	sampleStaff  = "sunjing"
	samplePeople = "docs/sample/people.csv"
)

// benchStart is what the bot's clock shows when a round begins.
func benchStart() time.Time {
	return award.Date{Year: 2026, Month: time.November, Day: 23}.At(9, 0)
}

// readSample returns the rows of the sample county, wherever in the module the
// program or its test runs.
func readSample() ([]award.ImportRow, error) {
	path := samplePeople
	for range 3 {
		data, err := os.ReadFile(path)
		if err == nil {
			return documents.ReadPeople(data)
		}
		path = filepath.Join("..", path)
	}
	return nil, fmt.Errorf("%s: %w", samplePeople, os.ErrNotExist)
}

// filerID names the n-th member of the benchmark who files.
func filerID(n int) string { return fmt.Sprintf("filer%05d", n) }

// withFilers adds units in which n more members file, four a unit.
func withFilers(rows []award.ImportRow, n int) []award.ImportRow {
	for i := range n {
		unit := fmt.Sprintf("第%03d联村党委", i/filersAUnit)
		phone := fmt.Sprintf("139%08d", i)
		if i%filersAUnit == 0 {
			rows = append(rows, award.ImportRow{
				UserID: fmt.Sprintf("head%05d", i), Name: "赵立", Roles: "一把手、分管领导", Unit: unit, Post: "党委书记", Phone: phone,
			})
		}
		rows = append(rows, award.ImportRow{UserID: filerID(i), Name: "钱平", Roles: "填报人", Unit: unit, Post: "党务干事", Phone: phone})
	}
	return rows
}

var errSeed = errors.New("the county cannot be set up")

// seed fills an empty store with the sample county, n more filers and an open cycle.
func seed(ctx context.Context, store *storage.Store, n int) error {
	rows, err := readSample()
	if err != nil {
		return err
	}
	dir, _, problems := award.BuildUnits(withFilers(rows, n))
	if len(problems) > 0 {
		return fmt.Errorf("%w: %v", errSeed, problems[0])
	}
	if err := store.PutCalendar(ctx, award.SampleCalendar()); err != nil {
		return err
	}
	if _, err := store.PutPeople(ctx, storage.Import{Units: dir.Units, Persons: dir.Persons}); err != nil {
		return err
	}
	now := benchStart()
	return commit(ctx, store, "bench|cycle", sampleStaff, now, func(view bot.View) (bot.Response, error) {
		staff, _ := view.Person(sampleStaff)
		filing := award.Date{Year: 2026, Month: time.December, Day: 20}
		changes, refusal := award.Decide(view, award.OpenCycle{
			By: staff, Name: benchCycle, RollOver: true,
			Milestones: award.ProposeMilestones(view.Calendar(), filing.Year, filing, true),
		}, now)
		if refusal != nil {
			return bot.Response{}, fmt.Errorf("%w: %s", errSeed, refusal.Text)
		}
		return bot.Response{Changes: changes}, nil
	})
}

// commit runs one load and commit past the conversation.
func commit(
	ctx context.Context, store *storage.Store, id, person string, now time.Time, respond func(bot.View) (bot.Response, error),
) error {
	ev := chat.Event{ID: id, Channel: chat.Internal, From: person, At: now}
	loaded, err := store.Load(ctx, ev, now)
	if err != nil {
		return err
	}
	response, err := respond(loaded.View)
	if err != nil {
		return err
	}
	if response.Conversation.Person == "" {
		response.Conversation = loaded.Conversation
	}
	return store.Commit(ctx, bot.Outcome{Event: ev, Response: response, View: loaded.View, At: now})
}

// opening is what the first filer types until fifteen fields hold something and
// one question, the promise of secrecy, is open.
func opening() []string {
	return []string{
		"我要报课题",
		"联村党委领办村级议事协商机制创新实践",
		"3.3",
		"近两年村里换届后新班子议事不够规范，重大事项议而不决、决而不公开，群众意见比较集中；去年镇里接到这方面的来访 26 件，其中 17 件反映议事程序不清、结果不公开，影响了党组织的威信。",
		"柳林村党支部 村 张明 13800000001\n河湾村党支部 村 李强 13800000002\n东岭社区党支部 社区 王芳 13800000003",
		"建立议题收集、党群联议、公开票决、结果公示、跟踪问效五个环节的闭环机制；每月 10 日为固定议事日，议题由党员群众扫码或到村部提出，村党支部会前三天公布，" +
			"重要事项请镇干部和法律顾问列席；票决结果当天在公开栏和微信群同步公布，责任人、时限和进展每月更新，半年由党员大会评议一次；对议而不决的事项，由联村党委派人列席，一月内办结，办不了的说明原因并公布，接受群众监督。试点村各选两名议事员，由镇党校培训后上岗，经费从党建经费中列支，年底由组织办考核。",
		"1. 2027年3月 调研摸底，走访党员群众，制定方案\n2. 2027年6月 三个试点同步启动议事日\n3. 2027年12月 中期评估，修订议事规则\n4. 2028年6月 全镇推开\n5. 2028年8月 总结验收，形成制度",
		"每月10日固定为议事日\n二维码征集议题，三天内答复\n公开栏与微信群双公开\n法律顾问列席重大事项\n半年一次党员大会评议",
		"2028年9月底",
		"村级重大事项公开率达到 100%，相关来访下降一半以上，党员群众满意度达到 95%，形成一套可复制、可推广的村级议事协商制度和操作手册。",
		"1、3",
		"李春梅 副书记 13800000011",
	}
}

// seedDrafts types the opening as the first filer, through the whole bot, and
// gives all n of them the conversation that came of it.
func seedDrafts(ctx context.Context, store *storage.Store, turn *bot.Turn, n int) error {
	first, last := filerID(0), ""
	for i, text := range opening() {
		ev := chat.Event{ID: fmt.Sprintf("bench|opening|%d", i), Channel: chat.App, From: first, Kind: chat.Text, Text: text, At: benchStart()}
		last = turn.Handle(ctx, ev).Text
	}
	loaded, err := store.Load(ctx, chat.Event{ID: "bench|look", From: first}, benchStart())
	if err != nil {
		return err
	}
	c := loaded.Conversation
	const filled = 15
	if len(c.Drafts) != 1 || !c.Active || len(c.Drafts[0].Values) != filled {
		return fmt.Errorf("%w: the opening ends with %q", errSeed, last)
	}
	for i := 1; i < n; i++ {
		c.Person = filerID(i)
		err := commit(ctx, store, fmt.Sprintf("bench|draft|%d", i), c.Person, benchStart(), func(bot.View) (bot.Response, error) {
			return bot.Response{Conversation: c}, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// line is one message of the load and what its reply must say.
type line struct {
	say   string
	wants []string
}

// lines is what every filer types over and over: answers to questions, answers
// by number and by label. The title is left out: once a filing, its answer asks
// for similar titles too, which is one command more (storage tests count it). The variants differ, so that values really change.
func lines(variant int) []line {
	n := strconv.Itoa(variant % 10)
	const asked = "12/12 保密确认"
	return []line{
		{"改 9", []string{"9/12 预期成效"}},
		{"村级重大事项公开率达到 100%，相关来访下降一半以上，形成第 " + n + " 版议事制度和操作手册。", []string{"✓ 预期成效", asked}},
		{"改 21 乡村振兴和村级治理，重点工作之" + n, []string{"✓ 服务的中心工作", asked}},
		{"责任人：李春梅 副书记 1380000001" + n, []string{"✓ 责任人", asked}},
		{"改 3", []string{"3/12 拟解决的突出问题"}},
		{"村里重大事项议而不决、决而不公开，群众意见集中；去年镇里接到这方面的来访 2" + n + " 件，影响了党组织的威信。", []string{"✓ 拟解决的突出问题", asked}},
		{"完成时间：2028年9月2" + n + "日", []string{"✓ 完成时间", "保密确认"}},
	}
}
