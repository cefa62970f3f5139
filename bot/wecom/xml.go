package wecom

import (
	"bytes"
	"unicode/utf8"
)

// xmlError names why a document was refused, for counters and tests; it never
// quotes the document.
type xmlError string

// Error implements error.
func (e xmlError) Error() string { return "wecom: xml: " + string(e) }

// The reasons. The callback's XML is a closed little language (90238): what it
// does not need is refused rather than understood.
const (
	errSize        xmlError = "too large"
	errCharacter   xmlError = "bad character"
	errDeclaration xmlError = "declaration"
	errMarkup      xmlError = "doctype, comment or instruction"
	errSyntax      xmlError = "syntax"
	errDepth       xmlError = "too deep"
	errCount       xmlError = "too many elements"
	errRoot        xmlError = "root"
	errMixed       xmlError = "text beside elements"
	errEntity      xmlError = "entity"
	errEnd         xmlError = "not closed, or more after the end"
	errDuplicate   xmlError = "element twice"
	errRouting     xmlError = "routing element misspelt or misplaced"
	errMissing     xmlError = "element missing"
)

// Limits of a document.
const (
	maxDocument = 64 << 10
	maxDepth    = 8
	maxElements = 2048
	maxTop      = 64 // children of the root
	maxName     = 64
)

const (
	cdataStart = "<![CDATA["
	cdataEnd   = "]]>"
)

// element is one element in document order. Its value is empty when it holds
// other elements. Name and value point into the document or its arena.
type element struct {
	name  []byte
	value []byte
	depth int // 1 for the root
}

// document is a parsed callback; it is reused, so values must be copied out.
type document struct {
	elements []element
	arena    []byte // values that had to be put together
}

// top returns the value of the root's child of that name; found tells an empty
// element from a missing one.
func (d *document) top(name string) (value []byte, found bool) {
	for i := range d.elements {
		if e := &d.elements[i]; e.depth == 2 && string(e.name) == name {
			return e.value, true
		}
	}
	return nil, false
}

