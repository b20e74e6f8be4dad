/** What the marks of the ring mean, in plain words. */
import { JOB_WORDS } from './node-words.ts';

export function RingLegend() {
  return (
    <details class="ring-legend">
      <summary>What the marks mean</summary>
      <dl>
        <dt>
          <svg width="22" height="22" aria-hidden="true">
            <circle class="node-track" cx="11" cy="11" r="8" />
            <circle class="node-gauge" cx="11" cy="11" r="8" stroke-dasharray="20 60" transform="rotate(-90 11 11)" />
          </svg>
        </dt>
        <dd>
          the part of the circle that is drawn thick: copies of the node that differ; the fullest circle is the run’s
          worst node
        </dd>
        <dt class="node-hints">✉ 120</dt>
        <dd>hints that wait for the node, at the end of the stretch of time</dd>
        <dt>
          <svg width="26" height="12" aria-hidden="true">
            <path class="link-writes" d="M0 6 H26" stroke-width="4" />
          </svg>
        </dt>
        <dd>writes between two nodes; the thicker, the more</dd>
        <dt>
          <svg width="26" height="12" aria-hidden="true">
            <path class="link-hints" d="M0 6 H26" />
          </svg>
        </dt>
        <dd>hints that are delivered</dd>
        <dt>
          <svg width="26" height="12" aria-hidden="true">
            <path class="link-stream" d="M0 6 H26" />
          </svg>
        </dt>
        <dd>rows that a repair streams</dd>
        <dt>
          <svg width="26" height="14" aria-hidden="true" class="link-cut">
            <path d="M0 7 H26" />
            <text x="13" y="12">
              ✕
            </text>
          </svg>
        </dt>
        <dd>cut, in one way or both</dd>
        {Object.values(JOB_WORDS).map(({ short, long }) => (
          <>
            <dt class="node-jobs">{short}</dt>
            <dd>{long}</dd>
          </>
        ))}
      </dl>
    </details>
  );
}
