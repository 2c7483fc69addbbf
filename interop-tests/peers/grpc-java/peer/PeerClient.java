package io.grpc.testing.integration;

import io.grpc.LoadBalancerProvider;
import io.grpc.LoadBalancerRegistry;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs TestServiceClient's cases one after the other, and those that it does not have with channels of our own. */
final class PeerClient {
  /** TestServiceClient knows these flags, and ends with any other. */
  private static final List<String> KNOWN =
      List.of(
          "server_host",
          "server_port",
          "server_host_override",
          "use_tls",
          "use_test_ca",
          "soak_iterations",
          "soak_per_iteration_max_acceptable_latency_ms",
          "soak_overall_timeout_seconds");

  private PeerClient() {}

  static void run(Map<String, String> flags) throws Exception {
    LoadBalancerProvider policy = new CustomBackendMetricsLoadBalancerProvider();
    Field field = TestServiceClient.class.getDeclaredField("customBackendMetricsLoadBalancerProvider");
    field.setAccessible(true);
    field.set(null, policy);
    boolean isMutual = flags.containsKey("cert_file");
    for (String name : flags.get("test_case").split(",")) {
      System.out.println("begin " + name);
      try {
        if (FurtherCases.NAMES.contains(name)) {
          FurtherCases.run(name, flags);
        } else if (isMutual) {
          MutualTester.run(name, flags);
        } else {
          // Each run takes it away at its end.
          LoadBalancerRegistry.getDefaultRegistry().register(policy);
          official(name, flags);
        }
        System.out.println("ok " + name);
      } catch (Throwable error) {
        Throwable cause = error instanceof InvocationTargetException ? error.getCause() : error;
        System.out.println("failed " + name + ": " + String.valueOf(cause).replaceAll("\\s+", " "));
      }
    }
  }

  private static void official(String name, Map<String, String> flags) throws Exception {
    List<String> args = new ArrayList<>();
    for (String known : KNOWN) {
      if (flags.containsKey(known)) {
        args.add("--" + known + "=" + flags.get(known));
      }
    }
    // By default it is true.
    args.add("--use_tls=" + flags.getOrDefault("use_tls", "false"));
    args.add("--test_case=" + name);
    if (name.startsWith("orca_")) {
      args.add("--service_config_json={\"loadBalancingConfig\":[{\"test_backend_metrics_load_balancer\":{}}]}");
    }
    TestServiceClient client = new TestServiceClient();
    client.parseArgs(args.toArray(new String[0]));
    client.setUp();
    try {
      Method runTest = TestServiceClient.class.getDeclaredMethod("runTest", TestCases.class);
      runTest.setAccessible(true);
      runTest.invoke(client, TestCases.fromString(name));
    } finally {
      Method tearDown = TestServiceClient.class.getDeclaredMethod("tearDown");
      tearDown.setAccessible(true);
      tearDown.invoke(client);
    }
  }
}
