package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"cxbot/simulator"
)

// The credentials of the simulator that serve is tried against.
const (
	serveSecret = "a-secret-of-the-app"
	serveToken  = "tokenOfTheCallback"
	serveKey    = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
)

// serveWorld runs a simulator for the sample county and returns it, its API's
// base and a free address for the bot, to which callbacks go.
func serveWorld(t *testing.T) (sim *simulator.Sim, api, address string) {
	t.Helper()
	listener, err := listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	keys := WeCom{CorpID: trialCorp, Agent: trialAgent, Secret: serveSecret, Token: serveToken, AESKey: serveKey,
		RobotID: trialRobotID, RobotSecret: serveSecret}
	sim, err = newTrialSim(keys, "http://"+address, newClock(trialStart()), false)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/robot", sim.Robot())
	mux.Handle("/", sim.API())
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return sim, server.URL, address
}
