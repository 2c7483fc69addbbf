/** Every limit of this room, in one place. HTTP/2 has bounded the header block as a whole before it comes here. */

/** Bytes of a `grpc-message` that we send. Clients may refuse trailers above 8 KiB (PROTOCOL-HTTP2, Responses): half of that is left to details and metadata. */
export const maxStatusMessageBytes = 4096;

/** Key-value pairs of one block, once comma-joined values of `-bin` keys are taken apart. Twice the 128 fields that HTTP/2 lets in: a comma may not cost more memory than a field. */
export const maxMetadataEntries = 256;

/** Names taken from `grpc-accept-encoding`; what comes behind them is not looked at. There are fewer encodings than that. */
export const maxAcceptEncodings = 16;

/** Characters of a peer's text that an error sentence repeats. */
export const maxQuotedCharacters = 64;
