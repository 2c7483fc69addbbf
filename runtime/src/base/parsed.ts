/** What a parser returns: a value, or one clause that says what is wrong with its input. Parsers never throw. */
export type Parsed<T> = { readonly value: T } | { readonly error: string };
