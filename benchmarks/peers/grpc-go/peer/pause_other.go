//go:build !linux

package main

import "time"

func preparePauses() {}

func pause(duration time.Duration) {
	time.Sleep(duration)
}
