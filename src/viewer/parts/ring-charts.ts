/**
 * Small charts of the parts of the token ring, in the order of the ring: copies that differ in each, at the moments at which
 * the run was counted; and the sentence that says what the parts are. They add up to the copies of the whole cluster.
 */
import { formatCount } from '../../base/human.ts';
import { unpackNumbers } from '../../observe/view/packed-numbers.ts';
import type { RingCourse, RingCoursePart } from '../../observe/view/ring-course.ts';
import type { SmallChart } from '../../report/page/overview-charts.ts';

/** Tokens are shown in these, with two decimals: the ring is 18.45 of them. */
const TOKEN_UNIT = 1e18;
const NODES_SHOWN = 4;

export function ringCharts({ parts, times, copies }: RingCourse): SmallChart[] {
  const moments = unpackNumbers(times);
  return parts.map((part, index) => ({
    label: `${tokenText(part.left)} to ${tokenText(part.right)}`,
    place: nodesText(part),
    chart: {
      id: `ring-${index + 1}`,
      title: `Copies that differ of tokens above ${part.left} up to ${part.right}`,
      what: 'copies',
      unit: 'count',
      isStacked: false,
      times: moments,
      lines: [
        { id: 'divergent_copies', label: 'differ', meaning: '', tone: 'purple', values: unpackNumbers(copies[index]) },
      ],
    },
  }));
}

/** What the parts are, how many moments were counted, and in what tokens are written. */
export function ringText({ fold, ranges, parts, times }: RingCourse): string {
  const what =
    fold === 'ranges'
      ? `Each range of the ring (${parts.length}), with the nodes that hold it`
      : `${parts.length} equal parts of the ring, into which its ${formatCount(ranges)} ranges are folded by token`;
  const moments = unpackNumbers(times).length;
  return `Copies that differ, all on one scale. ${what}; tokens in 10¹⁸. Counted at ${moments} moments, joined by lines; at each, the parts add up to the copies of the whole cluster.`;
}

function nodesText({ nodes }: RingCoursePart): string {
  const shown = nodes.slice(0, NODES_SHOWN).join(' ');
  return nodes.length > NODES_SHOWN ? `${shown} +${nodes.length - NODES_SHOWN}` : shown;
}

function tokenText(token: string): string {
  return (Number(token) / TOKEN_UNIT).toFixed(2).replace('-', '−');
}
