package documents

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ArchiveLimits bounds an uploaded zip archive (xlsx, docx): the number of
// entries, the unpacked bytes of all of them, and how many times larger than
// packed one entry may be.
type ArchiveLimits struct {
	Entries int
	Bytes   uint64
	Ratio   uint64
}

// DefaultArchive are the limits of any uploaded archive (reliability B77).
func DefaultArchive() ArchiveLimits {
	return ArchiveLimits{Entries: 2000, Bytes: 200 << 20, Ratio: 100}
}

const (
	// ratioFrom is the unpacked size from which the ratio is looked at: a short
	// part made of one repeated line is nothing to fear.
	ratioFrom = 64 << 10
	// maxDepth bounds the nesting of XML; office files stay below 30.
	maxDepth = 100
	// maxSheetCells bounds the cells of one worksheet, empty ones included.
	maxSheetCells = 2_000_000
)

// CheckArchive looks at a whole zip archive before anybody unpacks it: limits,
// names, overlapping entries, headers that contradict each other, checksums, and
// that its XML parts are well formed, not too deep and without a DOCTYPE. It
// reads every entry once, as a stream, and returns their names. The error is a
// *BadFileError in words.
func CheckArchive(data []byte, l ArchiveLimits) (names []string, err error) {
	// archive/zip does not panic as far as anybody knows; a file that proves the
	// contrary must be refused, not end the process.
	defer func() {
		if recover() != nil {
			names, err = nil, errBroken()
		}
	}()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, errBroken()
	}
	if err := checkEntries(r.File, l); err != nil {
		return nil, err
	}
	if err := checkLayout(data, r.File); err != nil {
		return nil, err
	}
	for _, f := range r.File {
		if err := checkContent(f); err != nil {
			return nil, err
		}
		names = append(names, f.Name)
	}
	return names, nil
}

// errBroken is the sentence for everything no spreadsheet program writes.
func errBroken() error {
	return bad("文件坏了，或不是表格软件存的。请用 Excel 或 WPS 打开，另存一份再试。")
}

