package dialog

// files writes the pictures of a record.
func (w *writer) files(c *Conversation) {
	w.num(int64(len(c.Coming)))
	for i := range c.Coming {
		p := &c.Coming[i]
		w.str(p.ID)
		w.str(p.Draft)
		w.num(int64(p.N))
		w.time(p.At)
	}
	w.num(int64(len(c.Tray)))
	for i := range c.Tray {
		w.str(JoinFiles([]File{c.Tray[i].File}))
		w.time(c.Tray[i].At)
	}
	b := &c.Burst
	w.str(b.ID)
	w.str(b.Draft)
	w.time(b.Since)
	w.time(b.Last)
	w.time(b.Due)
	for _, n := range [...]int{b.Sent, b.Got, b.Same, b.Full} {
		w.num(int64(n))
	}
	w.strs(b.Bad)
}

// files is the inverse.
func (r *reader) files(c *Conversation) {
	if n := r.count(); n > 0 {
		c.Coming = make([]Coming, n)
	}
	for i := range c.Coming {
		c.Coming[i] = Coming{ID: r.str(), Draft: r.str(), N: int(r.num()), At: r.time()}
	}
	if n := r.count(); n > 0 {
		c.Tray = make([]Kept, n)
	}
	for i := range c.Tray {
		if files := SplitFiles(r.str()); len(files) == 1 {
			c.Tray[i].File = files[0]
		} else {
			r.bad = true
		}
		c.Tray[i].At = r.time()
	}
	b := &c.Burst
	b.ID, b.Draft = r.str(), r.str()
	b.Since, b.Last, b.Due = r.time(), r.time(), r.time()
	b.Sent, b.Got, b.Same, b.Full = int(r.num()), int(r.num()), int(r.num()), int(r.num())
	b.Bad = r.strs()
}
