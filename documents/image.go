package documents

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
)

// Limits of a picture. Nothing is ever decoded to pixels here, so a picture
// costs a few kilobytes of memory whatever it says about itself.
const (
	// MaxImageBytes is what a person may send at most.
	MaxImageBytes = 10 << 20
	// MinImageBytes is the platform's own lower limit: more than 5 bytes.
	MinImageBytes = 6
	maxSide       = 30_000
	maxPixels     = 120 << 20 // phones of today take up to 108 million
)

// The kinds of pictures that are taken.
const (
	KindJPEG = "image/jpeg"
	KindPNG  = "image/png"
)

// Why a picture is not taken. Everything is judged by content; names and
// announced types count for nothing.
var (
	ErrLarge  = errors.New("documents: more than ten megabytes")
	ErrEmpty  = errors.New("documents: five bytes or fewer")
	ErrPixels = errors.New("documents: too many pixels")
	ErrGIF    = errors.New("documents: a GIF")
	ErrWebP   = errors.New("documents: a WebP")
	ErrHEIC   = errors.New("documents: an HEIC or AVIF")
	ErrOther  = errors.New("documents: not a picture")
	ErrBroken = errors.New("documents: a damaged picture")
)

// CheckImage reads a picture to its end and returns its kind, KindJPEG or
// KindPNG, or one of the errors above. It follows the structure from the first
// marker to the last, so that what is cut off, what lies about its lengths and
// what is a document of another kind as well is refused. r is read once.
func CheckImage(r io.Reader) (kind string, err error) {
	in := &picture{r: bufio.NewReaderSize(r, scanWindow)}
	head, err := in.r.Peek(sniffed)
	if len(head) < MinImageBytes {
		return "", ErrEmpty
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the picture: %w", err)
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		kind, err = KindJPEG, in.jpeg()
	case bytes.HasPrefix(head, []byte(pngMagic)):
		kind, err = KindPNG, in.png()
	default:
		return "", foreign(head)
	}
	if err == nil {
		err = in.rest()
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = ErrBroken
	}
	if err != nil {
		return "", err
	}
	return kind, nil
}

const (
	pngMagic   = "\x89PNG\r\n\x1a\n"
	sniffed    = 16
	scanWindow = 64 << 10
)

// foreign names what a file is that is no picture we take.
func foreign(head []byte) error {
	switch {
	case bytes.HasPrefix(head, []byte("GIF8")):
		return ErrGIF
	case bytes.HasPrefix(head, []byte("RIFF")) && len(head) >= 12 && string(head[8:12]) == "WEBP":
		return ErrWebP
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		switch string(head[8:12]) {
		case "heic", "heix", "hevc", "heim", "heis", "hevm", "mif1", "msf1", "avif", "avis":
			return ErrHEIC
		}
	}
	return ErrOther
}

// picture reads a file once, counting and looking for what pictures never hold.
type picture struct {
	r     *bufio.Reader
	count int64
	// window holds the last bytes seen in lower case, for words that straddle reads.
	window []byte
}

// poison holds the openings of documents that some programs would find inside a
// picture and run; they are compared in lower case.
var poison = [...][]byte{
	[]byte("<script"), []byte("<html>"), []byte("<html "), []byte("<!doctype html"), []byte("<?php"), []byte("%pdf-1."), []byte("<iframe"),
}

const longestPoison = len("<!doctype html")

// endOfZip is how the directory of a zip ends; it stands within the last 64 KB.
const endOfZip = "PK\x05\x06"

// seen looks at bytes that were read.
func (p *picture) seen(data []byte) error {
	p.count += int64(len(data))
	if p.count > MaxImageBytes {
		return ErrLarge
	}
	kept := len(p.window)
	p.window = append(p.window, data...)
	for i, c := range p.window[kept:] {
		if c >= 'A' && c <= 'Z' {
			p.window[kept+i] = c + ('a' - 'A')
		}
	}
	for _, word := range poison {
		if bytes.Contains(p.window, word) {
			return ErrOther
		}
	}
	n := copy(p.window, p.window[max(0, len(p.window)-longestPoison):])
	p.window = p.window[:n]
	return nil
}

