import * as asn1 from "asn1js";
import * as pkijs from "pkijs";
import { extension, integer, type Signer, signed, timeOf } from "../../src/cli/dev-certs/x509.js";

const crlNumber = "2.5.29.20";

/** The DER of a list of what `signer` has revoked. */
export function encodeRevocationList(
  serials: readonly string[],
  thisUpdate: Date,
  nextUpdate: Date,
  signer: Signer,
): Uint8Array {
  const list = new pkijs.CertificateRevocationList({
    version: 1,
    issuer: signer.subject,
    thisUpdate: timeOf(thisUpdate),
    nextUpdate: timeOf(nextUpdate),
    crlExtensions: new pkijs.Extensions({ extensions: [extension(crlNumber, new asn1.Integer({ value: 1 }))] }),
  });
  // An empty list would be encoded as one: RFC 5280 §5.1.2.6 wants it left out.
  if (serials.length > 0) {
    list.revokedCertificates = serials.map(
      (serial) =>
        new pkijs.RevokedCertificate({
          userCertificate: integer(Buffer.from(serial, "hex")),
          revocationDate: timeOf(thisUpdate),
        }),
    );
  }
  return signed(list, signer.key);
}
