package dialog

import "strings"

// prepared is what New works out of a form once, because every message needs it.
type prepared[V any] struct {
	fields []*Field[V]
	labels *labelSet
	// fixed says that every field always applies: fields and labels then fit
	// every draft.
	fixed bool
	// ignore are the labels of Form.Ignore.
	ignore []Label
}

func ignoreLabels(names []string) []Label {
	out := make([]Label, 0, len(names))
	for _, name := range names {
		out = append(out, Label{Label: name, Ignore: true})
	}
	return out
}

func prepare[V any](fields []Field[V], ignore []string) prepared[V] {
	p := prepared[V]{ignore: ignoreLabels(ignore), fields: make([]*Field[V], len(fields)), fixed: true}
	for i := range fields {
		p.fields[i] = &fields[i]
		p.fixed = p.fixed && fields[i].When == nil
	}
	p.labels = newLabelSet(append(labelsOf(p.fields), p.ignore...))
	return p
}

// labels are those of the fields that apply now.
func (t *turn[V, C]) labels(f *Form[V, C], d *Draft) *labelSet {
	if p := t.m.prepared[f.ID]; p.fixed {
		return p.labels
	}
	return newLabelSet(append(labelsOf(t.applying(f, d)), t.m.prepared[f.ID].ignore...))
}

// labelSet is a list of labels made ready for reading.
type labelSet struct {
	names []labelName
	index map[string]string // labelKey → field
	main  map[string]string // the same of the labels themselves, without aliases
	trait map[string]trait  // by field
}

// trait is what a label's field says about its value; see Label.
type trait struct{ long, list, person, boxes bool }

// labelName is a label or an alias and the field it stands for.
type labelName struct{ name, key string }

func newLabelSet(labels []Label) *labelSet {
	s := &labelSet{index: make(map[string]string, 2*len(labels)), main: make(map[string]string, len(labels)), trait: make(map[string]trait, len(labels))}
	for _, l := range labels {
		if l.Ignore {
			continue
		}
		s.trait[l.Key] = trait{l.Long, l.List, l.Person, l.Boxes}
		s.main[labelKey(l.Label)] = l.Key
		for _, name := range append([]string{l.Label}, l.Aliases...) {
			s.names = append(s.names, labelName{name, l.Key})
			if key := labelKey(name); key != "" && s.index[key] == "" {
				s.index[key] = l.Key
			}
		}
	}
	s.ignore(labels)
	return s
}

// named is the field of a label as written before its colon ("完成时间为：").
func (s *labelSet) named(name string) string {
	if key := s.index[labelKey(name)]; key != "" {
		return key
	}
	if short := strings.TrimRight(name, "为是"); short != name {
		return s.index[labelKey(short)]
	}
	return ""
}

// ignore enters the labels that are known and not used, after those of fields.
func (s *labelSet) ignore(labels []Label) {
	for _, l := range labels {
		if !l.Ignore {
			continue
		}
		for _, name := range append([]string{l.Label}, l.Aliases...) {
			if key := labelKey(name); key != "" && s.index[key] == "" {
				s.index[key] = ignoredHead + l.Label
			}
		}
	}
}
