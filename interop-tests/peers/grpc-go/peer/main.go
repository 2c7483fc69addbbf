// TestService by grpc-go's interop package: its service and its procedures, with a command line that can do mutual TLS and
// more than one case. The programs of that package can do neither.
//
//	peer server --port=0 [--tls_cert_file --tls_key_file [--client_ca_file]]     prints "listening PORT"
//	peer client --server_port=N --test_case=A,B [--ca_file …]                   prints "begin A", "ok A"
package main

import (
	"fmt"
	"os"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "server" {
		serve(os.Args[2:])
	} else if len(os.Args) > 1 && os.Args[1] == "client" {
		call(os.Args[2:])
	} else {
		check(fmt.Errorf("expected: server or client"))
	}
}
