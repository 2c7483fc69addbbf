package io.grpc.testing.integration;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.util.Map;

/** The cases of grpc-java's AbstractInteropTest on channels that show a certificate, which TestServiceClient's cannot. */
final class MutualTester extends AbstractInteropTest {
  private final Map<String, String> flags;

  private MutualTester(Map<String, String> flags) {
    this.flags = flags;
  }

  static void run(String name, Map<String, String> flags) throws Exception {
    MutualTester tester = new MutualTester(flags);
    tester.setUp();
    try {
      tester.run(name);
    } finally {
      tester.tearDown();
    }
  }

  @Override
  protected ManagedChannelBuilder<?> createChannelBuilder() {
    return Channels.builder(flags).intercept(createCensusStatsClientInterceptor());
  }

  @Override
  protected boolean metricsExpected() {
    return false;
  }

  private void run(String name) throws Exception {
    switch (name) {
      case "empty_unary" -> emptyUnary();
      case "large_unary" -> largeUnary();
      case "client_streaming" -> clientStreaming();
      case "server_streaming" -> serverStreaming();
      case "ping_pong" -> pingPong();
      case "empty_stream" -> emptyStream();
      case "client_compressed_unary_noprobe" -> clientCompressedUnary(false);
      case "client_compressed_streaming_noprobe" -> clientCompressedStreaming(false);
      case "client_compressed_unary" -> clientCompressedUnary(true);
      case "server_compressed_unary" -> serverCompressedUnary();
      case "client_compressed_streaming" -> clientCompressedStreaming(true);
      case "server_compressed_streaming" -> serverCompressedStreaming();
      case "custom_metadata" -> customMetadata();
      case "status_code_and_message" -> statusCodeAndMessage();
      case "special_status_message" -> specialStatusMessage();
      case "unimplemented_method" -> unimplementedMethod();
      case "unimplemented_service" -> unimplementedService();
      case "cancel_after_begin" -> cancelAfterBegin();
      case "cancel_after_first_response" -> cancelAfterFirstResponse();
      case "timeout_on_sleeping_server" -> timeoutOnSleepingServer();
      case "very_large_request" -> veryLargeRequest();
      case "rpc_soak" -> soak(false);
      case "channel_soak" -> soak(true);
      default -> throw new IllegalArgumentException("there is no such case");
    }
  }

  private void soak(boolean resets) throws InterruptedException {
    int iterations = Integer.parseInt(flags.getOrDefault("soak_iterations", "10"));
    int latency = Integer.parseInt(flags.getOrDefault("soak_per_iteration_max_acceptable_latency_ms", "1000"));
    int timeout = Integer.parseInt(flags.getOrDefault("soak_overall_timeout_seconds", "10"));
    ManagedChannel[] last = {Channels.builder(flags).build()};
    SoakClient.performSoakTest(
        "mutual TLS", iterations, 0, latency, 0, timeout, 271828, 314159, 1, last[0],
        current -> {
          if (resets) {
            current.shutdownNow();
            last[0] = Channels.builder(flags).build();
          }
          return last[0];
        });
    last[0].shutdownNow();
  }
}
