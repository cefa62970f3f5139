package wecom

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"cxbot/bot"
	"cxbot/chat"
)

// mediaRef names uploaded media in a message.
type mediaRef struct {
	MediaID string `json:"media_id"`
}

// uploadLife is how long an upload is used again; the platform keeps it a day longer.
const uploadLife = 48 * time.Hour

// maxUploads is how many uploads are remembered.
const maxUploads = 1024

// uploads remembers the media ids of kept files, so that a picture many people
// look at goes up once. The zero value is empty.
type uploads struct {
	flights singleflight.Group // by hash, for what goes up now

	mu    sync.Mutex
	known map[string]upload // by hash
}

type upload struct {
	id string
	at time.Time
}

func (u *uploads) get(hash string, now time.Time) (id string, ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	have, ok := u.known[hash]
	if !ok || now.Sub(have.at) >= uploadLife || now.Before(have.at) {
		return "", false
	}
	return have.id, true
}

func (u *uploads) put(hash, id string, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.known == nil || len(u.known) >= maxUploads {
		u.known = map[string]upload{} // whoever looks next uploads again
	}
	u.known[hash] = upload{id, now}
}

func (u *uploads) forget(hash string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.known, hash)
}

// sendFile shows a kept file: uploaded before, or now. An id the platform no
// longer knows is uploaded once more. A picture too large for a picture message
// goes as a file.
func (a *App) sendFile(ctx context.Context, to string, f chat.Attachment, out outgoing) error {
	out.MsgType = typeImage
	if limit, _ := mediaLimit(typeImage); f.Size > limit {
		out.MsgType = typeFile
	}
	for again := false; ; again = true {
		id, known := a.uploaded.get(f.Hash, a.now())
		if !known {
			var err error
			if id, err = a.awaitUpload(ctx, out.MsgType, f); err != nil {
				return err
			}
		}
		out.Image, out.File = &mediaRef{id}, nil
		if out.MsgType == typeFile {
			out.Image, out.File = nil, &mediaRef{id}
		}
		err := a.post(ctx, to, out)
		refused, ok := errors.AsType[*bot.SendError](err)
		if again || !known || !ok || refused.Code != codeBadMedia {
			return err
		}
		a.uploaded.forget(f.Hash)
	}
}

// awaitUpload uploads a kept file, once however many people wait for it. Whoever
// cannot wait any longer comes back later; the upload goes on for the next try.
func (a *App) awaitUpload(ctx context.Context, kind string, f chat.Attachment) (string, error) {
	outcome := a.uploaded.flights.DoChan(f.Hash, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), mediaTimeout)
		defer cancel()
		return a.uploadKept(ctx, kind, f)
	})
	select {
	case got := <-outcome:
		id, _ := got.Val.(string)
		return id, got.Err
	case <-ctx.Done():
		return "", &bot.SendError{Class: bot.Retry, Text: "wecom: media/upload: still going up"}
	}
}

// uploadKept uploads a kept file and remembers it.
func (a *App) uploadKept(ctx context.Context, kind string, f chat.Attachment) (id string, err error) {
	if a.files == nil {
		return "", permanentError("media/upload", "no files are kept here")
	}
	file, err := a.files(f.Hash)
	if err != nil {
		return "", permanentError("media/upload", "the kept file cannot be read")
	}
	defer func() { _ = file.Close() }() // only read
	id, err = a.Upload(ctx, kind, f.Name, file)
	if errors.Is(err, ErrTooLarge) {
		return "", permanentError("media/upload", "the kept file is too large")
	}
	if err == nil {
		a.uploaded.put(f.Hash, id, a.now())
	}
	return id, err
}
