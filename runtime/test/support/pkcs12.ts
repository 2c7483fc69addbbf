import * as pkijs from "pkijs";

/** Fewer rounds than anyone should use for a real key: tests do not wait for them. */
const rounds = 1000;

const bagIds = { key: "1.2.840.113549.1.12.10.1.2", certificate: "1.2.840.113549.1.12.10.1.3" } as const;

/** A PKCS#12 file (RFC 7292) of one key and its certificates, under AES-256 and SHA-256, which OpenSSL 3 reads. */
export async function encodePkcs12(
  key: Uint8Array,
  certificates: readonly Uint8Array[],
  passphrase: string,
): Promise<Uint8Array> {
  const password = Uint8Array.from(Buffer.from(passphrase)).buffer;
  const protection = {
    password,
    contentEncryptionAlgorithm: { name: "AES-CBC", length: 256 },
    hmacHashAlgorithm: "SHA-256",
    iterationCount: rounds,
  };
  const keyBag = new pkijs.PKCS8ShroudedKeyBag({ parsedValue: pkijs.PrivateKeyInfo.fromBER(Uint8Array.from(key)) });
  await keyBag.makeInternalValues(protection as Parameters<typeof keyBag.makeInternalValues>[0]);
  const bags = certificates.map((der) => {
    const parsedValue = pkijs.Certificate.fromBER(Uint8Array.from(der));
    return new pkijs.SafeBag({ bagId: bagIds.certificate, bagValue: new pkijs.CertBag({ parsedValue }) });
  });
  const keys = new pkijs.SafeContents({ safeBags: [new pkijs.SafeBag({ bagId: bagIds.key, bagValue: keyBag })] });
  const authenticatedSafe = new pkijs.AuthenticatedSafe({
    parsedValue: {
      safeContents: [
        { privacyMode: 0, value: keys },
        { privacyMode: 1, value: new pkijs.SafeContents({ safeBags: bags }) },
      ],
    },
  });
  await authenticatedSafe.makeInternalValues({ safeContents: [{}, protection] });
  const file = new pkijs.PFX({ parsedValue: { integrityMode: 0, authenticatedSafe } });
  await file.makeInternalValues({
    password,
    iterations: rounds,
    pbkdf2HashAlgorithm: { name: "SHA-256" },
    hmacHashAlgorithm: "SHA-256",
  });
  return new Uint8Array(file.toSchema().toBER());
}
