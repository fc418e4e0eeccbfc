/** The control API of the simulated platform. A refusal is thrown as an Error with its message. */

const BASE = "/_sim";

async function call(method, path, body) {
  const answer = await fetch(BASE + path, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.message);
  return content;
}

const person = (userId) => `/people/${encodeURIComponent(userId)}`;

export const addPerson = (profile) => call("POST", "/people", profile);
export const follow = (userId) => call("POST", `${person(userId)}/follow`);
export const block = (userId) => call("POST", `${person(userId)}/block`);
export const write = (userId, message) => call("POST", `${person(userId)}/messages`, message);
export const unsend = (userId, messageId) => call("POST", `${person(userId)}/messages/${messageId}/unsend`);
export const postback = (userId, values) => call("POST", `${person(userId)}/postback`, values);
export const conversation = async (userId) => (await call("GET", `${person(userId)}/conversation`)).entries;
export const request = (requestId) => call("GET", `/requests/${encodeURIComponent(requestId)}`);

/** The address of the picture, sound or film that a person sent. */
export const content = (messageId) => `${BASE}/contents/${encodeURIComponent(messageId)}`;
