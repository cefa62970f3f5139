package wecom

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"cxbot/bot"
	"cxbot/chat"
)

// sealedFile encrypts as the platform does (101463): AES-256-CBC, the first half
// of the key as IV, padded to a multiple of 32.
func sealedFile(t *testing.T, key, data []byte) []byte {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	pad := 32 - len(data)%32
	out := append(bytes.Clone(data), bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(out, out)
	return out
}

func fileKey() []byte {
	key := make([]byte, 32)
	for i := range key {
		key[i] = byte(i)
	}
	return key
}

// fileRobot is a robot whose own host serves what serve says.
func fileRobot(t *testing.T, serve http.HandlerFunc) (*Robot, string) {
	t.Helper()
	server := httptest.NewServer(serve)
	t.Cleanup(server.Close)
	r, err := NewRobot(RobotConfig{
		URL: "ws" + strings.TrimPrefix(server.URL, "http") + "/robot", ID: robotID, Secret: robotSecret, Now: time.Now,
		Handle: func(context.Context, chat.Event) Result { return Result{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	return r, server.URL
}

// fetched downloads and reads to the end.
func fetched(r *Robot, address, key string, limit int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	d, err := r.Download(ctx, address, key, limit)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(d)
	return data, errors.Join(err, d.Close())
}

func TestRobotDownload(t *testing.T) {
	t.Parallel()
	key := fileKey()
	plain := base64.StdEncoding.EncodeToString(key)
	for _, size := range []int{0, 1, 15, 16, 31, 32, 33, 63, 64, 1000, 32<<10 - 1, 32 << 10, 32<<10 + 1, 200_000} {
		data := bytes.Repeat([]byte{0xff, 7, 'x'}, size/3+1)[:size]
		body := sealedFile(t, key, data)
		r, base := fileRobot(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Disposition", `attachment; filename*=UTF-8''%E7%8E%B0%E5%9C%BA.jpg`)
			_, _ = w.Write(body)
		})
		for _, spelt := range []string{plain, strings.TrimRight(plain, "="), base64.URLEncoding.EncodeToString(key)} {
			got, err := fetched(r, base+"/f1", spelt, 1<<20)
			if err != nil || !bytes.Equal(got, data) {
				t.Errorf("%d bytes: got %d, %v", size, len(got), err)
			}
		}
		d, err := r.Download(t.Context(), base+"/f1", plain, 1<<20)
		if err != nil || d.Name != "现场.jpg" {
			t.Fatal(d, err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestRobotDownloadRefuses covers wrong keys, wrong padding, cuts and statuses (B87).
func TestRobotDownloadRefuses(t *testing.T) {
	t.Parallel()
	key := fileKey()
	spelt := base64.StdEncoding.EncodeToString(key)
	data := bytes.Repeat([]byte("picture "), 100)
	good := sealedFile(t, key, data)
	padded := func(pad ...byte) []byte { // a last block that ends in these bytes
		whole := append(bytes.Repeat([]byte{9}, 64-len(pad)), pad...)
		sealed := sealedFile(t, key, whole)
		return sealed[:64]
	}
	cut := func(n int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(len(good)))
			_, _ = w.Write(good[:n])
		}
	}
	body := func(data []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) }
	}
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	retry := &bot.SendError{}
	for name, c := range map[string]struct {
		serve http.HandlerFunc
		key   string
		limit int64
		want  error
	}{
		"wrong key":            {body(good), base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{1}, 32)), 1 << 20, ErrFileKey},
		"short key":            {body(good), "AAEC", 1 << 20, ErrFileKey},
		"no key":               {body(good), "", 1 << 20, ErrFileKey},
		"no base64":            {body(good), strings.Repeat("*", 43), 1 << 20, ErrFileKey},
		"padding 0":            {body(padded(0)), spelt, 1 << 20, ErrFileKey},
		"padding 33":           {body(padded(33)), spelt, 1 << 20, ErrFileKey},
		"padding uneven":       {body(padded(2, 3)), spelt, 1 << 20, ErrFileKey},
		"padding half":         {body(padded(5, 9, 5, 5, 5)), spelt, 1 << 20, ErrFileKey},
		"empty":                {body(nil), spelt, 1 << 20, ErrFileKey},
		"not whole blocks":     {body(good[:len(good)-1]), spelt, 1 << 20, ErrFileKey},
		"a block short":        {body(good[:len(good)-16]), spelt, 1 << 20, ErrFileKey},
		"cut on the way":       {cut(len(good) / 2), spelt, 1 << 20, retry},
		"cut at a block":       {cut(64), spelt, 1 << 20, retry},
		"too large":            {body(good), spelt, int64(len(data) - 1), ErrTooLarge},
		"too large, announced": {body(good), spelt, 10, ErrTooLarge},
		"endless":              {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, zeros{}) }, spelt, 1 << 16, ErrTooLarge},
		"expired":              {status(http.StatusForbidden), spelt, 1 << 20, ErrMediaGone},
		"unknown":              {status(http.StatusNotFound), spelt, 1 << 20, ErrMediaGone},
		"overloaded":           {status(http.StatusServiceUnavailable), spelt, 1 << 20, ErrUnknown},
		"redirect to ourselves": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/x", http.StatusFound)
		}, spelt, 1 << 20, ErrAddress},
		"redirect to a file": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		}, spelt, 1 << 20, ErrAddress},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, base := fileRobot(t, c.serve)
			got, err := fetched(r, base+"/secret-path?sign=PLANTED", c.key, c.limit)
			if known, ok := errors.AsType[*bot.SendError](err); c.want == error(retry) {
				if !ok || known.Class != bot.Retry {
					t.Errorf("%v, want a retry", err)
				}
			} else if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v (%d bytes)", err, c.want, len(got))
			}
			if err != nil && strings.Contains(err.Error(), "PLANTED") {
				t.Errorf("the address shows in %v", err)
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestRobotDownloadAddress refuses addresses that lead elsewhere (B86), by their
// looks and at the moment of connecting.
func TestRobotDownloadAddress(t *testing.T) {
	t.Parallel()
	hits := 0
	r, base := fileRobot(t, func(http.ResponseWriter, *http.Request) { hits++ })
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits++ }))
	defer other.Close()
	key := base64.StdEncoding.EncodeToString(fileKey())
	port := other.URL[strings.LastIndex(other.URL, ":")+1:]
	for _, address := range []string{
		"", "x", "/etc/passwd", "file:///etc/passwd", "ftp://example.com/x", "gopher://example.com/", "data:,x",
		"http://example.com/x", "https://example.com:8443/x", "https://user:pass@example.com/x", "https://example.com@127.0.0.1/x",
		other.URL + "/x", "http://localhost:" + port, "https://localhost/x", "https://LOCALHOST./x", "https://a.localhost/",
		"https://127.0.0.1/x", "https://127.1.2.3/x", "https://[::1]/x", "https://[::ffff:127.0.0.1]/x", "https://[::ffff:7f00:1]/",
		"https://169.254.169.254/latest/meta-data", "https://10.0.0.1/x", "https://172.16.0.9/", "https://192.168.1.1/", "https://100.64.0.1/",
		"https://0.0.0.0/", "https://[::]/", "https://[fd00::1]/", "https://[fe80::1]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/",
		"https://224.0.0.1/", "https://255.255.255.255/", "https://redis/", "https://intranet/x",
		strings.Replace(base, "http://", "http://user@", 1) + "/f", strings.Replace(base, "http", "https", 1) + "/f",
	} {
		if _, err := fetched(r, address, key, 1<<20); !errors.Is(err, ErrAddress) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if hits > 0 {
		t.Errorf("%d requests got through", hits)
	}
	// A name that resolves to ourselves is stopped when it is connected to.
	for _, address := range []string{"127.0.0.1:443", "10.1.2.3:443", "[::1]:443", "[::ffff:10.0.0.1]:443", "169.254.169.254:443", "nonsense"} {
		if err := guard("tcp", address, nil); !errors.Is(err, ErrAddress) {
			t.Errorf("connecting to %s: %v", address, err)
		}
	}
	for _, address := range []string{"119.29.47.171:443", "[2402:4e00::1]:443"} {
		if err := guard("tcp", address, nil); err != nil {
			t.Errorf("connecting to %s: %v", address, err)
		}
	}
	if public, _ := newFileClients(&http.Client{}); !proxied(newTransport()) {
		if _, err := public.Get(other.URL); !errors.Is(err, ErrAddress) || hits > 0 { //nolint:bodyclose,noctx // There is no answer.
			t.Errorf("the client connects to ourselves: %v", err)
		}
	}
	if outside(netip.MustParseAddr("127.0.0.1")) {
		t.Error("loopback is outside")
	}
}
