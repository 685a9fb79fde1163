// Finds links in plain text. The result is data, never markup: the view makes a
// text node of each part and an <a> of those that have an href.

const CANDIDATE = /(?:https?:\/\/|mailto:|www\.)[^\s<>"'`\u0000-\u001f]+|[a-z0-9._%+-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+/giu;
const SAFE = new Set(["http:", "https:", "mailto:"]);
const PAIRS = { ")": "(", "]": "[", "}": "{", "»": "«", "”": "“", "’": "‘" };

/** text → [{text} | {text, href}]; the texts joined are the input again. */
export function linkify(text) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    if (isInsideWord(text, match)) continue;
    const shown = trimEnd(match[0]);
    const href = hrefOf(shown);
    if (!href) continue;
    if (match.index > from) parts.push({ text: text.slice(from, match.index) });
    parts.push({ text: shown, href });
    from = match.index + shown.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

/** A bare mail address must not be the tail of anything; a web address only not
 *  of a word. */
function isInsideWord(text, { 0: match, index }) {
  if (index === 0) return false;
  const glue = /^(?:https?:|mailto:|www\.)/i.test(match) ? /[\p{L}\p{N}_@]/u : /[\p{L}\p{N}_@/.-]/u;
  return glue.test(text[index - 1]);
}

/** Takes off the sentence's own punctuation, and closing brackets that were not
 *  opened within the link. */
function trimEnd(link) {
  for (;;) {
    const end = link.at(-1);
    const opener = PAIRS[end];
    const stray = opener && count(link, end) > count(link, opener);
    if (!stray && !/[.,;:!?…*_~]/u.test(end ?? " ")) return link;
    link = link.slice(0, -1);
    if (link === "") return link;
  }
}

function count(text, char) {
  return text.split(char).length - 1;
}

function hrefOf(shown) {
  const hasScheme = /^(?:https?:\/\/|mailto:)/i.test(shown);
  const isMail = !hasScheme && shown.includes("@") && !/^www\./i.test(shown);
  const full = hasScheme ? shown : (isMail ? "mailto:" : "https://") + shown;
  let url;
  try {
    url = new URL(full);
  } catch {
    return undefined;
  }
  if (!SAFE.has(url.protocol)) return undefined;
  if (url.protocol === "mailto:") return url.pathname.includes("@") ? url.href : undefined;
  // A user name in a web address is only ever used to deceive.
  if (url.username || url.password || !url.hostname.includes(".") && url.hostname !== "localhost") return undefined;
  return url.href;
}
