package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"godwit.test/bench-peer/gen/echo"
)

// What a headline call has (macro/subjects/subject.ts).
const (
	headlineTimeout = 10 * time.Second
	headlineKey     = "x-request-id"
)

// client makes calls and checks every answer.
type client struct {
	conn   *grpc.ClientConn
	echo   echo.EchoServiceClient
	calls  atomic.Int64
	prefix string
}

func newClient(port string) (*client, error) {
	security, err := clientCredentials()
	if err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient("127.0.0.1:"+port, grpc.WithTransportCredentials(security))
	if err != nil {
		return nil, err
	}
	prefix := fmt.Sprintf("%020x", rand.Uint64())
	return &client{conn: conn, echo: echo.NewEchoServiceClient(conn), prefix: prefix}, nil
}

// freshRequestID has 32 characters that no call had before.
func (c *client) freshRequestID(call int64) string {
	var digits [12]byte
	for at := len(digits) - 1; at >= 0; at-- {
		digits[at] = "0123456789abcdef"[call&15]
		call >>= 4
	}
	return c.prefix + string(digits[:])
}

func (c *client) unary(payload []byte, headline bool) error {
	call := c.calls.Add(1)
	id := strconv.FormatInt(call, 10)
	ctx := context.Background()
	if headline {
		deadline, cancel := context.WithTimeout(ctx, headlineTimeout)
		defer cancel()
		ctx = metadata.AppendToOutgoingContext(deadline, headlineKey, c.freshRequestID(call))
	}
	response, err := c.echo.Unary(ctx, &echo.UnaryRequest{Id: id, Payload: payload})
	if err != nil {
		return err
	}
	if response.Id != id {
		return wrong("id of the response", response.Id, id)
	}
	if len(response.Payload) != len(payload) {
		return wrong("length of the payload", len(response.Payload), len(payload))
	}
	if last := len(payload) - 1; last >= 0 && response.Payload[last] != payload[last] {
		return wrong("last octet", response.Payload[last], payload[last])
	}
	return nil
}

func (c *client) serverStream(messages int, payloadBytes int) error {
	request := &echo.ServerStreamRequest{Count: int32(messages), Size: int32(payloadBytes)}
	stream, err := c.echo.ServerStream(context.Background(), request)
	if err != nil {
		return err
	}
	for expected := 0; ; expected++ {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			if expected != messages {
				return wrong("number of messages", expected, messages)
			}
			return nil
		}
		if err != nil {
			return err
		}
		if int(message.Index) != expected {
			return wrong("index of the message", message.Index, expected)
		}
		if len(message.Payload) != payloadBytes {
			return wrong("payload length", len(message.Payload), payloadBytes)
		}
	}
}

func (c *client) clientStream(messages int, payload []byte) error {
	stream, err := c.echo.ClientStream(context.Background())
	if err != nil {
		return err
	}
	for range messages {
		if err := stream.Send(&echo.ClientStreamRequest{Payload: payload}); err != nil {
			return err
		}
	}
	summary, err := stream.CloseAndRecv()
	if err != nil {
		return err
	}
	if int(summary.Messages) != messages {
		return wrong("number of messages", summary.Messages, messages)
	}
	if bytes := int64(messages * len(payload)); summary.Bytes != bytes {
		return wrong("number of bytes", summary.Bytes, bytes)
	}
	return nil
}

// pingPong keeps a window of messages in flight on one stream; each must be answered, in order.
func (c *client) pingPong(payload []byte, inFlight int, duration time.Duration) (measurement, error) {
	stream, err := c.echo.Bidi(context.Background())
	if err != nil {
		return measurement{}, err
	}
	var latencies histogram
	sentAt := make([]time.Time, inFlight)
	sent, answered := 0, 0
	send := func(now time.Time) error {
		sentAt[sent%inFlight] = now
		sent++
		return stream.Send(&echo.BidiRequest{Index: int32(sent - 1), Payload: payload})
	}
	startedAt := time.Now()
	now := startedAt
	for range inFlight {
		if err := send(now); err != nil {
			return measurement{}, err
		}
	}
	for answered < sent {
		message, err := stream.Recv()
		if err != nil {
			return measurement{}, err
		}
		if int(message.Index) != answered {
			return measurement{}, wrong("index of the answer", message.Index, answered)
		}
		now = time.Now()
		latencies.record(now.Sub(sentAt[answered%inFlight]))
		answered++
		if now.Sub(startedAt) < duration {
			if err := send(now); err != nil {
				return measurement{}, err
			}
		}
	}
	if err := stream.CloseSend(); err != nil {
		return measurement{}, err
	}
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
		return measurement{}, fmt.Errorf("the stream ended with %v", err)
	}
	return measurementOf(answered, now.Sub(startedAt), &latencies), nil
}

func payloadOf(size int) []byte {
	return bytes.Repeat([]byte{0x5a}, size)
}

func wrong(what string, observed any, expected any) error {
	return fmt.Errorf("%s is %v, expected %v", what, observed, expected)
}
