package dialog

import (
	"fmt"
	"strconv"
	"strings"
)

// reuse takes the proposed value of the open question.
func (t *turn[V, C]) reuse(f *Form[V, C], d *Draft) {
	fl := t.current(d)
	if fl == nil || fl.Default == nil {
		t.note = append(t.note, "这一项没有可沿用的内容。")
		t.askShort()
		return
	}
	v := fl.Default(t.in.View, t.answers(f, d))
	if v == "" {
		t.note = append(t.note, "这一项没有可沿用的内容。")
		t.askShort()
		return
	}
	r := Reading{Value: v, Echo: Cut(oneLine(fl.Kind.Show(v)), 90), Problem: t.check(f, d, fl, v)}
	if !r.Problem.OK() {
		t.failed(f, d, fl, r)
		return
	}
	t.settle(f, d, fl, r)
}

// startFromLast opens the form that can be filled from the person's last one
// (沿用上次), when there is one they may start.
func (t *turn[V, C]) startFromLast() bool {
	for _, f := range t.m.cfg.Forms {
		if f.Reuse == nil || allow(f, t.in.View) != "" {
			continue
		}
		if f.MayReuse != nil && !f.MayReuse(t.in.View) {
			_, why := f.Reuse(t.in.View)
			t.note = append(t.note, why)
			t.askOrNudge()
			return true
		}
		slots := Slots{"text": t.text, "paste": "1"} // "paste": no opening line
		if i := t.beginner(f); i >= 0 {
			t.front(i)
		} else {
			begin, ok := t.begin(f, slots)
			if !ok || t.open(f, slots, begin) == nil {
				return true
			}
		}
		t.reuseLast(f, t.active())
		return true
	}
	return false
}

// reuseLast fills what is still empty from the person's last form and says what
// was taken and what must be given anew.
func (t *turn[V, C]) reuseLast(f *Form[V, C], d *Draft) {
	if f.Reuse == nil {
		t.reuse(f, d)
		return
	}
	if fl := t.current(d); fl != nil && t.proposal(f, d, fl) != "" {
		t.reuse(f, d)
		return
	}
	last, why := f.Reuse(t.in.View)
	if why != "" {
		t.trace("reuse refused " + f.ID)
		t.note = append(t.note, why)
		t.ask()
		return
	}
	t.keepPartial(f, d)
	var taken []Value
	var names []string
	work := *d
	for _, fl := range t.m.prepared[f.ID].all {
		value := last.Answers[fl.Key]
		if value == "" || d.value(fl.Key).Text != "" {
			continue
		}
		if here, _ := byKey(t.applying(f, &work), fl.Key); here == nil || !t.check(f, &work, fl, value).OK() {
			continue
		}
		v := Value{Key: fl.Key, Text: value, From: fromBegin}
		work.put(v)
		taken, names = append(taken, v), append(names, fl.Label)
	}
	t.trace(fmt.Sprintf("draft %s reuses %d values", f.ID, len(taken)))
	if len(taken) > 0 {
		d.set(taken...)
	}
	d.Pos, d.Back, d.Tries = "", "", 0
	missing := t.progress(f, d).Missing
	note := []string{last.Note, fmt.Sprintf("沿用了 %d 项：%s。", len(taken), join(names))}
	if len(missing) > 0 {
		note = append(note, "要重新给的 "+strconv.Itoa(len(missing))+" 项："+join(missing)+"。一项一项答，或按“标签：内容”一次发来都行；不要沿用请回复 撤销。")
	}
	t.note = append(t.note, strings.Join(note, "\n"))
	t.ask()
}

// heard takes a message that is plainly the answer to a field nobody asked for
// now ("书记同意了") and goes on where the person was.
func (t *turn[V, C]) heard(f *Form[V, C], d *Draft) bool {
	for _, h := range t.m.prepared[f.ID].heard {
		if !h.re.MatchString(t.text) {
			continue
		}
		fl, _ := byKey(t.applying(f, d), h.key)
		if fl == nil {
			return false
		}
		r := t.understand(f, d, fl, t.text, "")
		if !r.Problem.OK() {
			return false
		}
		t.trace("field " + f.ID + "." + fl.Key + " heard")
		asked := d.Confirm
		d.set(Value{Key: fl.Key, Text: r.Value, From: fromTyped})
		if fl.Warn != nil {
			t.note = append(t.note, fl.Warn(t.in.View, t.answers(f, d), r.Value))
		}
		if key := Key(t.text); strings.HasSuffix(key, string(wordSubmit)) || strings.HasSuffix(key, "报送") {
			d.Confirm = asked
			t.submit(f, d)
			return true
		}
		t.brief = asked
		t.ask()
		return true
	}
	return false
}
