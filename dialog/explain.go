package dialog

import "time"

// Understood is how a message would be read.
type Understood struct {
	Intent string
	Slots  Slots
	Form   bool
}

// Understand reads a message without a conversation; several results mean the
// person would be asked, none that the message would not be understood.
func (m *Machine[V, C]) Understand(v V, text string) []Understood {
	t := &turn[V, C]{m: m, in: Input[V]{View: v}}
	var out []Understood
	for _, h := range t.match(Normalise(text)) {
		out = append(out, Understood{h.id, h.slots, h.form})
	}
	return out
}

// Word names the reserved word a whole message is, "" for none.
func (m *Machine[V, C]) Word(text string) string {
	w, _, ok := readWord(Normalise(text))
	if !ok {
		return ""
	}
	return string(w)
}

// Pasted reads a text as a pasted form of the kind that keeps drafts: the
// values that can stand, shown as people read them, and the keys of what is
// required and missing. ok is false when it is no pasted form.
func (m *Machine[V, C]) Pasted(v V, text string, now time.Time) (values map[string]string, missing []string, ok bool) {
	for _, f := range m.cfg.Forms {
		if !f.Keep {
			continue
		}
		t := &turn[V, C]{m: m, in: Input[V]{View: v, Now: now}}
		d := &Draft{Form: f.ID, Version: f.Version}
		fields := t.applying(f, d)
		p := t.labels(f).paste(Normalise(text))
		if ownLabels(p) < 3 {
			continue
		}
		values = map[string]string{}
		for _, item := range p.Items {
			fl, _ := byKey(t.m.prepared[f.ID].all, item.Key)
			if r := fl.Kind.Read(item.Raw, Env{Now: now, Label: fl.Label}); r.Problem.OK() {
				values[fl.Key] = fl.Kind.Show(r.Value)
			}
		}
		for _, fl := range fields {
			if fl.Required && !fl.Quiet && values[fl.Key] == "" {
				missing = append(missing, fl.Key)
			}
		}
		return values, missing, true
	}
	return nil, nil, false
}

// Required lists the keys of the fields a form asks for.
func (m *Machine[V, C]) Required(form string) []string {
	var keys []string
	for i := range m.forms[form].Fields {
		if fl := &m.forms[form].Fields[i]; fl.Required && !fl.Quiet {
			keys = append(keys, fl.Key)
		}
	}
	return keys
}
