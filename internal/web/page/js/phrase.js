// Words as people write them for the live posts: `go chat` (both, in any order),
// `"right now"` (in this order), `#tag`, `-without`, `lang:en`. The server decides
// what comes; this finds what is to be marked in it, and what somebody's own
// filter lets through. The same rules, but for details of the server's tokens.

import { fold, foldWithPlaces } from "./fold.js";

const WORD = "[\\p{L}\\p{M}\\p{N}_]";
/** Scripts that write no spaces: a word may begin and end anywhere. */
const DENSE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const isWord = new RegExp(WORD, "u");

/** One phrase → {written, exclude, lang, terms}, or undefined for a blank one. A
 *  phrase with lang has no terms. */
export function parsePhrase(typed) {
  const written = typed.normalize("NFC").trim().replace(/[“”„«»]/g, '"').replace(/\s+/g, " ");
  const lang = /^(?:lang|language):\s*([a-z]{2,3})(?:-[a-z0-9-]+)?$/i.exec(written)?.[1].toLowerCase();
  if (lang) return { written: `lang:${lang}`, exclude: false, lang, terms: [] };
  const exclude = /^[-−–]\S/u.test(written);
  const body = exclude ? written.slice(1) : written;
  const terms = termsOf(body);
  if (terms.length === 0) return undefined;
  return { written: (exclude ? "-" : "") + body, exclude, lang: undefined, terms };
}

function termsOf(body) {
  const found = [...body.matchAll(/"([^"]*)"?|[^\s"]+/g)];
  return found.map(({ 0: all, 1: quoted }) => termOf(quoted ?? all)).filter(Boolean);
}

/** One term: {tag, pattern}, where pattern is global and runs on folded text. */
function termOf(text) {
  const tag = /^#\S/.test(text);
  const folded = fold(text, { marks: !tag }).trim();
  if (folded === "" || folded === '"') return undefined;
  const words = folded.split(/\s+/).map((word) => word.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
  const body = words.join(`(?:(?!${WORD}).)+`);
  const first = [...folded][0];
  const last = [...folded].at(-1);
  const before = tag || isSpaced(first) ? `(?<!${WORD})` : "";
  const after = isSpaced(last) ? `(?!${WORD})` : "";
  return { tag, pattern: new RegExp(before + body + after, "gsu") };
}

const isSpaced = (char) => isWord.test(char) && !DENSE.test(char);

/** Words as one line, as they stand in an address: go,"right now",-spam. */
export const joinWords = (words) => words.map((word) => word.replaceAll(",", " ")).join(",");

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
    if (!this.#forms.has(tag)) this.#forms.set(tag, foldWithPlaces(this.#text, { marks: !tag }));
    return this.#forms.get(tag);
  }

  /** Whether every term of the phrase is there. */
  has({ terms }) {
    return terms.every(({ tag, pattern }) => this.#form(tag).text.search(pattern) >= 0);
  }

  /** Where the phrase's terms stand: [[from, to]] in the original text. */
  find({ terms }) {
    return terms.flatMap(({ tag, pattern }) => {
      const { text, from, to } = this.#form(tag);
      return [...text.matchAll(pattern)].map(({ 0: hit, index }) => [from[index], to[index + hit.length - 1]]);
    });
  }
}

/** text cut where what the phrases find begins and ends: [{text, hit}]; the texts
 *  joined are the input again. */
export function cutAtHits(text, phrases) {
  const hay = new Haystack(text);
  const places = phrases.flatMap((phrase) => (phrase.exclude ? [] : hay.find(phrase))).sort((a, b) => a[0] - b[0]);
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
