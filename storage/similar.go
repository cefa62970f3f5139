package storage

import "cxbot/award"

// Similar implements award.View.
func (v *view) Similar(_, _ string, _ int) []award.Likeness { return nil }

// Past implements award.View.
func (v *view) Past(_ award.PastQuery) award.PastPage { return award.PastPage{} }
