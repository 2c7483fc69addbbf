import assert from "node:assert/strict";
import { CrlFolder } from "../../../src/credentials/files/crl-folder.js";
import { tlsMaterialProblem } from "../../../src/net/tls/material-problem.js";
import { createAuthority, sharedAuthority, type TestAuthority } from "../../support/certificates.js";
import { FakePlatform } from "../../support/fake-platform.js";

const derOf = (pem: string) => new Uint8Array(Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64"));
const [a, b, c] = ["A", "B", "C"].map((name) => sharedAuthority(name)) as [TestAuthority, TestAuthority, TestAuthority];

function fixture() {
  const platform = new FakePlatform();
  const folder = new CrlFolder({ files: platform.files, tlsMaterialProblem }, "/crl");
  const write = (name: string, content: string) => platform.files.write(`/crl/${name}`, content);
  return { platform, folder, write, lists: () => folder.current?.crls };
}

describe("folder of revocation lists (gRFC A69)", () => {
  it("is the truth when all of it can be read", async () => {
    const { folder, platform, write, lists } = fixture();
    const [listA, listB, listC] = [a, b, c].map((authority) => authority.revocationList([])) as [
      string,
      string,
      string,
    ];
    write("a.pem", listA);
    await platform.files.replace("/crl/b", derOf(listB));
    assert.deepEqual(await folder.read(), []);
    assert.deepEqual(lists(), [derOf(listA), derOf(listB)]);
    const before = folder.current;
    assert.deepEqual(await folder.read(), []);
    assert.equal(folder.current, before, "nothing has changed");
    platform.files.delete("/crl/b");
    write("two.pem", listC + listA);
    assert.deepEqual(await folder.read(), []);
    assert.deepEqual(lists(), [derOf(listA), derOf(listC), derOf(listA)]);
  });

  it("forgets nothing while a file of it cannot be read, and takes over the others", async () => {
    const { folder, platform, write, lists } = fixture();
    for (const [name, authority] of Object.entries({ a, b, c })) write(name, authority.revocationList([]));
    await folder.read();
    const [, , oldC] = lists() ?? [];
    const [newA, newB] = [a.revocationList([a]), b.revocationList([b])];
    write("a", newA);
    write("b2", newB);
    platform.files.delete("/crl/b");
    write("c", "-----BEGIN X509 CRL-----\ngarbage");
    assert.deepEqual(await folder.read(), ["/crl/c X509 CRL 1 has no end"]);
    assert.deepEqual(new Set(lists()?.map((list) => Buffer.from(list as Uint8Array).toString("hex"))).size, 4);
    assert.deepEqual(lists()?.[0], derOf(newA));
    assert.deepEqual(lists()?.[2], oldC);
    assert.deepEqual(lists()?.[3], derOf(newB));
    const newC = c.revocationList([c]);
    write("c", newC);
    assert.deepEqual(await folder.read(), []);
    assert.deepEqual(lists(), [derOf(newA), derOf(newB), derOf(newC)]);
  });

  it("never becomes a folder without lists: nothing would be checked", async () => {
    const { folder, platform, write, lists } = fixture();
    assert.deepEqual(await folder.read(), ["/crl/ does not exist"]);
    write("..data", "x");
    write(".a.tmp", "x");
    assert.deepEqual(await folder.read(), ["/crl/ holds no revocation list"]);
    write("new", a.certificate);
    assert.deepEqual(await folder.read(), ["/crl/new has no X509 CRL in PEM", "/crl/ holds no revocation list"]);
    assert.equal(lists(), undefined);
    write("new", a.revocationList([]));
    assert.deepEqual(await folder.read(), []);
    const good = folder.current;
    assert.equal(lists()?.length, 1);
    platform.files.delete("/crl/new");
    assert.deepEqual(await folder.read(), ["/crl/ holds no revocation list"]);
    assert.equal(folder.current, good);
  });

  it("says what is wrong with each file, every time it is read", async () => {
    const { folder, platform, write } = fixture();
    write("a", a.revocationList([]));
    await platform.files.replace("/crl/b", derOf(b.revocationList([])).subarray(0, 60));
    write("d", "");
    platform.files.failures.set("read /crl/d", "EACCES");
    const problems = [
      "cannot use /crl/b: a revocation list cannot be read",
      "cannot read /crl/d: not permitted (EACCES)",
    ];
    assert.deepEqual(await folder.read(), problems);
    assert.deepEqual(await folder.read(), problems);
    assert.equal(folder.current?.crls?.length, 1);
    platform.files.failures.set("list /crl/", "EACCES");
    assert.deepEqual(await folder.read(), ["cannot list /crl/: not permitted (EACCES)"]);
  });

  it("has limits", async () => {
    const { folder, platform, write } = fixture();
    const list = createAuthority().revocationList([]);
    for (let i = 0; i <= 1000; i++) write(`${i}`, list);
    assert.deepEqual(await folder.read(), ["/crl/ has 1001 files, limit 1000"]);
    platform.files.delete("/crl/0");
    assert.deepEqual(await folder.read(), []);
    write("1", "x".repeat(16 * 1024 * 1024 + 1));
    assert.deepEqual(await folder.read(), ["cannot read /crl/1: it is 16777217 bytes long, limit 16777216"]);
  });
});
