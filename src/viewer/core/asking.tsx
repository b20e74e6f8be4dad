/** How a question to the core stands: running with its share and a way to stop, refused, failed. Nothing when it is answered. */
import { core } from './core.ts';
import type { AskState } from './core.ts';
import type { Ask } from './requests.ts';

export function Asking({ state, what }: { state: AskState<Ask>; what: string }) {
  switch (state.kind) {
    case 'running':
      return (
        <p class="asking" role="status">
          <progress max={1} value={state.share} aria-label={what} />
          <span>{`${what}: ${Math.round(state.share * 100)} %`}</span>{' '}
          <button type="button" class="small" onClick={() => core.cancel()}>
            Stop
          </button>
        </p>
      );
    case 'refused':
      return (
        <p class="problem" role="alert">
          {state.reason}
        </p>
      );
    case 'failed':
      return (
        <p class="problem" role="alert">
          {`This did not work, a bug or too little memory: ${state.reason}`}
        </p>
      );
    case 'cancelled':
      return (
        <p class="note" role="status">
          Stopped.
        </p>
      );
    default:
      return null;
  }
}
