// Package storage keeps the programme in Redis: one key builder per key, a few
// documented Lua scripts, a lazy award.View and the queue of everything said.
// It may import chat, award, dialog, go-redis and, for the contract types only,
// bot (docs/adr/0001-storage-imports-bot-contract.md). It decides nothing: the
// rules stand in award, storage derives indexes and facts from the records.
//
// A turn costs two calls: one MGET that loads (load.go) and one script that
// commits (commit.go, lua/commit.lua). Everything the script reads or writes is
// named in KEYS, every value comes in ARGV, and all checks come before the first
// write, because Redis does not roll back.
//
// Records are strings "stamp body": the stamp is the revision, compared with one
// GETRANGE; the body is JSON, or the dialog codec for conversations. Nothing
// relies on a TTL for correctness; the seen marks and limiter logs that carry
// one are protected by revisions as well.
//
// Times are arguments everywhere. Redis never uses its own clock for us, except
// to forget seen marks after seven days.
package storage
