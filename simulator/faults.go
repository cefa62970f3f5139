package simulator

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Fault makes API calls fail on purpose. The zero action does nothing; several
// may be set together (a delay and a code).
type Fault struct {
	// Path is the call it concerns ("message/send", "gettoken"); empty: every call.
	Path string
	// Times is how many calls it takes; 0 means one, negative means until cleared.
	Times int
	// Code answers with this errcode instead of doing anything.
	Code int
	// Status answers with this HTTP status and no JSON.
	Status int
	// HTML answers 200 with a page, as a proxy between would.
	HTML bool
	// Delay holds the answer back.
	Delay time.Duration
	// Lost does what was asked and then cuts the connection before the answer.
	Lost bool
}

// faults is the list of those still to happen.
type faults struct {
	mu   sync.Mutex
	list []Fault
}

// Fail lets coming API calls fail. Faults on the same path happen in the order
// they were given.
func (s *Sim) Fail(f Fault) {
	if f.Times == 0 {
		f.Times = 1
	}

	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()

	s.faults.list = append(s.faults.list, f)
}

// Heal forgets all faults.
func (s *Sim) Heal() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()

	s.faults.list = nil
}

// take returns the next fault of a path and uses it up.
func (f *faults) take(path string) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()

	i := slices.IndexFunc(f.list, func(x Fault) bool { return x.Path == "" || x.Path == path })
	if i < 0 {
		return Fault{}
	}

	out := f.list[i]

	if f.list[i].Times > 0 {
		f.list[i].Times--
		if f.list[i].Times == 0 {
			f.list = slices.Delete(f.list, i, i+1)
		}
	}

	return out
}

// instead answers a call by its fault and reports whether it did.
func (f Fault) instead(w http.ResponseWriter, r *http.Request, now time.Time) bool {
	if f.Delay > 0 {
		pause(r.Context(), f.Delay)
	}

	switch {
	case f.Status != 0:
		http.Error(w, http.StatusText(f.Status), f.Status)
	case f.HTML:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<html><body><h1>502 Bad Gateway</h1></body></html>"))
	case f.Code != 0:
		writeFault(w, r, &apiFault{Code: f.Code, Text: faultText(f.Code)}, now)
	default:
		return false
	}

	return true
}

// faultText is the wording of the codes tests ask for most.
func faultText(code int) string {
	words := map[int]string{ //nolint:gosec // Error texts of the platform, no credentials.
		-1: "system error", codeToken: "invalid credential", codeTokenInvalid: "invalid access_token",
		codeTokenExpired: "access_token expired", codeFrequency: "api freq out of limit",
		45033: "api concurrent out of limit", codeAllInvalid: "user & party & tag all invalid",
		codeIP: "not allow to access from your ip",
	}

	text, ok := words[code]
	if !ok {
		text = "error " + strings.TrimSpace(http.StatusText(code))
	}

	return text
}
