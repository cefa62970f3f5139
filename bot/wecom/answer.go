package wecom

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
)

// answer is what the platform said about a call, in one shape for every API:
// message/send lists people as "a|b", update_template_card as an array.
type answer struct {
	Code       int
	Message    string
	Invalid    []string // userids, lower case
	Unlicensed []string
	fields     map[string]json.RawMessage
}

var errAnswer = errors.New("not an answer of the platform")

// readAnswer reads a JSON answer strictly: one object, each name once and in
// its own case, and an errcode, which may be a number or a text. Anything else
// (HTML, nothing, half an answer) leaves the outcome unknown.
func readAnswer(body []byte) (answer, error) {
	var a answer
	fields, err := readObject(body)
	if err != nil {
		return a, err
	}
	a.fields = fields
	raw, found := fields["errcode"]
	if !found {
		return a, errAnswer
	}
	if a.Code, err = strconv.Atoi(strings.Trim(string(raw), `"`)); err != nil {
		return a, errAnswer
	}
	a.Message = a.text("errmsg")
	a.Invalid = a.people("invaliduser")
	a.Unlicensed = a.people("unlicenseduser")
	return a, nil
}

// readObject splits one JSON object into its fields and refuses names that
// come twice.
func readObject(body []byte) (map[string]json.RawMessage, error) {
	if !json.Valid(body) {
		return nil, errAnswer
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	if first, err := decoder.Token(); err != nil || first != json.Delim('{') {
		return nil, errAnswer
	}
	fields := make(map[string]json.RawMessage)
	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, errAnswer
		}
		if _, twice := fields[name]; twice {
			return nil, errAnswer
		}
		var value json.RawMessage
		if err = decoder.Decode(&value); err != nil {
			return nil, errAnswer
		}
		fields[name] = value
	}
	return fields, nil
}

// text returns a field that is a JSON string, or "".
func (a answer) text(name string) string {
	var s string
	if json.Unmarshal(a.fields[name], &s) != nil {
		return ""
	}
	return s
}

// number returns a field that is a whole number, or 0.
func (a answer) number(name string) int64 {
	n, err := strconv.ParseInt(strings.Trim(string(a.fields[name]), `"`), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// people returns a list of userids written as "a|b" or as an array.
func (a answer) people(name string) []string {
	var list []string
	if json.Unmarshal(a.fields[name], &list) != nil {
		list = strings.Split(a.text(name), "|")
	}
	var folded []string
	for _, id := range list {
		if id = strings.ToLower(strings.TrimSpace(id)); id != "" {
			folded = append(folded, id)
		}
	}
	return folded
}

// normal writes the answer the way the library's types expect it.
func (a answer) normal() io.ReadCloser {
	body, err := json.Marshal(map[string]any{
		"errcode": a.Code, "errmsg": a.Message,
		"invaliduser": strings.Join(a.Invalid, "|"), "unlicenseduser": strings.Join(a.Unlicensed, "|"),
		"msgid": a.text("msgid"), "response_code": a.text("response_code"),
	})
	if err != nil {
		body = nil // Unreachable: every value is a string or a number.
	}
	return io.NopCloser(bytes.NewReader(body))
}

// jsonBody writes a request without escaping <, > and &: the platform refuses
// \uXXXX in some fields (40033), and its duplicate check compares bytes.
func jsonBody(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