// checkEntries holds what the directory declares against the limits. Sizes are
// compared unsigned: 2^63 must not turn negative.
func checkEntries(files []*zip.File, l ArchiveLimits) error {
	if len(files) > l.Entries {
		return bad("压缩包里有 %d 个文件，最多收 %d 个。请用 Excel 或 WPS 打开，另存一份再试。", len(files), l.Entries)
	}
	var total uint64
	seen := make(map[string]bool, len(files))
	for _, f := range files {
		size := f.UncompressedSize64
		if size > l.Bytes || total+size > l.Bytes {
			return bad("文件解压后超过 %d MB，没有打开。请删掉用不着的工作表和图片，另存一份再试。", l.Bytes>>20)
		}
		total += size
		if size > ratioFrom && size/l.Ratio > f.CompressedSize64 {
			return bad("文件压缩得不正常（解压后大了 %d 倍以上），没有打开。请把有字的行复制到一张新表里再试。", l.Ratio)
		}
		name := strings.ToLower(strings.ReplaceAll(f.Name, `\`, "/"))
		if !safeName(f) || seen[name] {
			return errBroken()
		}
		seen[name] = true
	}
	return nil
}

// safeName reports whether an entry is a plain file or folder below the archive.
func safeName(f *zip.File) bool {
	name := f.Name
	mode := f.Mode()
	if !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) || !mode.IsRegular() && !mode.IsDir() || f.Flags&1 != 0 {
		return false
	}
	return fs.ValidPath(strings.TrimSuffix(strings.ReplaceAll(name, `\`, "/"), "/"))
}

// The local header of an entry: 30 bytes, name and extra field, then the data.
const (
	localHeader  = 30
	localFlags   = 6
	localPacked  = 18
	localSize    = 22
	localName    = 26
	localExtra   = 28
	sizesFollow  = 8 // flag: the sizes stand behind the data
	localZip64   = math.MaxUint32
	maxExtraSize = math.MaxUint16
)

// checkLayout wants the entries side by side in the file, and each local header
// to say the same sizes as the directory.
func checkLayout(data []byte, files []*zip.File) error {
	type span struct{ from, to uint64 }
	spans := make([]span, 0, len(files))
	for _, f := range files {
		at, err := f.DataOffset()
		if err != nil || at < localHeader || uint64(at) > uint64(len(data)) || f.CompressedSize64 > uint64(len(data))-uint64(at) {
			return errBroken()
		}
		head, ok := localHeaderOf(data, int(at), len(f.Name))
		if !ok || !sameSizes(data[head:at], f) {
			return errBroken()
		}
		spans = append(spans, span{uint64(head), uint64(at) + f.CompressedSize64})
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	for i := 1; i < len(spans); i++ {
		if spans[i].from < spans[i-1].to {
			return errBroken()
		}
	}
	return nil
}

// localHeaderOf finds where the header before the data at a place begins.
func localHeaderOf(data []byte, at, name int) (int, bool) {
	for extra := 0; extra <= maxExtraSize; extra++ {
		head := at - localHeader - name - extra
		if head < 0 {
			return 0, false
		}
		h := data[head:at]
		if bytes.HasPrefix(h, []byte("PK\x03\x04")) &&
			int(binary.LittleEndian.Uint16(h[localName:])) == name && int(binary.LittleEndian.Uint16(h[localExtra:])) == extra {
			return head, true
		}
	}
	return 0, false
}

// sameSizes compares a local header with the directory; sizes that follow the
// data or stand in a Zip64 field are checked by unpacking.
func sameSizes(head []byte, f *zip.File) bool {
	if binary.LittleEndian.Uint16(head[localFlags:])&sizesFollow != 0 {
		return true
	}
	packed, size := binary.LittleEndian.Uint32(head[localPacked:]), binary.LittleEndian.Uint32(head[localSize:])
	return (packed == localZip64 || uint64(packed) == f.CompressedSize64) && (size == localZip64 || uint64(size) == f.UncompressedSize64)
}

// checkContent unpacks one entry to nowhere: not a byte more than declared, the
// right checksum, and sound XML.
func checkContent(f *zip.File) error {
	in, err := f.Open()
	if err != nil {
		return errBroken()
	}
	defer in.Close()
	left := &io.LimitedReader{R: in, N: int64(f.UncompressedSize64) + 1}
	name := strings.ToLower(f.Name)
	if strings.HasSuffix(name, ".xml") || strings.HasSuffix(name, ".rels") {
		if err := checkXML(left, strings.HasPrefix(name, "xl/worksheets/")); err != nil {
			return err
		}
	}
	if _, err := io.Copy(io.Discard, left); err != nil || left.N != 1 {
		return errBroken()
	}
	return nil
}

// errXML says that a part is not what an office program writes.
var errXML = errors.New("documents: unsound XML")

// checkXML reads a part to its end. The order of rows and cells of a worksheet
// is checked because readers take it on trust and would mix rows up.
func checkXML(r io.Reader, sheet bool) error {
	d := xml.NewDecoder(r)
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, errXML }
	depth, order := 0, sheetOrder{}
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if depth != 0 {
				return errBroken()
			}
			return nil
		}
		if err != nil {
			return errBroken()
		}
		switch t := token.(type) {
		case xml.Directive: // DOCTYPE, ENTITY
			return errBroken()
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return errBroken()
			}
			if sheet {
				if err := order.element(t); err != nil {
					return err
				}
			}
		case xml.EndElement:
			depth--
		}
	}
}

// sheetOrder follows the rows and cells of a worksheet.
type sheetOrder struct{ row, col, cells int }

// element wants rows and cells to go forwards and not too far.
func (o *sheetOrder) element(t xml.StartElement) error {
	switch t.Name.Local {
	case "row":
		row := o.row + 1
		if text := attr(t, "r"); text != "" {
			var err error
			if row, err = strconv.Atoi(text); err != nil || row <= o.row {
				return errBroken()
			}
		}
		if row > MaxTableRows+headerWithin {
			return bad("表写到了第 %d 行，最多收 %d 行。多半是整列设了格式：请把有字的行复制到一张新表里再导入。", row, MaxTableRows)
		}
		o.row, o.col = row, 0
	case "c":
		col := o.col + 1
		if text := attr(t, "r"); text != "" {
			var row int
			if col, row = place(text); row != o.row || col <= o.col {
				return errBroken()
			}
		}
		o.col = col
		if o.cells++; col > maxSheetColumns {
			return bad("表太宽，写到了第 %d 列以外。请只留要导入的列。", maxSheetColumns)
		}
		if o.cells > maxSheetCells {
			return bad("表里的格子太多。请把有字的行复制到一张新表里再导入。")
		}
	}
	return nil
}

// attr returns an attribute, "" when there is none.
func attr(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// place reads a cell's name, "B12" is column 2 of row 12; what is none gives 0.
func place(name string) (col, row int) {
	i := 0
	for ; i < len(name) && name[i] >= 'A' && name[i] <= 'Z' && i < 3; i++ {
		col = col*26 + int(name[i]-'A') + 1
	}
	for ; i < len(name); i++ {
		if name[i] < '0' || name[i] > '9' || row > MaxTableRows*100 {
			return 0, 0
		}
		row = row*10 + int(name[i]-'0')
	}
	return col, row
}
