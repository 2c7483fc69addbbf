/** Where a key is: PKCS#8 in PEM, a JWK, or a service account's JSON with `private_key`, as text or in a file. */
export type PrivateKeySource = string | { readonly file: string };
