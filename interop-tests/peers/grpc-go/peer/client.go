package main

import (
	"context"
	"crypto/tls"
	"flag"
	"fmt"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/interop"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
)

// target is the server, and how to reach it.
type target struct {
	address    string
	options    []grpc.DialOption
	iterations int
	latency    time.Duration
	timeout    time.Duration
}

func (t target) dial() *grpc.ClientConn {
	conn, err := grpc.NewClient(t.address, t.options...)
	check(err)
	return conn
}

// A failed case ends the process: so does grpc-go's own client.
func call(args []string) {
	flags := flag.NewFlagSet("client", flag.ExitOnError)
	host := flags.String("server_host", "127.0.0.1", "")
	port := flags.Int("server_port", 0, "")
	cases := flags.String("test_case", "large_unary", "names, with commas between")
	caFile := flags.String("ca_file", "", "TLS, with this authority")
	certFile := flags.String("cert_file", "", "with key_file: what the server sees of the client")
	keyFile := flags.String("key_file", "", "")
	override := flags.String("server_host_override", "", "")
	flags.Bool("use_tls", false, "told by ca_file")
	flags.Bool("use_test_ca", false, "told by ca_file")
	latency := flags.Int("soak_per_iteration_max_acceptable_latency_ms", 1000, "")
	timeout := flags.Int("soak_overall_timeout_seconds", 10, "")
	iterations := flags.Int("soak_iterations", 10, "")
	flags.Parse(args)

	transport := insecure.NewCredentials()
	if *caFile != "" {
		config := &tls.Config{RootCAs: pool(*caFile), ServerName: *override}
		if *certFile != "" {
			certificate, err := tls.LoadX509KeyPair(*certFile, *keyFile)
			check(err)
			config.Certificates = []tls.Certificate{certificate}
		}
		transport = credentials.NewTLS(config)
	}
	t := target{
		address:    fmt.Sprintf("%s:%d", *host, *port),
		iterations: *iterations,
		latency:    time.Duration(*latency) * time.Millisecond,
		timeout:    time.Duration(*timeout) * time.Second,
		options: []grpc.DialOption{
			grpc.WithTransportCredentials(transport),
			// The policy of grpc-go's interop package that shows load reports; the channel is as usual otherwise.
			grpc.WithDefaultServiceConfig(`{"loadBalancingConfig":[{"test_backend_metrics_load_balancer":{}}]}`),
		},
	}
	conn := t.dial()
	defer conn.Close()
	for _, name := range strings.Split(*cases, ",") {
		run, ok := runs[name]
		if !ok {
			fmt.Printf("cannot %s: there is no such case\n", name)
			continue
		}
		fmt.Printf("begin %s\n", name)
		run(context.Background(), t, conn)
		fmt.Printf("ok %s\n", name)
	}
}

// of makes a run of one of grpc-go's own procedures.
func of(do func(context.Context, testgrpc.TestServiceClient, ...grpc.CallOption)) func(context.Context, target, *grpc.ClientConn) {
	return func(ctx context.Context, _ target, conn *grpc.ClientConn) {
		do(ctx, testgrpc.NewTestServiceClient(conn))
	}
}

func without(do func(context.Context, testgrpc.TestServiceClient)) func(context.Context, target, *grpc.ClientConn) {
	return func(ctx context.Context, _ target, conn *grpc.ClientConn) {
		do(ctx, testgrpc.NewTestServiceClient(conn))
	}
}

var runs = map[string]func(context.Context, target, *grpc.ClientConn){
	"empty_unary":                 of(interop.DoEmptyUnaryCall),
	"large_unary":                 of(interop.DoLargeUnaryCall),
	"client_streaming":            of(interop.DoClientStreaming),
	"server_streaming":            of(interop.DoServerStreaming),
	"ping_pong":                   of(interop.DoPingPong),
	"empty_stream":                of(interop.DoEmptyStream),
	"custom_metadata":             of(interop.DoCustomMetadata),
	"status_code_and_message":     of(interop.DoStatusCodeAndMessage),
	"special_status_message":      of(interop.DoSpecialStatusMessage),
	"cancel_after_begin":          of(interop.DoCancelAfterBegin),
	"cancel_after_first_response": of(interop.DoCancelAfterFirstResponse),
	"timeout_on_sleeping_server":  of(interop.DoTimeoutOnSleepingServer),
	"pick_first_unary":            without(interop.DoPickFirstUnary),
	"orca_per_rpc":                without(interop.DoORCAPerRPCTest),
	"orca_oob":                    without(interop.DoORCAOOBTest),
	"unimplemented_method": func(ctx context.Context, _ target, conn *grpc.ClientConn) {
		interop.DoUnimplementedMethod(ctx, conn)
	},
	"unimplemented_service": func(ctx context.Context, _ target, conn *grpc.ClientConn) {
		interop.DoUnimplementedService(ctx, testgrpc.NewUnimplementedServiceClient(conn))
	},
	"rpc_soak": func(ctx context.Context, t target, conn *grpc.ClientConn) {
		soak(ctx, t, func() (*grpc.ClientConn, func()) { return conn, func() {} })
	},
	"channel_soak": func(ctx context.Context, t target, _ *grpc.ClientConn) {
		soak(ctx, t, func() (*grpc.ClientConn, func()) {
			conn := t.dial()
			return conn, func() { conn.Close() }
		})
	},
	"concurrent_large_unary": func(ctx context.Context, _ target, conn *grpc.ClientConn) {
		atOnce(1000, func() { interop.DoLargeUnaryCall(ctx, testgrpc.NewTestServiceClient(conn)) })
	},
	"simultaneous_timeouts": func(ctx context.Context, _ target, conn *grpc.ClientConn) {
		service := testgrpc.NewTestServiceClient(conn)
		atOnce(3000, func() { interop.DoTimeoutOnSleepingServer(ctx, service) })
		interop.DoEmptyUnaryCall(ctx, service)
	},
	"large_header": func(ctx context.Context, _ target, conn *grpc.ClientConn) {
		value := strings.Repeat("X", 63*1024)
		ctx = metadata.AppendToOutgoingContext(ctx, "x-grpc-test-echo-initial", value)
		var header metadata.MD
		_, err := testgrpc.NewTestServiceClient(conn).UnaryCall(ctx, &testpb.SimpleRequest{}, grpc.Header(&header))
		check(err)
		if got := header.Get("x-grpc-test-echo-initial"); len(got) != 1 || got[0] != value {
			check(fmt.Errorf("the field did not come back whole"))
		}
	},
}

func soak(ctx context.Context, t target, channel func() (*grpc.ClientConn, func())) {
	interop.DoSoakTest(ctx, interop.SoakTestConfig{
		RequestSize: 271828, ResponseSize: 314159, PerIterationMaxAcceptableLatency: t.latency,
		OverallTimeout: t.timeout, ServerAddr: t.address, NumWorkers: 1, Iterations: t.iterations, ChannelForTest: channel,
	})
}

func atOnce(count int, run func()) {
	var group sync.WaitGroup
	for range count {
		group.Go(run)
	}
	group.Wait()
}
