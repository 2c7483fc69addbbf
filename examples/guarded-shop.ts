/** A shop that knows who calls, tills by certificate and people by token, and has a policy that says what each may do. */
import { type Authenticator, type AuthorizationPolicyInit, certificateFiles, createServer, tlsServer } from "godwit";
import { type JwksSource, jwtAuthenticator } from "godwit/jwt";
import { ShopService } from "./gen/godwit/demo/v1/shop_godwit.js";
import { Shop } from "./shop.js";

const service = "/godwit.demo.v1.ShopService/";

/** The same JSON as for other implementations of gRPC (gRFC A43). In a file, it may change while the server runs. */
const policy: AuthorizationPolicyInit = {
  name: "shop",
  deny_rules: [
    {
      name: "interns only look",
      request: { headers: [{ key: "x-role", values: ["intern"] }], paths: [`${service}PlaceOrder`] },
    },
  ],
  allow_rules: [
    { name: "tills", source: { principals: ["spiffe://shop.example/till/*"] } },
    { name: "staff", request: { headers: [{ key: "x-role", values: ["*"] }] } },
    { name: "anybody may look", request: { paths: [`${service}GetItem`, `${service}ListItems`] } },
  ],
  audit_logging_options: { audit_condition: "ON_DENY", audit_loggers: [{ name: "stdout_logger" }] },
};

/** @param jwks Where the public keys of those are who sign the tokens. */
function whoCalls(jwks: JwksSource): Authenticator {
  const byToken = jwtAuthenticator({ issuer: "https://login.shop.example", audience: "shop", jwks });
  return async (call) => {
    // What the policy believes of a role is ours to say, not the caller's.
    call.metadata.delete("x-role");
    if (!call.metadata.has("authorization")) return { name: call.peer.tls?.identity?.principals[0] ?? "somebody" };
    const person = await byToken(call);
    call.metadata.set("x-role", person.claims?.role === "intern" ? "intern" : "clerk");
    return person;
  };
}

/** @param folder Where certificate, key and the authority of the tills lie; they are read anew when they change. */
export async function openGuardedShop(folder: string, jwks: JwksSource, address: string) {
  const server = createServer({ authenticate: whoCalls(jwks), authorization: { policy } });
  server.add(ShopService, new Shop());
  const provider = certificateFiles({
    certificate: `${folder}/tls.crt`,
    key: `${folder}/tls.key`,
    roots: `${folder}/ca.crt`,
  });
  const { port } = await server.listen(address, { credentials: tlsServer({ provider, clientCertificate: "request" }) });
  return { server, port };
}
