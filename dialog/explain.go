package dialog

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
