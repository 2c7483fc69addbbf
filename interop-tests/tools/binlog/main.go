// Reads a binary log with grpc-go's own messages, and prints each entry as a line of JSON.
package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"os"

	binlog "google.golang.org/grpc/binarylog/grpc_binarylog_v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

func main() {
	for {
		var length uint32
		if err := binary.Read(os.Stdin, binary.BigEndian, &length); err == io.EOF {
			return
		} else if err != nil {
			log.Fatal(err)
		}
		bytes := make([]byte, length)
		if _, err := io.ReadFull(os.Stdin, bytes); err != nil {
			log.Fatal(err)
		}
		entry := &binlog.GrpcLogEntry{}
		if err := (proto.UnmarshalOptions{DiscardUnknown: false}).Unmarshal(bytes, entry); err != nil {
			log.Fatal(err)
		}
		if unknown := entry.ProtoReflect().GetUnknown(); len(unknown) > 0 {
			log.Fatalf("entry %d has %d bytes that are not known", entry.SequenceIdWithinCall, len(unknown))
		}
		text, err := protojson.Marshal(entry)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(text))
	}
}
