/** A component that looks at a store is drawn again when what it picked has changed. */
import { useEffect, useState } from 'preact/hooks';
import type { Store } from '../view-state.ts';

export function useStore<State extends object, Picked>(store: Store<State>, pick: (state: State) => Picked): Picked {
  const [picked, setPicked] = useState(() => pick(store.get()));
  useEffect(() => {
    const look = (): void => setPicked(() => pick(store.get()));
    look();
    return store.subscribe(look);
  }, [store]);
  return picked;
}
