package dialog_test

import (
	"strings"
	"testing"
	"time"

	"cxbot/dialog"
)

// monday is the day all relative dates of these tests count from: Monday
// 23 November 2026, 9:00 in Shanghai.
func monday() time.Time {
	return time.Date(2026, 11, 23, 9, 0, 0, 0, time.FixedZone("Asia/Shanghai", 8*60*60))
}

func TestReadDate(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, date, precision string }{
		// Written out in full.
		{"2027-06-30", "2027-06-30", "day"},
		{"2027/6/30", "2027-06-30", "day"},
		{"2027.6.30", "2027-06-30", "day"},
		{"20270630", "2027-06-30", "day"},
		{"2027年6月30日", "2027-06-30", "day"},
		{"2027年6月30号", "2027-06-30", "day"},
		{"2027年06月30日", "2027-06-30", "day"},
		{"２０２７年６月３０日", "2027-06-30", "day"},
		{" 2027 年 6 月 30 日 ", "2027-06-30", "day"},
		{"2027年6月30日。", "2027-06-30", "day"},
		{"2027年6月30日（周三）", "2027-06-30", "day"},
		{"2027年6月30日星期三", "2027-06-30", "day"},
		{"2027-06-30 17:00", "2027-06-30", "day"},
		{"2027年6月30日17点", "2027-06-30", "day"},
		{"12月20日下午5点半", "2026-12-20", "day"},
		{"27.6.30", "2027-06-30", "day"},
		{"27年6月30日", "2027-06-30", "day"},
		{"2027年6月30", "2027-06-30", "day"},
		{"2028-2-29", "2028-02-29", "day"},
		{"二〇二七年六月三十日", "2027-06-30", "day"},
		{"二零二七年六月三十日", "2027-06-30", "day"},
		{"2027-6-30之前", "2027-06-30", "day"},
		// Without a year: the next one to come.
		{"6月30日", "2027-06-30", "day"},
		{"6月30号", "2027-06-30", "day"},
		{"12月1日", "2026-12-01", "day"},
		{"11月23日", "2026-11-23", "day"},
		{"11月22日", "2027-11-22", "day"},
		{"6.30", "2027-06-30", "day"},
		{"7.1", "2027-07-01", "day"},
		{"12/25", "2026-12-25", "day"},
		{"3-15", "2027-03-15", "day"},
		{"七月一日", "2027-07-01", "day"},
		{"十二月三十一日", "2026-12-31", "day"},
		{"1月5号", "2027-01-05", "day"},
		{"12月25号前", "2026-12-25", "day"},
		{"30号", "2026-11-30", "day"},
		{"23号", "2026-11-23", "day"},
		{"20号", "2026-12-20", "day"},
		{"二十号", "2026-12-20", "day"},
		{"20号之前", "2026-12-20", "day"},
		{"本月30号", "2026-11-30", "day"},
		{"这个月30号", "2026-11-30", "day"},
		{"下月20号前", "2026-12-20", "day"},
		{"下个月15号之前", "2026-12-15", "day"},
		{"下下个月5号", "2027-01-05", "day"},
		{"上个月15号", "2026-10-15", "day"},
		{"明年3月8日", "2027-03-08", "day"},
		{"今年12月20日", "2026-12-20", "day"},
		{"去年5月1日", "2025-05-01", "day"},
		// Months.
		{"2027年6月", "2027-06-30", "month"},
		{"2027年6月份", "2027-06-30", "month"},
		{"2027年6月底", "2027-06-30", "month"},
		{"2027年6月底前", "2027-06-30", "month"},
		{"2027年6月末", "2027-06-30", "month"},
		{"2027年6月下旬", "2027-06-30", "month"},
		{"2027年6月上旬", "2027-06-10", "day"},
		{"6月中旬", "2027-06-20", "day"},
		{"2027.6", "2027-06-30", "month"},
		{"2027-06", "2027-06-30", "month"},
		{"2027/6", "2027-06-30", "month"},
		{"202706", "2027-06-30", "month"},
		{"二〇二七年六月", "2027-06-30", "month"},
		{"6月", "2027-06-30", "month"},
		{"6月底", "2027-06-30", "month"},
		{"六月底", "2027-06-30", "month"},
		{"11月", "2026-11-30", "month"},
		{"十一月", "2026-11-30", "month"},
		{"十月", "2027-10-31", "month"},
		{"2月", "2027-02-28", "month"},
		{"2028年2月", "2028-02-29", "month"},
		{"明年6月", "2027-06-30", "month"},
		{"明年的6月", "2027-06-30", "month"},
		{"后年3月", "2028-03-31", "month"},
		{"2028年9月底", "2028-09-30", "month"},
		{"本月底", "2026-11-30", "month"},
		{"月底", "2026-11-30", "month"},
		{"月底前", "2026-11-30", "month"},
		{"下月底", "2026-12-31", "month"},
		{"下个月底前", "2026-12-31", "month"},
		{"下个月", "2026-12-31", "month"},
		{"2027年6月（按6月30日算）", "2027-06-30", "month"},
		// Parts of years and years.
		{"一季度", "2027-03-31", "quarter"},
		{"四季度", "2026-12-31", "quarter"},
		{"第三季度", "2027-09-30", "quarter"},
		{"2027年第二季度", "2027-06-30", "quarter"},
		{"2027年二季度末", "2027-06-30", "quarter"},
		{"2027Q2", "2027-06-30", "quarter"},
		{"2027年Q4", "2027-12-31", "quarter"},
		{"明年一季度", "2027-03-31", "quarter"},
		{"2027年三季度", "2027-09-30", "quarter"},
		{"上半年", "2027-06-30", "month"},
		{"下半年", "2026-12-31", "month"},
		{"2027年上半年", "2027-06-30", "month"},
		{"明年下半年", "2027-12-31", "month"},
		{"2027年", "2027-12-31", "year"},
		{"2027年度", "2027-12-31", "year"},
		{"2027", "2027-12-31", "year"},
		{"2027年底", "2027-12-31", "year"},
		{"2027年年底", "2027-12-31", "year"},
		{"2027年末", "2027-12-31", "year"},
		{"明年底", "2027-12-31", "year"},
		{"明年年底", "2027-12-31", "year"},
		{"明年", "2027-12-31", "year"},
		{"年底", "2026-12-31", "year"},
		{"年底前", "2026-12-31", "year"},
		{"今年底", "2026-12-31", "year"},
		{"年内", "2026-12-31", "year"},
		{"后年底", "2028-12-31", "year"},
		// Days and weeks from now.
		{"今天", "2026-11-23", "day"},
		{"明天", "2026-11-24", "day"},
		{"明天前", "2026-11-24", "day"},
		{"后天", "2026-11-25", "day"},
		{"大后天", "2026-11-26", "day"},
		{"昨天", "2026-11-22", "day"},
		{"前天", "2026-11-21", "day"},
		{"周五", "2026-11-27", "day"},
		{"周一", "2026-11-23", "day"},
		{"本周五", "2026-11-27", "day"},
		{"这周日", "2026-11-29", "day"},
		{"下周五", "2026-12-04", "day"},
		{"下周一前", "2026-11-30", "day"},
		{"下个星期三", "2026-12-02", "day"},
		{"下下周一", "2026-12-07", "day"},
		{"上周五", "2026-11-20", "day"},
		{"礼拜五", "2026-11-27", "day"},
		{"星期天", "2026-11-29", "day"},
		{"周末", "2026-11-29", "day"},
		{"3天后", "2026-11-26", "day"},
		{"三天之内", "2026-11-26", "day"},
		{"十天后", "2026-12-03", "day"},
		{"再过5天", "2026-11-28", "day"},
		{"10天前", "2026-11-13", "day"},
		{"一周后", "2026-11-30", "day"},
		{"两周后", "2026-12-07", "day"},
		{"两个星期后", "2026-12-07", "day"},
		{"半个月后", "2026-12-08", "day"},
		{"1个月内", "2026-12-23", "day"},
		{"3个月后", "2027-02-23", "day"},
		{"一个半月后", "2027-01-07", "day"},
		{"半年后", "2027-05-23", "day"},
		{"半年内", "2027-05-23", "day"},
		{"一年后", "2027-11-23", "day"},
		{"两年后", "2028-11-23", "day"},
		{"一年半后", "2028-05-23", "day"},
		// Feasts: 前 is the day before.
		{"元旦", "2027-01-01", "day"},
		{"元旦前", "2026-12-31", "day"},
		{"2028年元旦", "2028-01-01", "day"},
		{"春节", "2027-02-06", "day"},
		{"春节前", "2027-02-05", "day"},
		{"2028年春节前", "2028-01-25", "day"},
		{"过年前", "2027-02-05", "day"},
		{"元宵节", "2027-02-20", "day"},
		{"清明", "2027-04-05", "day"},
		{"清明节前", "2027-04-04", "day"},
		{"五一", "2027-05-01", "day"},
		{"五一节前", "2027-04-30", "day"},
		{"劳动节", "2027-05-01", "day"},
		{"端午", "2027-06-09", "day"},
		{"七一", "2027-07-01", "day"},
		{"七一前", "2027-06-30", "day"},
		{"明年七一", "2027-07-01", "day"},
		{"建党节", "2027-07-01", "day"},
		{"八一前", "2027-07-31", "day"},
		{"中秋", "2027-09-15", "day"},
		{"中秋节前", "2027-09-14", "day"},
		{"国庆", "2027-10-01", "day"},
		{"国庆节", "2027-10-01", "day"},
		{"国庆前", "2027-09-30", "day"},
		{"明年国庆前", "2027-09-30", "day"},
		{"十一前", "2027-09-30", "day"},
		// Words around the date.
		{"预计2027年6月完成", "2027-06-30", "month"},
		{"争取明年底前全部结束", "2027-12-31", "year"},
		{"计划2027年6月30日前完成", "2027-06-30", "day"},
		{"最迟下月20号", "2026-12-20", "day"},
		{"完成时间：2027年6月", "2027-06-30", "month"},
		{"截止到2027年12月", "2027-12-31", "month"},
		{"2027年06月30號前完成", "2027-06-30", "day"},
	}
	for _, tt := range tests {
		date, precision, ok, problem := dialog.ReadDate(tt.in, monday())
		if !ok || date != tt.date || precision != tt.precision || problem != "" {
			t.Errorf("ReadDate(%q) = %s %s %v %q, want %s %s", tt.in, date, precision, ok, problem, tt.date, tt.precision)
		}
	}
}

func TestReadDateRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   string
		kind dialog.ProblemKind
		says string // a part of the sentence
	}{
		{"2月30日", dialog.RuleBroken, "28 天"},
		{"2026-02-30", dialog.RuleBroken, "28 天"},
		{"2027年2月29日", dialog.RuleBroken, "28 天"},
		{"6月31日", dialog.RuleBroken, "30 天"},
		{"20270631", dialog.RuleBroken, "30 天"},
		{"31号", dialog.RuleBroken, "30 天"},
		{"13月", dialog.RuleBroken, "12 个月"},
		{"13月5日", dialog.RuleBroken, "12 个月"},
		{"2027年15月", dialog.RuleBroken, "12 个月"},
		{"0月3日", dialog.RuleBroken, "12 个月"},
		{"1999年", dialog.RuleBroken, "2000"},
		{"1999-12-31", dialog.RuleBroken, "2000"},
		{"2101年5月", dialog.RuleBroken, "2100"},
		{"3000年", dialog.RuleBroken, "2100"},
		{"农历八月十五", dialog.NotUnderstood, "公历"},
		{"正月十五", dialog.NotUnderstood, "公历"},
		{"八月十五", dialog.NotUnderstood, "公历"},
		{"腊月廿三", dialog.NotUnderstood, "公历"},
		{"尽快", dialog.NotUnderstood, "尽快"},
		{"快了", dialog.NotUnderstood, "快了"},
		{"待定", dialog.NotUnderstood, "待定"},
		{"近期", dialog.NotUnderstood, "近期"},
		{"不确定", dialog.NotUnderstood, "不确定"},
		{"大概明年6月", dialog.NotUnderstood, "具体日期"},
		{"2027年6月左右", dialog.NotUnderstood, "具体日期"},
		{"约6月", dialog.NotUnderstood, "具体日期"},
		{"3月后", dialog.NotUnderstood, "具体日期"},
		{"春节后", dialog.NotUnderstood, "具体日期"},
		{"国庆期间", dialog.NotUnderstood, "具体日期"},
		{"六月前", dialog.NotUnderstood, "6月30日"},
		{"2027年前", dialog.NotUnderstood, "12月31日"},
		{"一季度前", dialog.NotUnderstood, "3月31日"},
		{"6月初", dialog.NotUnderstood, "几号"},
		{"年初", dialog.NotUnderstood, "几月"},
		{"明年年中", dialog.NotUnderstood, "几月"},
		{"2027年1-3月", dialog.NotUnderstood, "2027年3月31日"},
		{"2027年3月到2028年6月", dialog.NotUnderstood, "2028年6月30日"},
		{"5个工作日", dialog.NotUnderstood, "具体日期"},
		{"2027年6月30日周四", dialog.NotUnderstood, "周三"},
		{"2035年春节", dialog.NotUnderstood, "公历"},
		{"6", dialog.NotUnderstood, "具体日期"},
		{"30", dialog.NotUnderstood, "具体日期"},
		{"0630", dialog.NotUnderstood, "具体日期"},
		{"270630", dialog.NotUnderstood, "具体日期"},
		{"2027.1-3", dialog.NotUnderstood, "一段时间"},
		{"NaN", dialog.NotUnderstood, "NaN"},
		{"", dialog.NotUnderstood, "没有看到"},
		{"。", dialog.NotUnderstood, "没有看到"},
		{"把议题收集环节先做起来，再看情况往下推，等镇里统一安排以后再和各村一起商量着定具体的完成日期", dialog.NotUnderstood, "只写日期"},
	}
	for _, tt := range tests {
		r := dialog.Date{}.Read(tt.in, dialog.Env{Now: monday(), Label: "完成时间"})
		if r.Problem.Kind != tt.kind || !strings.Contains(r.Problem.Text, tt.says) || r.Value != "" {
			t.Errorf("Read(%q) = %q, %v %q; want kind %v with %q", tt.in, r.Value, r.Problem.Kind, r.Problem.Text, tt.kind, tt.says)
		}
	}
}

