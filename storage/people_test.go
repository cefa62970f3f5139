package storage_test

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/redis/go-redis/v9"

	"cxbot/award"
	"cxbot/storage"
	"cxbot/storage/storagetest"
)

func put(t *testing.T, s *storage.Store, in storage.Import) storage.Imported {
	t.Helper()
	got, err := s.PutPeople(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestPutPeopleMerges(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, _ *redis.Client) {
		units := []award.Unit{
			{ID: "城关镇党委", Name: "城关镇党委", Type: "乡镇", Order: 1, Owes: true, Heads: []string{"wang"}},
			{ID: "公安局党委", Name: "公安局党委", Type: "县直", Order: 2, Owes: true},
		}
		persons := []award.Person{
			{UserID: "Wang", Name: "王建国", Roles: []award.Role{award.RoleHead}, Unit: "城关镇党委"},
			{UserID: "li", Name: "李春梅", Roles: []award.Role{award.RoleFiler}, Unit: "城关镇党委"},
		}
		in := storage.Import{Units: units, Persons: persons, Log: []award.Entry{{At: noon, Who: "admin", Did: "import"}}}
		if got, want := put(t, s, in), (storage.Imported{NewUnits: 2, NewPersons: 2}); !reflect.DeepEqual(got, want) {
			t.Errorf("first import = %+v, want %+v", got, want)
		}
		// The programme goes on: a cycle, a filing, an authorisation.
		before, _ := view(t, s).Unit("城关镇党委")
		working := before
		working.Rev, working.Cycle, working.Confirmers = 2, "2026", []string{"li"}
		working.Topics = []award.TopicRef{{ID: "2026-0001", Status: award.StatusFiled}}
		apply(t, s, award.Changes{Cycle: &award.Cycle{ID: "2026", Rev: 1}})
		apply(t, s, award.Changes{Units: []award.UnitChange{{Before: &before, After: working}}})

		if got := put(t, s, storage.Import{Units: units, Persons: persons}); !reflect.DeepEqual(got, storage.Imported{}) {
			t.Errorf("the same import again = %+v, want nothing", got)
		}
		units[0].Type, units[0].Order, units[0].Topics = "街道", 9, nil
		persons = []award.Person{
			{UserID: "wang", Name: "王建国", Roles: []award.Role{award.RoleDeputy}, Unit: "城关镇党委"},
			{UserID: "zhao", Name: "赵敏", Unit: "城关镇党委"},
		}
		next := storage.Import{Units: units[:1], Persons: persons}
		want := storage.Imported{
			ChangedUnits: 1, NewPersons: 1, ChangedPersons: 1,
			AbsentUnits: []string{"公安局党委"}, AbsentPersons: []string{"li"},
		}
		if got := put(t, s, next); !reflect.DeepEqual(got, want) {
			t.Errorf("merge = %+v, want %+v", got, want)
		}
		v := view(t, s)
		unit, _ := v.Unit("城关镇党委")
		working.Rev, working.Type, working.Order = 3, "街道", 9
		if !reflect.DeepEqual(unit, working) {
			t.Errorf("unit after a merge = %+v, want %+v", unit, working)
		}
		if heads := v.WithRole(award.RoleHead); len(heads) != 0 {
			t.Errorf("still heads: %+v", heads)
		}
		if got := v.Counts(); got.Units != 2 || got.Filed != 1 {
			t.Errorf("counts after a merge = %+v", got)
		}

		next.Mode = storage.Replace
		put(t, s, next)
		v = view(t, s)
		if li, ok := v.Person("li"); !ok || !li.Left {
			t.Errorf("absent member after a replace = %+v, %v", li, ok)
		}
		if got := v.Named("李春梅"); len(got) != 0 {
			t.Errorf("a member who left is offered: %+v", got)
		}
		if got := v.Counts(); got.Units != 1 || got.Filed != 1 {
			t.Errorf("counts after a replace = %+v", got)
		}
		if got := v.Unfiled(0, 10); got.Total != 0 {
			t.Errorf("unfiled after a replace = %+v", got)
		}
		allUnits, allPersons, err := s.AllPeople(t.Context())
		if err != nil || len(allUnits) != 2 || len(allPersons) != 3 || allPersons[0].UserID != "wang" || allPersons[2].UserID != "zhao" {
			t.Errorf("all people = %+v %+v, %v", allUnits, allPersons, err)
		}
	})
}

// TestPutPeopleNewUnitsOwe shows that a unit imported into a running cycle is
// among those that have not filed.
func TestPutPeopleNewUnitsOwe(t *testing.T) {
	t.Parallel()
	s := storagetest.Mini(t)
	apply(t, s, award.Changes{Cycle: &award.Cycle{ID: "2026", Rev: 1}})
	put(t, s, storage.Import{Units: []award.Unit{{ID: "b", Order: 2, Owes: true}, {ID: "a", Order: 1, Owes: true}, {ID: "c", Order: 3}}})
	got := view(t, s).Unfiled(0, 10)
	if got.Total != 2 || got.Units[0].ID != "a" || got.Units[1].ID != "b" {
		t.Errorf("unfiled = %+v", got)
	}
}

func TestPutPeopleAllOrNothing(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, c *redis.Client) {
		foreign(t, c, prefix+"role:"+string(award.RoleAdmin))
		before := dump(t, c)
		in := storage.Import{Units: []award.Unit{{ID: "a"}}}
		for i := range 50 {
			in.Persons = append(in.Persons, award.Person{UserID: fmt.Sprint("u", i), Name: "某"})
		}
		in.Persons[49].Roles = []award.Role{award.RoleAdmin}
		if _, err := s.PutPeople(t.Context(), in); err == nil {
			t.Error("the import passed over a foreign key")
		}
		if after := dump(t, c); after != before {
			t.Errorf("half an import:\n%s", after)
		}
	})
}

func TestPutPeopleLarge(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, s *storage.Store, _ *redis.Client) {
		var in storage.Import
		for i := range 300 {
			id := fmt.Sprintf("第%03d党委", i)
			in.Units = append(in.Units, award.Unit{ID: id, Name: id, Order: i, Owes: true})
		}
		for i := range 2000 {
			in.Persons = append(in.Persons, award.Person{
				UserID: fmt.Sprintf("u%04d", i), Name: fmt.Sprint("人", i), Unit: in.Units[i%300].ID, Roles: []award.Role{award.RoleFiler},
			})
		}
		put(t, s, in)
		units, persons, err := s.AllPeople(t.Context())
		if err != nil || len(units) != 300 || len(persons) != 2000 {
			t.Fatalf("%d units, %d persons, %v", len(units), len(persons), err)
		}
		if !slices.IsSortedFunc(persons, func(a, b award.Person) int { return cmp.Compare(a.UserID, b.UserID) }) {
			t.Error("members are not in the order of the file")
		}
	})
}

func TestPutCalendarReplaces(t *testing.T) {
	t.Parallel()
	s := storagetest.Mini(t)
	for year := 2026; year < 2030; year++ {
		want := award.Calendar{
			Holidays: map[award.Date]string{{Year: year, Month: 1, Day: 1}: "元旦"},
			Worked:   map[award.Date]string{},
			Years:    map[int]bool{year: true},
		}
		if err := s.PutCalendar(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		if got := view(t, s).Calendar(); !reflect.DeepEqual(got, want) {
			t.Errorf("calendar = %+v, want %+v", got, want)
		}
		if got := load(t, s, "app|1", "a").View.Calendar(); !reflect.DeepEqual(got, want) {
			t.Errorf("calendar of a turn = %+v, want %+v", got, want)
		}
	}
}
