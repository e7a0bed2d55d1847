import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Api, Refused } from "../src/console/api";
import { hasPasskeys, signedByPasskey } from "../src/console/passkeys";

/** A browser that is made up: what it is asked is what it answers with. */
class PublicKeyCredential {
  static parseRequestOptionsFromJSON = (options: object): object => ({ ...options, parsed: true });
  toJSON = (): object => ({ id: "passkey" });
}

const api = { post: () => Promise.resolve({ challenge: "AAAA" }) } as unknown as Api;

function browser(get: () => Promise<unknown>): void {
  vi.stubGlobal("PublicKeyCredential", PublicKeyCredential);
  vi.stubGlobal("window", { PublicKeyCredential });
  vi.stubGlobal("navigator", { credentials: { get } });
}

describe("passkeys", () => {
  beforeEach(() => browser(() => Promise.resolve(new PublicKeyCredential())));
  afterEach(() => vi.unstubAllGlobals());

  test.each([
    ["hub.example", true],
    ["localhost", true],
    ["3com.example", true],
    ["127.0.0.1", false],
    ["[2001:db8::1]", false],
  ])("at %s: %s", (host, isThere) => {
    expect(hasPasskeys(host)).toBe(isThere);
  });

  test("are none in a browser that cannot read what the hub asks", () => {
    vi.stubGlobal("PublicKeyCredential", {});
    expect(hasPasskeys("hub.example")).toBe(false);
    vi.stubGlobal("window", {});
    expect(hasPasskeys("hub.example")).toBe(false);
  });

  test("sign what the hub asks for, and tell it as JSON", async () => {
    expect(await signedByPasskey(api)).toEqual({ id: "passkey" });
  });

  test.each([
    ["NotAllowedError", "passkey-not-used"],
    ["InvalidStateError", "passkey-exists"],
  ])("that are refused by %s say so in the visitor's language", async (name, slug) => {
    browser(() => Promise.reject(new DOMException("", name)));
    await expect(signedByPasskey(api)).rejects.toMatchObject({ slug });
    await expect(signedByPasskey(api)).rejects.toBeInstanceOf(Refused);
  });
});
