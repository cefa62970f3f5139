//go:build race

package main

// raced says that the race detector watches, which makes everything slower.
const raced = true
