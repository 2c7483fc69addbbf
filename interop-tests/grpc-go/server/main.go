// A server of EchoService by grpc-go. Messages are read and written by hand: there are no stubs.
//
//	server ADDRESS [CERTIFICATE KEY]
//
// It prints "listening on HOST:PORT". Metadata `x-echo-initial` and `x-echo-trailing-bin` of a call come back as its names say.
// The end of its input stops it.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

// bytesCodec hands messages on as they are.
type bytesCodec struct{}

func (bytesCodec) Name() string                  { return "proto" }
func (bytesCodec) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }
func (bytesCodec) Unmarshal(b []byte, v any) error {
	*v.(*[]byte) = append([]byte(nil), b...)
	return nil
}

// fields are those of a message, by number: the last of each.
type fields struct {
	numbers map[protowire.Number]int
	bytes   map[protowire.Number][]byte
}

func read(message []byte) fields {
	found := fields{map[protowire.Number]int{}, map[protowire.Number][]byte{}}
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			break
		}
		message = message[n:]
		switch kind {
		case protowire.VarintType:
			value, n := protowire.ConsumeVarint(message)
			if n < 0 {
				return found
			}
			found.numbers[number] = int(value)
			message = message[n:]
		case protowire.BytesType:
			value, n := protowire.ConsumeBytes(message)
			if n < 0 {
				return found
			}
			found.bytes[number] = value
			message = message[n:]
		default:
			return found
		}
	}
	return found
}

func appendNumber(message []byte, number protowire.Number, value int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(message, number, protowire.VarintType), uint64(value))
}

func appendBytes(message []byte, number protowire.Number, value []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(message, number, protowire.BytesType), value)
}

func failure(code int, text string) error {
	if code == 0 {
		return nil
	}
	return status.Error(codes.Code(code), text)
}

func unary(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	var request []byte
	if err := decode(&request); err != nil {
		return nil, err
	}
	asked := read(request)
	if received, ok := metadata.FromIncomingContext(ctx); ok {
		grpc.SetHeader(ctx, metadata.MD{"x-echo-initial": received.Get("x-echo-initial")})
		grpc.SetTrailer(ctx, metadata.MD{"x-echo-trailing-bin": received.Get("x-echo-trailing-bin")})
	}
	select {
	case <-time.After(time.Duration(asked.numbers[6]) * time.Millisecond):
	case <-ctx.Done():
		return nil, status.FromContextError(ctx.Err()).Err()
	}
	payload := asked.bytes[2]
	if size := asked.numbers[3]; size > 0 {
		payload = make([]byte, size)
	}
	response := appendBytes(appendBytes(nil, 1, asked.bytes[1]), 2, payload)
	return &response, failure(asked.numbers[4], string(asked.bytes[5]))
}

func serverStream(_ any, stream grpc.ServerStream) error {
	var request []byte
	if err := stream.RecvMsg(&request); err != nil {
		return err
	}
	asked := read(request)
	payload := make([]byte, asked.numbers[2])
	for index := 0; index < asked.numbers[1]; index++ {
		message := appendBytes(appendNumber(nil, 1, index), 2, payload)
		if err := stream.SendMsg(&message); err != nil {
			return err
		}
	}
	return failure(asked.numbers[3], fmt.Sprintf("failed behind %d messages", asked.numbers[1]))
}

func clientStream(_ any, stream grpc.ServerStream) error {
	messages, total := 0, 0
	for {
		var request []byte
		err := stream.RecvMsg(&request)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		messages++
		total += len(read(request).bytes[1])
	}
	response := appendNumber(appendNumber(nil, 1, messages), 2, total)
	return stream.SendMsg(&response)
}

func bidi(_ any, stream grpc.ServerStream) error {
	for {
		var message []byte
		err := stream.RecvMsg(&message)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := stream.SendMsg(&message); err != nil {
			return err
		}
	}
}

var echo = grpc.ServiceDesc{
	ServiceName: "godwit.testing.v1.EchoService",
	HandlerType: (*any)(nil),
	Methods:     []grpc.MethodDesc{{MethodName: "Unary", Handler: unary}},
	Streams: []grpc.StreamDesc{
		{StreamName: "ServerStream", Handler: serverStream, ServerStreams: true},
		{StreamName: "ClientStream", Handler: clientStream, ClientStreams: true},
		{StreamName: "Bidi", Handler: bidi, ServerStreams: true, ClientStreams: true},
	},
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func main() {
	if len(os.Args) != 2 && len(os.Args) != 4 {
		fail(fmt.Errorf("expected: ADDRESS [CERTIFICATE KEY]"))
	}
	listener, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		fail(err)
	}
	options := []grpc.ServerOption{grpc.ForceServerCodec(bytesCodec{}), grpc.MaxRecvMsgSize(64 << 20)}
	if len(os.Args) == 4 {
		secure, err := credentials.NewServerTLSFromFile(os.Args[2], os.Args[3])
		if err != nil {
			fail(err)
		}
		options = append(options, grpc.Creds(secure))
	}
	server := grpc.NewServer(options...)
	server.RegisterService(&echo, nil)
	fmt.Printf("listening on %s\n", listener.Addr())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		server.Stop()
	}()
	if err := server.Serve(listener); err != nil {
		fail(err)
	}
}
