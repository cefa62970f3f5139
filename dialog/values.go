package dialog

import "strings"

// Canonical values are plain strings. Lists use two separators that Normalise
// removes from anything typed, so no value can forge them.
const (
	rowSep  = "\x1e"
	cellSep = "\x1f"
)

// JoinRows builds the canonical value of a list of rows of cells.
func JoinRows(rows [][]string) string {
	var b strings.Builder
	for i, row := range rows {
		if i > 0 {
			b.WriteString(rowSep)
		}
		b.WriteString(strings.Join(row, cellSep))
	}
	return b.String()
}

// SplitRows is the inverse of JoinRows; "" is no rows.
func SplitRows(value string) [][]string {
	if value == "" {
		return nil
	}
	lines := strings.Split(value, rowSep)
	rows := make([][]string, len(lines))
	for i, line := range lines {
		rows[i] = strings.Split(line, cellSep)
	}
	return rows
}

// JoinDate builds the canonical value of a partial date: "2027-06-30/month/2027年6月".
func JoinDate(date, precision, raw string) string { return date + "/" + precision + "/" + raw }

// SplitDate is the inverse of JoinDate.
func SplitDate(value string) (date, precision, raw string) {
	parts := strings.SplitN(value, "/", 3)
	for len(parts) < 3 {
		parts = append(parts, "")
	}
	return parts[0], parts[1], parts[2]
}
