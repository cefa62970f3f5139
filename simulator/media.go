package simulator

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Limits of temporary media (WeCom document 90253).
const (
	mediaLife   = 3 * 24 * time.Hour
	minMedia    = 6 // bytes; "more than 5"
	mega        = 1 << 20
	maxImage    = 10 * mega
	maxVoice    = 2 * mega
	maxVideo    = 10 * mega
	maxFile     = 20 * mega
	voiceSecond = 50 * 32 // bytes of one second of AMR at 12.2 kbit/s
	maxSeconds  = 60
)

// media is one temporary upload.
type media struct {
	file    File
	kind    string
	mime    string
	data    []byte
	created time.Time
	owner   string // webhook key it belongs to; "" is the app
}

// keep stores media that a member sends.
func (s *Sim) keep(kind, name, mimeType string, data []byte) *File {
	return s.store(media{
		file: File{Name: filepath.Base(name), Size: int64(len(data))}, kind: kind, mime: mimeType, data: bytes.Clone(data),
	})
}

// store gives media an id.
func (s *Sim) store(m media) *File {
	m.file.MediaID = randomID("3", 32)
	m.created = s.cfg.Now()

	s.mu.Lock()
	defer s.mu.Unlock()

	s.media[m.file.MediaID] = &m
	file := m.file

	return &file
}

// find looks living media of an owner up.
func (s *Sim) find(id, owner string) (*media, *apiFault) {
	now := s.cfg.Now()

	s.mu.Lock()
	defer s.mu.Unlock()

	m := s.media[id]
	if m == nil || m.owner != owner || now.Sub(m.created) >= mediaLife {
		return nil, &apiFault{codeMediaID, "invalid media_id"}
	}

	return m, nil
}

// useMedia looks up what the app wants to send; media of another kind counts as
// unknown.
func (s *Sim) useMedia(id, kind string) (*File, *apiFault) {
	m, fault := s.find(id, "")
	if fault != nil {
		return nil, fault
	}

	if m.kind != kind {
		return nil, &apiFault{codeMediaID, "invalid media_id"}
	}

	file := m.file

	return &file, nil
}

// MediaData returns the bytes of any stored media with its file name, for the
// page and for tests that look into what the bot sent.
func (s *Sim) MediaData(id string) (name string, data []byte, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()

	m := s.media[id]
	if m == nil {
		return "", nil, false
	}

	return m.file.Name, m.data, true
}

// upload answers media/upload.
func (s *Sim) upload(c *call) (any, *apiFault) {
	kind := c.query.Get("type")

	name, data, fault := c.part()
	if fault != nil {
		return nil, fault
	}

	mimeType, fault := checkMedia(kind, data)
	if fault != nil {
		return nil, fault
	}

	file := s.keep(kind, name, mimeType, data)

	answer := uploaded(kind, file.MediaID, c.now)
	answer[keyCode], answer[keyText] = 0, "" // The message is empty here, as documented.

	return answer, nil
}

// uploaded describes new media; created_at is a string, as documented.
func uploaded(kind, id string, now time.Time) map[string]any {
	return map[string]any{"type": kind, "media_id": id, "created_at": strconv.FormatInt(now.Unix(), 10)}
}

// part reads the multipart field "media". A file name in the extended form
// filename* only is taken for no media, as reported of the real server.
func (c *call) part() (string, []byte, *apiFault) {
	empty := &apiFault{codeEmptyMedia, "empty media data"}

	c.http.Body = io.NopCloser(bytes.NewReader(c.body))

	reader, err := c.http.MultipartReader()
	if err != nil {
		return "", nil, empty
	}

	for {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return "", nil, empty
		}

		if err != nil {
			return "", nil, empty
		}

		head := part.Header.Get("Content-Disposition")
		if part.FormName() != "media" {
			continue
		}

		data, err := io.ReadAll(part)
		if err != nil || len(data) == 0 || part.FileName() == "" || strings.Contains(head, "filename*") {
			return "", nil, empty
		}

		return part.FileName(), data, nil
	}
}

// checkMedia judges size and form and names the content type.
func checkMedia(kind string, data []byte) (string, *apiFault) {
	limits := map[string]int{
		SendKindImage: maxImage, SendKindVoice: maxVoice, SendKindVideo: maxVideo, SendKindFile: maxFile,
	}

	limit, known := limits[kind]

	switch {
	case !known:
		return "", &apiFault{codeMediaType, "invalid media type"}
	case len(data) > limit:
		return "", tooBig()
	case len(data) < minMedia:
		return "", &apiFault{40006, "invalid meida size"} // Misspelt by the platform too.
	}

	found := contentType("", data)

	switch kind {
	case SendKindImage:
		if found != "image/jpeg" && found != "image/png" {
			return "", &apiFault{codeImage, "invalid image size or format"}
		}
	case SendKindVoice:
		if !bytes.HasPrefix(data, []byte("#!AMR")) {
			return "", &apiFault{codeMediaType, "voice is not AMR"}
		}

		if len(data) > voiceSecond*maxSeconds {
			return "", &apiFault{codeVoiceLong, "voice is longer than 60 s"}
		}
	case SendKindVideo:
		if found != "video/mp4" {
			return "", &apiFault{codeVideo, "video is not MP4"}
		}
	}

	return found, nil
}

// contentType names the type of data, by its bytes and then by its name.
func contentType(name string, data []byte) string {
	found := http.DetectContentType(data)
	if found == anyBytes {
		byName := mime.TypeByExtension(filepath.Ext(name))
		if byName != "" {
			return byName
		}
	}

	return found
}

// download answers media/get with the bytes, whole or in ranges.
func (s *Sim) download(c *call) (any, *apiFault) {
	m, fault := s.find(c.query.Get("media_id"), "")
	if fault != nil {
		return nil, fault
	}

	if len(m.data) > maxFile && c.http.Header.Get("Range") == "" {
		return nil, &apiFault{codeNoRange, "media is too large, use Range"}
	}

	return rawAnswer(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", m.mime)
		w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", m.file.Name))
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(m.data))
	}), nil
}
