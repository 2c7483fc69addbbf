// EchoService of grpc-go, its client and its server, for the macro benchmark. It is told what to do as the benchmark's own
// processes are: JSON lines on the descriptor that NODE_CHANNEL_FD names (macro/messages.ts).
//
//	peer server          says on which port it listens
//	peer client PORT     says that it is ready, and measures what it is told to
package main

import (
	"fmt"
	"os"
	"runtime"
	"time"
)

// No process of a run lives longer, whatever happens to the others.
const processLimit = 90 * time.Minute

func main() {
	// One core a side, for everybody.
	runtime.GOMAXPROCS(1)
	time.AfterFunc(processLimit, func() { os.Exit(3) })
	parent, err := openParent()
	check(err)
	switch {
	case len(os.Args) == 2 && os.Args[1] == "server":
		check(serve(parent))
	case len(os.Args) == 3 && os.Args[1] == "client":
		check(call(parent, os.Args[2]))
	default:
		check(fmt.Errorf("expected: server, or client PORT"))
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
