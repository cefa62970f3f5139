package wecom

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cxbot/bot"
)

func TestUpload(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	content := strings.Repeat("内容", 1000)
	f.script = func(_ *fakeAPI, s seen) (int, http.Header, string, bool) {
		if !strings.HasSuffix(s.path, "/media/upload") {
			return 0, nil, "", false
		}
		if s.token == "PLANTED-token-1" {
			return http.StatusOK, nil, `{"errcode":42001,"errmsg":"expired"}`, true
		}
		return http.StatusOK, nil, `{"errcode":0,"errmsg":"","type":"file","media_id":"M1","created_at":"1380000000"}`, true
	}
	id, err := newApp(t, f.URL).Upload(t.Context(), "file", `..\dir/台账"1".xlsx`, strings.NewReader(content))
	if err != nil || id != "M1" {
		t.Fatalf("id %q, %v", id, err)
	}
	calls := f.of("/media/upload")
	if len(calls) != 2 || !strings.Contains(calls[1].query, "type=file") || calls[1].header.Get("Content-Length") == "" {
		t.Fatalf("%d calls, query %s", len(calls), calls[len(calls)-1].query)
	}
	for _, call := range calls {
		_, params, err := mime.ParseMediaType(call.header.Get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		part, err := multipart.NewReader(strings.NewReader(call.body), params["boundary"]).NextPart()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(part)
		if err != nil || string(got) != content || part.FormName() != "media" {
			t.Errorf("part %q of %d bytes, %v", part.FormName(), len(got), err)
		}
		const want = `form-data; name="media"; filename="台账1.xlsx"; filelength=6000`
		if disposition := part.Header.Get("Content-Disposition"); disposition != want {
			t.Errorf("disposition %s", disposition)
		}
	}
}

func TestUploadRefuses(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	a := newApp(t, f.URL)
	_, err := a.Upload(t.Context(), "news", "x", strings.NewReader("123456"))
	wantClass(t, err, bot.Permanent)
	_, err = a.Upload(t.Context(), "file", "x", strings.NewReader("12345"))
	wantClass(t, err, bot.Permanent)
	_, err = a.Upload(t.Context(), "voice", "x", bytes.NewReader(make([]byte, 2<<20+1)))
	if !errors.Is(err, ErrTooLarge) {
		t.Errorf("%v", err)
	}
	if len(f.calls) != 0 {
		t.Errorf("%d calls made", len(f.calls))
	}
	if _, err = a.Upload(t.Context(), "image", "x", strings.NewReader("123456")); !errors.Is(err, ErrUnknown) {
		t.Errorf("an answer without an id: %v", err)
	}
}

// mediaApp answers media/get with a header and a body.
func mediaApp(t *testing.T, header http.Header, body string) *App {
	t.Helper()
	f := newFakeAPI(t)
	f.script = func(_ *fakeAPI, s seen) (int, http.Header, string, bool) {
		return http.StatusOK, header, body, strings.HasSuffix(s.path, "/media/get")
	}
	return newApp(t, f.URL)
}

func TestDownload(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ disposition, kind, body, name string }{
		{`attachment; filename="a.docx"`, "application/octet-stream", "0123456789", "a.docx"},
		{`attachment; filename=a.docx`, "application/octet-stream", "0123456789", "a.docx"},
		{`attachment; filename="方案.docx"`, "application/octet-stream", "0123456789", "方案.docx"},
		{`attachment; filename=方案 1.docx`, "application/octet-stream", "0123456789", "方案 1.docx"},
		{`attachment; filename*=UTF-8''%E6%96%B9%E6%A1%88.docx`, "application/octet-stream", "0123456789", "方案.docx"},
		{`attachment; filename="../../etc/x"`, "application/octet-stream", "0123456789", "x"},
		{`attachment; filename="%E6%96%B9 %zz"`, "image/jpeg", "0123456789", "%E6%96%B9 %zz"},
		{`attachment`, "image/jpeg", "0123456789", ""},
		{``, "image/jpeg", "0123456789", ""},
		{`attachment; filename="a.json"`, "application/json", `{"errcode":7}`, "a.json"},
	} {
		header := http.Header{"Content-Type": {test.kind}}
		if test.disposition != "" {
			header.Set("Content-Disposition", test.disposition)
		}
		file, err := mediaApp(t, header, test.body).Download(t.Context(), "M&1", 100)
		if err != nil {
			t.Errorf("%s: %v", test.disposition, err)
			continue
		}
		got, err := io.ReadAll(file)
		if err != nil || string(got) != test.body || file.Name != test.name || file.ContentType != test.kind || file.Size != int64(len(test.body)) {
			t.Errorf("%s: name %q, type %s, size %d, body %q, %v", test.disposition, file.Name, file.ContentType, file.Size, got, err)
		}
		if err = file.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestDownloadRefuses(t *testing.T) {
	t.Parallel()
	asJSON := http.Header{"Content-Type": {"application/json; charset=UTF-8"}}
	for answer, want := range map[string]error{
		`{"errcode":40007,"errmsg":"invalid media_id"}`:  ErrMediaGone,
		`{"errcode":830002,"errmsg":"too large"}`:        ErrTooLarge,
		`{"errcode":0,"errmsg":"ok"}`:                    ErrUnknown,
		`<html>`:                                         ErrUnknown,
		`{"errcode":40007,"errmsg":"as plain text too"}`: ErrMediaGone,
	} {
		header := asJSON
		if strings.Contains(answer, "plain") {
			header = http.Header{"Content-Type": {"text/plain"}}
		}
		_, err := mediaApp(t, header, answer).Download(t.Context(), "M", 100)
		noSecret(t, err)
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", answer, err, want)
		}
	}
	file := http.Header{"Content-Disposition": {`attachment; filename="a"`}}
	if _, err := mediaApp(t, file, strings.Repeat("x", 101)).Download(t.Context(), "M", 100); !errors.Is(err, ErrTooLarge) {
		t.Errorf("an announced length over the limit: %v", err)
	}
	if _, err := newApp(t, "http://127.0.0.1:1").Download(t.Context(), "", 100); !errors.Is(err, ErrMediaGone) {
		t.Errorf("an empty id: %v", err)
	}
}

// TestDownloadStreams covers F50: endless, short and redirected bodies.
func TestDownloadStreams(t *testing.T) {
	t.Parallel()
	var redirected bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/gettoken"):
			_, _ = io.WriteString(w, `{"errcode":0,"access_token":"PLANTED-token","expires_in":7200}`)
		case r.URL.Query().Get("media_id") == "endless":
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 4096)); err != nil {
					return
				}
			}
		case r.URL.Query().Get("media_id") == "short":
			w.Header().Set("Content-Length", "50")
			w.Header().Set("Content-Type", "image/jpeg")
			_, _ = io.WriteString(w, "0123456789")
			_ = http.NewResponseController(w).Flush()
		case r.URL.Query().Get("media_id") == "away":
			http.Redirect(w, r, "http://"+r.Host+"/inside", http.StatusFound)
		case r.URL.Path == "/inside":
			redirected = true
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	a := newApp(t, server.URL, func(c *Config) { c.HTTPClient = &http.Client{Timeout: 5 * time.Second} })
	read := func(id string) ([]byte, error) {
		file, err := a.Download(t.Context(), id, 10_000)
		if err != nil {
			return nil, err
		}
		got, err := io.ReadAll(file)
		if closed := file.Close(); closed != nil {
			t.Error(closed)
		}
		noSecret(t, err)
		return got, err //nolint:wrapcheck // The error itself is under test.
	}
	if got, err := read("endless"); !errors.Is(err, ErrTooLarge) || len(got) != 10_000 {
		t.Errorf("endless: %d bytes, %v", len(got), err)
	}
	if got, err := read("short"); !errors.Is(err, ErrUnknown) || len(got) != 10 {
		t.Errorf("short: %d bytes, %v", len(got), err)
	}
	if _, err := read("away"); err == nil || redirected {
		t.Errorf("a redirect is followed: %v", err)
	}
	if _, err := read("503"); !errors.Is(err, ErrUnknown) {
		t.Errorf("503: %v", err)
	}
}

func TestFileName(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"方案.docx": "方案.docx", `C:\a\b.doc`: "b.doc", "../x": "x", "..": "文件", "": "文件", ".": "文件", "/": "文件",
		"a\r\nb.pdf": "ab.pdf", "x\u202excod.exe": "xxcod.exe", `a"b'.txt`: "ab.txt", "a\x00b": "ab", " a ": "a",
		"\xff\xfe":                       "\ufffd",
		strings.Repeat("长", 99) + ".pdf": strings.Repeat("长", 65) + ".pdf",
	} {
		if got := FileName(raw); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}
