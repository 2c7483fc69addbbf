import assert from "node:assert/strict";
import { StatusCode } from "godwit";
import { GrpcJsClient } from "../grpc-js/grpc-js-client.js";
import { EchoCluster } from "../support/echo-cluster.js";
import { CallerLoad } from "../support/fleet.js";

const callers = 5;
const restarts = 2;
const callsBetween = 100;

describe("a rolling restart of the workers of one server", function () {
  this.timeout(60_000);

  async function unary(client: GrpcJsClient, id: string): Promise<string | undefined> {
    const { status } = await client.unary({ id }, { deadline: Date.now() + 10_000 });
    return status.code === StatusCode.OK ? undefined : `${status.code} ${status.details}`;
  }

  /** What failed meanwhile. */
  async function failuresOf(
    cluster: InstanceType<typeof EchoCluster>,
    call: (id: string) => Promise<string | undefined>,
  ) {
    const load = new CallerLoad(callers, call);
    const more = (): Promise<void> => {
      const enough = load.ended + callsBetween;
      return new Promise((resolve) => {
        load.onEnded = () => {
          if (load.ended >= enough) resolve();
        };
      });
    };
    for (let i = 0; i < restarts; i++) {
      await more();
      await cluster.restart();
    }
    await more();
    await load.stop();
    return load.failed;
  }

  it("fails no call of grpc-js's client that keeps its connection", async () => {
    await using cluster = await EchoCluster.start({ workers: 2 });
    using client = new GrpcJsClient(cluster.address);
    assert.deepEqual(await failuresOf(cluster, (id) => unary(client, id)), []);
  });

  it("fails no call of grpc-js's clients that connect anew for each", async () => {
    await using cluster = await EchoCluster.start({ workers: 2 });
    const call = async (id: string) => {
      using client = new GrpcJsClient(cluster.address);
      return await unary(client, id);
    };
    assert.deepEqual(await failuresOf(cluster, call), []);
  });
});
