package io.grpc.testing.integration;

import java.util.HashMap;
import java.util.Map;

/**
 * TestService by grpc-java's interop-testing: its service, and its client as it is, run once a case within one process. It lies
 * in their package, for what it starts is visible there alone.
 *
 * <pre>
 * Peer server --port=0 [--tls_cert_file=… --tls_key_file=… [--client_ca_file=…]]   prints "listening PORT"
 * Peer client --server_port=N --test_case=a,b [--use_tls=true …]                  prints "begin a", "ok a"
 * </pre>
 */
public final class Peer {
  private Peer() {}

  public static void main(String[] args) throws Exception {
    Map<String, String> flags = new HashMap<>();
    for (int i = 1; i < args.length; i++) {
      String[] pair = args[i].replaceFirst("^--", "").split("=", 2);
      flags.put(pair[0], pair[1]);
    }
    if (args[0].equals("server")) {
      PeerServer.serve(flags);
    } else {
      PeerClient.run(flags);
    }
    System.exit(0);
  }
}
