package dialog

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// The conversation record is read and written on every turn, so it has a codec
// of its own: a leading format number, then fields in fixed order, numbers as
// decimal text ended by a space, strings as "length:bytes". It is a third of
// the cost of a general encoder and can still be read by eye.
//
// Format 2 adds the pictures at the end. A record without any is written in
// format 1, which programs of before can read.
const (
	codecFormat = 1
	codecFiles  = 2
)

// errConversation marks a record that cannot be read; it is parked, never lost.
var errConversation = errors.New("dialog: unreadable conversation record")

// Append writes the record to the end of b and returns it.
func (c Conversation) Append(b []byte) []byte {
	w := writer{b}
	format := int64(codecFormat)
	if len(c.Coming) > 0 || len(c.Tray) > 0 || c.Burst.ID != "" {
		format = codecFiles
	}
	w.num(format)
	w.str(c.Person)
	w.num(c.Rev)
	w.num(int64(c.Serial))
	w.flag(c.Active)
	w.num(int64(len(c.Drafts)))
	for i := range c.Drafts {
		w.draft(&c.Drafts[i])
	}
	w.strs(c.Pages)
	w.str(c.List.Kind)
	w.strs(c.List.IDs)
	w.time(c.List.At)
	w.str(c.Choice.Text)
	w.strs(c.Choice.Options)
	w.time(c.Choice.At)
	w.strs(c.Unsaid)
	w.flag(c.Dropped != nil)
	if c.Dropped != nil {
		w.draft(c.Dropped)
	}
	w.time(c.DroppedAt)
	w.time(c.SeenAt)
	w.str(c.Receipt)
	w.time(c.ReceiptAt)
	w.str(c.ReceiptRef.Kind)
	w.str(c.ReceiptRef.ID)
	w.num(c.ReceiptRef.Rev)
	w.str(c.Asked)
	w.time(c.AskedAt)
	if format == codecFiles {
		w.files(&c)
	}
	return w.b
}

// DecodeConversation reads a record written by Append. Any damage is an error.
// The texts of the result share memory with a record given as a string.
func DecodeConversation[T string | []byte](record T) (Conversation, error) {
	r := reader{b: string(record)}
	var c Conversation
	format := r.num()
	if format != codecFormat && format != codecFiles {
		return c, fmt.Errorf("%w: format %d", errConversation, format)
	}
	c.Person = r.str()
	c.Rev = r.num()
	c.Serial = int(r.num())
	c.Active = r.flag()
	c.Drafts = make([]Draft, r.count())
	for i := range c.Drafts {
		r.draft(&c.Drafts[i])
	}
	c.Pages = r.strs()
	c.List.Kind = r.str()
	c.List.IDs = r.strs()
	c.List.At = r.time()
	c.Choice.Text = r.str()
	c.Choice.Options = r.strs()
	c.Choice.At = r.time()
	c.Unsaid = r.strs()
	if r.flag() {
		c.Dropped = new(Draft)
		r.draft(c.Dropped)
	}
	c.DroppedAt = r.time()
	c.SeenAt = r.time()
	c.Receipt = r.str()
	c.ReceiptAt = r.time()
	c.ReceiptRef.Kind = r.str()
	c.ReceiptRef.ID = r.str()
	c.ReceiptRef.Rev = r.num()
	c.Asked = r.str()
	c.AskedAt = r.time()
	if format == codecFiles {
		r.files(&c)
	}
	if r.bad || r.pos != len(r.b) {
		return Conversation{}, fmt.Errorf("%w: damaged at byte %d of %d", errConversation, r.pos, len(r.b))
	}
	if len(c.Drafts) == 0 {
		c.Drafts = nil
	}
	return c, nil
}

type writer struct{ b []byte }

func (w *writer) num(n int64) { w.b = append(strconv.AppendInt(w.b, n, 10), ' ') }

func (w *writer) str(s string) {
	w.b = append(strconv.AppendInt(w.b, int64(len(s)), 10), ':')
	w.b = append(w.b, s...)
}

func (w *writer) strs(list []string) {
	w.num(int64(len(list)))
	for _, s := range list {
		w.str(s)
	}
}

func (w *writer) flag(f bool) {
	if f {
		w.num(1)
		return
	}
	w.num(0)
}