func TestDateEchoesWhatItUnderstood(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, value, echo string }{
		{"2027年6月30日", "2027-06-30/day/2027年6月30日", ""},
		{"下周五", "2026-12-04/day/下周五", "2026年12月4日（周五）"},
		{"6月底", "2027-06-30/month/6月底", "2027年6月（按6月30日算）"},
		{"2027Q2", "2027-06-30/quarter/2027Q2", "2027年二季度（按6月30日算）"},
		{"明年年底", "2027-12-31/year/明年年底", "2027年（按12月31日算）"},
		{"2027/6/30", "2027-06-30/day/2027/6/30", "2027年6月30日（周三）"},
	}
	for _, tt := range tests {
		r := dialog.Date{}.Read(tt.in, dialog.Env{Now: monday()})
		if r.Value != tt.value || r.Echo != tt.echo {
			t.Errorf("Read(%q) = %q, echo %q; want %q, %q", tt.in, r.Value, r.Echo, tt.value, tt.echo)
		}
	}
}

// What is shown, typed again, is the same value with the person's own words kept.
func TestDateRoundTrip(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"2027-06-30", "下周五", "6月底", "2027年第二季度", "明年底", "国庆前", "上半年", "30号"} {
		r := dialog.Date{}.Read(in, dialog.Env{Now: monday()})
		again := dialog.Date{}.Read(dialog.Date{}.Show(r.Value), dialog.Env{Now: monday(), Old: r.Value})
		if r.Value == "" || again.Value != r.Value {
			t.Errorf("%q: %q shown as %q and read as %q", in, r.Value, dialog.Date{}.Show(r.Value), again.Value)
		}
	}
}

