package main

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// cpuUs is the processor time that this process has used since it started.
func cpuUs() int64 {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return (usage.Utime.Nano() + usage.Stime.Nano()) / 1000
}

// usage is how much is allocated between two moments.
type usage struct {
	allocatedBefore uint64
}

func (u *usage) begin() {
	u.allocatedBefore = allocatedBytes()
}

func (u *usage) end() answer {
	allocated := allocatedBytes() - u.allocatedBefore
	return answer{"type": "memory", "allocatedBytes": allocated, "externalBytes": 0, "rssBytes": rssBytes()}
}

// allocatedBytes only grows: what was freed is in it.
func allocatedBytes() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}

// rssBytes is 0 where there is no /proc.
func rssBytes() int {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	check(err)
	return pages * os.Getpagesize()
}
