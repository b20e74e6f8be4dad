/** Which replicas of a session build their summary at the same time (cassandra.b9): values for a strategy's `asking`. */
import type { AskingOrder } from './strategy.ts';

export const allAtOnce: AskingOrder = {
  name: 'all_at_once',
  next: ({ replicas, isAsked }) => replicas.map((_node, index) => index).filter((index) => !isAsked(index)),
};

/** The next is asked when the answer of the one before has arrived. */
export const oneAtATime: AskingOrder = {
  name: 'one_at_a_time',
  next: ({ replicas, isAsked, isAnswered }) => {
    const next = replicas.findIndex((_node, index) => !isAsked(index));
    const isBusy = replicas.some((_node, index) => isAsked(index) && !isAnswered(index));
    return next < 0 || isBusy ? [] : [next];
  },
};

/** A chain in each data centre, as in `oneAtATime`; the chains do not wait for each other. */
export const oneChainPerDc: AskingOrder = {
  name: 'one_chain_per_dc',
  next: ({ replicas, dcOfReplica, isAsked, isAnswered }) => {
    const indices = replicas.map((_node, index) => index);
    const busy = new Set(indices.filter((index) => isAsked(index) && !isAnswered(index)).map((i) => dcOfReplica[i]));
    return indices.filter((index) => {
      if (isAsked(index) || busy.has(dcOfReplica[index])) return false;
      busy.add(dcOfReplica[index]);
      return true;
    });
  },
};
