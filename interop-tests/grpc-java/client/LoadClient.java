import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.EquivalentAddressGroup;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.StatusOr;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Calls EchoService over and over until its input ends: LoadClient load ADDRESSES POLICY CALLERS. It prints "answered N" for
 * every hundredth answer and "FAIL id: error" for each call that failed. Messages are written by hand: there are no stubs.
 */
public final class LoadClient {
  private static final MethodDescriptor.Marshaller<byte[]> BYTES = new MethodDescriptor.Marshaller<>() {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
    }
  };

  private static final MethodDescriptor<byte[], byte[]> UNARY = MethodDescriptor.<byte[], byte[]>newBuilder()
      .setType(MethodDescriptor.MethodType.UNARY)
      .setFullMethodName("godwit.testing.v1.EchoService/Unary")
      .setRequestMarshaller(BYTES)
      .setResponseMarshaller(BYTES)
      .build();

  /** `list:///host:port,host:port` are the servers of a channel. */
  private static final class ListResolverProvider extends NameResolverProvider {
    @Override
    protected boolean isAvailable() {
      return true;
    }

    @Override
    protected int priority() {
      return 5;
    }

    @Override
    public String getDefaultScheme() {
      return "list";
    }

    @Override
    public Collection<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
      return Set.of(InetSocketAddress.class);
    }

    @Override
    public NameResolver newNameResolver(URI target, NameResolver.Args args) {
      List<EquivalentAddressGroup> servers = new ArrayList<>();
      for (String address : target.getPath().substring(1).split(",")) {
        String[] parts = address.split(":");
        servers.add(new EquivalentAddressGroup(new InetSocketAddress(parts[0], Integer.parseInt(parts[1]))));
      }
      return new NameResolver() {
        @Override
        public String getServiceAuthority() {
          return "servers";
        }

        @Override
        public void start(Listener2 listener) {
          listener.onResult(ResolutionResult.newBuilder()
              .setAddressesOrError(StatusOr.fromValue(servers))
              .setAttributes(Attributes.EMPTY)
              .build());
        }

        @Override
        public void shutdown() {}
      };
    }
  }

  /** A request with this id. */
  private static byte[] request(String id) {
    byte[] text = id.getBytes(StandardCharsets.UTF_8);
    byte[] message = new byte[text.length + 2];
    message[0] = 0x0a;
    message[1] = (byte) text.length;
    System.arraycopy(text, 0, message, 2, text.length);
    return message;
  }

  private static synchronized void say(String line) {
    System.out.println(line);
  }

  public static void main(String[] args) throws Exception {
    NameResolverRegistry.getDefaultRegistry().register(new ListResolverProvider());
    ManagedChannel channel = Grpc.newChannelBuilder("list:///" + args[1], InsecureChannelCredentials.create())
        .defaultServiceConfig(Map.of("loadBalancingConfig", List.of(Map.of(args[2], Map.of()))))
        .build();
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong answered = new AtomicLong();
    List<Thread> callers = new ArrayList<>();
    for (int name = 0; name < Integer.parseInt(args[3]); name++) {
      String prefix = name + "-";
      Thread caller = new Thread(() -> {
        for (int i = 0; !over.get(); i++) {
          String id = prefix + i;
          try {
            CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS);
            ClientCalls.blockingUnaryCall(channel, UNARY, options, request(id));
          } catch (StatusRuntimeException error) {
            say("FAIL " + id + ": " + error.getMessage().replace('\n', ' '));
          }
          long count = answered.incrementAndGet();
          if (count % 100 == 0) {
            say("answered " + count);
          }
        }
      });
      callers.add(caller);
      caller.start();
    }
    while (System.in.read() >= 0) {
      // Whatever comes: only the end counts.
    }
    over.set(true);
    for (Thread caller : callers) {
      caller.join();
    }
    channel.shutdownNow();
  }
}
