// What counts in a text: its length as people count it, and a room's name as
// it is written in an address.

/** Characters (code points), as the server counts them. */
export const lengthOf = (text) => [...text].length;

/** What would be sent: without blank lines around, inner ones kept. */
export const trimmed = (text) => text.replace(/\r\n?/g, "\n").replace(/^\s*\n|\s+$/g, "");

export const LOBBY = "lobby";

/** The room that an address names. */
export function roomOf(pathname) {
  const match = /^\/r\/([^/]+)\/?$/.exec(pathname);
  if (!match) return LOBBY;
  try {
    return decodeURIComponent(match[1]);
  } catch {
    return LOBBY;
  }
}

export const pathOf = (room) => (room === LOBBY ? "/" : "/r/" + encodeURIComponent(room));

/** What somebody typed as a room's name, in the form that names have: spaces
 *  become hyphens. Whether the name is good the server says. */
export const roomName = (typed) => typed.normalize("NFC").trim().replace(/^#|^\/?r\//, "").replace(/\s+/g, "-");
