package main

import (
	"strconv"
	"testing"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
	"cxbot/handlers"
)

// BenchmarkRespond is the pure part of a turn: decode the conversation, respond,
// encode it again. CPU-µs/op is the process's own time, which a busy machine
// leaves alone.
func BenchmarkRespond(b *testing.B) {
	talks, err := handlers.New(benchName)
	if err != nil {
		b.Fatal(err)
	}
	memory := benchMemory(b)
	var record []byte
	serial := 0
	say := func(text string) handlers.Response {
		serial++
		c := dialog.Conversation{}
		if record != nil {
			if c, err = dialog.DecodeConversation(record); err != nil {
				b.Fatal(err)
			}
		}
		res := talks.Respond(handlers.Request{
			Event: chat.Event{ID: "e" + strconv.Itoa(serial), Channel: chat.App, From: filerID(0), Kind: chat.Text, Text: text, At: benchStart()},
			View:  memory, Now: benchStart(), Conversation: c,
		})
		const spare = 256
		record = res.Conversation.Append(make([]byte, 0, len(record)+spare))
		return res
	}
	for _, text := range opening() {
		say(text)
	}
	b.ReportAllocs()
	before, err := ownUsage()
	if err != nil {
		b.Fatal(err)
	}
	wants := wanted(programBot)
	start := record
	for i := range b.N {
		const between = 70 // A real draft is not edited for ever; its undo list stays short.
		if i%between == 0 {
			record = start
		}
		say(wants(i % between).say)
	}
	after, err := ownUsage()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64((after.CPU-before.CPU).Nanoseconds())/1000/float64(b.N), "CPU-µs/op")
	b.ReportMetric(float64(len(record)), "record-B")
}

// benchMemory is the county of the benchmark in plain maps.
func benchMemory(tb testing.TB) *award.Memory {
	tb.Helper()
	rows, err := readSample()
	if err != nil {
		tb.Fatal(err)
	}
	dir, _, problems := award.BuildUnits(withFilers(rows, filersAUnit))
	if len(problems) > 0 {
		tb.Fatal(problems)
	}
	m := award.NewMemory(award.SampleCalendar())
	m.Add(dir.Units, dir.Persons)
	staff, _ := m.Person(sampleStaff)
	filing := award.Date{Year: 2026, Month: 12, Day: 20}
	changes, refusal := award.Decide(m, award.OpenCycle{
		By: staff, Name: benchCycle, RollOver: true,
		Milestones: award.ProposeMilestones(m.Calendar(), filing.Year, filing, true),
	}, benchStart())
	if refusal != nil {
		tb.Fatal(refusal.Text)
	}
	if err := m.Apply(changes); err != nil {
		tb.Fatal(err)
	}
	return m
}
