/**
 * The page's side of the core: one worker, made when it is first needed, one order at a time. A run in a worker hears nothing
 * until it is over, so cancelling ends the worker, and the next order starts another one.
 */
import { coreAddress } from './core-address.ts';
import type { Ask, CoreAnswers, CoreMessage, CoreOrder, CoreRequest } from './requests.ts';

export type CoreOutcome<Answer> =
  { kind: 'answer'; answer: Answer } | { kind: 'refused' | 'failed'; reason: string } | { kind: 'cancelled' };

interface Pending {
  id: number;
  onShare: (share: number) => void;
  resolve: (outcome: CoreOutcome<unknown>) => void;
}

export class CoreClient {
  #worker: Worker | null = null;
  #pending: Pending | null = null;
  #orders = 0;

  /** What was asked for before and is not answered yet is cancelled. */
  ask<Wanted extends Ask>(
    request: Extract<CoreRequest, { ask: Wanted }>,
    onShare: (share: number) => void = () => undefined,
  ): Promise<CoreOutcome<CoreAnswers[Wanted]>> {
    this.cancel();
    const id = (this.#orders += 1);
    const outcome = new Promise<CoreOutcome<CoreAnswers[Wanted]>>((resolve) => {
      this.#pending = { id, onShare, resolve: resolve as Pending['resolve'] };
    });
    void this.#send({ id, request });
    return outcome;
  }

  async #send(order: CoreOrder): Promise<void> {
    try {
      const address = await coreAddress();
      // Unpacking takes a moment, in which the order may have been cancelled.
      if (this.#pending?.id !== order.id) return;
      this.#worker ??= this.#start(address);
      this.#worker.postMessage(order);
    } catch (error) {
      if (this.#pending?.id !== order.id) return;
      this.#settle({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
    }
  }

  cancel(): void {
    if (this.#pending === null) return;
    this.#worker?.terminate();
    this.#worker = null;
    this.#settle({ kind: 'cancelled' });
  }

  #start(address: string): Worker {
    const worker = new Worker(address);
    worker.onmessage = ({ data }: MessageEvent<CoreMessage>) => this.#hear(data);
    worker.onerror = (event) => {
      this.#worker = null;
      this.#settle({ kind: 'failed', reason: event.message || 'the worker could not be started' });
    };
    return worker;
  }

  #hear(message: CoreMessage): void {
    if (message.id !== this.#pending?.id) return;
    if (message.kind === 'progress') this.#pending.onShare(message.share);
    else if (message.kind === 'answer') this.#settle({ kind: 'answer', answer: message.answer });
    else this.#settle({ kind: message.kind, reason: message.reason });
  }

  #settle(outcome: CoreOutcome<unknown>): void {
    const pending = this.#pending;
    this.#pending = null;
    pending?.resolve(outcome);
  }
}
