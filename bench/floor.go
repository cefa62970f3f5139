package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// sizes are what the product stored and said in the round before, in bytes on
// average, so that the floor moves the same.
type sizes struct {
	Draft int `json:"draft"`
	Reply int `json:"reply"`
	Audit int `json:"audit"`
}

// usual are the sizes when no round of the product went before.
func usual() sizes { return sizes{Draft: 4000, Reply: 350, Audit: 300} }

// floorScript is the floor's only write: nothing twice, nobody else's draft
// overwritten, then mark, draft and audit line.
const floorScript = `
local reply = redis.call('GET', KEYS[1])
if reply then return reply end
if redis.call('GETRANGE', KEYS[2], 0, #ARGV[1] - 1) ~= ARGV[1] then return 1 end
redis.call('SET', KEYS[1], ARGV[3], 'PX', 604800000)
redis.call('SET', KEYS[2], ARGV[2])
redis.call('RPUSH', KEYS[3], ARGV[4])
return 0`

const floorAudit = "floor:{bench}:audit"

func floorDraft(person string) string { return "floor:{bench}:d:" + person }

// stampSize is the length of the counter that begins the floor's draft.
const stampSize = 10

// floor is the program beside which the product is measured ("hand-2rt"): the
// same protocol, the same two round trips and the same bytes, with nothing
// behind it. Its draft is a counter and filler, its reply the counter again.
type floor struct {
	pipe   pipe
	hash   string
	sizes  sizes
	filler string
	work   sync.Pool
}

// desk is the memory of one request.
type desk struct {
	wire                *wire
	body, plain, scrap  []byte
	draft, reply, audit []byte
	out                 []byte
}

func newFloor(ctx context.Context, client *redis.Client, s sizes) (http.Handler, error) {
	hash, err := client.ScriptLoad(ctx, floorScript).Result()
	if err != nil {
		return nil, err
	}
	if _, err := newWire(); err != nil {
		return nil, err
	}
	f := &floor{pipe: pipe{client: client}, hash: hash, sizes: s, filler: strings.Repeat("议", max(s.Draft, s.Reply, s.Audit)/len("议"))}
	f.work.New = func() any {
		w, _ := newWire() // it worked a moment ago
		return &desk{wire: w}
	}
	return f, nil
}

// pad lengthens text to about size bytes.
func (f *floor) pad(text []byte, size int) []byte {
	if n := size - len(text); n > 0 {
		text = append(text, f.filler[:n-n%len("议")]...)
	}
	return text
}

// seedFloor gives every filer a draft.
func seedFloor(ctx context.Context, client *redis.Client, n int, s sizes) error {
	f := &floor{filler: strings.Repeat("议", s.Draft)}
	draft := f.pad(fmt.Appendf(nil, "%0*d", stampSize, 0), s.Draft)
	pipe := client.Pipeline()
	for i := range n {
		pipe.Set(ctx, floorDraft(filerID(i)), draft, 0)
	}
	_, err := pipe.Exec(ctx)
	return err
}

// ServeHTTP implements http.Handler.
func (f *floor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d, _ := f.work.Get().(*desk)
	defer f.work.Put(d)
	if !f.answer(r, d) {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	_, _ = w.Write(d.out)
}

// answer reads, turns and seals; false is anything wrong.
func (f *floor) answer(r *http.Request, d *desk) bool {
	if r.ContentLength < 0 || r.ContentLength > 1<<16 {
		return false
	}
	d.body = append(d.body[:0], make([]byte, r.ContentLength)...)
	if _, err := io.ReadFull(r.Body, d.body); err != nil {
		return false
	}
	query := []byte(r.URL.RawQuery + "&")
	signature, timestamp := between(query, "msg_signature=", "&"), between(query, "timestamp=", "&")
	nonce, sealed := between(query, "nonce=", "&"), between(d.body, "<Encrypt><![CDATA[", "]]>")
	sum := d.wire.signature(timestamp, nonce, sealed)
	if !bytes.Equal(sum[:], signature) {
		return false
	}
	var inner []byte
	var err error
	if inner, d.plain, err = d.wire.open(d.plain, sealed); err != nil {
		return false
	}
	from := between(inner, "<FromUserName><![CDATA[", "]]>")
	text, id := between(inner, "<Content><![CDATA[", "]]>"), between(inner, "<MsgId>", "</MsgId>")
	if len(from) == 0 || len(text) == 0 || len(id) == 0 || !f.turn(r.Context(), d, string(from), string(id)) {
		return false
	}
	f.seal(d, timestamp, nonce, from)
	return true
}

// turn is the two round trips.
func (f *floor) turn(ctx context.Context, d *desk, from, id string) bool {
	seen, key := "floor:{bench}:seen:"+id, floorDraft(from)
	load := redis.NewSliceCmd(ctx, "mget", seen, key)
	if f.pipe.do(ctx, load) != nil {
		return false
	}
	if said, ok := load.Val()[0].(string); ok {
		d.reply = append(d.reply[:0], said...)
		return true
	}
	draft, _ := load.Val()[1].(string)
	if len(draft) < stampSize {
		return false
	}
	n, err := strconv.Atoi(draft[:stampSize])
	if err != nil {
		return false
	}
	d.draft = append(fmt.Appendf(d.draft[:0], "%0*d", stampSize, n+1), draft[stampSize:]...)
	d.reply = f.pad(fmt.Appendf(d.reply[:0], "第 %d 条 ", n+1), f.sizes.Reply)
	d.audit = f.pad(append(append(d.audit[:0], from...), id...), f.sizes.Audit)
	save := redis.NewCmd(ctx, "evalsha", f.hash, 3, seen, key, floorAudit, draft[:stampSize], d.draft, d.reply, d.audit)
	save.SetFirstKeyPos(3)
	if f.pipe.do(ctx, save) != nil {
		return false
	}
	if said, ok := save.Val().(string); ok {
		d.reply = append(d.reply[:0], said...)
		return true
	}
	done, ok := save.Val().(int64)
	return ok && done == 0
}

// seal writes the encrypted passive reply.
func (f *floor) seal(d *desk, timestamp, nonce, from []byte) {
	d.scrap = append(d.scrap[:0], "<xml><ToUserName><![CDATA["...)
	d.scrap = append(d.scrap, from...)
	d.scrap = append(d.scrap, "]]></ToUserName><FromUserName><![CDATA["+benchCorp+"]]></FromUserName><CreateTime>"...)
	d.scrap = append(d.scrap, timestamp...)
	d.scrap = append(d.scrap, "</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA["...)
	d.scrap = append(d.scrap, d.reply...)
	d.scrap = append(d.scrap, "]]></Content></xml>"...)
	const head = "<xml><Encrypt><![CDATA["
	d.out, d.plain = d.wire.seal(append(d.out[:0], head...), d.plain, d.scrap)
	sum := d.wire.signature(timestamp, nonce, d.out[len(head):])
	d.out = append(d.out, "]]></Encrypt><MsgSignature><![CDATA["...)
	d.out = append(d.out, sum[:]...)
	d.out = append(d.out, "]]></MsgSignature><TimeStamp>"...)
	d.out = append(d.out, timestamp...)
	d.out = append(d.out, "</TimeStamp><Nonce><![CDATA["...)
	d.out = append(d.out, nonce...)
	d.out = append(d.out, "]]></Nonce></xml>"...)
}
