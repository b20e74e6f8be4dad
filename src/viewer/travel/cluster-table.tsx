/** The cluster at the moment in words and numbers: for those who do not see the ring, and for those who want to read it. */
import { formatCount } from '../../base/human.ts';
import type { ViewState } from '../../observe/view/view-state.ts';
import type { History } from './history.ts';
import { JOB_WORDS, jobsOf, stateWords } from './node-words.ts';

interface ClusterTableProps {
  history: History;
  state: ViewState;
  micros: number;
  onSelect: (node: number) => void;
}

export function ClusterTable({ history, state, micros, onSelect }: ClusterTableProps) {
  const { plan } = history.page;
  return (
    <div class="scroll">
      <table class="cluster-table">
        <caption>{`The cluster at ${history.clock.moment(Math.floor(micros / 1e6) * 1e6)}`}</caption>
        <thead>
          <tr>
            <th scope="col">node</th>
            <th scope="col">is</th>
            <th scope="col" class="number">
              copies that differ
            </th>
            <th scope="col" class="number">
              hints for it
            </th>
            <th scope="col" class="number">
              hints it keeps
            </th>
            <th scope="col">does</th>
          </tr>
        </thead>
        <tbody>
          {state.nodes.map((node, index) => (
            <tr key={index}>
              <th scope="row">
                <button type="button" class="link" onClick={() => onSelect(index)}>
                  {plan.nodes[index].id}
                </button>{' '}
                <span class="note">{`${plan.nodes[index].dc} ${plan.nodes[index].rack}`}</span>
              </th>
              <td>{stateWords(node, history.names)}</td>
              <td class="number">{formatCount(history.divergentOf(index, micros))}</td>
              <td class="number">{formatCount(history.hintsFor(index, micros))}</td>
              <td class="number">{formatCount(history.hintsAt(index, micros))}</td>
              <td>
                {jobsOf(node)
                  .map(({ kind }) => JOB_WORDS[kind].long)
                  .join(', ') || '–'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Links that are cut, lose messages or are slow now. */
export function LinkTroubles({ history, state }: Pick<ClusterTableProps, 'history' | 'state'>) {
  const links = Object.entries(state.links);
  if (links.length === 0) return null;
  const name = (node: string): string => history.names.nodes[Number(node)] ?? node;
  const cut = links.filter(([, link]) => link.cut > 0).map(([key]) => key);
  const lossy = links.filter(([, link]) => link.lossy > 0).map(([key]) => key);
  const slow = links.filter(([, link]) => link.slow > 0).map(([key]) => key);
  const shown = (keys: readonly string[]): string => {
    const words = keys.slice(0, 6).map((key) => key.split('>').map(name).join(' → '));
    return `${words.join(', ')}${keys.length > words.length ? ` and ${keys.length - words.length} more` : ''}`;
  };
  return (
    <ul class="troubles" aria-label="Links in trouble">
      {cut.length > 0 && <li class="cut">✕ cut: {shown(cut)}</li>}
      {lossy.length > 0 && <li>lossy: {shown(lossy)}</li>}
      {slow.length > 0 && <li>slow: {shown(slow)}</li>}
    </ul>
  );
}

/** Shards and who owns them: of a database of points, those that have begun. */
export function Shards({ history, state, micros }: Omit<ClusterTableProps, 'onSelect'>) {
  const { plan } = history.page;
  const begun = plan.tables
    .filter(({ shard }) => shard !== undefined && shard.from_micros <= micros)
    .slice(-SHARDS_MAX);
  if (begun.length === 0) return null;
  const numbers = new Map(plan.nodes.map(({ id }, index) => [id, index]));
  return (
    <section class="card" aria-label="Shards and their owners">
      <h2>Shards and their owners</h2>
      <ul class="shards">
        {begun.map(({ id, shard, owners = [] }) => (
          <li key={id} class={shard !== undefined && micros < shard.until_micros ? 'hot' : ''}>
            <b>{`shard ${shard?.number ?? id}`}</b>
            <span class="note">{shard?.policy}</span>
            {owners.map((owner) => {
              const node = numbers.get(owner) ?? 0;
              const own = state.nodes[node];
              const differ = history.divergentOf(node, micros);
              return (
                <span key={owner} class={`owner ${own.state}`} title={`${owner}: ${stateWords(own, history.names)}`}>
                  {`${own.state === 'down' ? '✕ ' : ''}${owner}`}
                  {differ > 0 && <i>{formatCount(differ)}</i>}
                </span>
              );
            })}
          </li>
        ))}
      </ul>
      <p class="note">
        Written to now: with a bar at the left. Beside an owner: its copies that differ, of all its shards.
      </p>
    </section>
  );
}

const SHARDS_MAX = 24;