// take reads n bytes, which may be more than memory should hold.
func (p *picture) take(n int64) error {
	for n > 0 {
		chunk := min(n, scanWindow/2)
		data, err := p.r.Peek(int(chunk))
		if err != nil {
			return err //nolint:wrapcheck // CheckImage says what it means.
		}
		if err := p.seen(data); err != nil {
			return err
		}
		if _, err := p.r.Discard(len(data)); err != nil {
			return err //nolint:wrapcheck // As above.
		}
		n -= chunk
	}
	return nil
}

// bytes reads n bytes and hands them out.
func (p *picture) bytes(n int) ([]byte, error) {
	data := make([]byte, n)
	if _, err := io.ReadFull(p.r, data); err != nil {
		return nil, err //nolint:wrapcheck // CheckImage says what it means.
	}
	return data, p.seen(data)
}

// size judges width and height.
func size(width, height int64) error {
	switch {
	case width == 0 || height == 0:
		return ErrBroken
	case width > maxSide || height > maxSide || width*height > maxPixels:
		return ErrPixels
	}
	return nil
}

// The markers of JPEG that matter here.
const (
	markSOI = 0xd8
	markEOI = 0xd9
	markSOS = 0xda
	markTEM = 0x01
)

// jpeg follows the segments from the start of the image to its end.
func (p *picture) jpeg() error {
	if _, err := p.bytes(2); err != nil {
		return err
	}
	framed, scanned := false, false
	for {
		mark, err := p.marker()
		if err != nil {
			return err
		}
		switch {
		case mark == markEOI && framed && scanned:
			return nil
		case mark == markEOI || mark == markSOI:
			return ErrBroken
		case mark == markTEM || mark >= 0xd0 && mark <= 0xd7:
			continue // markers without a segment
		}
		head, err := p.bytes(2)
		if err != nil {
			return err
		}
		length := int64(binary.BigEndian.Uint16(head)) - 2
		if length < 0 {
			return ErrBroken
		}
		frame := mark >= 0xc0 && mark <= 0xcf && mark != 0xc4 && mark != 0xc8 && mark != 0xcc
		switch {
		case frame:
			if framed {
				return ErrBroken
			}
			framed = true
			err = p.frame(length)
		case mark == markSOS:
			if !framed || length < 6 {
				return ErrBroken
			}
			scanned = true
			if err = p.take(length); err == nil {
				err = p.scan()
			}
		default:
			err = p.take(length)
		}
		if err != nil {
			return err
		}
	}
}

// marker reads 0xFF, any padding of them, and the marker's number.
func (p *picture) marker() (byte, error) {
	first, err := p.bytes(1)
	if err != nil {
		return 0, err
	}
	if first[0] != 0xff {
		return 0, ErrBroken
	}
	for {
		next, err := p.bytes(1)
		if err != nil || next[0] != 0xff {
			return at(next), err
		}
	}
}

// at is the first byte, 0 of none.
func at(data []byte) byte {
	if len(data) == 0 {
		return 0
	}
	return data[0]
}

// frame reads the size of the picture and its number of components.
func (p *picture) frame(length int64) error {
	const fixed, each = 6, 3
	if length < fixed+each {
		return ErrBroken
	}
	data, err := p.bytes(int(length))
	if err != nil {
		return err
	}
	components := int64(data[5])
	if components == 0 || components > 4 || length != fixed+each*components {
		return ErrBroken
	}
	return size(int64(binary.BigEndian.Uint16(data[3:])), int64(binary.BigEndian.Uint16(data[1:])))
}

