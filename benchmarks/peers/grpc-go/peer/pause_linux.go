package main

import (
	"runtime"
	"syscall"
	"time"
)

const prSetTimerSlack = 29

// preparePauses keeps the calling goroutine on a thread whose pauses end when they should: timers of Go are 1 ms coarse, and
// Linux may add 50 µs to a sleep where nobody says otherwise.
func preparePauses() {
	runtime.LockOSThread()
	_, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, prSetTimerSlack, 1, 0)
	if errno != 0 {
		check(errno)
	}
}

func pause(duration time.Duration) {
	left := syscall.NsecToTimespec(duration.Nanoseconds())
	// A signal may end it early: whoever pauses looks at the clock.
	_ = syscall.Nanosleep(&left, nil)
}
