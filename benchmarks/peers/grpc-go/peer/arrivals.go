package main

import (
	"math"
	"time"
)

// seededRandom is support/seeded-random.ts in Go: the same numbers for the same seed.
type seededRandom uint32

func (r *seededRandom) next() float64 {
	*r += 0x6d2b79f5
	state := uint32(*r)
	mixed := (state ^ state>>15) * (state | 1)
	mixed ^= mixed + (mixed^mixed>>7)*(mixed|61)
	return float64(mixed^mixed>>14) / (1 << 32)
}

// poissonArrivals is macro/arrivals.ts in Go: calls of the same load are due at the same times in every client.
func poissonArrivals(perSecond float64, duration time.Duration, seed uint32) []time.Duration {
	random := seededRandom(seed)
	gap := func() float64 { return -math.Log(1-random.next()) * 1e9 / perSecond }
	var due []time.Duration
	for at := gap(); at < float64(duration); at += gap() {
		due = append(due, time.Duration(at))
	}
	return due
}
