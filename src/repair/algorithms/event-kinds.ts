/** Numbers of the kernel's event kinds that foreign algorithms use, 170-179, all of class timer; and what their operands say. */
export const ALGORITHM_EVENT = {
  /** a = plan entry, b = node. */
  tick: 170,
  /** a = exchange, b = what, which of those asked, and what number of question (`packed`). */
  step: 171,
  /** a = exchange, b = the number of the question that has waited for too long. */
  timedOut: 172,
  /** a = build. */
  built: 173,
  /** a = what a replica is to write. */
  writesArrive: 174,
  /** a = plan entry: no exchange begins any more. */
  stopped: 175,
  /** a = plan entry: all that it does ends. */
  ended: 176,
} as const;

export const STEP = {
  lockAsked: 0,
  lockAnswered: 1,
  updateAsked: 2,
  updatedThere: 3,
  updated: 4,
  updatedHere: 5,
  levelAsked: 6,
  levelArrives: 7,
  goOn: 8,
  keysAsked: 9,
  keysReadThere: 10,
  keysArrive: 11,
  keysReadHere: 12,
  contentAsked: 13,
  contentReadThere: 14,
  contentArrives: 15,
  nextKey: 16,
  contentReadHere: 17,
} as const;

/** Steps at the node that an exchange is with; `contentAsked` and `contentReadThere` are at whoever is asked, others at who began. */
const AT_REMOTE: ReadonlySet<number> = new Set([
  STEP.lockAsked,
  STEP.updateAsked,
  STEP.updated,
  STEP.levelAsked,
  STEP.keysAsked,
  STEP.keysReadThere,
]);

/** At which node a step is taken. */
export function nodeOfStep(
  { local, remote, asked }: { local: number; remote: number; asked: readonly number[] },
  { code, place }: { code: number; place: number },
): number {
  if (AT_REMOTE.has(code)) return remote;
  return code === STEP.contentAsked || code === STEP.contentReadThere ? asked[place] : local;
}

const CODES = 32;
const PLACES = 64;
const SERIALS = 1_000_000;

export function packed(code: number, place: number, serial: number): number {
  return code + CODES * (place + PLACES * (serial % SERIALS));
}

export function unpacked(word: number): { code: number; place: number; serial: number } {
  const rest = Math.floor(word / CODES);
  return { code: word % CODES, place: rest % PLACES, serial: Math.floor(rest / PLACES) };
}

/** Is the number of a question that of the last one? */
export function isLast(serial: number, last: number): boolean {
  return serial === last % SERIALS;
}
