package storage

import "strings"

// keys builds every key of one county. All carry the hash tag {county}, so that
// one county lives in one slot of a Redis Cluster. A part that people choose
// (unit, name, userid) always stands last: no two keys can collide.
type keys struct{ prefix, cycleKey string }

func newKeys(county string) keys {
	prefix := "cx:{" + county + "}:"
	return keys{prefix, prefix + "cycle"}
}

// fold makes userids comparable: the platform ignores their case.
func fold(userid string) string { return strings.ToLower(userid) }

// seen is the mark and reply of an answered event (string, 7 days).
func (k keys) seen(event string) string { return k.prefix + "seen:" + event }

// conversation is a person's conversation record (string "rev body").
func (k keys) conversation(person string) string { return k.prefix + "d:" + fold(person) }

// parked holds a person's unreadable conversation records (list, oldest first).
func (k keys) parked(person string) string { return k.prefix + "parked:" + fold(person) }

// person is a member (string "hash json").
func (k keys) person(userid string) string { return k.prefix + "person:" + fold(userid) }

// people is every member by userid (zset, score 0).
func (k keys) people() string { return k.prefix + "people" }

// named is the userids of one name (zset, score 0).
func (k keys) named(name string) string { return k.prefix + "name:" + name }

// role is the userids of one role (zset, score 0).
func (k keys) role(role string) string { return k.prefix + "role:" + role }

// unit is a unit (string "rev json").
func (k keys) unit(id string) string { return k.prefix + "unit:" + id }

// units is every unit by order (zset).
func (k keys) units() string { return k.prefix + "units" }

// unitsRev is raised whenever the set of unit names changes (string).
func (k keys) unitsRev() string { return k.prefix + "units:rev" }

// owing is the units that owe a filing, by order (zset).
func (k keys) owing() string { return k.prefix + "owing" }

// unfiled is the owing units without a filing in a cycle, by order (zset).
func (k keys) unfiled(cycle string) string { return k.prefix + "unfiled:" + cycle }

// delivered is the units with a filing with the department in a cycle, by the
// time of the first, in seconds (zset).
func (k keys) delivered(cycle string) string { return k.prefix + "delivered:" + cycle }

// wishing is the units with an open wish for an extension in a cycle, by order (zset).
func (k keys) wishing(cycle string) string { return k.prefix + "wishing:" + cycle }

// late is a cycle's topics marked 逾期 that are not withdrawn (zset).
func (k keys) late(cycle string) string { return k.prefix + "late:" + cycle }

// stats is a cycle's figures by kind (hash "figure|kind" → count), of units that
// owe in no cycle (hash).
func (k keys) stats(cycle string) string { return k.prefix + "stats:" + cycle }

// open is the cycle opened last, closed or not (string "id.rev json").
func (k keys) open() string { return k.cycleKey }

// cycle keeps every cycle ever opened (string "id.rev json").
func (k keys) cycle(id string) string { return k.prefix + "cycle:" + id }

// topic is a topic (string "rev json").
func (k keys) topic(id string) string { return k.prefix + "topic:" + id }

// topics is an index of a cycle's topics by submit time (zset): all, by status,
// by unit, or by both.
func (k keys) topics(cycle, status, unit string) string {
	return k.prefix + "topics:" + cycle + ":" + status + ":" + unit
}

// numbers leads from a 备案编号 to the topic's id (hash).
func (k keys) numbers() string { return k.prefix + "numbers" }

// sequence is the last used serial of a sequence (string "n ").
func (k keys) sequence(name string) string { return k.prefix + "seq:" + name }

// facts holds what conditions of messages are checked against (hash
// record|field → value).
func (k keys) facts() string { return k.prefix + "facts" }

// busy is until when people are answering a question (hash person → ms).
func (k keys) busy() string { return k.prefix + "busy" }

// drafts is the draft summaries of a unit (hash person|form → json).
func (k keys) drafts(unit string) string { return k.prefix + "drafts:" + unit }

// audit is the audit lines of one day (list).
func (k keys) audit(day string) string { return k.prefix + "audit:" + day }

// seals is the seals over the audit lines of one day (list); seal.go.
func (k keys) seals(day string) string { return k.prefix + "seal:day:" + day }

// sealHead is the newest seal (string "serial json").
func (k keys) sealHead() string { return k.prefix + "seal:head" }

// sealed is how many lines of each day are sealed (hash day → n).
func (k keys) sealed() string { return k.prefix + "seal:counts" }

// told is of how many lines each day's head spoke when sent (hash day → n).
func (k keys) told() string { return k.prefix + "seal:told" }

// calendar is the working-day table (string json).
func (k keys) calendar() string { return k.prefix + "calendar" }

// calendarRev is the hash of the calendar (string).
func (k keys) calendarRev() string { return k.prefix + "calendar:rev" }

// titles is what the index of titles knows of each (hash id → json).
func (k keys) titles() string { return k.prefix + "titles" }

// gram is the ids whose title holds a pair of characters (zset, score 0).
func (k keys) gram(gram string) string { return k.prefix + "gram:" + gram }

// past is the results of earlier cycles (hash id → json).
func (k keys) past() string { return k.prefix + "past" }

// pastRev is raised by every import of past results (string).
func (k keys) pastRev() string { return k.prefix + "past:rev" }

// groups is the bound groups (string "rev json").
func (k keys) groups() string { return k.prefix + "groups" }

// slot is the last recorded slot of a reminder rule (string, unix ms).
func (k keys) slot(rule string) string { return k.prefix + "slot:" + rule }

// lease is the leader's lease (hash who, until, fence).
func (k keys) lease() string { return k.prefix + "lead" }

// fetches is the keys of the downloads to do, in the order lua/fetch.lua expects:
// the ids by next moment of the robot's addresses and of the app's media (zsets),
// id → json, id → "fence tries" (hashes), and the last lease number (string).
func (k keys) fetches() []string {
	f := k.prefix + "fetch:"
	return []string{f + "due:0", f + "due:1", f + "jobs", f + "held", f + "fence"}
}

// Outbox keys; lua/outbox.lua describes how they hang together.

// queue is the queued messages of one receiver by due time (zset of ids).
func (k keys) queue(to string) string { return k.prefix + "out:q:" + to }

// sent is when messages went to one receiver, newest first (list of ms).
func (k keys) sent(to string) string { return k.prefix + "out:sent:" + to }

// outbox is the fixed keys of the outbox in the order the scripts expect.
func (k keys) outbox() []string {
	o := k.prefix + "out:"
	return []string{
		o + "due:0", o + "due:1", o + "due:2", o + "due:3", // receivers by next moment, one zset a priority
		o + "lane",    // hash receiver → its priority, i.e. which due zset it stands in
		o + "hold",    // hash receiver → ms before which nothing may be claimed
		o + "lease",   // hash receiver → "fence id" of the message being sent
		o + "seq",     // string, serial of message ids
		o + "msgs",    // hash id → body
		o + "tries",   // hash id → how often it was claimed
		o + "replace", // hash receiver␟tag → id of the queued message with that tag
		o + "taken",   // set of idempotency keys, for ever
		o + "tally",   // hash reason → count of messages not sent
		o + "failed",  // hash key → json for 发送失败
		o + "failix",  // zset key by time of failure
		o + "dead",    // hash key → "to␟body", to be sent again
		o + "fence",   // string, last lease number
	}
}
