package wecom

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"cxbot/bot"
)

// ErrUnknown says that a request may or may not have taken effect: the answer
// was lost, cut or not the platform's. Such an error is no *bot.SendError.
var ErrUnknown = errors.New("wecom: outcome unknown")

// The waits after codes that name a window (app-protocol 12).
const (
	minuteWindow = time.Minute
	hourWindow   = time.Hour
	dayWindow    = 24 * time.Hour
	// ipWindow is how soon to look again whether the admin has added our address
	// to 企业可信IP; nothing is lost meanwhile.
	ipWindow = 5 * time.Minute
)

// Codes the code itself speaks about; the platform's error table is 90313.
const (
	codeOK          = 0
	codeBadSecret   = 40001 // from gettoken; elsewhere: token not valid
	codeBadMedia    = 40007
	codeBadCorp     = 40013
	codeBadToken    = 40014
	codeSpam        = 40201
	codeExpired     = 42001
	codeNoCallback  = 43012
	codeTask        = 42014 // task_id is ill-formed or taken
	codeCardFirst   = 42014
	codeCardLast    = 42051
	codeFrequency   = 45009
	codeAddress     = 60020
	codeCardUsed    = 60140
	codeNobody      = 81013
	codeMediaTooBig = 830002
)

// class says what to do about an errcode of a business call. A code that is
// not in the table is tried again: it may be new and passing.
func class(code int) bot.Class {
	switch code {
	case codeBadSecret, codeBadToken, codeExpired:
		return bot.Refresh
	case codeFrequency, codeAddress:
		return bot.Wait
	case codeCardUsed:
		return bot.Expired
	case 40003, 43004, 46004, 50002, 60011, 60021, 60111, codeNobody:
		return bot.Receiver
	case -1, 6000, 45033:
		return bot.Retry
	}
	if permanent(code) {
		return bot.Permanent
	}
	return bot.Retry
}

// permanent reports codes that stay wrong however often the call is repeated:
// a mistake of ours or of the configuration.
func permanent(code int) bool {
	switch {
	case code >= codeCardFirst && code <= codeCardLast, // template card fields, foreign or unknown card
		code >= 40016 && code <= 40027, // menu
		code >= 86001 && code <= 86220, // group chats
		code >= 93000 && code <= 93099: // group webhook
		return true
	}
	switch code {
	case 40004, 40005, 40006, codeBadMedia, 40008, 40009, 40011, codeBadCorp, 40029, 40031, 40032, 40033, 40035,
		40050, 40054, 40055, 40056, 40058, 40063, 40074,
		41001, 41033, 42003, 42052, codeNoCallback, 44001, 44004,
		45001, 45002, 45007, 45008, 45029, 45032, 45034, 46003, 48002, 48006, 48009,
		50001, 50003, 60003, 60123, 80001, 82001, 82002, 82003, 85005,
		301002, 301005, 301007, codeMediaTooBig:
		return true
	}
	return false
}

// refused makes the error of an errcode. message is the platform's and only
// shown, never judged; it is masked and shortened.
func refused(api string, code int, message string, mask func(string) string) *bot.SendError {
	e := &bot.SendError{Class: class(code), Code: code}
	e.Text = fmt.Sprintf("wecom: %s: errcode %d", api, code)
	if shown := oneLine(mask(message)); shown != "" {
		e.Text += ": " + shown
	}
	switch code {
	case codeFrequency:
		e.After = minuteWindow
	case codeAddress:
		e.After = ipWindow
	}
	return e
}

// oneLine makes foreign text fit for a log line.
func oneLine(text string) string {
	const longest = 200
	return cut(strings.Join(strings.Fields(cleanOutput(text)), " "), longest)
}

// cardRefused reports codes that concern the card alone; the same words as
// plain text still arrive (app-protocol 12: fall back to text).
func cardRefused(code int) bool {
	foreign := code == 42015 || code == 42016
	return !foreign && (code >= codeCardFirst && code <= codeCardLast || code == codeNoCallback)
}
