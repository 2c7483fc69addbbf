// grpc-go on the other side: reads all that a server tells by channelz and prints each answer as a line of JSON or, with
// -serve, is a server with the services that godwit's own commands ask.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"time"

	"google.golang.org/grpc"
	channelz "google.golang.org/grpc/channelz/grpc_channelz_v1"
	channelzservice "google.golang.org/grpc/channelz/service"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

func print(label string, message proto.Message, err error) {
	if err != nil {
		log.Fatalf("%s: %v", label, err)
	}
	text, err := protojson.Marshal(message)
	if err != nil {
		log.Fatalf("%s: %v", label, err)
	}
	fmt.Printf("{%q: %s}\n", label, text)
}

func main() {
	address := flag.String("addr", "", "host:port")
	roots := flag.String("cacert", "", "file of certificates to trust; empty for plaintext")
	isServer := flag.Bool("serve", false, "be a server, and print its address")
	flag.Parse()
	if *isServer {
		serve()
		return
	}
	security := insecure.NewCredentials()
	if *roots != "" {
		var err error
		if security, err = credentials.NewClientTLSFromFile(*roots, ""); err != nil {
			log.Fatal(err)
		}
	}
	connection, err := grpc.NewClient(*address, grpc.WithTransportCredentials(security))
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	client := channelz.NewChannelzClient(connection)
	walkChannels(ctx, client)
	walkServers(ctx, client)
}

func serve() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer()
	healthpb.RegisterHealthServer(server, health.NewServer())
	channelzservice.RegisterChannelzServiceToServer(server)
	reflection.Register(server)
	fmt.Println(listener.Addr())
	log.Fatal(server.Serve(listener))
}

func walkChannels(ctx context.Context, client channelz.ChannelzClient) {
	for start := int64(0); ; {
		page, err := client.GetTopChannels(ctx, &channelz.GetTopChannelsRequest{StartChannelId: start, MaxResults: 2})
		print("channels", page, err)
		for _, channel := range page.Channel {
			start = channel.Ref.ChannelId + 1
			for _, ref := range channel.SubchannelRef {
				sub, err := client.GetSubchannel(ctx, &channelz.GetSubchannelRequest{SubchannelId: ref.SubchannelId})
				print("subchannel", sub, err)
				for _, socket := range sub.Subchannel.SocketRef {
					printSocket(ctx, client, "client socket", socket)
				}
			}
		}
		if page.End {
			return
		}
	}
}

func walkServers(ctx context.Context, client channelz.ChannelzClient) {
	servers, err := client.GetServers(ctx, &channelz.GetServersRequest{})
	print("servers", servers, err)
	for _, server := range servers.Server {
		for _, socket := range server.ListenSocket {
			printSocket(ctx, client, "listen socket", socket)
		}
		sockets, err := client.GetServerSockets(ctx, &channelz.GetServerSocketsRequest{ServerId: server.Ref.ServerId})
		print("sockets", sockets, err)
		for _, socket := range sockets.SocketRef {
			printSocket(ctx, client, "server socket", socket)
		}
	}
}

func printSocket(ctx context.Context, client channelz.ChannelzClient, label string, ref *channelz.SocketRef) {
	socket, err := client.GetSocket(ctx, &channelz.GetSocketRequest{SocketId: ref.SocketId})
	print(label, socket, err)
}
