package io.grpc.testing.integration;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.grpc.testing.integration.Messages.Payload;
import io.grpc.testing.integration.Messages.SimpleRequest;
import io.grpc.testing.integration.Messages.SimpleResponse;
import io.grpc.testing.integration.Messages.StreamingOutputCallResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Ideas of the document that are no cases of grpc-java's. */
final class FurtherCases {
  static final List<String> NAMES = List.of("concurrent_large_unary", "simultaneous_timeouts", "large_header");
  private static final Metadata.Key<String> INITIAL =
      Metadata.Key.of("x-grpc-test-echo-initial", Metadata.ASCII_STRING_MARSHALLER);

  private FurtherCases() {}

  static void run(String name, Map<String, String> flags) throws Exception {
    ManagedChannel channel = Channels.builder(flags).build();
    try {
      switch (name) {
        case "concurrent_large_unary" -> largeUnaries(channel);
        case "simultaneous_timeouts" -> timeouts(channel);
        default -> largeHeader(channel);
      }
    } finally {
      channel.shutdownNow();
    }
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  private static void largeUnaries(ManagedChannel channel) throws Exception {
    Payload payload = Payload.newBuilder().setBody(ByteString.copyFrom(new byte[271828])).build();
    SimpleRequest request = SimpleRequest.newBuilder().setResponseSize(314159).setPayload(payload).build();
    List<ListenableFuture<SimpleResponse>> calls = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      calls.add(TestServiceGrpc.newFutureStub(channel).unaryCall(request));
    }
    for (ListenableFuture<SimpleResponse> call : calls) {
      check(call.get(2, TimeUnit.MINUTES).getPayload().getBody().size() == 314159, "another size");
    }
  }

  private static void timeouts(ManagedChannel channel) throws Exception {
    int count = 3000;
    CountDownLatch ended = new CountDownLatch(count);
    Queue<Status> others = new ConcurrentLinkedQueue<>();
    for (int i = 0; i < count; i++) {
      TestServiceGrpc.newStub(channel)
          .withDeadlineAfter(1, TimeUnit.SECONDS)
          .fullDuplexCall(
              new StreamObserver<StreamingOutputCallResponse>() {
                @Override
                public void onNext(StreamingOutputCallResponse response) {}

                @Override
                public void onError(Throwable error) {
                  Status status = Status.fromThrowable(error);
                  if (status.getCode() != Status.Code.DEADLINE_EXCEEDED) {
                    others.add(status);
                  }
                  ended.countDown();
                }

                @Override
                public void onCompleted() {
                  others.add(Status.OK);
                  ended.countDown();
                }
              });
    }
    check(ended.await(1, TimeUnit.MINUTES), ended.getCount() + " calls did not end");
    check(others.isEmpty(), others.size() + " calls ended otherwise, one with " + others.peek());
    TestServiceGrpc.newBlockingStub(channel).emptyCall(EmptyProtos.Empty.getDefaultInstance());
  }

  private static void largeHeader(ManagedChannel channel) {
    String value = "X".repeat(63 * 1024);
    Metadata metadata = new Metadata();
    metadata.put(INITIAL, value);
    AtomicReference<Metadata> headers = new AtomicReference<>();
    AtomicReference<Metadata> trailers = new AtomicReference<>();
    TestServiceGrpc.newBlockingStub(channel)
        .withInterceptors(
            MetadataUtils.newAttachHeadersInterceptor(metadata),
            MetadataUtils.newCaptureMetadataInterceptor(headers, trailers))
        .unaryCall(SimpleRequest.getDefaultInstance());
    check(value.equals(headers.get().get(INITIAL)), "it came back otherwise");
  }
}
