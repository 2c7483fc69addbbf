import assert from "node:assert/strict";
import { Socket } from "node:net";
import { HandshakePlaces } from "../../../src/net/tls/handshake-places.js";

describe("the places of handshakes", () => {
  it("are given up by the oldest of the host that has most, for any host but itself", () => {
    const places = new HandshakePlaces();
    const sockets = Array.from({ length: 5 }, () => new Socket());
    const [first, second, third, fourth, fifth] = sockets as [Socket, Socket, Socket, Socket, Socket];
    assert.equal(places.oldestOfFullest("a"), undefined);
    places.take("a", first);
    assert.equal(places.oldestOfFullest("a"), undefined);
    assert.equal(places.oldestOfFullest("b"), first);
    places.take("b", second);
    places.take("b", third);
    assert.equal(places.oldestOfFullest("a"), second);
    assert.equal(places.oldestOfFullest("b"), undefined);
    places.free("b", second);
    places.take("a", fourth);
    places.free("c", fifth);
    assert.equal(places.oldestOfFullest("b"), first);
    for (const socket of sockets) socket.destroy();
  });

  it("are free when their connection is closed", async () => {
    const places = new HandshakePlaces();
    const socket = new Socket();
    places.take("a", socket);
    socket.destroy();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(places.oldestOfFullest("b"), undefined);
  });
});
