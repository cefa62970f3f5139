package documents_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"

	"cxbot/documents"
)

// noisy is a picture no encoder can make small.
func noisy(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	random := rand.New(rand.NewPCG(uint64(w), uint64(h))) //nolint:gosec // The same in every run.
	for i := range img.Pix {
		img.Pix[i] = byte(random.Uint32())
	}
	return img
}

func asJPEG(t testing.TB, img image.Image, quality int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func asPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// join copies its parts together.
func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// segment is a JPEG segment.
func segment(mark byte, data []byte) []byte {
	out := []byte{0xff, mark, 0, 0}
	binary.BigEndian.PutUint16(out[2:], uint16(len(data)+2)) //nolint:gosec // Test data are short.
	return append(out, data...)
}

// behind puts bytes directly behind the start of a JPEG.
func behind(jpg []byte, more ...[]byte) []byte { return join(jpg[:2], join(more...), jpg[2:]) }

// pngChunk is a chunk with its sum.
func pngChunk(name string, data []byte) []byte {
	out := make([]byte, 4, 12+len(data))
	binary.BigEndian.PutUint32(out, uint32(len(data))) //nolint:gosec // Test data are short.
	out = append(append(out, name...), data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

const pngHead = 8 + 25 // magic and IHDR

// header is an IHDR of a size.
func header(w, h uint32, rest ...byte) []byte {
	data := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	return pngChunk("IHDR", append(data, rest...))
}

// patched returns a copy with bytes replaced from at on.
func patched(data []byte, at int, with ...byte) []byte {
	out := bytes.Clone(data)
	copy(out[at:], with)
	return out
}

// sized changes the height and width in a JPEG's frame.
func sized(t *testing.T, jpg []byte, w, h uint16) []byte {
	t.Helper()
	at := bytes.Index(jpg, []byte{0xff, 0xc0, 0, 17})
	if at < 0 {
		t.Fatal("no frame")
	}
	size := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, h), w)
	return patched(jpg, at+5, size...)
}

func zipped(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	f, err := w.Create("a.txt")
	if err == nil {
		_, err = f.Write([]byte("hello"))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// filled brings a JPEG to an exact size with comments.
func filled(t testing.TB, jpg []byte, size int) []byte {
	t.Helper()
	const most = 65533
	var comments []byte
	for left := size - len(jpg); left > 0; left = size - len(jpg) - len(comments) {
		n := min(left-4, most)
		if left-4-n > 0 && left-4-n < 4 {
			n -= 8
		}
		comments = append(comments, segment(0xfe, bytes.Repeat([]byte{'x'}, n))...)
	}
	out := behind(jpg, comments)
	if len(out) != size {
		t.Fatalf("filled to %d, not %d", len(out), size)
	}
	return out
}

func TestGoodImages(t *testing.T) {
	t.Parallel()
	small, photo := asJPEG(t, noisy(9, 7), 80), asJPEG(t, noisy(640, 480), 90)
	grey, palette := image.NewGray(image.Rect(0, 0, 3, 2)), image.NewPaletted(image.Rect(0, 0, 5, 5), color.Palette{color.Black, color.White})
	drawn := asPNG(t, noisy(64, 64))
	exif := segment(0xe1, append([]byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08"), make([]byte, 300)...))
	good := map[string]struct {
		kind string
		data []byte
	}{
		"jpeg, small":                  {documents.KindJPEG, small},
		"jpeg, noise":                  {documents.KindJPEG, photo},
		"jpeg, lowest quality":         {documents.KindJPEG, asJPEG(t, noisy(100, 100), 1)},
		"jpeg, best quality":           {documents.KindJPEG, asJPEG(t, noisy(100, 100), 100)},
		"jpeg, grey":                   {documents.KindJPEG, asJPEG(t, grey, 75)},
		"jpeg, one pixel":              {documents.KindJPEG, asJPEG(t, noisy(1, 1), 75)},
		"jpeg, long and thin":          {documents.KindJPEG, asJPEG(t, noisy(3000, 2), 75)},
		"jpeg with EXIF":               {documents.KindJPEG, behind(small, exif)},
		"jpeg with a comment":          {documents.KindJPEG, behind(small, segment(0xfe, []byte("柳林村")))},
		"jpeg with fill bytes":         {documents.KindJPEG, behind(small, []byte{0xff, 0xff, 0xff}, segment(0xfe, nil)[1:])},
		"jpeg with a second picture":   {documents.KindJPEG, join(photo, small)},
		"jpeg with a camera's note":    {documents.KindJPEG, join(photo, []byte("SEFH\x00\x01camera"), make([]byte, 100))},
		"jpeg with zeros behind":       {documents.KindJPEG, join(small, make([]byte, 70_000))},
		"jpeg of exactly ten megabyte": {documents.KindJPEG, filled(t, small, documents.MaxImageBytes)},
		"jpeg of ten megabyte less 1":  {documents.KindJPEG, filled(t, small, documents.MaxImageBytes-1)},
		"png, colour":                  {documents.KindPNG, drawn},
		"png, grey":                    {documents.KindPNG, asPNG(t, grey)},
		"png, palette":                 {documents.KindPNG, asPNG(t, palette)},
		"png, deep":                    {documents.KindPNG, asPNG(t, image.NewRGBA64(image.Rect(0, 0, 4, 4)))},
		"png, large":                   {documents.KindPNG, asPNG(t, noisy(900, 700))},
		"png with a text":              {documents.KindPNG, join(drawn[:pngHead], pngChunk("tEXt", []byte("Title\x00议事会")), drawn[pngHead:])},
		"png with zeros behind":        {documents.KindPNG, join(drawn, make([]byte, 9))},
	}
	if len(good) < 20 {
		t.Fatal("the corpus is too small", len(good))
	}
	for name, c := range good {
		kind, err := documents.CheckImage(bytes.NewReader(c.data))
		if err != nil || kind != c.kind {
			t.Errorf("%s refused: %q, %v", name, kind, err)
		}
		if kind, err := documents.CheckImage(oneByOne{bytes.NewReader(c.data)}); err != nil || kind != c.kind {
			t.Errorf("%s refused when it trickles: %q, %v", name, kind, err)
		}
	}
}

// oneByOne reads little at a time, as a network does.
type oneByOne struct{ r io.Reader }

func (o oneByOne) Read(p []byte) (int, error) { return o.r.Read(p[:min(len(p), 1009)]) }

func TestBadImages(t *testing.T) {
	t.Parallel()
	jpg, drawn := asJPEG(t, noisy(300, 200), 90), asPNG(t, noisy(60, 40))
	var animated bytes.Buffer
	if err := gif.Encode(&animated, image.NewPaletted(image.Rect(0, 0, 9, 9), color.Palette{color.Black, color.White}), nil); err != nil {
		t.Fatal(err)
	}
	box := func(brand string) []byte { return join([]byte("\x00\x00\x00\x18ftyp"+brand), make([]byte, 40)) }
	scan := bytes.Index(jpg, []byte{0xff, 0xda})
	frame := bytes.Index(jpg, []byte{0xff, 0xc0})
	idat := bytes.Index(drawn, []byte("IDAT"))
	bad := map[string]struct {
		why  error
		data []byte
	}{
		"nothing":                        {documents.ErrEmpty, nil},
		"one byte":                       {documents.ErrEmpty, []byte{0xff}},
		"five bytes":                     {documents.ErrEmpty, []byte("\xff\xd8\xff\xff\xd9")},
		"six bytes of text":              {documents.ErrOther, []byte("hello!")},
		"six bytes of a jpeg":            {documents.ErrBroken, jpg[:6]},
		"six bytes of a png":             {documents.ErrOther, drawn[:6]},
		"start and end of a jpeg":        {documents.ErrBroken, []byte("\xff\xd8\xff\xd9\xff\xd9")},
		"ten megabytes and one":          {documents.ErrLarge, filled(t, jpg, documents.MaxImageBytes+1)},
		"zeros behind it, too large":     {documents.ErrLarge, join(jpg, make([]byte, documents.MaxImageBytes))},
		"html":                           {documents.ErrOther, []byte("<!DOCTYPE html><html><body>登录</body></html>")},
		"json of an API":                 {documents.ErrOther, []byte(`{"errcode":40007,"errmsg":"invalid media_id"}`)},
		"svg":                            {documents.ErrOther, []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)},
		"xml":                            {documents.ErrOther, []byte(`<?xml version="1.0"?><svg/>`)},
		"pdf":                            {documents.ErrOther, []byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF")},
		"zip or docx":                    {documents.ErrOther, zipped(t)},
		"old Word":                       {documents.ErrOther, join([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 600))},
		"exe":                            {documents.ErrOther, join([]byte("MZ\x90\x00"), make([]byte, 200))},
		"elf":                            {documents.ErrOther, join([]byte("\x7fELF"), make([]byte, 200))},
		"shell script":                   {documents.ErrOther, []byte("#!/bin/sh\nrm -rf /\n")},
		"gif":                            {documents.ErrGIF, animated.Bytes()},
		"gif called jpg":                 {documents.ErrGIF, join(animated.Bytes(), jpg)},
		"webp":                           {documents.ErrWebP, []byte("RIFF\x24\x00\x00\x00WEBPVP8 \x18\x00\x00\x00")},
		"heic":                           {documents.ErrHEIC, box("heic")},
		"heif":                           {documents.ErrHEIC, box("mif1")},
		"avif":                           {documents.ErrHEIC, box("avif")},
		"mp4":                            {documents.ErrOther, box("isom")},
		"bmp":                            {documents.ErrOther, join([]byte("BM"), make([]byte, 60))},
		"tiff":                           {documents.ErrOther, join([]byte("II*\x00"), make([]byte, 60))},
		"amr voice":                      {documents.ErrOther, []byte("#!AMR\nxxxxxxxx")},
		"EICAR":                          {documents.ErrOther, []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$` + `EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`)},
		"jpeg, half":                     {documents.ErrBroken, jpg[:len(jpg)/2]},
		"jpeg, end missing":              {documents.ErrBroken, jpg[:len(jpg)-2]},
		"jpeg, last byte missing":        {documents.ErrBroken, jpg[:len(jpg)-1]},
		"jpeg, headers only":             {documents.ErrBroken, jpg[:scan]},
		"jpeg, no scan":                  {documents.ErrBroken, join(jpg[:scan], []byte{0xff, 0xd9})},
		"jpeg, empty scan":               {documents.ErrBroken, join(jpg[:scan], jpg[scan:scan+14], []byte{0xff, 0xd9})},
		"jpeg, no frame":                 {documents.ErrBroken, join(jpg[:frame], jpg[frame+19:])},
		"jpeg, frame twice":              {documents.ErrBroken, join(jpg[:frame+19], jpg[frame:])},
		"jpeg, 50,000 × 50,000":          {documents.ErrPixels, sized(t, jpg, 50_000, 50_000)},
		"jpeg, 65,535 × 1":               {documents.ErrPixels, sized(t, jpg, 65_535, 1)},
		"jpeg, 29,000 × 29,000":          {documents.ErrPixels, sized(t, jpg, 29_000, 29_000)},
		"jpeg, no width":                 {documents.ErrBroken, sized(t, jpg, 0, 10)},
		"jpeg, lying length, short":      {documents.ErrBroken, patched(jpg, 4, 0, 0)},
		"jpeg, lying length, one":        {documents.ErrBroken, patched(jpg, 4, 0, 1)},
		"jpeg, lying length, long":       {documents.ErrBroken, patched(jpg, 4, 0xff, 0xff)},
		"jpeg, components lie":           {documents.ErrBroken, patched(jpg, frame+9, 4)},
		"jpeg with html behind":          {documents.ErrOther, join(jpg, []byte("<HTML><body onload=x>"))},
		"jpeg with a script in it":       {documents.ErrOther, behind(jpg, segment(0xfe, []byte("*/=1;<ScRiPt>alert(1)</script>")))},
		"jpeg with php in it":            {documents.ErrOther, behind(jpg, segment(0xe1, []byte("Exif\x00\x00<?php system($_GET[0]);")))},
		"jpeg and zip":                   {documents.ErrOther, join(jpg, zipped(t))},
		"jpeg and pdf":                   {documents.ErrOther, join(jpg, []byte("%PDF-1.7\n"))},
		"jpeg and pdf, far behind":       {documents.ErrOther, join(jpg, make([]byte, 1<<20), []byte("%PDF-1.7\n"))},
		"png, half":                      {documents.ErrBroken, drawn[:len(drawn)/2]},
		"png, end missing":               {documents.ErrBroken, drawn[:len(drawn)-12]},
		"png, last byte missing":         {documents.ErrBroken, drawn[:len(drawn)-1]},
		"png, one bit wrong":             {documents.ErrBroken, patched(drawn, idat+10, drawn[idat+10]^1)},
		"png, 50,000 × 50,000":           {documents.ErrPixels, join(drawn[:8], header(50_000, 50_000, 8, 2, 0, 0, 0), drawn[pngHead:])},
		"png, 4 billion wide":            {documents.ErrPixels, join(drawn[:8], header(0xffffffff, 1, 8, 2, 0, 0, 0), drawn[pngHead:])},
		"png, no height":                 {documents.ErrBroken, join(drawn[:8], header(10, 0, 8, 2, 0, 0, 0), drawn[pngHead:])},
		"png, impossible depth":          {documents.ErrBroken, join(drawn[:8], header(10, 10, 3, 2, 0, 0, 0), drawn[pngHead:])},
		"png, unknown colour":            {documents.ErrBroken, join(drawn[:8], header(10, 10, 8, 5, 0, 0, 0), drawn[pngHead:])},
		"png, header twice":              {documents.ErrBroken, join(drawn[:pngHead], drawn[8:])},
		"png, no header":                 {documents.ErrBroken, join(drawn[:8], drawn[pngHead:])},
		"png, no picture":                {documents.ErrBroken, join(drawn[:pngHead], pngChunk("IEND", nil))},
		"png, lying length":              {documents.ErrBroken, patched(drawn, idat-4, 0x7f, 0xff, 0xff, 0xff)},
		"png, lying length, a bit":       {documents.ErrBroken, patched(drawn, idat-1, drawn[idat-1]+1)},
		"png and zip":                    {documents.ErrOther, join(drawn, zipped(t))},
		"png with html in a text":        {documents.ErrOther, join(drawn[:pngHead], pngChunk("tEXt", []byte("a\x00<!doctype HTML>")), drawn[pngHead:])},
		"poison over the edge of a read": {documents.ErrOther, join(jpg, make([]byte, 64<<10-len(jpg)-3), []byte("<script>"))},
	}
	if len(bad) < 40 {
		t.Fatal("the corpus is too small", len(bad))
	}
	for name, c := range bad {
		if kind, err := documents.CheckImage(bytes.NewReader(c.data)); !errors.Is(err, c.why) || kind != "" {
			t.Errorf("%s: %q, %v; want %v", name, kind, err, c.why)
		}
		if _, err := documents.CheckImage(oneByOne{bytes.NewReader(c.data)}); !errors.Is(err, c.why) {
			t.Errorf("%s when it trickles: %v; want %v", name, err, c.why)
		}
	}
}

// TestCutImages cuts good pictures at every byte: no beginning of one is taken
// for the whole.
func TestCutImages(t *testing.T) {
	t.Parallel()
	for _, data := range [][]byte{asJPEG(t, noisy(20, 20), 60), asPNG(t, noisy(12, 12))} {
		for n := range len(data) {
			if kind, err := documents.CheckImage(bytes.NewReader(data[:n])); err == nil {
				t.Fatalf("the first %d of %d bytes are taken for a %s", n, len(data), kind)
			}
		}
	}
}

// TestImageMemory keeps the largest pictures and bombs from growing the process.
func TestImageMemory(t *testing.T) {
	jpg := asJPEG(t, noisy(50, 50), 80)
	large := filled(t, jpg, documents.MaxImageBytes)
	bomb := sized(t, jpg, 50_000, 50_000)
	shelf, err := documents.OpenShelf(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	peak := uint64(0)
	for range 20 {
		if _, err := shelf.KeepImage(t.Context(), bytes.NewReader(large)); err != nil {
			t.Fatal(err)
		}
		if _, err := documents.CheckImage(bytes.NewReader(bomb)); !errors.Is(err, documents.ErrPixels) {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		peak = max(peak, after.HeapSys)
	}
	const most = 32 << 20
	if peak > before.HeapSys+most {
		t.Errorf("the heap grew by %d MB", (peak-before.HeapSys)>>20)
	}
}

func FuzzImage(f *testing.F) {
	f.Add(asJPEG(f, noisy(9, 9), 50))
	f.Add(asPNG(f, noisy(5, 5)))
	f.Fuzz(func(t *testing.T, data []byte) {
		kind, err := documents.CheckImage(bytes.NewReader(data))
		if (err == nil) != (kind != "") {
			t.Fatal(kind, err)
		}
		if err != nil {
			return
		}
		if _, _, err := image.DecodeConfig(bytes.NewReader(data)); err != nil {
			// Ours follows the structure; the library also wants tables it knows.
			t.Skip(fmt.Sprint(err))
		}
	})
}
