package io.grpc.testing.integration;

import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptors;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.services.MetricRecorder;
import io.grpc.xds.orca.OrcaMetricReportingServerInterceptor;
import io.grpc.xds.orca.OrcaServiceImpl;
import java.io.File;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** What TestServiceServer starts, on loopback, with other certificates and larger limits. */
final class PeerServer {
  private PeerServer() {}

  static void serve(Map<String, String> flags) throws Exception {
    ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
    MetricRecorder recorder = MetricRecorder.newInstance();
    int port = Integer.parseInt(flags.getOrDefault("port", "0"));
    TestServiceImpl service = new TestServiceImpl(executor, recorder);
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port), credentials(flags))
            .maxInboundMessageSize(64 << 20)
            .maxInboundMetadataSize(128 << 10)
            .addService(ServerInterceptors.intercept(service, TestServiceImpl.interceptors()))
            .addService(OrcaServiceImpl.createService(executor, recorder, 1, TimeUnit.SECONDS))
            .intercept(OrcaMetricReportingServerInterceptor.create(recorder))
            .build()
            .start();
    System.out.println("listening " + server.getPort());
    while (System.in.read() >= 0) {}
  }

  private static ServerCredentials credentials(Map<String, String> flags) throws Exception {
    if (!flags.containsKey("tls_cert_file")) {
      return InsecureServerCredentials.create();
    }
    TlsServerCredentials.Builder tls =
        TlsServerCredentials.newBuilder()
            .keyManager(new File(flags.get("tls_cert_file")), new File(flags.get("tls_key_file")));
    if (flags.containsKey("client_ca_file")) {
      tls.trustManager(new File(flags.get("client_ca_file")));
      tls.clientAuth(TlsServerCredentials.ClientAuth.REQUIRE);
    }
    return tls.build();
  }
}
