// The conformance server, one for each test file.
import { after } from "node:test";
import { binary, Program } from "./program.mjs";

/** Starts the server with a face, on any free port, and waits until it listens. */
export async function startServer(face = "conformance") {
  const bin = binary("CONFORMANCE_BIN", "./test/conformance");
  const program = new Program(bin, ["-face", face, "-port", "0"], { CONFORMANCE_PORT: "0" });
  const [, ready] = await program.line(/^CONFORMANCE_READY (\{.*\})$/m);
  const servers = JSON.parse(ready);
  const url = servers.main;
  return {
    url,
    servers,
    port: Number(new URL(url).port),
    program,
    stop: () => program.stop(),
    stats: async () => (await fetch(`${url}/conformance/stats`)).json(),
  };
}

/** One server for all tests of the calling file; the manners of its end are checked after the last. */
export async function serverForFile(face) {
  const server = await startServer(face);
  after(() => server.stop());
  return server;
}
