package main

import (
	"context"
	"errors"
	"io"
	"net"

	"google.golang.org/grpc"

	"godwit.test/bench-peer/gen/echo"
)

func serve(parent *parent) error {
	security, err := serverCredentials()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := grpc.NewServer(grpc.Creds(security))
	echo.RegisterEchoServiceServer(server, echoService{})
	go func() { check(server.Serve(listener)) }()
	port := listener.Addr().(*net.TCPAddr).Port
	if err := parent.tell(answer{"type": "listening", "port": port}); err != nil {
		return err
	}
	return parent.answerAll(func(asked question) answer {
		return failed(errors.New("a server is not asked for " + asked.Type))
	})
}

type echoService struct {
	echo.UnimplementedEchoServiceServer
}

func (echoService) Unary(_ context.Context, request *echo.UnaryRequest) (*echo.UnaryResponse, error) {
	return &echo.UnaryResponse{Id: request.Id, Payload: request.Payload}, nil
}

func (echoService) ServerStream(
	request *echo.ServerStreamRequest, stream grpc.ServerStreamingServer[echo.ServerStreamResponse],
) error {
	payload := make([]byte, request.Size)
	for index := range request.Count {
		if err := stream.Send(&echo.ServerStreamResponse{Index: index, Payload: payload}); err != nil {
			return err
		}
	}
	return nil
}

func (echoService) ClientStream(
	stream grpc.ClientStreamingServer[echo.ClientStreamRequest, echo.ClientStreamResponse],
) error {
	var counted echo.ClientStreamResponse
	for {
		request, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stream.SendAndClose(&counted)
		}
		if err != nil {
			return err
		}
		counted.Messages++
		counted.Bytes += int64(len(request.Payload))
	}
}

func (echoService) Bidi(stream grpc.BidiStreamingServer[echo.BidiRequest, echo.BidiResponse]) error {
	for {
		request, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := stream.Send(&echo.BidiResponse{Index: request.Index, Payload: request.Payload}); err != nil {
			return err
		}
	}
}
