package wecom

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/textproto"
	"net/url"
	"path"
	"strings"

	"mime/multipart"

	"cxbot/bot"
)

// ErrTooLarge says that a file is larger than the caller or the platform takes.
var ErrTooLarge = errors.New("wecom: file too large")

// ErrMediaGone says that the platform no longer has a file: media ids live
// three days (90253).
var ErrMediaGone = errors.New("wecom: file expired or unknown")

// minMedia is the platform's lower limit: files have more than 5 bytes.
const minMedia = 6

// mediaLimit is the largest upload of a kind in bytes (90253; images by the
// stricter line of the error table).
func mediaLimit(kind string) (int64, bool) {
	const megabyte = 1 << 20
	switch kind {
	case typeImage:
		return 5 * megabyte, true
	case typeVoice:
		return 2 * megabyte, true
	case typeVideo:
		return 10 * megabyte, true
	case typeFile:
		return 20 * megabyte, true
	default:
		return 0, false
	}
}

// Upload puts a file on the platform for three days and returns its media id.
// kind is image, voice, video or file; name is what people see. r is read from
// its start, and again when the token has to be renewed.
func (a *App) Upload(ctx context.Context, kind, name string, r io.ReadSeeker) (string, error) {
	const api = "media/upload"
	limit, ok := mediaLimit(kind)
	if !ok {
		return "", permanentError(api, "the kind is not image, voice, video or file")
	}
	size, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return "", fmt.Errorf("wecom: %s: size of the file: %w", api, err)
	}
	if size > limit {
		return "", fmt.Errorf("%w: %s: %d bytes, at most %d", ErrTooLarge, api, size, limit)
	}
	if size < minMedia {
		return "", permanentError(api, "the file is empty or shorter than 6 bytes")
	}
	got, err := a.withToken(ctx, api, func(token string) (answer, error) {
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			return answer{}, fmt.Errorf("wecom: %s: start of the file: %w", api, err)
		}
		req, err := uploadRequest(kind, name, r, size)
		if err != nil {
			return answer{}, err
		}
		req.query.Set(tokenParam, token)
		req.mask = a.link.masking(token)
		res, err := a.link.open(ctx, a.link.media, req)
		if err != nil {
			return answer{}, err
		}
		defer func() { _ = res.Body.Close() }()
		return a.link.read(req, res.Body)
	})
	if err != nil {
		return "", err
	}
	id := got.text("media_id")
	if id == "" {
		return "", fmt.Errorf("%w: %s: an answer without a media id", ErrUnknown, api)
	}
	return id, nil
}

// uploadRequest streams the file between the two ends of a multipart body. The
// length is announced, because the platform takes a body without one for empty
// (44001), and the name is sent as it is, for the same reason.
func uploadRequest(kind, name string, r io.Reader, size int64) (request, error) {
	var ends bytes.Buffer
	form := multipart.NewWriter(&ends)
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", fmt.Sprintf(`form-data; name="media"; filename="%s"; filelength=%d`, FileName(name), size))
	header.Set("Content-Type", "application/octet-stream")
	if _, err := form.CreatePart(header); err != nil {
		return request{}, fmt.Errorf("wecom: media/upload: %w", err)
	}
	start := ends.Len()
	if err := form.Close(); err != nil {
		return request{}, fmt.Errorf("wecom: media/upload: %w", err)
	}
	head, tail := ends.Bytes()[:start], ends.Bytes()[start:]
	return request{
		method: http.MethodPost, path: "/cgi-bin/media/upload", query: url.Values{"type": {kind}},
		contentType: form.FormDataContentType(),
		body:        io.MultiReader(bytes.NewReader(head), io.LimitReader(r, size), bytes.NewReader(tail)),
		length:      int64(ends.Len()) + size,
	}, nil
}

