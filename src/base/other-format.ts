/** What is said of a file of another format than this version reads: one advice for all kinds of files. */
import type { Mistake } from './mistake.ts';

export interface OtherFormat {
  /** `a plan`, `a golden`. */
  what: string;
  /** As it stands in the file. */
  format: unknown;
  known: number;
  /** How one of an older format is renewed. */
  renew: string;
}

/** A file of a newer format is in order: it is never to be thrown away. */
export function otherFormat({
  what,
  format,
  known,
  renew,
}: OtherFormat): Required<Pick<Mistake, 'message' | 'expected'>> & { notes: string[] } {
  const number = typeof format === 'string' && /^\d{1,9}$/.test(format) ? Number(format) : format;
  const isNewer = typeof number === 'number' && number > known;
  return {
    message: `${what} of format ${String(format)}`,
    expected: `format ${known}, which this version reads`,
    notes: [isNewer ? 'a newer Reconverge wrote it: use that one; the file is in order' : renew],
  };
}
