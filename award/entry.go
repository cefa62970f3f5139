package award

import "time"

// Entry is one line of the audit trail in its final format (design.md D17).
// It names records and fields, never private values. Storage appends it in the
// commit with a SHA-256 over its canonical text; a sealer chains them later.
type Entry struct {
	At     time.Time `json:"at"`
	Who    string    `json:"who"`    // userid, "system" for the scheduler
	Did    string    `json:"did"`    // "filing.submit", "filing.accept", "refused"
	Object string    `json:"object"` // "topic:2026-0001", "draft:filing.1"
	Detail string    `json:"detail,omitempty"`
	Event  string    `json:"event"` // id of the event that caused it
}
