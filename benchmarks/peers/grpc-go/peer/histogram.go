package main

import (
	"math/bits"
	"sync/atomic"
	"time"
)

const (
	// Steps within a doubling: values are kept to about 1.6 %.
	subBuckets = 64
	// Doublings from 1 µs on: up to 18 minutes.
	doublings = 30
)

// histogram is macro/latency-histogram.ts in Go: the same buckets, so that quantiles can be compared.
type histogram struct {
	counts [doublings * subBuckets]atomic.Uint32
	size   atomic.Uint32
}

func (h *histogram) record(latency time.Duration) {
	us := float64(latency.Nanoseconds()) / 1000
	doubling := min(doublings-1, max(0, bits.Len64(uint64(us))-6))
	index := doubling*subBuckets + min(subBuckets-1, int(us/float64(uint64(1)<<doubling)))
	h.counts[index].Add(1)
	h.size.Add(1)
}

// quantileUs is in microseconds; share from 0 to 1. Something must have been recorded.
func (h *histogram) quantileUs(share float64) float64 {
	left := int64(float64(h.size.Load())*share + 0.999999)
	for index := range h.counts {
		left -= int64(h.counts[index].Load())
		if left <= 0 {
			return (float64(index%subBuckets) + 0.5) * float64(uint64(1)<<(index/subBuckets))
		}
	}
	return 0
}
