package dialog

import (
	"slices"
	"strings"
)

// Migration brings a draft from Version From to From+1. Nothing a person wrote is
// lost: what no longer has a field goes into the draft's archive.
type Migration struct {
	From int
	// Rename maps old keys to new ones; Drop moves values into the archive.
	Rename map[string]string
	Drop   []string
	Note   string // the one sentence the person reads
}

// migrate brings drafts of older form versions up; what cannot be brought up is
// left readable and closed (dialog.md 5.9).
func (t *turn[V, C]) migrate() {
	if !slices.ContainsFunc(t.c.Drafts, t.outdated) {
		return
	}
	drafts := append([]Draft(nil), t.c.Drafts...)
	for i := range drafts {
		for _, note := range t.bringUp(&drafts[i]) {
			if !slices.Contains(t.note, note) { // once, however many drafts there are
				t.note = append(t.note, note)
			}
		}
	}
	t.c.Drafts = drafts
}

func (t *turn[V, C]) outdated(d Draft) bool {
	f := t.m.forms[d.Form]
	return f != nil && d.Version < f.Version
}

// bringUp migrates one draft step by step and returns what to say of it.
func (t *turn[V, C]) bringUp(d *Draft) []string {
	f := t.m.forms[d.Form]
	if f == nil {
		return nil
	}
	if t.m.cfg.Scope != nil {
		view := t.in.View
		t.in.View = t.m.cfg.Scope(t.own, d.Object)
		defer func() { t.in.View = view }()
	}
	var notes []string
	for d.Version < f.Version {
		at := slices.IndexFunc(f.Migrations, func(s Migration) bool { return s.From == d.Version })
		if at < 0 {
			break
		}
		f.Migrations[at].apply(d)
		t.trace("migrated " + f.ID)
		t.derive(f, d)
		if note := f.Migrations[at].Note; note != "" {
			notes = append(notes, note)
		}
	}
	return notes
}

// apply changes a draft's keys everywhere they stand: in the answers, in what can
// be taken back, in what is asked for.
func (s Migration) apply(d *Draft) {
	kept, dropped := s.rename(d.Values)
	d.Values = kept
	if len(dropped) > 0 {
		d.Archive = append(append([]Value(nil), d.Archive...), dropped...)
	}
	d.Asks, _ = s.rename(d.Asks)
	d.Undo, d.Redo = s.changes(d.Undo), s.changes(d.Redo)
	d.Pos, d.Back = s.position(d.Pos), s.position(d.Back)
	d.Confirm, d.Readied = false, false
	d.Version++
	d.Rev++
}

func (s Migration) rename(list []Value) (kept, dropped []Value) {
	for _, v := range list {
		if to, ok := s.Rename[v.Key]; ok {
			v.Key = to
		}
		if slices.Contains(s.Drop, v.Key) {
			dropped = append(dropped, v)
			continue
		}
		kept = append(kept, v)
	}
	return kept, dropped
}

func (s Migration) changes(list []Change) []Change {
	var out []Change
	for _, c := range list {
		if c.Before, _ = s.rename(c.Before); len(c.Before) == 0 {
			continue
		}
		c.Asks, _ = s.rename(c.Asks)
		c.Pos = s.position(c.Pos)
		out = append(out, c)
	}
	return out
}

// position is where a field went, "" when it is gone.
func (s Migration) position(key string) string {
	if to, ok := s.Rename[key]; ok {
		key = to
	}
	if slices.Contains(s.Drop, key) {
		return ""
	}
	return key
}

// readable shows a draft this program cannot work on as text that can be copied
// elsewhere or pasted into a new form: nothing in it is out of reach.
func (t *turn[V, C]) readable(d *Draft) string {
	label := func(key string) string { return key }
	show := func(_, value string) string { return plain(value) }
	title := d.Form
	if f := t.m.forms[d.Form]; f != nil {
		title = f.Title
		all := t.m.prepared[f.ID].all
		label = func(key string) string {
			if fl, _ := byKey(all, key); fl != nil {
				return fl.Label
			}
			return key
		}
		show = func(key, value string) string {
			if fl, _ := byKey(all, key); fl != nil {
				return fl.Kind.Show(value)
			}
			return plain(value)
		}
	}
	lines := []string{"这份“" + title + "”草稿是别的版本填的，现在只能看，不能接着填。内容都在，可以整段复制："}
	for _, v := range append(append([]Value(nil), d.Values...), d.Archive...) {
		if v.Text == "" {
			continue
		}
		shown := show(v.Key, v.Text)
		if strings.Contains(shown, "\n") {
			shown = "\n" + shown
		}
		lines = append(lines, label(v.Key)+"："+shown)
	}
	if d.Partial != "" {
		lines = append(lines, "没发完的一段：\n"+d.Partial)
	}
	return strings.Join(lines, "\n")
}

// plain shows a value without knowing its kind.
func plain(value string) string {
	rows := SplitRows(value)
	for i, row := range rows {
		rows[i] = []string{strings.TrimRight(strings.Join(row, cellMark), cellMark)}
	}
	lines := make([]string, 0, len(rows))
	for _, row := range rows {
		lines = append(lines, row[0])
	}
	return strings.Join(lines, "\n")
}
