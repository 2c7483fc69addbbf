/** Credentials of TLS as applications make them: with all that it takes to use them. */
import type { TlsMaterial } from "../../base/tls.js";
import {
  type ChannelCredentials,
  type TlsChannelOptions,
  tlsOfChannel,
} from "../../credentials/channel-credentials.js";
import { type ServerCredentials, type TlsServerOptions, tlsOfServer } from "../../credentials/server-credentials.js";
import { bringClientTls, bringServerTls, type ClientTls, type ServerTls } from "../tls-doors.js";
import { awaitMaterial } from "./await-material.js";
import { authorityCheck, ClientHandshake } from "./client-handshake.js";
import { hangUpProblem } from "./hang-up.js";
import { checkServerMaterial, ServerHandshakes } from "./server-handshakes.js";
import { tlsProblem } from "./tls-error.js";

const clientTls: ClientTls = {
  shake: (socket, security, serverName, callbacks) => new ClientHandshake(socket, security, serverName, callbacks),
  traitsOf: (socket, { identity }) => ({
    explain: (error) => tlsProblem(error, "client") ?? hangUpProblem(error, socket),
    authorityProblem: authorityCheck(identity),
  }),
};

const serverTls: ServerTls = {
  async prepare(config) {
    const material = await new Promise<TlsMaterial>((resolve, reject) => {
      awaitMaterial(config.provider, resolve, (message) => reject(new Error(message)));
    });
    checkServerMaterial(material, config);
    return (bound, callbacks) => new ServerHandshakes(config, material, bound, callbacks);
  },
};

/**
 * TLS: the server proves by its certificate that it is who the target names. With `certificate` and `key` the client proves
 * who it is, too. Make it once and use it for many channels: those with the same credentials share connections. Throws
 * TypeError when an option is not valid. (grpc-js: credentials.createSsl)
 */
export function tls(options: TlsChannelOptions = {}): ChannelCredentials {
  const made = tlsOfChannel(options);
  bringClientTls(made.security.tls, clientTls);
  return made;
}

/**
 * TLS: the server proves by its certificate who it is, and clients do so where they are asked. Throws TypeError when an
 * option is not valid; that files or certificates are broken `listen` says. (grpc-js: ServerCredentials.createSsl)
 */
export function tlsServer(options: TlsServerOptions): ServerCredentials {
  const made = tlsOfServer(options);
  bringServerTls(made.security.tls, serverTls);
  return made;
}
