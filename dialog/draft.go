package dialog

import (
	"slices"
	"strconv"
	"strings"
)

// Origins of a value.
const (
	fromTyped   = "typed"
	fromDefault = "default"
	fromBegin   = "begin"
	fromPaste   = "paste"
	// fromEdited is a derived value somebody changed: it stays out of the count.
	fromEdited = "edited"
)

// Name is how cards and records call a draft: "filing.3".
func (d *Draft) Name() string { return d.Form + "." + strconv.Itoa(d.N) }

// ObjectID is what a draft works on, without the revision that may follow.
func ObjectID(object string) string {
	id, _, _ := strings.Cut(object, "@")
	return id
}

func (d *Draft) index(key string) int {
	for i := range d.Values {
		if d.Values[i].Key == key {
			return i
		}
	}
	return -1
}

// value returns the value of a field, zero when unset.
func (d *Draft) value(key string) Value {
	if i := d.index(key); i >= 0 {
		return d.Values[i]
	}
	return Value{Key: key}
}

// put stores a value without a trace for 撤销.
func (d *Draft) put(v Value) {
	i := d.index(v.Key)
	switch {
	case i < 0 && v.Text == "" && !v.Skip:
	case i < 0:
		d.Values = append(d.Values, v)
	case v.Text == "" && !v.Skip:
		d.Values = append(d.Values[:i:i], d.Values[i+1:]...)
	default:
		values := append([]Value(nil), d.Values...)
		values[i] = v
		d.Values = values
	}
}

// set stores values as one undoable step.
func (d *Draft) set(values ...Value) {
	c := Change{Pos: d.Pos, Asks: d.Asks}
	for _, v := range values {
		c.Before = append(c.Before, d.value(v.Key))
		d.put(v)
	}
	d.Undo = append(d.Undo, c)
	if len(d.Undo) > maxUndo {
		d.Undo = d.Undo[len(d.Undo)-maxUndo:]
	}
	d.Redo = nil
	d.Rev++
	d.Confirm = false
}

// swap undoes one change and returns its opposite.
func (d *Draft) swap(c Change) Change {
	opposite := Change{Pos: d.Pos, Asks: d.Asks}
	d.Asks = c.Asks
	for _, v := range c.Before {
		opposite.Before = append(opposite.Before, d.value(v.Key))
		d.put(v)
	}
	d.Rev++
	d.Confirm = false
	return opposite
}

// answers gives the values to checks and to Finish. Values of fields that do
// not apply now are kept in the draft but not handed on (B65).
func (t *turn[V, C]) answers(f *Form[V, C], d *Draft) Answers {
	all := Answers{Object: d.Object, list: d.Values}
	a := all
	for _, fl := range t.m.prepared[f.ID].when {
		if a.Has(fl.Key) && !fl.When(all) {
			a.list = without(a.list, fl.Key)
		}
	}
	return a
}

// applying returns the fields that apply now, in order; a field's number is its
// place here. The list is not the caller's to change.
func (t *turn[V, C]) applying(f *Form[V, C], d *Draft) []*Field[V] {
	return t.m.prepared[f.ID].applying(Answers{Object: d.Object, list: d.Values})
}

// asked reports whether a field is put as a question of its own: what is
// required and could not be derived, and what a return asks for.
func asked[V any](fl *Field[V], d *Draft) bool {
	if fl.Quiet {
		v := d.value(fl.Key)
		return fl.Required && (v.Text == "" || v.From == fromTyped)
	}
	return fl.Required
}

// open reports whether a question still waits for an answer.
func isOpen[V any](fl *Field[V], d *Draft) bool {
	for _, a := range d.Asks {
		if a.Key == fl.Key {
			return true
		}
	}
	v := d.value(fl.Key)
	return asked(fl, d) && v.Text == "" && !v.Skip
}

// current returns the field asked now, nil when everything asked is settled.
func (t *turn[V, C]) current(d *Draft) *Field[V] {
	f := t.m.forms[d.Form]
	fields := t.applying(f, d)
	if d.Pos != "" {
		for _, fl := range fields {
			if fl.Key == d.Pos {
				return fl
			}
		}
	}
	for _, fl := range fields {
		if slices.ContainsFunc(d.Asks, func(a Value) bool { return a.Key == fl.Key }) {
			return fl
		}
	}
	if list := d.items(); len(list) > 0 {
		return itemField[V](list[0])
	}
	for _, fl := range fields {
		if isOpen(fl, d) {
			return fl
		}
	}
	return nil
}

// itemPrefix begins the keys of things to be done that no field holds.
const itemPrefix = "item."

// items are those still to be done.
func (d *Draft) items() []Value {
	var list []Value
	for _, a := range d.Asks {
		if strings.HasPrefix(a.Key, itemPrefix) {
			list = append(list, a)
		}
	}
	return list
}

