package documents_test

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	"cxbot/award"
	"cxbot/documents"
)

func problems(t *testing.T, err error) string {
	t.Helper()
	var file *documents.BadFileError
	if !errors.As(err, &file) {
		t.Fatalf("err = %v, want a BadFileError", err)
	}
	return file.Error()
}

func TestReadCalendar(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../docs/sample/calendar.csv")
	if err != nil {
		t.Fatal(err)
	}
	c, err := documents.ReadCalendar(data)
	if err != nil {
		t.Fatal(err)
	}
	if want := award.SampleCalendar(); !reflect.DeepEqual(c, want) {
		t.Errorf("the sample file and the built-in table differ:\n%v\n%v", c, want)
	}
	if documents.KindOf(data) != documents.Calendar || documents.KindOf([]byte("userid,姓名,角色,基层党委\n")) != documents.People {
		t.Error("the header does not tell a calendar from people")
	}
}

func TestReadCalendarOfSingleDaysIsNoYear(t *testing.T) {
	t.Parallel()
	c, err := documents.ReadCalendar([]byte("类型,日期\n放假,2027-03-08\n"))
	if err != nil || c.Years[2027] || len(c.Holidays) != 1 {
		t.Errorf("calendar = %+v, %v", c, err)
	}
}

func TestReadCalendarRefusesByLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"日期,类型\n2026-02-30,放假\n", "第 2 行：日期“2026-02-30”请写成 2026-10-01 这样。"},
		{"日期,类型\n2026-10-01,放假\n2026-10-01,上班\n", "第 3 行：2026-10-01 与第 2 行重复。"},
		{"日期,类型\n2026-10-01,休\n", "第 2 行：类型“休”请写 放假 或 上班。"},
		{"日期,类型\n", "表里没有一天。"},
		{"日期\n", "第 1 行：缺少列“类型”。"},
		{"", "文件是空的。"},
	} {
		_, err := documents.ReadCalendar([]byte(c.text))
		if got := problems(t, err); !strings.Contains(got, c.want) {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}