// scan passes over compressed data up to the next marker, which it leaves; the
// data hold 0xFF only before 0x00 and in the markers that restart the decoder.
func (p *picture) scan() error {
	for passed, found := int64(0), false; !found; {
		data, err := p.r.Peek(scanWindow / 2)
		if len(data) < 2 {
			return cmp.Or(err, io.ErrUnexpectedEOF)
		}
		var end int
		end, found = nextMarker(data)
		if passed += int64(end); found && passed == 0 {
			return ErrBroken
		}
		if err := p.take(int64(end)); err != nil {
			return err
		}
	}
	return nil
}

// nextMarker is where the next marker begins, or where reading has to go on: at
// the end, or before a last byte that may be half of one.
func nextMarker(data []byte) (at int, found bool) {
	for i := 0; i < len(data); i += 2 {
		skip := bytes.IndexByte(data[i:], 0xff)
		if skip < 0 {
			break
		}
		if i += skip; i+1 == len(data) {
			return i, false
		}
		if next := data[i+1]; next != 0 && (next < 0xd0 || next > 0xd7) {
			return i, true
		}
	}
	return len(data), false
}

// png follows the chunks from the header to the end and checks their sums.
func (p *picture) png() error {
	if _, err := p.bytes(len(pngMagic)); err != nil {
		return err
	}
	drawn := false
	for first := true; ; first = false {
		head, err := p.bytes(8)
		if err != nil {
			return err
		}
		length, name := int64(binary.BigEndian.Uint32(head)), string(head[4:])
		if length > MaxImageBytes {
			return ErrBroken
		}
		if first != (name == "IHDR") || first && length != 13 {
			return ErrBroken
		}
		sum := crc32.NewIEEE()
		_, _ = sum.Write(head[4:]) // a hash never fails
		if first {
			err = p.header(sum)
		} else {
			err = p.chunk(length, sum)
		}
		if err != nil {
			return err
		}
		want, err := p.bytes(4)
		if err != nil {
			return err
		}
		if binary.BigEndian.Uint32(want) != sum.Sum32() {
			return ErrBroken
		}
		drawn = drawn || name == "IDAT" && length > 0
		if name == "IEND" {
			if !drawn || length != 0 {
				return ErrBroken
			}
			return nil
		}
	}
}

// header reads the size and the form of the pixels.
func (p *picture) header(sum io.Writer) error {
	data, err := p.bytes(13)
	if err != nil {
		return err
	}
	_, _ = sum.Write(data) // a hash never fails
	depth, colour := data[8], data[9]
	depths := map[byte]string{0: "\x01\x02\x04\x08\x10", 2: "\x08\x10", 3: "\x01\x02\x04\x08", 4: "\x08\x10", 6: "\x08\x10"}
	if strings.IndexByte(depths[colour], depth) < 0 || data[10] != 0 || data[11] != 0 || data[12] > 1 {
		return ErrBroken
	}
	return size(int64(binary.BigEndian.Uint32(data)), int64(binary.BigEndian.Uint32(data[4:])))
}

// chunk passes over a chunk's data and sums them up.
func (p *picture) chunk(length int64, sum io.Writer) error {
	for length > 0 {
		n := min(length, scanWindow/2)
		data, err := p.r.Peek(int(n))
		if err != nil {
			return err //nolint:wrapcheck // CheckImage says what it means.
		}
		_, _ = sum.Write(data) // a hash never fails
		if err := p.take(n); err != nil {
			return err
		}
		length -= n
	}
	return nil
}

// rest reads what stands behind the picture. Cameras put previews and notes
// there; an archive behind a picture is another document in disguise.
func (p *picture) rest() error {
	var last []byte
	buffer := make([]byte, scanWindow)
	for {
		n, err := p.r.Read(buffer)
		if n > 0 {
			if err := p.seen(buffer[:n]); err != nil {
				return err
			}
			last = append(last, buffer[:n]...)
			last = last[max(0, len(last)-scanWindow-22):]
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read the picture: %w", err)
		}
	}
	if bytes.Contains(last, []byte(endOfZip)) {
		return ErrOther
	}
	return nil
}
