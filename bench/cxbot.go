package main

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/redis/go-redis/v9"

	"cxbot/bot"
	"cxbot/bot/wecom"
	"cxbot/chat"
	"cxbot/handlers"
	"cxbot/storage"
)

// newStore opens the benchmark's county.
func newStore(client *redis.Client) (*storage.Store, error) {
	return storage.Open(storage.Config{Client: client, County: benchCounty})
}

// newTurn wires the rooms as the root's office does, with logging as in serve.
func newTurn(store *storage.Store, clock bot.Clock) (*bot.Turn, error) {
	talks, err := handlers.New(benchName)
	if err != nil {
		return nil, err
	}
	return bot.New(bot.Config{
		Store: store, Clock: clock, Cards: bot.Cards{Secret: []byte("bench")},
		Responder: func(r bot.Request) bot.Response { return bot.Response(talks.Respond(handlers.Request(r))) },
		Log:       slog.New(slog.NewTextHandler(os.Stderr, nil)),
	}), nil
}

// newProduct is cxbot's callback, complete.
func newProduct(client *redis.Client) (http.Handler, error) {
	store, err := newStore(client)
	if err != nil {
		return nil, err
	}
	clock := startClock()
	turn, err := newTurn(store, clock)
	if err != nil {
		return nil, err
	}
	crypter, err := wecom.NewCrypter(wecom.CrypterConfig{Token: benchToken, AESKey: benchAESKey, ReceiveID: benchCorp})
	if err != nil {
		return nil, err
	}
	return wecom.NewHandler(wecom.HandlerConfig{
		Crypter: crypter, AgentID: benchAgent, Now: clock.Now,
		Handle: func(ctx context.Context, ev chat.Event) wecom.Result { return wecom.Result(turn.Handle(ctx, ev)) },
	})
}

// clock begins at benchStart and runs on.
type clock struct{ begun time.Time }

func startClock() clock { return clock{time.Now()} }

// Now implements bot.Clock.
func (c clock) Now() time.Time { return benchStart().Add(time.Since(c.begun)) }

// Wait implements bot.Clock; nothing in a turn waits.
func (clock) Wait(ctx context.Context, _ time.Time) error {
	<-ctx.Done()
	return ctx.Err()
}
