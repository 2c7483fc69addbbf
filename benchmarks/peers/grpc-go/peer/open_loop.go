package main

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// openLoopFigures are those of macro/open-loop.ts.
type openLoopFigures struct {
	Due          int      `json:"due"`
	Unsent       int      `json:"unsent"`
	MostInFlight int      `json:"mostInFlight"`
	LateP50Us    *float64 `json:"lateP50Us,omitempty"`
	LateP99Us    *float64 `json:"lateP99Us,omitempty"`
}

// openLoop makes calls that are due at times which were fixed beforehand. Latencies count from then.
type openLoop struct {
	duration  time.Duration
	operation func() error
	startedAt time.Time
	latencies histogram
	lateness  histogram
	inTime    atomic.Int64
	failure   atomic.Pointer[error]
	// One for each call in flight.
	places chan struct{}
	calls  sync.WaitGroup
}

func runOpenLoop(load workload, duration time.Duration, operation func() error) (measurement, error) {
	due := poissonArrivals(load.PerSecond, duration, load.Seed)
	places := make(chan struct{}, load.MaxInFlight)
	loop := &openLoop{duration: duration, operation: operation, places: places}
	sent, mostInFlight := make(chan int), 0
	go func() {
		preparePauses()
		defer runtime.UnlockOSThread()
		loop.startedAt = time.Now()
		count := 0
		for count < len(due) && loop.failure.Load() == nil && loop.begin(due[count]) {
			count++
			mostInFlight = max(mostInFlight, len(places))
		}
		pause(duration - time.Since(loop.startedAt))
		sent <- count
	}()
	count := <-sent
	ended := time.Since(loop.startedAt)
	for _, at := range due[count:] {
		loop.latencies.record(ended - at)
	}
	loop.calls.Wait()
	if err := loop.failure.Load(); err != nil {
		return measurement{}, *err
	}
	measured := measurementOf(int(loop.inTime.Load()), duration, &loop.latencies)
	late := measurementOf(0, duration, &loop.lateness)
	measured.OpenLoop = &openLoopFigures{len(due), len(due) - count, mostInFlight, late.P50Us, late.P99Us}
	return measured, nil
}

// begin starts a call when it is due and has a place; false: the time is over and it has none.
func (l *openLoop) begin(due time.Duration) bool {
	for wait := due - time.Since(l.startedAt); wait > 0; wait = due - time.Since(l.startedAt) {
		pause(wait)
	}
	select {
	case l.places <- struct{}{}:
	default:
		select {
		case l.places <- struct{}{}:
		case <-time.After(l.duration - time.Since(l.startedAt)):
			return false
		}
	}
	l.lateness.record(time.Since(l.startedAt) - due)
	l.calls.Go(func() { l.call(due) })
	return true
}

func (l *openLoop) call(due time.Duration) {
	if err := l.operation(); err != nil {
		l.failure.CompareAndSwap(nil, &err)
	}
	at := time.Since(l.startedAt)
	l.latencies.record(at - due)
	if at <= l.duration {
		l.inTime.Add(1)
	}
	<-l.places
}
