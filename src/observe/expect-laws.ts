/**
 * Named laws: equations that hold in every run, whatever happened. They are assertions of the program too; as
 * expectations they let a scenario show them. Sums are exact (integers, and bits in steps of 2^-20).
 */
import type { Measured } from './expect-final.ts';

export interface LawFinding {
  holds: boolean;
  /** NaN-free account of both sides. */
  detail: string;
  /** False where the run has nothing to which the law applies. */
  applies: boolean;
}

type Law = (result: Measured) => LawFinding;

const LAWS: ReadonlyMap<string, Law> = new Map([
  ['born = healed + left', bornLaw],
  ['hints enqueued = delivered + expired + lost + pending', hintsLaw],
  ['causes = total', (result) => sumLaw('causes', causeCopies(result), result.final.divergent_copies)],
  ['states = total', (result) => sumLaw('states', copies(result.final.by_state), result.final.divergent_copies)],
  ['nodes = total', (result) => sumLaw('nodes', copies(result.final.by_node), result.final.divergent_copies)],
  ['origins = total', (result) => sumLaw('origins', copies(result.final.by_origin), result.final.divergent_copies)],
  ['entropy by cause = entropy', entropyLaw],
]);

export function lawNames(): string[] {
  return [...LAWS.keys()];
}

/** Null for a name that is no law. */
export function judgeLaw(name: string, result: Measured): LawFinding | null {
  return LAWS.get(name)?.(result) ?? null;
}

function bornLaw(result: Measured): LawFinding {
  let born = 0;
  let ended = 0;
  for (const [cause, ledger] of Object.entries(result.final.by_cause)) {
    const healedBy = Object.values(ledger.healed_by).reduce((total, count) => total + count, 0);
    if (ledger.born !== ledger.healed + ledger.left || healedBy !== ledger.healed) {
      const detail = `${cause}: born ${ledger.born}, healed ${ledger.healed} (by healer ${healedBy}), left ${ledger.left}`;
      return { holds: false, applies: true, detail };
    }
    born += ledger.born;
    ended += ledger.healed + ledger.left;
  }
  return { holds: true, applies: true, detail: `born ${born} = healed + left ${ended}` };
}

function hintsLaw(result: Measured): LawFinding {
  const { hints } = result;
  const enqueued = hints['enqueued'];
  if (enqueued === undefined) return { holds: false, applies: false, detail: 'the run counted no hints' };
  const parts = ['delivered', 'expired', 'lost', 'pending'] as const;
  const total = parts.reduce((sum, part) => sum + (hints[part] ?? 0), 0);
  // A file that is sent from its start again brings some of its hints a second time (cassandra.e13).
  const repeated = hints['repeated'] ?? 0;
  const account = parts.map((part) => `${part} ${hints[part] ?? 0}`).join(', ');
  const again = repeated === 0 ? '' : ` and ${repeated} again`;
  return { holds: enqueued + repeated === total, applies: true, detail: `enqueued ${enqueued}${again}: ${account}` };
}

function entropyLaw(result: Measured): LawFinding {
  const total = Object.values(result.final.by_cause).reduce((sum, ledger) => sum + ledger.bits, 0);
  return sumLaw('bits by cause', total, result.final.entropy_bits);
}

function sumLaw(what: string, sum: number, total: number): LawFinding {
  return { holds: sum === total, applies: true, detail: `${what} sum to ${sum}, the total is ${total}` };
}

function causeCopies(result: Measured): number {
  return Object.values(result.final.by_cause).reduce((sum, ledger) => sum + ledger.copies, 0);
}

function copies(parts: Readonly<Record<string, { copies: number }>>): number {
  return Object.values(parts).reduce((sum, part) => sum + part.copies, 0);
}
