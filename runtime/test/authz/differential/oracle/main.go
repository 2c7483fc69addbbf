// The authorization of grpc-go as an oracle. Each line of its input is a policy and calls, each line of its output says what
// grpc-go makes of them:
//
//	{"policy":"…","calls":[{"path":"/a.B/C","headers":[["role","admin"]],"tls":true,"uris":[],"dnsNames":[],"commonName":"x"}]}
//	{"error":"…"}   or   {"verdicts":[{"allowed":true,"rule":"p_r"}]}
//
// A call is not made: its context is put together, on that of one call that was made, and given to the interceptor.
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/authz"
	"google.golang.org/grpc/authz/audit"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
)

type call struct {
	Path       string      `json:"path"`
	Headers    [][2]string `json:"headers"`
	TLS        bool        `json:"tls"`
	HasCert    bool        `json:"hasCertificate"`
	URIs       []string    `json:"uris"`
	DNSNames   []string    `json:"dnsNames"`
	CommonName string      `json:"commonName"`
}

type question struct {
	Policy string `json:"policy"`
	Calls  []call `json:"calls"`
}

type verdict struct {
	Allowed bool   `json:"allowed"`
	Rule    string `json:"rule"`
	Events  int    `json:"events"`
}

type answer struct {
	Error    string    `json:"error,omitempty"`
	Verdicts []verdict `json:"verdicts,omitempty"`
}

// recorder is an audit logger that counts what it is told.
type recorder struct{ audit.LoggerConfig }

var events []audit.Event

func (recorder) Name() string { return "recorder" }
func (recorder) ParseLoggerConfig(json.RawMessage) (audit.LoggerConfig, error) {
	return recorder{}, nil
}
func (r recorder) Build(audit.LoggerConfig) audit.Logger { return r }
func (recorder) Log(event *audit.Event)                  { events = append(events, *event) }

// named is a stream of the transport of which nothing but its method is known.
type named struct{ method string }

func (s named) Method() string             { return s.method }
func (named) SetHeader(metadata.MD) error  { return nil }
func (named) SendHeader(metadata.MD) error { return nil }
func (named) SetTrailer(metadata.MD) error { return nil }

func fail(err error) {
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// rawCodec is for one call whose messages nobody reads.
type rawCodec struct{}

func (rawCodec) Name() string                { return "proto" }
func (rawCodec) Marshal(any) ([]byte, error) { return nil, nil }
func (rawCodec) Unmarshal([]byte, any) error { return nil }

// serverContext is that of a call that a server got; the interceptor looks for its connection in it.
func serverContext() context.Context {
	contexts := make(chan context.Context, 1)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	fail(err)
	server := grpc.NewServer(grpc.ForceServerCodec(rawCodec{}), grpc.UnknownServiceHandler(
		func(_ any, stream grpc.ServerStream) error {
			contexts <- stream.Context()
			<-stream.Context().Done()
			return nil
		}))
	go server.Serve(listener)
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	fail(err)
	_, err = conn.NewStream(context.Background(), &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, "/oracle/ask")
	fail(err)
	return <-contexts
}

func certificate(c call) *x509.Certificate {
	uris := make([]*url.URL, len(c.URIs))
	for i, text := range c.URIs {
		uri, err := url.Parse(text)
		fail(err)
		uris[i] = uri
	}
	return &x509.Certificate{URIs: uris, DNSNames: c.DNSNames, Subject: pkix.Name{CommonName: c.CommonName}}
}

func contextOf(base context.Context, c call) context.Context {
	md := metadata.MD{}
	for _, header := range c.Headers {
		md[header[0]] = append(md[header[0]], header[1])
	}
	from, _ := peer.FromContext(base)
	as := peer.Peer{Addr: from.Addr}
	if c.TLS {
		state := tls.ConnectionState{}
		if c.HasCert {
			state.PeerCertificates = []*x509.Certificate{certificate(c)}
		}
		as.AuthInfo = credentials.TLSInfo{State: state}
	}
	ctx := metadata.NewIncomingContext(peer.NewContext(base, &as), md)
	return grpc.NewContextWithServerTransportStream(ctx, named{c.Path})
}

func ask(base context.Context, q question) answer {
	interceptor, err := authz.NewStatic(q.Policy)
	if err != nil {
		return answer{Error: err.Error()}
	}
	verdicts := make([]verdict, len(q.Calls))
	for i, c := range q.Calls {
		events = nil
		handler := func(context.Context, any) (any, error) { return nil, nil }
		_, err := interceptor.UnaryInterceptor(contextOf(base, c), nil, nil, handler)
		verdicts[i] = verdict{Allowed: err == nil, Events: len(events)}
		if len(events) > 0 {
			verdicts[i].Rule = events[len(events)-1].MatchedRule
		}
	}
	return answer{Verdicts: verdicts}
}

func main() {
	audit.RegisterLoggerBuilder(recorder{})
	base := serverContext()
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	out := bufio.NewWriter(os.Stdout)
	for lines.Scan() {
		var q question
		fail(json.Unmarshal(lines.Bytes(), &q))
		text, err := json.Marshal(ask(base, q))
		fail(err)
		out.Write(append(text, '\n'))
	}
	fail(out.Flush())
}
