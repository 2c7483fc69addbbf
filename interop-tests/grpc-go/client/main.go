// A client of EchoService by grpc-go, told what to do by its arguments. Messages are encoded by hand: there are no stubs.
//
//	client stream TARGET COUNT BYTES          reads a server stream and prints how many messages and bytes came
//	client load TARGET POLICY CALLERS         calls over and over until its input ends
//
// `load` prints "answered N" for every hundredth answer and "FAIL id: error" for each call that failed.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
)

const service = "/godwit.testing.v1.EchoService/"

// bytesCodec hands messages on as they are.
type bytesCodec struct{}

func (bytesCodec) Name() string                  { return "proto" }
func (bytesCodec) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }
func (bytesCodec) Unmarshal(b []byte, v any) error {
	*v.(*[]byte) = append([]byte(nil), b...)
	return nil
}

func varint(b []byte, value uint64) []byte {
	for value >= 0x80 {
		b = append(b, byte(value)|0x80)
		value >>= 7
	}
	return append(b, byte(value))
}

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		fail("%v", err)
	}
	return value
}

// dial connects to the addresses of a list that is parted by commas.
func dial(addresses []string, policy string) *grpc.ClientConn {
	builder := manual.NewBuilderWithScheme("list")
	state := resolver.State{}
	for _, address := range addresses {
		state.Endpoints = append(state.Endpoints, resolver.Endpoint{Addresses: []resolver.Address{{Addr: address}}})
	}
	builder.InitialState(state)
	backoffs := backoff.DefaultConfig
	backoffs.BaseDelay = 100 * time.Millisecond
	conn, err := grpc.NewClient("list:///servers",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithResolvers(builder),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: backoffs, MinConnectTimeout: 20 * time.Second}),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig":[{"`+policy+`":{}}]}`),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(bytesCodec{})))
	if err != nil {
		fail("%v", err)
	}
	return conn
}

func split(list string) []string {
	var parts []string
	for start, i := 0, 0; i <= len(list); i++ {
		if i == len(list) || list[i] == ',' {
			parts = append(parts, list[start:i])
			start = i + 1
		}
	}
	return parts
}

func stream(conn *grpc.ClientConn, count, size int) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	desc := &grpc.StreamDesc{ServerStreams: true}
	call, err := conn.NewStream(ctx, desc, service+"ServerStream")
	if err != nil {
		fail("%v", err)
	}
	request := varint([]byte{0x08}, uint64(count))
	request = varint(append(request, 0x10), uint64(size))
	if err := call.SendMsg(&request); err != nil {
		fail("%v", err)
	}
	if err := call.CloseSend(); err != nil {
		fail("%v", err)
	}
	messages, total := 0, 0
	for {
		var message []byte
		err := call.RecvMsg(&message)
		if err == io.EOF {
			break
		}
		if err != nil {
			fail("behind %d messages: %v", messages, err)
		}
		messages++
		total += len(message)
	}
	fmt.Printf("%d messages, %d bytes\n", messages, total)
}

func load(conn *grpc.ClientConn, callers int) {
	var over atomic.Bool
	var answered atomic.Int64
	var print sync.Mutex
	var group sync.WaitGroup
	say := func(format string, args ...any) {
		print.Lock()
		defer print.Unlock()
		fmt.Printf(format+"\n", args...)
	}
	for name := 0; name < callers; name++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := 0; !over.Load(); i++ {
				id := fmt.Sprintf("%d-%d", name, i)
				request := append(varint([]byte{0x0a}, uint64(len(id))), id...)
				var response []byte
				ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
				err := conn.Invoke(ctx, service+"Unary", &request, &response)
				cancel()
				if err != nil {
					say("FAIL %s: %v", id, err)
					time.Sleep(time.Millisecond)
				}
				if n := answered.Add(1); n%100 == 0 {
					say("answered %d", n)
				}
			}
		}()
	}
	io.Copy(io.Discard, os.Stdin)
	over.Store(true)
	group.Wait()
}

func main() {
	if len(os.Args) != 5 {
		fail("expected: stream TARGET COUNT BYTES, or load TARGET POLICY CALLERS")
	}
	if os.Args[1] == "stream" {
		conn := dial(split(os.Args[2]), "pick_first")
		defer conn.Close()
		stream(conn, number(os.Args[3]), number(os.Args[4]))
		return
	}
	conn := dial(split(os.Args[2]), os.Args[3])
	defer conn.Close()
	load(conn, number(os.Args[4]))
}
