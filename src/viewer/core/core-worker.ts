/** The worker in the page: the whole core, waiting for orders. It does one after another; who wants it to stop ends it. */
import { config } from 'zod';
import { answerOf, Refused } from './answer.ts';
import type { CoreMessage, CoreOrder } from './requests.ts';

// Its quick way would compile code from text, which the page's policy forbids.
config({ jitless: true });

const SHARE_STEP = 0.01;

onmessage = ({ data: { id, request } }: MessageEvent<CoreOrder>): void => {
  const post = (message: CoreMessage): void => postMessage(message);
  let told = 0;
  try {
    const answer = answerOf(request, (share) => {
      if (share - told < SHARE_STEP) return;
      told = share;
      post({ id, kind: 'progress', share });
    });
    post({ id, kind: 'answer', answer });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    post({ id, kind: error instanceof Refused ? 'refused' : 'failed', reason });
  }
};
