package bot

import "errors"

// ErrConflict says that something a decision had read changed before the
// commit; the turn loads again and repeats.
var ErrConflict = errors.New("bot: changed since it was read")

// ErrNotStored says that surely nothing was written (Redis refused or could not
// be reached before the command left), so the person may be told so.
var ErrNotStored = errors.New("bot: surely not stored")

// Repeat says the event was committed by somebody else meanwhile.
type Repeat struct{ Reply string } //nolint:errname // It is an outcome in the shape of an error.

// Error implements error.
func (*Repeat) Error() string { return "bot: answered before" }
