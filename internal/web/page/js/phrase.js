// Words as people write them for the live posts: `go chat` (both, in any order),
// `"right now"` (exactly), `#tag`, `-without`, `lang:en`. The server decides
// what comes; this finds what is to be marked in it, and what somebody's own
// filter lets through. The same rules, but for details of the server's tokens.

import { fold, foldWithPlaces } from "./fold.js";

const WORD = "[\\p{L}\\p{M}\\p{N}_]";
/** Scripts that write no spaces: a word may begin and end anywhere. */
const DENSE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const isWord = new RegExp(WORD, "u");

/** One phrase → {written, exclude, lang, terms}, or undefined for a blank one.
 *  exclude: it only says what is not wanted. A phrase with lang has no terms. */
export function parsePhrase(typed) {
  const written = typed.normalize("NFC").trim().replace(/[“”„«»]/g, '"').replace(/[−–](?=\S)/g, "-").replace(/\s+/g, " ");
  const lang = /^(?:lang|language):\s*([a-z]{2,3})(?:-[a-z0-9-]+)?$/i.exec(written)?.[1].toLowerCase();
  if (lang) return { written: `lang:${lang}`, exclude: false, lang, terms: [] };
  const found = [...written.matchAll(/(-*)(?:"([^"]*)"?|([^\s,;、"]+))/g)];
  const terms = found.map(([, not, exact, bare]) => termOf(exact ?? bare, not !== "", exact !== undefined)).filter(Boolean);
  if (terms.length === 0) return undefined;
  return { written, exclude: terms.every((term) => term.not), lang: undefined, terms };
}

/** One term: {not, tag, pattern}, where pattern is global and runs on folded text. */
function termOf(text, not, exact) {
  const tag = !exact && /^#./u.test(text);
  const folded = fold(text, { accents: !tag }).trim();
  if (!/[^\s"-]/u.test(folded)) return undefined;
  const words = folded.split(/\s+/).map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  const [first] = folded;
  const last = [...folded].at(-1);
  const before = /^[#@$]/.test(folded) || isSpaced(first) ? `(?<!${WORD})` : "";
  const after = isSpaced(last) ? `(?!${WORD})` : "";
  return { not, tag, pattern: new RegExp(before + words.join("\\s+") + after, "gu") };
}

const isSpaced = (char) => isWord.test(char) && !DENSE.test(char);

/** Words as one line, as they stand in an address: go,"right now",-spam. */
export const joinWords = (words) => words.join(",");

/** The line → the words, each once, blank ones left out. */
export function splitWords(line) {
  const pieces = line.match(/(?:"[^"]*"|[^,"]|")+/g) ?? [];
  return [...new Set(pieces.map((piece) => parsePhrase(piece)?.written).filter(Boolean))];
}

/** A text prepared for several phrases to be looked for in it. */
export class Haystack {
  #forms = new Map();
  #text;

  constructor(text) {
    this.#text = text;
  }

  #form(tag) {
    if (!this.#forms.has(tag)) this.#forms.set(tag, foldWithPlaces(this.#text, { accents: !tag }));
    return this.#forms.get(tag);
  }

  #hasTerm({ tag, pattern }) {
    return this.#form(tag).text.search(pattern) >= 0;
  }

  /** Whether the phrase is there: all that it wants, and nothing that it does not. */
  has({ terms }) {
    return terms.every((term) => this.#hasTerm(term) !== term.not);
  }

  /** Whether there is anything that the phrase does not want. */
  hasUnwanted({ terms }) {
    return terms.some((term) => term.not && this.#hasTerm(term));
  }

  /** Where the phrase's terms stand: [[from, to]] in the original text. */
  find({ terms }) {
    return terms.flatMap(({ not, tag, pattern }) => {
      if (not) return [];
      const { text, from, to } = this.#form(tag);
      return [...text.matchAll(pattern)].map(({ 0: hit, index }) => [from[index], to[index + hit.length - 1]]);
    });
  }
}

/** text cut where what the phrases find begins and ends: [{text, hit}]; the texts
 *  joined are the input again. */
export function cutAtHits(text, phrases) {
  const hay = new Haystack(text);
  const places = phrases.flatMap((phrase) => hay.find(phrase)).sort((a, b) => a[0] - b[0]);
  const parts = [];
  let at = 0;
  for (const [from, to] of places) {
    if (to <= at) continue;
    const start = Math.max(from, at);
    if (start > at) parts.push({ text: text.slice(at, start), hit: false });
    parts.push({ text: text.slice(start, to), hit: true });
    at = to;
  }
  if (at < text.length) parts.push({ text: text.slice(at), hit: false });
  return parts;
}
