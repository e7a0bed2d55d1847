import { type Api, Refused } from "./api";

/** What a passkey signed, or what was made of a new one: as JSON, for the hub alone to read. */
export type Credential = unknown;

const NUMBER = /^[\d.]+$|:/;

/** Whether this browser knows passkeys at this address: browsers do where the host has a name. */
export function hasPasskeys(host = location.hostname): boolean {
  return "PublicKeyCredential" in window && "parseRequestOptionsFromJSON" in PublicKeyCredential && !NUMBER.test(host);
}

/** Lets one of the visitor's passkeys sign for this browser. Throws Refused. */
export async function signedByPasskey(api: Api): Promise<Credential> {
  const options = await api.post<PublicKeyCredentialRequestOptionsJSON>("/sessions/passkey/challenge");
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return asked(() => navigator.credentials.get({ publicKey }));
}

/** Makes a passkey as the hub wants it. Throws Refused. */
export async function madePasskey(options: PublicKeyCredentialCreationOptionsJSON): Promise<Credential> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return asked(() => navigator.credentials.create({ publicKey }));
}

async function asked(ask: () => Promise<globalThis.Credential | null>): Promise<Credential> {
  try {
    const credential = await ask();
    if (credential instanceof PublicKeyCredential) return credential.toJSON() as Credential;
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    // The authenticator holds one of this account already (WebAuthn 3, 5.1.3).
    if (error.name === "InvalidStateError") throw new Refused(0, "passkey-exists", error.message);
  }
  throw new Refused(0, "passkey-not-used", "");
}
