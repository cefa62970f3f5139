package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"cxbot/bot"
	"cxbot/bot/wecom"
	"cxbot/chat"
	"cxbot/documents"
)

// filesDir is where in CXBOT_DATA_DIR the pictures are.
const filesDir = "files"

// shelfDir is the directory of a configuration's pictures.
func shelfDir(config Config) string { return filepath.Join(config.DataDir, filesDir) }

// source fetches what people sent from where it was sent to.
type source struct {
	app   *wecom.App
	robot *wecom.Robot // nil where none is set
}

// Download implements bot.Source.
func (s source) Download(ctx context.Context, f chat.Fetch) (*bot.Download, error) {
	var d *wecom.Download
	var err error
	switch {
	case f.Channel != chat.Robot:
		d, err = s.app.Download(ctx, f.Media.ID, documents.MaxImageBytes)
	case s.robot != nil:
		d, err = s.robot.Download(ctx, f.Media.URL, f.Media.Key, documents.MaxImageBytes)
	default:
		err = wecom.ErrMediaGone // the robot has been taken out of the settings since
	}
	if err != nil {
		return nil, downloadError(err)
	}
	return &bot.Download{ReadCloser: d, Name: d.Name}, nil
}

// downloadError tells the failures no further try mends from the others.
func downloadError(err error) error {
	switch {
	case errors.Is(err, wecom.ErrMediaGone), errors.Is(err, wecom.ErrAddress):
		return &bot.FetchError{Why: chat.WhyGone}
	case errors.Is(err, wecom.ErrTooLarge):
		return &bot.FetchError{Why: chat.WhyLarge}
	}
	return err
}

// shelf keeps pictures and says in the conversation's terms why one is not taken.
type shelf struct{ *documents.Shelf }

// Keep implements bot.Shelf.
func (s shelf) Keep(ctx context.Context, r io.Reader) (chat.Attachment, error) {
	kept, err := s.KeepImage(ctx, r)
	if err != nil {
		return chat.Attachment{}, keepError(err)
	}
	return chat.Attachment{Hash: kept.Hash, Kind: kept.Kind, Size: kept.Size}, nil
}

// keepError is the final reason of a refused picture, or the error as it is.
func keepError(err error) error {
	for _, known := range []struct {
		err error
		why chat.Why
	}{
		{documents.ErrLarge, chat.WhyLarge},
		{wecom.ErrTooLarge, chat.WhyLarge},
		{documents.ErrEmpty, chat.WhyEmpty},
		{documents.ErrPixels, chat.WhyPixels},
		{documents.ErrGIF, chat.WhyGIF},
		{documents.ErrWebP, chat.WhyWebP},
		{documents.ErrHEIC, chat.WhyHEIC},
		{documents.ErrOther, chat.WhyOther},
		{documents.ErrBroken, chat.WhyBroken},
	} {
		if errors.Is(err, known.err) {
			return &bot.FetchError{Why: known.why}
		}
	}
	return err
}

// openKept opens a kept picture for sending.
func openKept(s *documents.Shelf) func(hash string) (io.ReadSeekCloser, error) {
	return func(hash string) (io.ReadSeekCloser, error) { return s.Open(hash) }
}

// errands fetches before it says, for a pump that does one thing after the other.
type errands struct {
	fetcher *bot.Fetcher
	outbox  *bot.Outbox
}

// Step implements sender.
func (e errands) Step(ctx context.Context) (done int, next time.Time, err error) {
	fetched, again, err := e.fetcher.Step(ctx)
	if err != nil {
		return fetched, again, fmt.Errorf("downloads: %w", err)
	}
	sent, next, err := e.outbox.Step(ctx)
	if next.IsZero() || !again.IsZero() && again.Before(next) {
		next = cmp.Or(again, next)
	}
	return fetched + sent, next, err //nolint:wrapcheck // The pump says whose it is.
}
