package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The errcodes the simulator gives (WeCom document 90313).
const (
	codeToken        = 40001
	codeMediaType    = 40004
	codeMediaParam   = 40005
	codeMediaID      = 40007
	codeMsgType      = 40008
	codeImage        = 40009
	codeVideo        = 40011
	codeCorp         = 40013
	codeTokenInvalid = 40014
	codeMenuCount    = 40016
	codeMenuName     = 40018
	codeMenuKey      = 40019
	codeMenuURL      = 40020
	codeMenuLevel    = 40022
	codeSubCount     = 40023
	codeUserList     = 40032
	codeAgent        = 40056
	codeParameter    = 40058
	codeTokenMissing = 41001
	codeTokenExpired = 42001
	codeTaskID       = 42014
	codeUnknownTask  = 42016
	codeKeyName      = 42027
	codeRowURL       = 42028
	codeRowMedia     = 42029
	codeRowCount     = 42035
	codeButtonText   = 42038
	codeButtonKey    = 42039
	codeOptionID     = 42040
	codeOptionText   = 42041
	codeJumpCount    = 42042
	codeSelectKey    = 42043
	codeCardPicture  = 42044
	codeCardAction   = 42045
	codeSubmitKey    = 42046
	codeSelectCount  = 42047
	codeRowMember    = 42050
	codeMenuKeyTwice = 42051
	codeNeedGet      = 43001
	codeNeedPost     = 43002
	codeNoCallback   = 43012
	codeEmptyMedia   = 44001
	codeEmptyText    = 44004
	codeTooBig       = 45001
	codeVoiceLong    = 45007
	codeArticles     = 45008
	codeFrequency    = 45009
	codeURL          = 45034
	codeNoMenu       = 46003
	codeIP           = 60020
	codeNoUser       = 60111
	codeResponseCode = 60140
	codeAllInvalid   = 81013
	codeNoReceiver   = 82001
	codeParties      = 82002
	codeTags         = 82003
	codeNoRange      = 830002
	codeWebhook      = 93000
	codeOtherAgent   = 301002
)

// The keys of every answer.
const (
	keyCode = "errcode"
	keyText = "errmsg"
)

const maxAPIBody = 32 << 20

// apiFault is a business error: HTTP 200 with an errcode.
type apiFault struct {
	Code int
	Text string
}

// Faults that several calls give.
func badAgent() *apiFault { return &apiFault{codeAgent, "invalid agentid"} }
func badType() *apiFault  { return &apiFault{codeMsgType, "invalid message type"} }
func tooBig() *apiFault   { return &apiFault{codeTooBig, "media size out of limit"} }
func otherAgent() *apiFault {
	return &apiFault{codeOtherAgent, "not allow operate another agent with this accesstoken"}
}

// accepted adds errcode 0 to an answer.
func accepted(answer map[string]any) map[string]any {
	answer[keyCode], answer[keyText] = 0, "ok"

	return answer
}

// call is one API call on its way through.
type call struct {
	http  *http.Request
	query url.Values
	body  []byte
	ip    string
	now   time.Time
}

// endpoint is one documented API call.
type endpoint struct {
	method string
	open   bool // needs no access_token
	run    func(*Sim, *call) (any, *apiFault)
}

// rawAnswer writes something else than JSON.
type rawAnswer func(http.ResponseWriter, *http.Request)

// endpoints lists the API by the path after /cgi-bin/.
func endpoints() map[string]endpoint {
	return map[string]endpoint{
		"gettoken":                     {http.MethodGet, true, (*Sim).getToken},
		"message/send":                 {http.MethodPost, false, (*Sim).send},
		"message/update_template_card": {http.MethodPost, false, (*Sim).updateCard},
		"media/upload":                 {http.MethodPost, false, (*Sim).upload},
		"media/get":                    {http.MethodGet, false, (*Sim).download},
		"webhook/send":                 {http.MethodPost, true, (*Sim).webhookSend},
		"webhook/upload_media":         {http.MethodPost, true, (*Sim).webhookUpload},
		"menu/create":                  {http.MethodPost, false, (*Sim).menuCreate},
		"menu/get":                     {http.MethodGet, false, (*Sim).menuGet},
		"menu/delete":                  {http.MethodGet, false, (*Sim).menuDelete},
		"user/get":                     {http.MethodGet, false, (*Sim).userGet},
		"user/simplelist":              {http.MethodGet, false, (*Sim).userList},
		"user/list":                    {http.MethodGet, false, (*Sim).userList},
		"department/list":              {http.MethodGet, false, (*Sim).departmentList},
		"department/simplelist":        {http.MethodGet, false, (*Sim).departmentList},
		"agent/get":                    {http.MethodGet, false, (*Sim).agentGet},
		"get_api_domain_ip":            {http.MethodGet, false, (*Sim).addresses},
		"getcallbackip":                {http.MethodGet, false, (*Sim).addresses},
	}
}

