package dialog

import (
	"fmt"
	"regexp"
	"strings"
)

// maxWhen is how many fields of a form may depend on others: every combination
// of them is worked out once.
const maxWhen = 6

// prepared is what New works out of a form once, because every message needs it.
type prepared[V any] struct {
	all []*Field[V]
	// when are the fields that do not always apply, and sets the lists of fields
	// that apply: bit i of the index says that when[i] does.
	when []*Field[V]
	sets [][]*Field[V]
	// labels are those of all fields: a label of one that does not apply now is
	// answered, not taken for something else.
	labels *labelSet
	heard  []heard
}

// heard is a field with the messages that are plainly its own.
type heard struct {
	key string
	re  *regexp.Regexp
}

func ignoreLabels(names []string) []Label {
	out := make([]Label, 0, len(names))
	for _, name := range names {
		out = append(out, Label{Label: name, Ignore: true})
	}
	return out
}

func prepare[V any](fields []Field[V], ignore []string) (*prepared[V], error) {
	p := &prepared[V]{all: make([]*Field[V], len(fields))}
	for i := range fields {
		fl := &fields[i]
		p.all[i] = fl
		if fl.When != nil {
			p.when = append(p.when, fl)
		}
		if fl.Heard != "" {
			re, err := regexp.Compile(`^(?:` + fl.Heard + `)$`)
			if err != nil {
				return nil, fmt.Errorf("%w: field %s: %w", errDeclaration, fl.Key, err)
			}
			p.heard = append(p.heard, heard{fl.Key, re})
		}
	}
	p.labels = newLabelSet(append(labelsOf(p.all), ignoreLabels(ignore)...))
	for bits := range 1 << len(p.when) {
		var set []*Field[V]
		n := 0
		for _, fl := range p.all {
			if fl.When != nil {
				n++
				if bits>>(n-1)&1 == 0 {
					continue
				}
			}
			set = append(set, fl)
		}
		p.sets = append(p.sets, set)
	}
	return p, nil
}

// applying is the list of fields that apply to these answers.
func (p *prepared[V]) applying(a Answers) []*Field[V] {
	bits := 0
	for i, fl := range p.when {
		if fl.When(a) {
			bits |= 1 << i
		}
	}
	return p.sets[bits]
}

// labels are those of all fields of a form.
func (t *turn[V, C]) labels(f *Form[V, C]) *labelSet { return t.m.prepared[f.ID].labels }

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