// parse reads one whole document strictly: root <xml>, UTF-8, no attributes,
// no doctype, comments, instructions, namespaces or bytes after the end; each
// child of the root once; values in CDATA or text with the five entities.
func (d *document) parse(data []byte) error {
	d.elements, d.arena = d.elements[:0], d.arena[:0]
	if len(data) > maxDocument {
		return errSize
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !cleanText(data) {
		return errCharacter
	}
	s := scanner{doc: d, data: data}
	if err := s.declaration(); err != nil {
		return err
	}
	s.space()
	if err := s.startTag(); err != nil {
		return err
	}
	for s.depth > 0 {
		if err := s.content(); err != nil {
			return err
		}
	}
	s.space()
	if s.pos != len(s.data) {
		return errEnd
	}
	return nil
}

// cleanText reports whether data is UTF-8 without control characters.
func cleanText(data []byte) bool {
	for _, b := range data {
		if b < ' ' && b != '\n' && b != '\t' && b != '\r' {
			return false
		}
	}
	return utf8.Valid(data)
}

// scanner walks over one document. open holds the indexes of the elements that
// are not closed yet; parent marks those that hold other elements.
type scanner struct {
	doc    *document
	data   []byte
	pos    int
	depth  int
	tops   int
	open   [maxDepth + 1]int
	parent [maxDepth + 1]bool
	solid  [maxDepth + 1]bool // has CDATA or text that is not white space
}

// declaration accepts an XML declaration of version 1.0 in UTF-8, or none.
func (s *scanner) declaration() error {
	if !s.at("<?") {
		return nil
	}
	end := bytes.Index(s.data, []byte("?>"))
	if end < 0 || !s.at("<?xml") {
		return errDeclaration
	}
	fields := bytes.Fields(s.data[len("<?xml"):end])
	if len(fields) == 0 || len(fields) > 2 || !isOne(fields[0], `version="1.0"`, `version='1.0'`) {
		return errDeclaration
	}
	if len(fields) == 2 && !isOne(bytes.ToLower(fields[1]), `encoding="utf-8"`, `encoding='utf-8'`) {
		return errDeclaration
	}
	s.pos = end + len("?>")
	return nil
}

func isOne(got []byte, a, b string) bool { return string(got) == a || string(got) == b }

// content reads text up to the next markup and that markup.
func (s *scanner) content() error {
	length := bytes.IndexByte(s.data[s.pos:], '<')
	if length < 0 {
		return errEnd
	}
	if err := s.text(s.data[s.pos : s.pos+length]); err != nil {
		return err
	}
	s.pos += length
	switch {
	case s.at("</"):
		return s.endTag()
	case s.at(cdataStart):
		return s.cdata()
	case s.at("<!"), s.at("<?"):
		return errMarkup
	default:
		return s.startTag()
	}
}

// text adds plain character data to the open element.
func (s *scanner) text(raw []byte) error {
	if len(raw) == 0 {
		return nil
	}
	if !blank(raw) {
		if s.parent[s.depth] {
			return errMixed
		}
		s.solid[s.depth] = true
	} else if s.parent[s.depth] {
		return nil
	}
	if bytes.Contains(raw, []byte(cdataEnd)) {
		return errSyntax
	}
	if bytes.IndexByte(raw, '&') < 0 {
		s.add(raw)
		return nil
	}
	start := len(s.doc.arena)
	for len(raw) > 0 {
		amp := bytes.IndexByte(raw, '&')
		if amp < 0 {
			s.doc.arena = append(s.doc.arena, raw...)
			break
		}
		char, size := entity(raw[amp:])
		if size == 0 {
			return errEntity
		}
		s.doc.arena = append(append(s.doc.arena, raw[:amp]...), char)
		raw = raw[amp+size:]
	}
	s.add(s.doc.arena[start:len(s.doc.arena):len(s.doc.arena)])
	return nil
}

// entity reads one of the five entities; size 0 means it is none of them.
func entity(raw []byte) (char byte, size int) {
	end := bytes.IndexByte(raw[:min(len(raw), len("&quot;"))], ';')
	if end < 0 {
		return 0, 0
	}
	switch string(raw[:end+1]) {
	case "&lt;":
		char = '<'
	case "&gt;":
		char = '>'
	case "&amp;":
		char = '&'
	case "&apos;":
		char = '\''
	case "&quot;":
		char = '"'
	default:
		return 0, 0
	}
	return char, end + 1
}

// cdata adds one CDATA section to the open element.
func (s *scanner) cdata() error {
	if s.parent[s.depth] {
		return errMixed
	}
	start := s.pos + len(cdataStart)
	length := bytes.Index(s.data[start:], []byte(cdataEnd))
	if length < 0 {
		return errEnd
	}
	s.solid[s.depth] = true
	s.add(s.data[start : start+length])
	s.pos = start + length + len(cdataEnd)
	return nil
}

// add appends a piece to the open element's value, copying only when the value
// has more than one piece.
func (s *scanner) add(piece []byte) {
	if len(piece) == 0 {
		return
	}
	e := &s.doc.elements[s.open[s.depth]]
	if len(e.value) == 0 {
		e.value = piece
		return
	}
	start := len(s.doc.arena)
	s.doc.arena = append(append(s.doc.arena, e.value...), piece...)
	e.value = s.doc.arena[start:len(s.doc.arena):len(s.doc.arena)]
}

// startTag opens an element; attributes are refused, so there are no
// namespaces either.
func (s *scanner) startTag() error {
	if !s.at("<") {
		return errSyntax
	}
	s.pos++
	name, err := s.name()
	if err != nil {
		return err
	}
	s.space()
	empty := s.at("/")
	if empty {
		s.pos++
	}
	if !s.at(">") {
		return errSyntax
	}
	s.pos++
	return s.push(name, empty)
}

// push records an element after judging its name and place.
func (s *scanner) push(name []byte, empty bool) error {
	depth := s.depth + 1
	switch {
	case depth > maxDepth:
		return errDepth
	case len(s.doc.elements) >= maxElements:
		return errCount
	case depth == 1 && string(name) != "xml":
		return errRoot
	case s.solid[s.depth]:
		return errMixed
	case !routingOK(name, depth):
		return errRouting
	}
	if depth == 2 {
		if s.tops++; s.tops > maxTop {
			return errCount
		}
		if _, twice := s.doc.top(string(name)); twice {
			return errDuplicate
		}
	}
	if s.depth > 0 {
		s.parent[s.depth] = true
		s.doc.elements[s.open[s.depth]].value = nil
	}
	s.doc.elements = append(s.doc.elements, element{name: name, depth: depth})
	if !empty {
		s.depth = depth
		s.open[depth] = len(s.doc.elements) - 1
		s.parent[depth], s.solid[depth] = false, false
	}
	return nil
}

// endTag closes the open element.
func (s *scanner) endTag() error {
	s.pos += len("</")
	name, err := s.name()
	if err != nil {
		return err
	}
	s.space()
	if !s.at(">") || !bytes.Equal(name, s.doc.elements[s.open[s.depth]].name) {
		return errSyntax
	}
	s.pos++
	s.depth--
	return nil
}

// name reads an ASCII name without a namespace prefix.
func (s *scanner) name() ([]byte, error) {
	start := s.pos
	for s.pos < len(s.data) && nameByte(s.data[s.pos], s.pos > start) {
		s.pos++
	}
	if s.pos == start || s.pos-start > maxName {
		return nil, errSyntax
	}
	return s.data[start:s.pos], nil
}

func nameByte(b byte, inside bool) bool {
	letter := b|0x20 >= 'a' && b|0x20 <= 'z' || b == '_'
	return letter || inside && (b >= '0' && b <= '9' || b == '-' || b == '.')
}

func (s *scanner) space() {
	for s.pos < len(s.data) && blankByte(s.data[s.pos]) {
		s.pos++
	}
}

func (s *scanner) at(prefix string) bool {
	rest := s.data[s.pos:]
	return len(rest) >= len(prefix) && string(rest[:len(prefix)]) == prefix
}

func blankByte(b byte) bool { return b == ' ' || b == '\n' || b == '\t' || b == '\r' }

func blank(data []byte) bool {
	for _, b := range data {
		if !blankByte(b) {
			return false
		}
	}
	return true
}

// routingOK refuses a routing element that stands anywhere but directly below
// the root, or is spelt in another case: another reader of the same document
// might take it for the real one.
func routingOK(name []byte, depth int) bool {
	if len(name) < len("Event") || len(name) > len("FromUserName") {
		return true
	}
	for _, want := range [...]string{
		"ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId", "AgentID",
		"Event", "EventKey", "TaskId", "ResponseCode", "Encrypt",
	} {
		if foldedEqual(name, want) {
			return depth == 2 && string(name) == want
		}
	}
	return true
}

// foldedEqual compares ASCII names without case.
func foldedEqual(name []byte, want string) bool {
	if len(name) != len(want) {
		return false
	}
	for i := range len(want) {
		if name[i]|0x20 != want[i]|0x20 {
			return false
		}
	}
	return true
}