func TestDateOfRecordsLooksBack(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, date string }{
		{"11月19日", "2026-11-19"},
		{"11月30日", "2025-11-30"},
		{"周五", "2026-11-20"},
		{"19号", "2026-11-19"},
		{"30号", "2026-10-30"},
		{"昨天", "2026-11-22"},
		{"2026-11-01", "2026-11-01"},
	}
	for _, tt := range tests {
		r := dialog.Date{Past: true}.Read(tt.in, dialog.Env{Now: monday()})
		date, _, _ := dialog.SplitDate(r.Value)
		if date != tt.date {
			t.Errorf("Read(%q) = %q %q, want %s", tt.in, r.Value, r.Problem.Text, tt.date)
		}
	}
}

// The day is Shanghai's, whatever zone the clock has.
func TestDateUsesShanghai(t *testing.T) {
	t.Parallel()
	late := time.Date(2026, 11, 23, 17, 0, 0, 0, time.UTC) // 1:00 on the 24th in Shanghai
	if date, _, _, _ := dialog.ReadDate("今天", late); date != "2026-11-24" {
		t.Errorf("今天 = %s, want 2026-11-24", date)
	}
}

func TestFridayItself(t *testing.T) {
	t.Parallel()
	friday := monday().AddDate(0, 0, 4)
	for in, want := range map[string]string{"周五": "2026-11-27", "本周五": "2026-11-27", "下周五": "2026-12-04", "周四": "2026-12-03"} {
		if date, _, _, _ := dialog.ReadDate(in, friday); date != want {
			t.Errorf("%s on a Friday = %s, want %s", in, date, want)
		}
	}
}
