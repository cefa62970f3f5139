package documents

import "bytes"

// Kind is what a table file is about.
type Kind int

// The kinds of tables an operator imports.
const (
	People Kind = iota
	Calendar
	Past // results of earlier cycles (往届成果)
)

// KindOf tells by its header what a file is about: the kind most of whose
// columns it has, People when none fits. It never fails; the reader of the kind
// says what is wrong with the file.
func KindOf(data []byte) Kind {
	best, most := People, 0
	headers := headersOf(data)
	for kind, want := range []columns{People: peopleColumns(), Calendar: calendarColumns(), Past: pastColumns()} {
		for _, header := range headers {
			n := want.known(header)
			if want.complete(header) {
				n += len(header)
			}
			if n > most {
				best, most = Kind(kind), n
			}
		}
	}
	return best
}

// headersOf returns the rows of a file that may be its header.
func headersOf(data []byte) [][]string {
	if !isWorkbook(data) {
		if end := bytes.IndexByte(data, '\n'); end >= 0 {
			data = data[:end]
		}
		g, err := csvGrid(data)
		if err != nil {
			return nil
		}
		return [][]string{g.header}
	}
	return firstRows(data)
}
