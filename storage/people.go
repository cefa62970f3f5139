package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"

	"cxbot/award"
	"cxbot/bot"
)

// Mode says what an import does with those it does not name.
type Mode int

const (
	// Merge keeps members and units the import does not name.
	Merge Mode = iota
	// Replace marks absent members as left and absent units as owing nothing.
	// Nothing is deleted: the records speak of them.
	Replace
)

// Imported says what an import did.
type Imported struct {
	NewUnits, ChangedUnits     int
	NewPersons, ChangedPersons int
	// AbsentUnits and AbsentPersons are in storage and not in the import: names
	// and userids. With Replace they were retired.
	AbsentUnits, AbsentPersons []string
}

// Import is what PutPeople writes.
type Import struct {
	Units   []award.Unit
	Persons []award.Person
	Mode    Mode
	Log     []award.Entry // written in the same script
}

const (
	maxConflicts = 5   // how often an import starts anew
	chunk        = 500 // records read in one call
)

// PutPeople imports units and members, all or nothing in one script. Of a known
// unit only what an import knows is replaced: its type, place, duty and people;
// topics, authorisations and extensions stay. Records that would not change are
// not written. bot.ErrConflict means that it kept colliding with members at work.
func (s *Store) PutPeople(ctx context.Context, in Import) (Imported, error) {
	var err error
	for range maxConflicts {
		var done Imported
		if done, err = s.putPeople(ctx, in); !errors.Is(err, bot.ErrConflict) {
			return done, err
		}
	}
	return Imported{}, err
}

func (s *Store) putPeople(ctx context.Context, in Import) (Imported, error) {
	v := newView(ctx, s)
	oldUnits, oldPersons, err := v.everyone()
	if err != nil {
		return Imported{}, err
	}
	var done Imported
	c := award.Changes{Log: in.Log}
	c.Units = done.mergeUnits(oldUnits, in)
	c.Persons = done.mergePersons(oldPersons, in)
	if c.IsEmpty() {
		return done, nil
	}
	b := s.batch()
	if err := b.changes(v, &c, 0); err != nil {
		return Imported{}, err
	}
	if err := b.commit(ctx, "import"); err != nil {
		return Imported{}, err
	}
	return done, nil
}

// mergeUnits computes the units to write.
func (done *Imported) mergeUnits(old []award.Unit, in Import) []award.UnitChange {
	var out []award.UnitChange
	known := make(map[string]*award.Unit, len(old))
	for i := range old {
		known[old[i].ID] = &old[i]
	}
	named := make(map[string]bool, len(in.Units))
	for _, u := range in.Units {
		named[u.ID] = true
		before := known[u.ID]
		if before == nil {
			u.Rev = 1
			out = append(out, award.UnitChange{After: u})
			done.NewUnits++
			continue
		}
		after := cloneUnit(*before)
		after.Name, after.Type, after.Order, after.Owes = u.Name, u.Type, u.Order, u.Owes
		after.Heads, after.Deputys, after.Filers = u.Heads, u.Deputys, u.Filers
		if sameRecord(before, &after) {
			continue
		}
		after.Rev++
		out = append(out, award.UnitChange{Before: before, After: after})
		done.ChangedUnits++
	}
	for i := range old {
		if named[old[i].ID] {
			continue
		}
		done.AbsentUnits = append(done.AbsentUnits, old[i].Name)
		if in.Mode == Replace && old[i].Owes {
			after := cloneUnit(old[i])
			after.Owes = false
			after.Rev++
			out = append(out, award.UnitChange{Before: &old[i], After: after})
		}
	}
	return out
}

// mergePersons computes the members to write.
func (done *Imported) mergePersons(old []award.Person, in Import) []award.Person {
	var out []award.Person
	known := make(map[string]*award.Person, len(old))
	for i := range old {
		known[fold(old[i].UserID)] = &old[i]
	}
	named := make(map[string]bool, len(in.Persons))
	for i := range in.Persons {
		p := in.Persons[i]
		named[fold(p.UserID)] = true
		before := known[fold(p.UserID)]
		if before != nil {
			p.Prefs, p.Away = before.Prefs, before.Away // the member's own, no import knows them
		}
		switch {
		case before == nil:
			done.NewPersons++
		case sameRecord(before, &p):
			continue
		default:
			done.ChangedPersons++
		}
		out = append(out, p)
	}
	for i := range old {
		if named[fold(old[i].UserID)] || old[i].Left {
			continue
		}
		done.AbsentPersons = append(done.AbsentPersons, old[i].UserID)
		if in.Mode == Replace {
			left := old[i]
			left.Left = true
			out = append(out, left)
		}
	}
	return out
}

// sameRecord compares what would be stored.
func sameRecord(a, b any) bool {
	left, err := record("", a)
	if err != nil {
		return false
	}
	right, err := record("", b)
	return err == nil && left == right
}

// AllPeople returns every unit by order and every member, those who left too, in
// the order in which they were added.
func (s *Store) AllPeople(ctx context.Context) ([]award.Unit, []award.Person, error) {
	return newView(ctx, s).everyone()
}

func (v *view) everyone() ([]award.Unit, []award.Person, error) {
	var units []award.Unit
	var persons []award.Person
	err := v.all(v.s.keys.units(), v.s.keys.unit(""), func(key, raw string) {
		if u, ok := decoded(v, v.s.caches.units, key, raw); ok {
			units = append(units, cloneUnit(u))
		}
	})
	if err != nil {
		return nil, nil, err
	}
	err = v.all(v.s.keys.people(), v.s.keys.person(""), func(key, raw string) {
		if p, ok := decoded(v, v.s.caches.persons, key, raw); ok {
			p.Roles = slices.Clone(p.Roles)
			persons = append(persons, p)
		}
	})
	if err != nil {
		return nil, nil, err
	}
	return units, persons, v.err
}

// all reads every record of an index, a chunk a call.
func (v *view) all(index, prefix string, each func(key, raw string)) error {
	cmd := redis.NewStringSliceCmd(v.ctx, "zrange", index, 0, -1)
	if err := v.s.do(v.ctx, cmd); err != nil {
		return fmt.Errorf("storage: read %s: %w", index, err)
	}
	for ids := range slices.Chunk(cmd.Val(), chunk) {
		keys := make([]string, len(ids))
		for i, id := range ids {
			keys[i] = prefix + id
		}
		v.fetch(keys)
		for _, key := range keys {
			if raw := v.memo[key]; raw != "" {
				each(key, raw)
			}
		}
	}
	return v.err
}

// PutCalendar replaces the working-day table and writes the audit lines with it.
func (s *Store) PutCalendar(ctx context.Context, c award.Calendar, log ...award.Entry) error {
	body, err := record("", c)
	if err != nil {
		return err
	}
	rev := digest(body)
	b := s.batch()
	b.set(s.keys.calendar(), rev+" "+body)
	b.set(s.keys.calendarRev(), rev)
	if err := b.log(log); err != nil {
		return err
	}
	return b.commit(ctx, "calendar")
}
