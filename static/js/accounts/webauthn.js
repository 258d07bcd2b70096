// Speaks WebAuthn: options from the server as JSON in, the browser's answer as JSON out.

export function isPossible() {
  return window.isSecureContext && typeof window.PublicKeyCredential === "function";
}

/** The options for one passkey ceremony; throws an Error whose text can be shown. */
export async function fetchOptions(address, token) {
  let answer;
  try {
    answer = await fetch(address, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRFToken": token },
      credentials: "same-origin",
    });
  } catch {
    throw new Error("There is no connection. Try again when you are online.");
  }
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.message || "That did not work. Load this page again.");
  return body.publicKey;
}

/** Let the device make a passkey; the answer as JSON text. */
export async function makePasskey(options) {
  const publicKey = {
    ...options,
    challenge: toBytes(options.challenge),
    user: { ...options.user, id: toBytes(options.user.id) },
    excludeCredentials: (options.excludeCredentials || []).map(withBytes),
  };
  return asText(await navigator.credentials.create({ publicKey }));
}

/** Let the person choose a passkey and sign with it; the answer as JSON text. */
export async function usePasskey(options) {
  const publicKey = {
    ...options,
    challenge: toBytes(options.challenge),
    allowCredentials: (options.allowCredentials || []).map(withBytes),
  };
  return asText(await navigator.credentials.get({ publicKey }));
}

function withBytes(credential) {
  return { ...credential, id: toBytes(credential.id) };
}

function asText(credential) {
  const from = credential.response;
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (from[name]) response[name] = toText(from[name]);
  }
  const id = toText(credential.rawId);
  return JSON.stringify({ id, rawId: id, type: credential.type, response, clientExtensionResults: {} });
}

// base64url by hand: the browsers' own JSON conversion is younger than many phones in use
function toBytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

function toText(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
