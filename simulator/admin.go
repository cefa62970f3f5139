package simulator

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Limits of the app menu (WeCom document 90231).
const (
	maxTop       = 3
	maxSub       = 5
	menuName     = 16 // bytes: five Chinese characters
	menuSubName  = 40
	menuKeyBytes = 128
	menuURLBytes = 1024
)

// MenuButton is one button of the app menu below the chat.
type MenuButton struct {
	Type string       `json:"type,omitempty"`
	Name string       `json:"name"`
	Key  string       `json:"key,omitempty"`
	URL  string       `json:"url,omitempty"`
	Sub  []MenuButton `json:"sub_button,omitempty"`
}

// menuBody is the body of menu/create.
type menuBody struct {
	Button []MenuButton `json:"button"`
}

// ownAgent judges the agentid in the query.
func (s *Sim) ownAgent(c *call) *apiFault {
	id, err := strconv.ParseInt(c.query.Get("agentid"), 10, 64)

	switch {
	case err != nil:
		return badAgent()
	case id != s.cfg.AgentID:
		return otherAgent()
	}

	return nil
}

// menuCreate answers menu/create; a new menu replaces the old one.
func (s *Sim) menuCreate(c *call) (any, *apiFault) {
	var body menuBody

	for _, judge := range []func() *apiFault{
		func() *apiFault { return s.ownAgent(c) },
		func() *apiFault { return c.decode(&body) },
		func() *apiFault { return checkMenu(body.Button) },
	} {
		fault := judge()
		if fault != nil {
			return nil, fault
		}
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	s.menu = slices.Clone(c.body)

	return accepted(map[string]any{}), nil
}

// checkMenu judges counts, levels and every button.
func checkMenu(top []MenuButton) *apiFault {
	if len(top) == 0 || len(top) > maxTop {
		return &apiFault{codeMenuCount, "invalid button size"}
	}

	for _, b := range top {
		if len(b.Name) == 0 || len(b.Name) > menuName {
			return &apiFault{codeMenuName, "invalid button name size"}
		}

		if len(b.Sub) == 0 {
			fault := b.check()
			if fault != nil {
				return fault
			}
		}

		if len(b.Sub) > maxSub {
			return &apiFault{codeSubCount, "invalid sub button size"}
		}

		for _, sub := range b.Sub {
			switch {
			case len(sub.Sub) > 0:
				return &apiFault{codeMenuLevel, "invalid sub button level"}
			case len(sub.Name) == 0 || len(sub.Name) > menuSubName:
				return &apiFault{codeMenuName, "invalid sub button name size"}
			}

			fault := sub.check()
			if fault != nil {
				return fault
			}
		}
	}

	return nil
}

// check judges a button that does something.
func (b MenuButton) check() *apiFault {
	if b.Type == "view" {
		if len(b.URL) == 0 || len(b.URL) > menuURLBytes {
			return &apiFault{codeMenuURL, "invalid button url size"}
		}

		return nil
	}

	if len(b.Key) == 0 || len(b.Key) > menuKeyBytes {
		return &apiFault{codeMenuKey, "invalid button key size"}
	}

	return nil
}

// menuGet answers menu/get.
func (s *Sim) menuGet(c *call) (any, *apiFault) {
	fault := s.ownAgent(c)
	if fault != nil {
		return nil, fault
	}

	buttons := s.Menu()
	if buttons == nil {
		return nil, &apiFault{codeNoMenu, "no menu"}
	}

	return accepted(map[string]any{"button": buttons}), nil
}

// menuDelete answers menu/delete.
func (s *Sim) menuDelete(c *call) (any, *apiFault) {
	fault := s.ownAgent(c)
	if fault != nil {
		return nil, fault
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	s.menu = nil

	return accepted(map[string]any{}), nil
}

// Menu returns the app menu as it was last created, or nil.
func (s *Sim) Menu() []MenuButton {
	s.mu.Lock()
	defer s.mu.Unlock()

	var body menuBody

	_ = json.Unmarshal(s.menu, &body) // It was decoded when it was created; nil means none.

	return body.Button
}

// userFields is what an app may read of a member since the privacy cut of 2022:
// no phone, no mail, no avatar. The caller holds the lock.
func (s *Sim) userFields(p *person) map[string]any {
	department := slices.Index(s.units, p.Unit) + firstUnit
	if p.Unit == "" {
		department = 1
	}

	return map[string]any{
		"userid": p.UserID, "name": p.Name, "department": []int{department}, "order": []int{0},
		"main_department": department, "position": p.Post, "status": 1, "isleader": 0,
		"is_leader_in_dept": []int{0}, "direct_leader": []string{}, "alias": "", "telephone": "",
	}
}

// userGet answers user/get for members in the visible range.
func (s *Sim) userGet(c *call) (any, *apiFault) {
	s.mu.Lock()
	defer s.mu.Unlock()

	p := s.people[strings.ToLower(c.query.Get("userid"))]
	if p == nil || !p.visible {
		return nil, &apiFault{codeNoUser, "userid not found"}
	}

	out := s.userFields(p)
	out[keyCode], out[keyText] = 0, "ok"

	return out, nil
}

// userList answers user/simplelist and user/list for one department.
func (s *Sim) userList(c *call) (any, *apiFault) {
	s.mu.Lock()
	defer s.mu.Unlock()

	users := []map[string]any{}

	for _, p := range s.inUnit(c.query.Get("department_id")) {
		if p.visible {
			users = append(users, s.userFields(p))
		}
	}

	return accepted(map[string]any{"userlist": users}), nil
}

// departmentList answers department/list and department/simplelist: the units
// stand flat below the root.
func (s *Sim) departmentList(*call) (any, *apiFault) {
	s.mu.Lock()
	defer s.mu.Unlock()

	all := make([]map[string]any, 0, len(s.units)+1)
	all = append(all, map[string]any{"id": 1, "name": s.cfg.CorpID, "parentid": 0, "order": 1})

	for i, unit := range s.units {
		all = append(all, map[string]any{"id": i + firstUnit, "name": unit, "parentid": 1, "order": i + firstUnit})
	}

	return accepted(map[string]any{"department": all, "department_id": all}), nil
}

// agentGet answers agent/get with the app's visible range.
func (s *Sim) agentGet(c *call) (any, *apiFault) {
	fault := s.ownAgent(c)
	if fault != nil {
		return nil, fault
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	users := []map[string]any{}

	for _, key := range s.order {
		if p := s.people[key]; p.visible {
			users = append(users, map[string]any{"userid": p.UserID})
		}
	}

	return accepted(map[string]any{
		"agentid": s.cfg.AgentID, "name": "创新奖助手", "close": 0,
		"allow_userinfos": map[string]any{"user": users}, "allow_partys": map[string]any{"partyid": []int{}},
		"allow_tags": map[string]any{"tagid": []int{}}, "redirect_domain": "", "isreportenter": 1,
	}), nil
}

// addresses answers get_api_domain_ip and getcallbackip.
func (s *Sim) addresses(*call) (any, *apiFault) {
	return accepted(map[string]any{"ip_list": []string{"127.0.0.1"}}), nil
}
