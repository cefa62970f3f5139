package simulator

import (
	"strings"
	"time"
)

const (
	tokenLife    = 7200 * time.Second
	wrongSecrets = 5 // wrong secrets before an address is locked out
	lockout      = time.Hour
)

// tokens is the app's access token and the addresses that guess. It is guarded
// by Sim.mu.
type tokens struct {
	current string
	ends    time.Time
	old     map[string]int // former tokens and the errcode they now get
	wrong   map[string]int
	locked  map[string]time.Time
	allowed []string // trusted addresses; nil: everyone
}

func (t *tokens) init() {
	t.old, t.wrong, t.locked = map[string]int{}, map[string]int{}, map[string]time.Time{}
}

// retire ends the current token; later uses of it get the code.
func (t *tokens) retire(code int) {
	if t.current != "" {
		t.old[t.current] = code
		t.current = ""
	}
}

// InvalidateToken withdraws the token before its time: calls get 40014.
func (s *Sim) InvalidateToken() {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.tokens.retire(codeTokenInvalid)
}

// ExpireToken lets the token run out now: calls get 42001.
func (s *Sim) ExpireToken() {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.tokens.retire(codeTokenExpired)
}

// TrustIPs sets 企业可信IP; without arguments every address is trusted. Calls
// from elsewhere get 60020, gettoken excepted.
func (s *Sim) TrustIPs(ips ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.tokens.allowed = ips
}

// getToken answers gettoken: the same token until it ends, a new one after.
func (s *Sim) getToken(c *call) (any, *apiFault) {
	s.mu.Lock()
	defer s.mu.Unlock()

	now, t := c.now, &s.tokens

	if until, ok := t.locked[c.ip]; ok && now.Before(until) {
		return nil, &apiFault{codeFrequency, "api freq out of limit"}
	}

	if c.query.Get("corpid") != s.cfg.CorpID {
		return nil, &apiFault{codeCorp, "invalid corpid"}
	}

	if c.query.Get("corpsecret") != s.cfg.Secret {
		t.wrong[c.ip]++
		if t.wrong[c.ip] >= wrongSecrets {
			t.locked[c.ip] = now.Add(lockout)
			t.wrong[c.ip] = 0
		}

		return nil, &apiFault{codeToken, "invalid credential"}
	}

	if !now.Before(t.ends) {
		t.retire(codeTokenExpired)
	}

	if t.current == "" {
		t.current, t.ends = randomID("", 32), now.Add(tokenLife)
	}

	return accepted(map[string]any{
		"access_token": t.current,
		"expires_in":   int64(t.ends.Sub(now) / time.Second),
	}), nil
}

// checkToken judges the token of a business call and where it comes from.
func (s *Sim) checkToken(c *call) *apiFault {
	s.mu.Lock()
	defer s.mu.Unlock()

	t, given := &s.tokens, c.query.Get("access_token")

	switch code, former := t.old[given]; {
	case given == "":
		return &apiFault{codeTokenMissing, "access_token missing"}
	case former:
		return &apiFault{code, faultText(code)}
	case given != t.current:
		return &apiFault{codeTokenInvalid, faultText(codeTokenInvalid)}
	case !c.now.Before(t.ends):
		t.retire(codeTokenExpired)

		return &apiFault{codeTokenExpired, faultText(codeTokenExpired)}
	}

	if t.allowed != nil && !strings.Contains(" "+strings.Join(t.allowed, " ")+" ", " "+c.ip+" ") {
		return &apiFault{codeIP, faultText(codeIP)}
	}

	return nil
}