// FileName makes a sender's file name safe to show and to send: its last
// element without quotes, control and direction characters, at most 200 bytes.
// It is for display; never use it as a path.
func FileName(name string) string {
	const longest = 200
	name = path.Base(strings.ReplaceAll(cleanOutput(name), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("\"'<>|:*?\n\t\r\ufeff", r):
			return -1
		case r >= '\u200b' && r <= '\u200f', r >= '\u202a' && r <= '\u202e', r >= '\u2060' && r <= '\u206f':
			return -1
		default:
			return r
		}
	}, name)
	name = strings.TrimSpace(name)
	if name == "" || name == "." || name == "/" || name == ".." {
		return "文件"
	}
	if len(name) <= longest {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > longest/10 {
		ext = ""
	}
	return cut(name, longest-len(ext)) + ext
}

// Download is a file on its way from the platform. Reading it fails with
// ErrTooLarge beyond the caller's limit; the caller closes it.
type Download struct {
	io.ReadCloser

	// Name is safe to show, "" when the platform gave none.
	Name        string
	ContentType string
	// Size in bytes as announced, -1 when unknown.
	Size int64
}

// Download fetches a file a person sent, at most limit bytes (media/get).
// ErrMediaGone and ErrTooLarge are worth telling the person; other errors are
// those of Send.
func (a *App) Download(ctx context.Context, mediaID string, limit int64) (*Download, error) {
	const api = "media/get"
	if mediaID == "" {
		return nil, ErrMediaGone
	}
	var file *Download
	_, err := a.withToken(ctx, api, func(token string) (answer, error) {
		req := request{
			method: http.MethodGet, path: "/cgi-bin/" + api,
			query: url.Values{tokenParam: {token}, "media_id": {mediaID}},
			mask:  a.link.masking(token),
		}
		res, err := a.link.open(ctx, a.link.media, req)
		if err != nil {
			return answer{}, err
		}
		if isError(res.Header) {
			defer func() { _ = res.Body.Close() }()
			return a.link.read(req, res.Body)
		}
		if res.ContentLength > limit {
			_ = res.Body.Close()
			return answer{}, ErrTooLarge
		}
		file = &Download{
			ReadCloser:  &capped{body: res.Body, left: limit, broken: func(err error) error { return a.link.broken(req, err) }},
			Name:        dispositionName(res.Header.Get("Content-Disposition")),
			ContentType: res.Header.Get("Content-Type"),
			Size:        res.ContentLength,
		}
		return answer{}, nil
	})
	if known, ok := errors.AsType[*bot.SendError](err); ok {
		switch known.Code {
		case codeBadMedia:
			return nil, ErrMediaGone
		case codeMediaTooBig:
			return nil, ErrTooLarge
		}
	}
	if err != nil {
		return nil, err
	}
	if file == nil {
		return nil, fmt.Errorf("%w: %s: neither a file nor an error", ErrUnknown, api)
	}
	return file, nil
}

// isError tells an error answer from a file that happens to be JSON: files come
// with a disposition.
func isError(h http.Header) bool {
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && h.Get("Content-Disposition") == "" && (kind == "application/json" || kind == "text/plain")
}

// dispositionName reads the file name of a download however it is written:
// quoted, bare, RFC 5987, or raw UTF-8.
func dispositionName(disposition string) string {
	if _, params, err := mime.ParseMediaType(disposition); err == nil && params["filename"] != "" {
		return FileName(params["filename"])
	}
	lower := strings.ToLower(disposition)
	i := strings.Index(lower, "filename=")
	if i < 0 {
		return ""
	}
	name, _, _ := strings.Cut(disposition[i+len("filename="):], ";")
	if name = strings.Trim(name, `" `); name == "" {
		return ""
	}
	if decoded, err := url.PathUnescape(name); err == nil {
		name = decoded
	}
	return FileName(name)
}

// capped is a body with a limit and with errors that show no address.
type capped struct {
	body   io.ReadCloser
	left   int64
	broken func(error) error
}

// Read implements io.Reader.
func (c *capped) Read(p []byte) (int, error) {
	if c.left < 0 {
		return 0, ErrTooLarge
	}
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1]
	}
	n, err := c.body.Read(p)
	if c.left -= int64(n); c.left < 0 {
		return n - 1, ErrTooLarge
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = c.broken(err)
	}
	return n, err //nolint:wrapcheck // io.EOF must stay as it is.
}

// Close implements io.Closer.
func (c *capped) Close() error {
	if err := c.body.Close(); err != nil {
		return c.broken(err)
	}
	return nil
}
