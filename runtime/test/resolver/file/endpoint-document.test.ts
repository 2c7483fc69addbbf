import assert from "node:assert/strict";
import type { EndpointDocument } from "../../../src/resolver/file/endpoint-document.js";
import { encodeEndpointDocument, parseEndpointDocument } from "../../../src/resolver/file/endpoint-document.js";

const parse = (json: unknown) => parseEndpointDocument(JSON.stringify(json), 443);

describe("parseEndpointDocument", () => {
  const entry = (field: object) => ({ endpoints: [{ addresses: ["a:1"], ...field }] });
  const errors: readonly [unknown, string][] = [
    [[], "the document is []: expected an object"],
    [{}, "endpoints is undefined: expected a list"],
    [{ endpoints: [], extra: 1 }, "extra is not known: expected endpoints, serviceConfig"],
    [{ endpoints: [], ["x".repeat(1000)]: 1 }, `${"x".repeat(57)}... is not known: expected endpoints, serviceConfig`],
    [{ endpoints: [], serviceConfig: 1 }, "serviceConfig is 1: expected an object"],
    [{ endpoints: [1] }, "endpoints[0] is 1: expected an object or an address"],
    [{ endpoints: ["a:0"] }, 'endpoints[0].addresses[0] is "a:0": port is "0": expected a number from 1 to 65535'],
    [{ endpoints: ["unix:"] }, 'endpoints[0].addresses[0] is "unix:": path is empty'],
    [{ endpoints: ["inproc:"] }, 'endpoints[0].addresses[0] is "inproc:": name is empty'],
    [{ endpoints: [{}] }, 'endpoints[0].addresses is undefined: expected a list of addresses such as "10.0.0.1:443"'],
    [
      { endpoints: [{ addresses: [] }] },
      'endpoints[0].addresses is empty: expected a list of addresses such as "10.0.0.1:443"',
    ],
    [{ endpoints: [{ addresses: [1] }] }, "endpoints[0].addresses[0] is 1: expected a string"],
    [entry({ port: 1 }), "endpoints[0].port is not known: expected addresses, attributes, draining, expires"],
    [entry({ draining: 1 }), "endpoints[0].draining is 1: expected true or false"],
    [entry({ expires: 1 }), 'endpoints[0].expires is 1: expected a time such as "2026-01-31T23:59:59Z"'],
    [entry({ expires: "soon" }), 'endpoints[0].expires is "soon": expected a time such as "2026-01-31T23:59:59Z"'],
    [entry({ attributes: 1 }), "endpoints[0].attributes is 1: expected an object"],
    [
      entry({ attributes: { wait: 1 } }),
      "endpoints[0].attributes.wait is not known: expected weight, zone, id, serverIdentity, hashKey, metadata",
    ],
    [entry({ attributes: { weight: 0 } }), "endpoints[0].attributes.weight is 0: expected a number above 0"],
    [
      entry({ attributes: { hashKey: "x".repeat(1025) } }),
      "endpoints[0].attributes.hashKey is 1025 characters long, limit 1024",
    ],
    [entry({ attributes: { zone: 1 } }), "endpoints[0].attributes.zone is 1: expected a string"],
    [entry({ attributes: { metadata: [] } }), "endpoints[0].attributes.metadata is []: expected an object"],
  ];
  for (const [json, error] of errors) {
    it(`refuses ${JSON.stringify(json).slice(0, 100)}`, () => assert.deepEqual(parse(json), { error }));
  }

  it("reads what encodeEndpointDocument writes", () => {
    const document: EndpointDocument = {
      endpoints: [
        {
          endpoint: {
            addresses: [
              { transport: "tcp", host: "fd00::1", port: 1 },
              { transport: "unix", path: "/run/x.sock" },
              { transport: "unix", path: "\0abstract" },
              { transport: "inproc", name: "x" },
            ],
            attributes: { id: "a", weight: 3 },
          },
          isDraining: true,
          expiresAt: Date.UTC(2026, 1, 3),
        },
        {
          endpoint: { addresses: [{ transport: "tcp", host: "shop", port: 2 }] },
          isDraining: false,
          expiresAt: undefined,
        },
      ],
      serviceConfig: { methodConfig: [] },
    };
    assert.deepEqual(parseEndpointDocument(encodeEndpointDocument(document), 443), { value: document });
  });
});