// API serves the platform's calls under any base path: whatever stands before
// /cgi-bin/ is ignored, as private deployments have prefixes of their own.
func (s *Sim) API() http.Handler {
	table := endpoints()

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, path, found := strings.Cut(r.URL.Path, "/cgi-bin/")

		e, known := table[path]
		if !found || !known {
			http.NotFound(w, r)

			return
		}

		s.count(func(st *Stats) { st.Calls[path]++ })

		// The body is read first of all: only then does the server notice that a
		// caller kept waiting has gone.
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAPIBody))
		if err != nil {
			writeFault(w, r, tooBig(), s.cfg.Now())

			return
		}

		fault := s.faults.take(path)
		if fault.instead(w, r, s.cfg.Now()) {
			return
		}

		if !fault.Lost {
			s.serve(w, r, e, body)

			return
		}

		s.serve(discard{http.Header{}}, r, e, body)
		panic(http.ErrAbortHandler)
	})
}

// serve runs one call and writes its answer.
func (s *Sim) serve(w http.ResponseWriter, r *http.Request, e endpoint, body []byte) {
	c := &call{http: r, query: r.URL.Query(), body: body, now: s.cfg.Now(), ip: remoteIP(r)}

	answer, fault := s.dispatch(c, e)
	if fault != nil {
		writeFault(w, r, fault, c.now)

		return
	}

	if raw, ok := answer.(rawAnswer); ok {
		raw(w, r)

		return
	}

	writeJSON(w, answer)
}

// dispatch checks method and token before the call itself.
func (s *Sim) dispatch(c *call, e endpoint) (any, *apiFault) {
	if c.http.Method != e.method {
		return nil, wrongMethod(e.method)
	}

	if !e.open {
		fault := s.checkToken(c)
		if fault != nil {
			return nil, fault
		}
	}

	return e.run(s, c)
}

// wrongMethod tells which method a call needs.
func wrongMethod(needed string) *apiFault {
	if needed == http.MethodGet {
		return &apiFault{codeNeedGet, "require GET method"}
	}

	return &apiFault{codeNeedPost, "require POST method"}
}

// decode reads the JSON body; wrong types are told apart in the wording only.
func (c *call) decode(into any) *apiFault {
	err := json.Unmarshal(c.body, into)
	if err != nil {
		return &apiFault{codeParameter, "data format error. Warning: wrong json format. "}
	}

	return nil
}

// looseInt is an integer that some clients send as a string.
type looseInt struct {
	Value  int64
	Quoted bool
}

// UnmarshalJSON accepts 12 and "12".
func (l *looseInt) UnmarshalJSON(data []byte) error {
	text := strings.Trim(string(data), `"`)
	l.Quoted = len(text) != len(data)

	n, ok := new(big.Int).SetString(text, 10)
	if !ok || !n.IsInt64() {
		return fmt.Errorf("%w: not an integer", errReplyForm)
	}

	l.Value = n.Int64()

	return nil
}

// writeFault writes a business error the way the real server words it.
func writeFault(w http.ResponseWriter, r *http.Request, f *apiFault, now time.Time) {
	text := fmt.Sprintf("%s, hint: [%d%s], from ip: %s, more info at "+
		"https://open.work.weixin.qq.com/devtool/query?e=%d", f.Text, max(now.Unix(), 0), randomID("", 6), remoteIP(r), f.Code)

	w.Header().Set("Error-Code", strconv.Itoa(f.Code))
	w.Header().Set("Error-Msg", f.Text)
	writeJSON(w, map[string]any{keyCode: f.Code, keyText: text})
}

// writeJSON writes an answer without escaping HTML characters.
func writeJSON(w http.ResponseWriter, answer any) {
	var buf bytes.Buffer

	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)

	err := enc.Encode(answer)
	if err != nil {
		http.Error(w, "encode", http.StatusInternalServerError)

		return
	}

	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	_, _ = w.Write(buf.Bytes()) // The caller has gone; nothing is left to tell.
}

// remoteIP is the caller's address without its port.
func remoteIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}

	return host
}

// discard swallows an answer that is to be lost.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}
