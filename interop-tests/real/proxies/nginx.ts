import { getuid } from "node:process";
import type { ProxyKind } from "./proxy.js";

const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

/** nginx with grpc_pass, one worker. */
export const nginx: ProxyKind = {
  name: "nginx",
  command: "nginx",
  reloadSignal: "SIGHUP",
  formerEnded: /worker process \d+ exited with code 0/g,
  args: (folder, config) => ["-p", folder, "-e", "stderr", "-c", config],
  config: ({ port, serverPort, requestsPerConnection = 1_000_000, certificate, generation }, folder) => `
${getuid?.() === 0 ? "user root;" : ""}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr notice;
events { worker_connections 256; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(" ")}
  upstream echo {
    server 127.0.0.1:${serverPort};
    keepalive 16;
  }
  server {
    listen 127.0.0.1:${port} ${certificate === undefined ? "" : "ssl"} http2;
    ${certificate === undefined ? "" : `ssl_certificate ${certificate.chain}; ssl_certificate_key ${certificate.key};`}
    keepalive_requests ${requestsPerConnection};
    client_max_body_size 0;
    location / {
      grpc_pass grpc://echo;
      add_header x-configuration ${generation} always;
    }
  }
}
`,
};
