package main

import (
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"time"
	_ "unsafe" // for linkname

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/interop"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/orca"
)

// Without it an interval below 30 s is 30 s. grpc-go's own test server has it from an internal package.
//
//go:linkname allowAnyInterval google.golang.org/grpc/internal.ORCAAllowAnyMinReportingInterval
var allowAnyInterval any

func serve(args []string) {
	flags := flag.NewFlagSet("server", flag.ExitOnError)
	port := flags.Int("port", 0, "0 for a free one")
	certFile := flags.String("tls_cert_file", "", "with tls_key_file: TLS")
	keyFile := flags.String("tls_key_file", "", "")
	clientCA := flags.String("client_ca_file", "", "clients need a certificate of this authority")
	flags.Bool("use_tls", false, "told by tls_cert_file")
	flags.Parse(args)

	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	check(err)
	options := []grpc.ServerOption{orca.CallMetricsServerOption(nil), grpc.MaxRecvMsgSize(64 << 20)}
	if *certFile != "" {
		certificate, err := tls.LoadX509KeyPair(*certFile, *keyFile)
		check(err)
		config := &tls.Config{Certificates: []tls.Certificate{certificate}}
		if *clientCA != "" {
			config.ClientCAs = pool(*clientCA)
			config.ClientAuth = tls.RequireAndVerifyClientCert
		}
		options = append(options, grpc.Creds(credentials.NewTLS(config)))
	}
	server := grpc.NewServer(options...)
	recorder := orca.NewServerMetricsRecorder()
	reports := orca.ServiceOptions{ServerMetricsProvider: recorder, MinReportingInterval: time.Second}
	allowAnyInterval.(func(*orca.ServiceOptions))(&reports)
	check(orca.Register(server, reports))
	testgrpc.RegisterTestServiceServer(server, interop.NewTestServer(interop.NewTestServerOptions{MetricsRecorder: recorder}))
	fmt.Printf("listening %d\n", listener.Addr().(*net.TCPAddr).Port)
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	check(server.Serve(listener))
}

func pool(file string) *x509.CertPool {
	pem, err := os.ReadFile(file)
	check(err)
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		check(fmt.Errorf("%s holds no certificate", file))
	}
	return roots
}