// time writes milliseconds; the zero time is 0.
func (w *writer) time(t time.Time) {
	if t.IsZero() {
		w.num(0)
		return
	}
	w.num(t.UnixMilli())
}

func (w *writer) values(list []Value) {
	w.num(int64(len(list)))
	for _, v := range list {
		w.str(v.Key)
		w.str(v.Text)
		w.str(v.From)
		w.flag(v.Skip)
	}
}

func (w *writer) changes(list []Change) {
	w.num(int64(len(list)))
	for _, c := range list {
		w.values(c.Before)
		w.str(c.Pos)
		w.values(c.Asks)
	}
}

func (w *writer) draft(d *Draft) {
	w.str(d.Form)
	w.num(int64(d.Version))
	w.num(int64(d.N))
	w.num(d.Rev)
	w.str(d.Object)
	w.values(d.Values)
	w.str(d.Pos)
	w.str(d.Back)
	w.flag(d.Confirm)
	w.flag(d.Readied)
	w.num(int64(d.Tries))
	w.str(d.Partial)
	w.values(d.Asks)
	w.changes(d.Undo)
	w.changes(d.Redo)
	w.values(d.Archive)
	w.time(d.Created)
	w.time(d.Changed)
}

// reader reads the codec; the first damage sets bad and all further reads are zero.
type reader struct {
	b    string
	pos  int
	bad  bool
	room []Value // cut into the lists of values: an undo list has dozens of one
}

// someValues is how many values are made room for at a time.
const someValues = 32

// list makes a list of n values.
func (r *reader) list(n int) []Value {
	if n > len(r.room) {
		r.room = make([]Value, max(n, someValues))
	}
	list := r.room[:n:n]
	r.room = r.room[n:]
	return list
}

func (r *reader) until(sep byte) int64 {
	if r.bad {
		return 0
	}
	var n int64
	negative, digits := false, 0
	for r.pos < len(r.b) {
		c := r.b[r.pos]
		r.pos++
		switch {
		case c == sep && digits > 0:
			if negative {
				n = -n
			}
			return n
		case c == '-' && digits == 0 && !negative:
			negative = true
		case c >= '0' && c <= '9' && digits < 18:
			n = n*10 + int64(c-'0')
			digits++
		default:
			r.bad = true
			return 0
		}
	}
	r.bad = true
	return 0
}

func (r *reader) num() int64 { return r.until(' ') }

func (r *reader) flag() bool { return r.num() == 1 }

// count reads a list length and refuses one the rest of the record cannot hold.
func (r *reader) count() int {
	n := r.num()
	if n < 0 || n > int64(len(r.b)-r.pos) {
		r.bad = true
		return 0
	}
	return int(n)
}

func (r *reader) str() string {
	n := r.until(':')
	if r.bad || n < 0 || n > int64(len(r.b)-r.pos) {
		r.bad = true
		return ""
	}
	s := r.b[r.pos : r.pos+int(n)]
	r.pos += int(n)
	return s
}

func (r *reader) strs() []string {
	n := r.count()
	if n == 0 {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = r.str()
	}
	return list
}

func (r *reader) time() time.Time {
	ms := r.num()
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

func (r *reader) values() []Value {
	n := r.count()
	if n == 0 {
		return nil
	}
	list := r.list(n)
	for i := range list {
		list[i] = Value{Key: r.str(), Text: r.str(), From: r.str(), Skip: r.flag()}
	}
	return list
}

func (r *reader) changes() []Change {
	n := r.count()
	if n == 0 {
		return nil
	}
	list := make([]Change, n)
	for i := range list {
		list[i] = Change{Before: r.values(), Pos: r.str(), Asks: r.values()}
	}
	return list
}

func (r *reader) draft(d *Draft) {
	d.Form = r.str()
	d.Version = int(r.num())
	d.N = int(r.num())
	d.Rev = r.num()
	d.Object = r.str()
	d.Values = r.values()
	d.Pos = r.str()
	d.Back = r.str()
	d.Confirm = r.flag()
	d.Readied = r.flag()
	d.Tries = int(r.num())
	d.Partial = r.str()
	d.Asks = r.values()
	d.Undo = r.changes()
	d.Redo = r.changes()
	d.Archive = r.values()
	d.Created = r.time()
	d.Changed = r.time()
}
