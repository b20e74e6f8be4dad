/** The page's one core, and a hook that asks it: what it is at, how far, what it said. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { CoreClient } from './core-client.ts';
import type { CoreOutcome } from './core-client.ts';
import type { Ask, CoreAnswers, CoreRequest } from './requests.ts';

export const core = new CoreClient();

export type AskState<Wanted extends Ask> =
  | { kind: 'idle' }
  | { kind: 'running'; share: number }
  | { kind: 'answer'; answer: CoreAnswers[Wanted] }
  | { kind: 'refused' | 'failed'; reason: string }
  | { kind: 'cancelled' };

/** Asks one kind of question; a newer question, of this kind or another, ends an older one. */
export function useCore<Wanted extends Ask>(): [
  AskState<Wanted>,
  (request: Extract<CoreRequest, { ask: Wanted }>) => Promise<CoreOutcome<CoreAnswers[Wanted]>>,
] {
  const [state, setState] = useState<AskState<Wanted>>({ kind: 'idle' });
  const asked = useRef(0);
  const isGone = useRef(false);
  useEffect(() => () => void (isGone.current = true), []);
  const ask = async (request: Extract<CoreRequest, { ask: Wanted }>): Promise<CoreOutcome<CoreAnswers[Wanted]>> => {
    const own = (asked.current += 1);
    const isStale = (): boolean => own !== asked.current || isGone.current;
    setState({ kind: 'running', share: 0 });
    const outcome = await core.ask<Wanted>(request, (share) => {
      if (!isStale()) setState({ kind: 'running', share });
    });
    if (!isStale()) setState(outcome);
    return outcome;
  };
  return [state, ask];
}
