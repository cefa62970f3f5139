package wecom

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"cxbot/bot"
)

// ErrAddress refuses an address that a file must not be fetched from: it could
// lead into our own network.
var ErrAddress = errors.New("wecom: smart robot: the file's address is refused")

// ErrFileKey says that a file cannot be decrypted with the key that came with it.
var ErrFileKey = errors.New("wecom: smart robot: the file cannot be decrypted")

const (
	apiRobotFile = "robot file"
	robotPad     = 32 // files are padded to a multiple of it (101463)
	httpsPort    = "443"
)

// reserved are the networks no file of the platform comes from, besides those
// netip knows by name.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	// IPv6 addresses that carry an IPv4 one, and those nobody routes.
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("2001::/32"), netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("::/96"),
}

// outside reports whether an address is one of the public network.
func outside(ip netip.Addr) bool {
	ip = ip.Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	return !slices.ContainsFunc(reserved, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// guard looks at every address just before it is connected to, so that no name
// can resolve to something harmless first and to something else then.
func guard(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !outside(at.Addr()) {
		return ErrAddress
	}
	return nil
}

// newFileClients makes the client for the platform's storage and the one for the
// host of the long connection, which the admin has named and which may be
// inside (a private deployment, the simulator).
func newFileClients(client *http.Client) (public, own *http.Client) {
	transport := newTransport()
	transport.DialContext = (&net.Dialer{Timeout: robotDial, Control: guard}).DialContext
	if proxied(transport) {
		// The proxy connects, and it is the admin's; names are its to judge.
		transport.DialContext = (&net.Dialer{Timeout: robotDial}).DialContext
	}
	return limited(&http.Client{Transport: transport}, mediaTimeout), limited(client, mediaTimeout)
}

// proxied reports whether the storage is reached through a proxy.
func proxied(t *http.Transport) bool {
	proxy, err := t.Proxy(&http.Request{URL: &url.URL{Scheme: "https", Host: "cos.ap-guangzhou.myqcloud.com"}})
	return err == nil && proxy != nil
}

// fileClient checks where a file is said to be and returns the client to fetch
// it with.
func (r *Robot) fileClient(u *url.URL) (*http.Client, error) {
	if u.User != nil || u.Host == "" || u.Opaque != "" {
		return nil, ErrAddress
	}
	if home, err := url.Parse(r.cfg.URL); err == nil && strings.EqualFold(u.Host, home.Host) &&
		u.Scheme == "http"+strings.TrimPrefix(home.Scheme, "ws") {
		return r.ownFiles, nil
	}
	if u.Scheme != "https" || u.Port() != "" && u.Port() != httpsPort {
		return nil, ErrAddress
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if ip, err := netip.ParseAddr(host); err == nil && !outside(ip) {
		return nil, ErrAddress
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || !strings.ContainsAny(host, ".:") {
		return nil, ErrAddress
	}
	return r.publicFiles, nil
}

// Download fetches a picture a person sent to the robot and decrypts it on the
// way, at most limit bytes. ErrMediaGone, ErrTooLarge and ErrAddress are final;
// reading fails with ErrFileKey when key and file do not belong together.
func (r *Robot) Download(ctx context.Context, address, key string, limit int64) (*Download, error) {
	mode, err := fileCipher(key)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, ErrAddress
	}
	client, err := r.fileClient(u)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, ErrAddress
	}
	req.Header.Set("User-Agent", "cxbot")
	res, err := client.Do(req)
	if err != nil {
		return nil, fileBroken(err)
	}
	if err := fileStatus(res, limit); err != nil {
		_ = res.Body.Close()
		return nil, err
	}
	return &Download{
		ReadCloser:  &capped{body: &unsealed{body: res.Body, mode: mode}, left: limit, broken: fileBroken},
		Name:        dispositionName(res.Header.Get("Content-Disposition")),
		ContentType: res.Header.Get("Content-Type"),
		Size:        -1, // the announced one is of the sealed file
	}, nil
}

// fileStatus judges the answer of the storage. An address past its five minutes
// is forbidden or unknown there.
func fileStatus(res *http.Response, limit int64) error {
	switch code := res.StatusCode; {
	case code == http.StatusOK && res.ContentLength > limit+robotPad:
		return ErrTooLarge
	case code == http.StatusOK:
		return nil
	case code == http.StatusForbidden || code == http.StatusNotFound || code == http.StatusGone:
		return ErrMediaGone
	case code >= http.StatusMultipleChoices && code < http.StatusBadRequest:
		return ErrAddress
	default:
		return fmt.Errorf("%w: %s: HTTP status %d", ErrUnknown, apiRobotFile, code)
	}
}

// fileBroken judges a failure on the way. The address is secret while it lives,
// so nothing of the error but its kind is kept.
func fileBroken(err error) error {
	switch {
	case errors.Is(err, ErrAddress):
		return ErrAddress
	case errors.Is(err, ErrFileKey):
		return ErrFileKey
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: %s: out of time", ErrUnknown, apiRobotFile)
	}
	return &bot.SendError{Class: bot.Retry, Text: "wecom: " + apiRobotFile + ": the connection failed"}
}

// fileCipher makes the cipher of a key in either alphabet, with or without "=".
func fileCipher(key string) (cipher.BlockMode, error) {
	const size = 32
	key = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(key, "="))
	raw, err := base64.RawStdEncoding.DecodeString(key)
	if err != nil || len(raw) != size {
		return nil, ErrFileKey
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, ErrFileKey
	}
	return cipher.NewCBCDecrypter(block, raw[:aes.BlockSize]), nil
}

// unsealed decrypts as it is read. The last bytes are held back until the end
// has come, because their padding has to be taken off.
type unsealed struct {
	body  io.ReadCloser
	mode  cipher.BlockMode
	clear []byte // decrypted, not handed out
	ended bool
}

// Read implements io.Reader.
func (u *unsealed) Read(p []byte) (int, error) {
	for !u.ended && len(u.clear) <= robotPad {
		if err := u.fill(); err != nil {
			return 0, err
		}
	}
	ready := len(u.clear)
	if !u.ended {
		ready -= robotPad
	} else if ready == 0 {
		return 0, io.EOF
	}
	n := copy(p, u.clear[:ready])
	u.clear = u.clear[n:]
	return n, nil
}

// fill decrypts the next blocks, and takes the padding off when they were the last.
func (u *unsealed) fill() error {
	const step = 32 << 10
	buffer := make([]byte, step)
	n := 0
	for n < step && !u.ended {
		got, err := u.body.Read(buffer[n:])
		n += got
		u.ended = errors.Is(err, io.EOF)
		if err != nil && !u.ended {
			return err //nolint:wrapcheck // The caller's capped judges it.
		}
	}
	if n%aes.BlockSize != 0 {
		return ErrFileKey
	}
	u.mode.CryptBlocks(buffer[:n], buffer[:n])
	u.clear = append(u.clear, buffer[:n]...)
	if !u.ended {
		return nil
	}
	if len(u.clear) == 0 {
		return ErrFileKey
	}
	pad := int(u.clear[len(u.clear)-1])
	if pad == 0 || pad > robotPad || pad > len(u.clear) {
		return ErrFileKey
	}
	body, padding := u.clear[:len(u.clear)-pad], u.clear[len(u.clear)-pad:]
	if slices.ContainsFunc(padding, func(b byte) bool { return int(b) != pad }) {
		return ErrFileKey
	}
	u.clear = body
	return nil
}

// Close implements io.Closer.
func (u *unsealed) Close() error { return u.body.Close() } //nolint:wrapcheck // As above.
