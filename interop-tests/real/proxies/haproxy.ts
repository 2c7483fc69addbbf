import type { ProxyKind } from "./proxy.js";

/** haproxy with HTTP/2 on both sides: a master, and one worker with one thread. */
export const haproxy: ProxyKind = {
  name: "haproxy",
  command: "haproxy",
  reloadSignal: "SIGUSR2",
  formerEnded: /Former worker \(\d+\) exited with code 0/g,
  args: (_folder, config) => ["-W", "-f", config],
  config: ({ port, serverPort, certificate, generation }) => `
global
  maxconn 256
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend grpc
  bind 127.0.0.1:${port} ${certificate === undefined ? "proto h2" : `ssl crt ${certificate.both} alpn h2`}
  http-response set-header x-configuration ${generation}
  default_backend echo
backend echo
  server one 127.0.0.1:${serverPort} proto h2
`,
};
