package storage

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
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

// dayCheck goes through a day's lines beside its seals.
type dayCheck struct {
	report      *DayReport
	seals       []Seal
	at          int       // the seal the next line belongs to
	part, whole hash.Hash // of that seal, of the day so far
	n           int       // lines seen
	told        int       // lines the head spoke of that was sent out
	// sealed and toldSum are the digests of the lines sealed and told of.
	sealed, toldSum string
}

// line takes the next line.
func (c *dayCheck) line(text string) {
	c.n++
	if _, err := ReadAuditLine(text); err != nil {
		c.report.addf("第 %d 条被改动过", c.n)
	}
	writeLine(c.whole, text)
	if c.n == c.told {
		c.toldSum = hexSum(c.whole)
	}
	if c.at >= len(c.seals) {
		return
	}
	writeLine(c.part, text)
	seal := c.seals[c.at]
	if c.n < seal.From+seal.N {
		return
	}
	if hexSum(c.part) != seal.Digest {
		c.report.addf("第 %d 条到第 %d 条之间有改动、删除或调换", seal.From+1, seal.From+seal.N)
	}
	c.at++
	c.part.Reset()
	c.sealed = hexSum(c.whole)
}

// end closes the check: lines may be missing at the end.
func (c *dayCheck) end() {
	if c.at < len(c.seals) || c.sealed == "" {
		c.sealed = hexSum(c.whole)
	}
	if c.toldSum == "" {
		c.toldSum = hexSum(c.whole)
	}
}
