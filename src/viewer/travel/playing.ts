/** Virtual time runs while the section plays: so many virtual seconds a second, a step with every picture of the screen. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ViewState, ViewStore } from '../view-state.ts';

export const SPEEDS: readonly number[] = [1, 10, 60, 120, 300, 600, 1800, 3600, 14_400, 86_400];

/** The moment that is looked at; the beginning where none is chosen. */
export function momentOf({ momentMicros }: ViewState): number {
  return momentMicros ?? 0;
}

export function useAnimation(
  view: ViewStore,
  endMicros: number,
  speed: number,
): [isPlaying: boolean, set: (plays: boolean) => void] {
  const [isPlaying, setIsPlaying] = useState(false);
  useEffect(() => {
    if (!isPlaying) return undefined;
    let last: number | null = null;
    let frame = 0;
    const step = (now: number): void => {
      const micros = momentOf(view.get());
      const next = micros + (last === null ? 0 : (now - last) * 1000 * speed);
      last = now;
      view.set({ momentMicros: Math.min(endMicros, Math.round(next)) });
      if (next >= endMicros) setIsPlaying(false);
      else frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
    return () => cancelAnimationFrame(frame);
  }, [isPlaying, speed, view, endMicros]);
  const play = (plays: boolean): void => {
    if (plays && momentOf(view.get()) >= endMicros) view.set({ momentMicros: 0 });
    setIsPlaying(plays);
  };
  return [isPlaying, play];
}

const CALM_MILLIS = 120;

/** The moment, changing a few times a second at most: for what is too much to draw, or to read, with every picture. */
export function useCalm(micros: number): number {
  const [calm, setCalm] = useState(micros);
  const latest = useRef(micros);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  latest.current = micros;
  useEffect(() => {
    if (timer.current !== null) return;
    const follow = (): void => {
      timer.current = null;
      setCalm((shown) => {
        if (shown !== latest.current) timer.current = setTimeout(follow, CALM_MILLIS);
        return latest.current;
      });
    };
    follow();
  }, [micros]);
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
    },
    [],
  );
  return calm;
}
