import { tlsServer } from "godwit";
import { selfSigned } from "../../support/certificates.js";
import { runPlainServer } from "../plain-server.js";

const { certificate, key } = selfSigned();
await runPlainServer(tlsServer({ certificate, key }));
