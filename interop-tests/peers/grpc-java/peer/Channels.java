package io.grpc.testing.integration;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.NettyChannelBuilder;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/** Channels as the flags say. */
final class Channels {
  private Channels() {}

  static NettyChannelBuilder builder(Map<String, String> flags) {
    try {
      int port = Integer.parseInt(flags.get("server_port"));
      String host = flags.getOrDefault("server_host", "127.0.0.1");
      NettyChannelBuilder builder =
          NettyChannelBuilder.forAddress(host, port, credentials(flags))
              .maxInboundMessageSize(64 << 20)
              .maxInboundMetadataSize(128 << 10);
      return flags.containsKey("ca_file") ? builder.overrideAuthority(flags.get("server_host_override")) : builder;
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  private static ChannelCredentials credentials(Map<String, String> flags) throws IOException {
    if (!flags.containsKey("ca_file")) {
      return InsecureChannelCredentials.create();
    }
    TlsChannelCredentials.Builder tls = TlsChannelCredentials.newBuilder().trustManager(new File(flags.get("ca_file")));
    if (flags.containsKey("cert_file")) {
      tls.keyManager(new File(flags.get("cert_file")), new File(flags.get("key_file")));
    }
    return tls.build();
  }
}
