package main

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// workload is that of macro/rows.ts.
type workload struct {
	Kind         string `json:"kind"`
	InFlight     int    `json:"inFlight"`
	PayloadBytes int    `json:"payloadBytes"`
	Headline     bool   `json:"headline"`
	Messages     int    `json:"messages"`
	// Of calls over connections of their own.
	Connections int  `json:"connections"`
	Fresh       bool `json:"fresh"`
	// Of an open loop.
	PerSecond   float64 `json:"perSecond"`
	MaxInFlight int     `json:"maxInFlight"`
	Seed        uint32  `json:"seed"`
}

// measurement is that of macro/closed-loop.ts. Latencies are absent where single operations are not waited for.
type measurement struct {
	Operations int      `json:"operations"`
	ElapsedMs  float64  `json:"elapsedMs"`
	P50Us      *float64 `json:"p50Us,omitempty"`
	P99Us      *float64 `json:"p99Us,omitempty"`
	P999Us     *float64 `json:"p999Us,omitempty"`
	// Where calls do not wait for answers.
	OpenLoop *openLoopFigures `json:"openLoop,omitempty"`
}

func call(parent *parent, port string) error {
	caller, err := newClient(port)
	if err != nil {
		return err
	}
	spread := &spreadClients{port: port, byCount: map[int][]*client{}}
	if err := parent.tell(answer{"type": "ready"}); err != nil {
		return err
	}
	return parent.answerAll(func(asked question) answer {
		duration := time.Duration(asked.DurationMs * float64(time.Millisecond))
		measured, err := measure(caller, spread, asked.Workload, duration)
		if err != nil {
			return failed(err)
		}
		return answer{"type": "measured", "measurement": measured}
	})
}

func measure(caller *client, spread *spreadClients, load workload, duration time.Duration) (measurement, error) {
	payload := payloadOf(load.PayloadBytes)
	switch load.Kind {
	case "unary":
		callers := []*client{caller}
		if load.Connections > 0 {
			var err error
			if callers, err = spread.take(load.Connections, load.Fresh); err != nil {
				return measurement{}, err
			}
		}
		return closedLoop(load.InFlight, duration, func(slot int) error {
			return callers[slot%len(callers)].unary(payload, load.Headline)
		})
	case "openLoop":
		return runOpenLoop(load, duration, func() error { return caller.unary(payload, true) })
	case "serverStream":
		return batches(load.Messages, duration, func() error {
			return caller.serverStream(load.Messages, load.PayloadBytes)
		})
	case "clientStream":
		return batches(load.Messages, duration, func() error { return caller.clientStream(load.Messages, payload) })
	case "pingPong":
		return caller.pingPong(payload, load.InFlight, duration)
	default:
		return measurement{}, fmt.Errorf("there is no workload %q", load.Kind)
	}
}

// closedLoop has a goroutine for each operation in flight, which starts the next when one has ended.
func closedLoop(inFlight int, duration time.Duration, operation func(slot int) error) (measurement, error) {
	var latencies histogram
	var operations atomic.Int64
	var first atomic.Pointer[error]
	var group sync.WaitGroup
	startedAt := time.Now()
	for slot := range inFlight {
		group.Go(func() {
			for now := startedAt; now.Sub(startedAt) < duration && first.Load() == nil; {
				sentAt := now
				if err := operation(slot); err != nil {
					first.CompareAndSwap(nil, &err)
					return
				}
				now = time.Now()
				latencies.record(now.Sub(sentAt))
				operations.Add(1)
			}
		})
	}
	group.Wait()
	elapsed := time.Since(startedAt)
	if err := first.Load(); err != nil {
		return measurement{}, *err
	}
	return measurementOf(int(operations.Load()), elapsed, &latencies), nil
}

// batches runs one batch behind another, each of so many operations.
func batches(size int, duration time.Duration, batch func() error) (measurement, error) {
	startedAt := time.Now()
	operations := 0
	for operations == 0 || time.Since(startedAt) < duration {
		if err := batch(); err != nil {
			return measurement{}, err
		}
		operations += size
	}
	return measurement{Operations: operations, ElapsedMs: milliseconds(time.Since(startedAt))}, nil
}

func measurementOf(operations int, elapsed time.Duration, latencies *histogram) measurement {
	quantile := func(share float64) *float64 { us := latencies.quantileUs(share); return &us }
	return measurement{operations, milliseconds(elapsed), quantile(0.5), quantile(0.99), quantile(0.999), nil}
}

func milliseconds(duration time.Duration) float64 {
	return float64(duration.Nanoseconds()) / 1e6
}
