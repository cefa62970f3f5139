package simulator

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5" //nolint:gosec // The platform checks uploads by MD5.
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"time"
)

// Limits of the robot's media (WeCom document 101463).
const (
	robotOwner      = "robot" // no webhook key: those are checked against groups
	robotFileLife   = 5 * time.Minute
	robotUploadLife = 30 * time.Minute
	robotChunk      = 512 << 10
	robotChunks     = 100
	robotKeySize    = 32
)

// robotFile is a file on offer to the bot, encrypted under its own key.
type robotFile struct {
	name string
	data []byte
	ends time.Time
}

// robotUpload is an upload in pieces.
type robotUpload struct {
	body   uploadBody
	chunks map[int][]byte
	began  time.Time
}

// uploadBody is what the three upload commands carry.
type uploadBody struct {
	UploadType  string `json:"type"`
	FileName    string `json:"filename"`
	TotalSize   int    `json:"total_size"`
	TotalChunks int    `json:"total_chunks"`
	MD5         string `json:"md5"`
	UploadID    string `json:"upload_id"`
	ChunkIndex  int    `json:"chunk_index"`
	Data        string `json:"base64_data"`
}

// robotOffer encrypts a file under a fresh key and returns where to fetch it.
func (s *Sim) robotOffer(base, name string, data []byte) (address, key string, err error) {
	secret := randomBytes(robotKeySize)

	block, err := aes.NewCipher(secret)
	if err != nil {
		return "", "", fmt.Errorf("offer file: %w", err)
	}

	pad := padBlock - len(data)%padBlock
	sealed := append(bytes.Clone(data), bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, secret[:aes.BlockSize]).CryptBlocks(sealed, sealed)

	id := randomID("f", 16)

	s.robot.mu.Lock()
	defer s.robot.mu.Unlock()

	s.robot.files[id] = robotFile{name: filepath.Base(name), data: sealed, ends: s.cfg.Now().Add(robotFileLife)}

	return base + "/robot/" + id, base64.StdEncoding.EncodeToString(secret), nil
}

// robotDownload serves an offered file for five minutes. Its name stands in the
// header only.
func (s *Sim) robotDownload(w http.ResponseWriter, r *http.Request, id string) {
	s.robot.mu.Lock()
	file, ok := s.robot.files[id]
	s.robot.mu.Unlock()

	if !ok || !s.cfg.Now().Before(file.ends) {
		http.NotFound(w, r)

		return
	}

	w.Header().Set("Content-Type", anyBytes)
	w.Header().Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(file.name))
	_, _ = w.Write(file.data) // The bot has gone; nothing is left to tell.
}

// robotUploadStep runs one of the three upload commands.
func (s *Sim) robotUploadStep(cmd string, body *robotBody) (any, *apiFault) {
	step := body.uploadBody

	if cmd == "aibot_upload_media_init" {
		return s.robotUploadInit(step)
	}

	s.robot.mu.Lock()
	upload := s.robot.uploads[step.UploadID]

	if upload == nil || s.cfg.Now().Sub(upload.began) > robotUploadLife {
		s.robot.mu.Unlock()

		return nil, &apiFault{codeParameter, "invalid upload_id"}
	}

	if cmd == "aibot_upload_media_chunk" {
		defer s.robot.mu.Unlock()

		return nil, upload.take(step)
	}

	delete(s.robot.uploads, step.UploadID)
	s.robot.mu.Unlock()

	return s.robotUploadFinish(upload)
}

// robotUploadInit opens an upload.
func (s *Sim) robotUploadInit(step uploadBody) (any, *apiFault) {
	switch {
	case step.TotalSize < minMedia-1 || step.TotalSize > maxFile:
		return nil, tooBig()
	case step.TotalChunks < 1 || step.TotalChunks > robotChunks:
		return nil, &apiFault{codeParameter, "total_chunks out of range"}
	case step.FileName == "" || len(step.FileName) > 256:
		return nil, &apiFault{codeParameter, "filename is missing or too long"}
	}

	id := randomID("UP", 8)

	s.robot.mu.Lock()
	defer s.robot.mu.Unlock()

	s.robot.uploads[id] = &robotUpload{body: step, chunks: map[int][]byte{}, began: s.cfg.Now()}

	return map[string]any{"upload_id": id}, nil
}

// take keeps one chunk; the same chunk again is ignored.
func (u *robotUpload) take(step uploadBody) *apiFault {
	data, err := base64.StdEncoding.DecodeString(step.Data)

	switch {
	case err != nil || len(data) == 0 || len(data) > robotChunk:
		return &apiFault{codeParameter, "invalid chunk"}
	case step.ChunkIndex < 0 || step.ChunkIndex >= u.body.TotalChunks:
		return &apiFault{codeParameter, "chunk_index out of range"}
	}

	if u.chunks[step.ChunkIndex] == nil {
		u.chunks[step.ChunkIndex] = data
	}

	return nil
}

// robotUploadFinish puts the chunks together and checks the whole.
func (s *Sim) robotUploadFinish(u *robotUpload) (any, *apiFault) {
	var whole []byte

	for i := range u.body.TotalChunks {
		whole = append(whole, u.chunks[i]...)
	}

	sum := md5.Sum(whole)
	if len(whole) != u.body.TotalSize || u.body.MD5 != "" && u.body.MD5 != hex.EncodeToString(sum[:]) {
		return nil, &apiFault{codeParameter, "chunks are missing or md5 does not match"}
	}

	mimeType, fault := checkMedia(u.body.UploadType, whole)
	if fault != nil {
		return nil, fault
	}

	file := s.store(media{
		file: File{Name: u.body.FileName, Size: int64(len(whole))}, kind: u.body.UploadType, mime: mimeType, data: whole, owner: robotOwner,
	})

	return uploaded(u.body.UploadType, file.MediaID, s.cfg.Now()), nil
}
