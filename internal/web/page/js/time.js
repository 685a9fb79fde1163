// Times in the reader's language and zone, by Intl; and what follows from them:
// day separators and groups.

/** Messages of one person within this time of each other form a group. */
const GROUP_WITHIN = 5 * 60 * 1000;

const has12Hours = new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions().hour12;
const clock = new Intl.DateTimeFormat(undefined, { hour: has12Hours ? "numeric" : "2-digit", minute: "2-digit" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const thisYear = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const otherYear = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

export const clockTime = (ms) => clock.format(ms);
/** The same in pieces: [{type: "hour" | "literal" | "minute" | "dayPeriod", value}]. */
export const clockParts = (ms) => clock.formatToParts(ms);
export const exactTime = (ms) => exact.format(ms);
export const machineTime = (ms) => new Date(ms).toISOString();

/** A number that is the same for all moments of one local day and grows by 1
 *  with each day. */
export function dayNumber(ms) {
  const d = new Date(ms);
  return Math.round(Date.UTC(d.getFullYear(), d.getMonth(), d.getDate()) / 86_400_000);
}

/** "today", "yesterday", or the date, as this day's name on its separator. */
export function dayName(ms, now = Date.now()) {
  const ago = dayNumber(now) - dayNumber(ms);
  if (ago === 0 || ago === 1) {
    const word = relative.format(-ago, "day");
    return word.charAt(0).toLocaleUpperCase() + word.slice(1);
  }
  const sameYear = new Date(ms).getFullYear() === new Date(now).getFullYear();
  return (sameYear ? thisYear : otherYear).format(ms);
}

/** Whether two messages, one after the other, belong under one name. */
export function sameGroup(before, after) {
  return (
    before !== undefined &&
    before.person === after.person &&
    before.nick === after.nick &&
    after.at - before.at < GROUP_WITHIN &&
    dayNumber(before.at) === dayNumber(after.at)
  );
}
