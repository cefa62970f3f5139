package wecom

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"cxbot/bot"
)

// DefaultAPIBase is the public platform. Private deployments (政务微信) have
// their own host, port and sometimes a path before /cgi-bin.
const DefaultAPIBase = "https://qyapi.weixin.qq.com"

const (
	callTimeout  = 10 * time.Second
	mediaTimeout = 2 * time.Minute
	maxAnswer    = 1 << 20 // bytes of a JSON answer
)

// link is one way to one API host: where it is, how to get there and what must
// never be shown.
type link struct {
	base   *url.URL
	client *http.Client // for JSON calls, ends after callTimeout
	media  *http.Client // for files, ends after mediaTimeout
	mask   func(string) string
}

// newLink checks the base address; client may be nil. secrets are masked in
// every error.
func newLink(base string, client *http.Client, secrets ...string) (*link, error) {
	if base == "" {
		base = DefaultAPIBase
	}
	u, err := url.Parse(strings.TrimSuffix(strings.TrimRight(base, "/"), "/cgi-bin"))
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%w: the API base must be http(s)://host[:port][/prefix]", ErrConfig)
	}
	if client == nil {
		client = &http.Client{Transport: newTransport()}
	}
	return &link{base: u, client: limited(client, callTimeout), media: limited(client, mediaTimeout), mask: masker(secrets)}, nil
}

// newTransport has a limit on every step of a connection.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   5 * time.Second,
		ResponseHeaderTimeout: callTimeout,
		IdleConnTimeout:       time.Minute,
		MaxIdleConnsPerHost:   64,
		ForceAttemptHTTP2:     true,
	}
}

// limited copies a client, keeping a shorter timeout of its own. Redirects are
// not followed: the platform has none, and one could lead inside the network.
func limited(client *http.Client, timeout time.Duration) *http.Client {
	own := *client
	if own.Timeout <= 0 || own.Timeout > timeout {
		own.Timeout = timeout
	}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

// shortSecret is the length in bytes below which a secret, surely a mistake or a
// trial's, is masked only where it stands alone, so that words survive it.
const shortSecret = 8

// masker replaces the secrets, as they are and as they stand in a query.
func masker(secrets []string) func(string) string {
	var (
		pairs []string
		alone []*regexp.Regexp
	)
	for _, s := range secrets {
		switch {
		case len(s) >= shortSecret:
			pairs = append(pairs, s, stars, url.QueryEscape(s), stars)
		case s != "":
			alone = append(alone, regexp.MustCompile(`(^|[^0-9A-Za-z])(?:`+regexp.QuoteMeta(s)+`|`+regexp.QuoteMeta(url.QueryEscape(s))+`)($|[^0-9A-Za-z])`))
		}
	}
	long := strings.NewReplacer(pairs...)
	return func(text string) string {
		for _, s := range alone {
			text = s.ReplaceAllString(text, "${1}"+stars+"${2}")
		}
		return long.Replace(text)
	}
}

// masking adds values to be masked, such as a token.
func (l *link) masking(secrets ...string) func(string) string {
	also := masker(secrets)
	return func(text string) string { return l.mask(also(text)) }
}

// request is one call. path begins with /cgi-bin/.
type request struct {
	method      string
	path        string
	query       url.Values
	contentType string
	body        io.Reader
	length      int64
	mask        func(string) string
}

// api is the call's name in errors: the path without the address.
func (r request) api() string { return strings.TrimPrefix(r.path, "/cgi-bin/") }

// open sends a request and returns the answer of a call that got HTTP 200. The
// caller closes its body.
func (l *link) open(ctx context.Context, client *http.Client, r request) (*http.Response, error) {
	target := *l.base
	target.Path = l.base.Path + r.path
	target.RawPath = ""
	target.RawQuery = r.query.Encode()
	//nolint:gosec // The address is the admin's; redirects are not followed.
	req, err := http.NewRequestWithContext(ctx, r.method, target.String(), r.body)
	if err != nil {
		return nil, &bot.SendError{Class: bot.Permanent, Text: "wecom: " + r.api() + ": cannot make the request"}
	}
	req.ContentLength = r.length
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
	}
	req.Header.Set("User-Agent", "cxbot")
	res, err := client.Do(req) //nolint:gosec // As above.
	if err != nil {
		return nil, l.broken(r, err)
	}
	if res.StatusCode == http.StatusOK {
		return res, nil
	}
	_ = res.Body.Close()
	return nil, badStatus(r, res.StatusCode)
}

// badStatus judges an HTTP status other than 200: a server's failure may have
// come after the work was done.
func badStatus(r request, status int) error {
	text := fmt.Sprintf("wecom: %s: HTTP status %d", r.api(), status)
	switch {
	case status >= http.StatusInternalServerError:
		return fmt.Errorf("%w: %s: HTTP status %d", ErrUnknown, r.api(), status)
	case status == http.StatusTooManyRequests:
		return &bot.SendError{Class: bot.Wait, After: minuteWindow, Text: text}
	default:
		return &bot.SendError{Class: bot.Retry, Text: text}
	}
}

// broken judges a failure of the network. Only the innermost error is kept:
// the outer ones quote the address with its credentials.
func (l *link) broken(r request, err error) error {
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err
	}
	mask := l.mask
	if r.mask != nil {
		mask = r.mask
	}
	text := oneLine(mask(err.Error()))
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
		return &bot.SendError{Class: bot.Retry, Text: "wecom: " + r.api() + ": cannot connect: " + text}
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %s: %w", ErrUnknown, r.api(), err)
	}
	return fmt.Errorf("%w: %s: %s", ErrUnknown, r.api(), text)
}

// call makes a JSON call and reads its answer, at most 1 MB.
func (l *link) call(ctx context.Context, r request) (answer, error) {
	res, err := l.open(ctx, l.client, r)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	return l.read(r, res.Body)
}

// read reads a JSON answer.
func (l *link) read(r request, body io.Reader) (answer, error) {
	data, err := readAll(nil, body, maxAnswer)
	if errors.Is(err, errTooLarge) {
		return answer{}, fmt.Errorf("%w: %s: the answer is larger than 1 MB", ErrUnknown, r.api())
	}
	if err != nil {
		return answer{}, l.broken(r, err)
	}
	got, err := readAnswer(data)
	if err != nil {
		return answer{}, fmt.Errorf("%w: %s: %w", ErrUnknown, r.api(), err)
	}
	return got, nil
}
