/** What happened around the moment: events of the time line, each a way there. */
import { useMemo } from 'preact/hooks';
import type { TimelineEvent } from '../../observe/result.ts';
import { wordsOf } from '../../studies/record-text.ts';
import type { History } from './history.ts';

const AROUND = 7;
/** Too fine to be told one by one: what they are about is drawn. */
const FINE: ReadonlySet<string> = new Set([
  ...[
    'hintsFlushed',
    'hintFileClosed',
    'hintsDelivered',
    'rangeDiffered',
    'treesVisited',
    'batchStored',
    'batchRemoved',
  ],
  ...['partTroubled', 'runsMarked', 'readStarted', 'readShown', 'readAnswered', 'omitted'],
]);

interface EventsProps {
  history: History;
  micros: number;
  onGo: (micros: number) => void;
}

export function Events({ history, micros, onGo }: EventsProps) {
  const timeline = useMemo(() => toldOnce(history.page.timeline.filter(({ name }) => !FINE.has(name))), [history]);
  const next = firstAfter(timeline, micros);
  const shown = timeline.slice(Math.max(0, next - AROUND), next + AROUND);
  return (
    <section class="card events" aria-label="What happens around the moment">
      <h2>Around this moment</h2>
      <ol>
        {shown.map(({ event, times }, index) => (
          <li key={`${event.at_micros} ${index}`} class={event.at_micros <= micros ? 'past' : 'ahead'}>
            <button type="button" class="link" onClick={() => onGo(event.at_micros)}>
              {history.clock.moment(Math.floor(event.at_micros / 1e6) * 1e6)}
            </button>{' '}
            {eventText(event)}
            {times > 1 && ` × ${times}`}
          </li>
        ))}
      </ol>
      {shown.length === 0 && <p class="note">Nothing is told of this run but its writes.</p>}
    </section>
  );
}

export function eventText({ name, node, entry, detail }: TimelineEvent): string {
  const parts = [`${node === null ? '' : `${node}: `}${wordsOf(name)}`];
  if (detail !== '') parts.push(detail);
  if (entry !== null) parts.push(`(${entry})`);
  return parts.join(' ');
}

interface Told {
  event: TimelineEvent;
  /** So many of them, one after the other within a second; `event` is the first. */
  times: number;
}

function toldOnce(timeline: readonly TimelineEvent[]): Told[] {
  const told: Told[] = [];
  for (const event of timeline) {
    const last = told[told.length - 1];
    if (last !== undefined && secondOf(last.event) === secondOf(event) && eventText(last.event) === eventText(event))
      last.times += 1;
    else told.push({ event, times: 1 });
  }
  return told;
}

function secondOf({ at_micros: at }: TimelineEvent): number {
  return Math.floor(at / 1e6);
}

function firstAfter(timeline: readonly Told[], micros: number): number {
  let [low, high] = [0, timeline.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeline[middle].event.at_micros <= micros) low = middle + 1;
    else high = middle;
  }
  return low;
}