// itemField asks for one of them.
func itemField[V any](item Value) *Field[V] {
	return &Field[V]{
		Key: item.Key, Label: "补正要求", Required: true, Example: "已改",
		Kind: Word{Words: []string{"已改", "改好了", "已改好", "改了", "已补", "补好了", "已补上", "已交", "交了", "已附", "已办", "不用改"}},
		Ask:  item.Text,
		Help: "改好了请回复 已改；要改表里的某一项，回复“改 编号”，编号看 预览。",
	}
}

// Progress says how far a draft is.
type Progress struct {
	Form    string
	Name    string // of the draft, as its cards and records call it
	Object  string
	Done    int
	Total   int
	Missing []string // labels in form order
}

func (t *turn[V, C]) progress(f *Form[V, C], d *Draft) Progress {
	p := Progress{Form: f.ID, Name: d.Name(), Object: d.Object}
	for _, fl := range t.applying(f, d) {
		if !asked(fl, d) {
			continue
		}
		p.Total++
		if d.value(fl.Key).Text != "" && !isOpen(fl, d) {
			p.Done++
		} else {
			p.Missing = append(p.Missing, fl.Label)
		}
	}
	return p
}

// total is how many fields are asked.
func (t *turn[V, C]) total(f *Form[V, C], d *Draft) int {
	n := 0
	for _, fl := range t.applying(f, d) {
		if asked(fl, d) {
			n++
		}
	}
	return n
}

// Progresses returns the progress of every draft of the forms that keep it.
func (m *Machine[V, C]) Progresses(c Conversation, v V) []Progress {
	t := &turn[V, C]{m: m, in: Input[V]{View: v}, c: c}
	var out []Progress
	for i := range c.Drafts {
		d := &c.Drafts[i]
		if f := m.forms[d.Form]; f != nil && f.Keep && d.Version == f.Version {
			out = append(out, t.progress(f, d))
		}
	}
	return out
}

// active returns the open draft, nil when none is.
func (t *turn[V, C]) active() *Draft {
	if !t.c.Active || len(t.c.Drafts) == 0 || !t.usable(&t.c.Drafts[0]) {
		return nil
	}
	return &t.c.Drafts[0]
}

// usable reports whether this program can work on the draft: its form is known
// and the draft is not from a newer version (after a rollback).
func (t *turn[V, C]) usable(d *Draft) bool {
	f := t.m.forms[d.Form]
	return f != nil && d.Version == f.Version
}

func (t *turn[V, C]) find(name string) int {
	for i := range t.c.Drafts {
		if t.c.Drafts[i].Name() == name {
			return i
		}
	}
	return -1
}

// front makes draft i the open one. The slice is copied: the caller's
// conversation must stay as it was, in case the turn is repeated.
func (t *turn[V, C]) front(i int) {
	list := make([]Draft, 0, len(t.c.Drafts)+1)
	list = append(list, t.c.Drafts[i])
	list = append(list, t.c.Drafts[:i]...)
	list = append(list, t.c.Drafts[i+1:]...)
	t.c.Drafts = list
	t.c.Active = true
	t.scope()
}

// park leaves the open draft where it is, to be continued later.
func (t *turn[V, C]) park() {
	t.c.Active = false
	t.scope()
}

// remove takes draft i away and remembers it for 撤销.
func (t *turn[V, C]) remove(i int, keep bool) {
	if keep {
		gone := t.c.Drafts[i]
		t.c.Dropped, t.c.DroppedAt = &gone, t.in.Now
	}
	list := make([]Draft, 0, len(t.c.Drafts))
	list = append(list, t.c.Drafts[:i]...)
	t.c.Drafts = append(list, t.c.Drafts[i+1:]...)
	if i == 0 {
		t.park()
	}
}

func byKey[V any](fields []*Field[V], key string) (*Field[V], int) {
	for i, fl := range fields {
		if fl.Key == key {
			return fl, i + 1
		}
	}
	return nil, 0
}

// labelsOf lists the labels for the paste and edit readers.
func labelsOf[V any](fields []*Field[V]) []Label {
	out := make([]Label, 0, len(fields))
	for _, fl := range fields {
		_, list := fl.Kind.(rowed)
		_, person := fl.Kind.(Contact)
		out = append(out, Label{Key: fl.Key, Label: fl.Label, Aliases: fl.Aliases, Long: fl.Kind.Long(), List: list, Person: person, Boxes: fl.Kind.Numeric()})
	}
	return out
}

// rowed is a kind whose value is a list of rows: Rows, and kinds built on it.
type rowed interface{ isRowed() }

func (Rows) isRowed() {}

func join(list []string) string { return strings.Join(list, "、") }
