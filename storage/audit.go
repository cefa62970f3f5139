package storage

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"cxbot/award"
)

// The digest stands last in a line: {…,"sha256":"64 hex digits"}.
const (
	digestLabel = `,"sha256":"`
	digestEnd   = `"}`
)

// errAudit says that an audit line is not what was written.
var errAudit = errors.New("storage: audit line altered")

// AuditLine is the final form of an audit entry (design.md D17): its JSON on one
// line, and in its last field the SHA-256 of that JSON without the field.
func AuditLine(e award.Entry) (string, error) {
	text, err := json.Marshal(e)
	if err != nil {
		return "", fmt.Errorf("storage: audit: %w", err)
	}
	sum := sha256.Sum256(text)
	return string(text[:len(text)-1]) + digestLabel + hex.EncodeToString(sum[:]) + digestEnd, nil
}

// ReadAuditLine reads a line back and refuses one whose digest does not fit.
func ReadAuditLine(line string) (award.Entry, error) {
	var e award.Entry
	at := strings.LastIndex(line, digestLabel)
	if at < 0 || !strings.HasSuffix(line, digestEnd) {
		return e, errAudit
	}
	text := line[:at] + "}"
	sum := sha256.Sum256([]byte(text))
	if line[at+len(digestLabel):len(line)-len(digestEnd)] != hex.EncodeToString(sum[:]) {
		return e, errAudit
	}
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return e, fmt.Errorf("%w: %w", errAudit, err)
	}
	return e, nil
}
