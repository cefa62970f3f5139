package wecom

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"

	wechat "github.com/silenceper/wechat/v2/util"
)

// The library sends everything through one process-wide client to one fixed
// host, takes no context, and quotes addresses with their credentials in its
// errors. So we hand it a ticket where it expects a credential, and install one
// client, once, that looks the ticket up and makes the real call: to the right
// host, with the caller's context, limits and credential. Two Apps never meet,
// and the library never sees a secret it could print.

// sharedHub installs the hub as the library's client on first use. The library's
// client is one process-wide variable, and this guards its only change.
var sharedHub = sync.OnceValue(func() *hub {
	h := &hub{}
	wechat.DefaultHTTPClient = &http.Client{Transport: h}
	return h
})

// hub is the library's http.RoundTripper.
type hub struct {
	last  atomic.Uint64
	calls sync.Map // ticket → *pending
}

// pending is one call made through the library.
type pending struct {
	ctx        context.Context //nolint:containedctx // The library cannot carry it.
	link       *link
	credential string // tokenParam or "key"
	secret     string
	body       []byte // sent instead of the library's own encoding
	answer     answer
}

// issue registers a call and returns its ticket; done withdraws it.
func (h *hub) issue(p *pending) (ticket string, done func()) {
	ticket = "ticket-" + strconv.FormatUint(h.last.Add(1), 10)
	h.calls.Store(ticket, p)
	return ticket, func() { h.calls.Delete(ticket) }
}

// errNoTicket keeps every request that is not ours inside the process.
var errNoTicket = errors.New("wecom: a request of the library without a ticket")

// RoundTrip implements http.RoundTripper.
func (h *hub) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
	query := req.URL.Query()
	ticket := query.Get(tokenParam)
	if ticket == "" {
		ticket = query.Get("key")
	}
	found, ok := h.calls.Load(ticket)
	if !ok {
		return nil, errNoTicket
	}
	p, ok := found.(*pending)
	if !ok {
		return nil, errNoTicket
	}
	got, err := p.link.call(p.ctx, request{
		method:      req.Method,
		path:        req.URL.Path,
		query:       url.Values{p.credential: {p.secret}},
		contentType: "application/json; charset=utf-8",
		body:        bytes.NewReader(p.body),
		length:      int64(len(p.body)),
		mask:        p.link.masking(p.secret),
	})
	if err != nil {
		return nil, err
	}
	p.answer = got
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: got.normal(), Request: req,
	}, nil
}

// ours takes the library's wrapping off an error that began in the hub.
func ours(err error) error {
	if outer, ok := errors.AsType[*url.Error](err); ok {
		return outer.Err
	}
	return err
}
