/**
 * The chart of a run while it goes on, drawn again and again in the same lines of a terminal, over the length of the whole run.
 * Elsewhere than on a terminal it is nothing. It is taken away at the end: the report that follows has the same chart.
 */
import { formatCount } from '../base/human.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import type { Series } from '../observe/result.ts';
import { drawChart } from '../report/chart.ts';
import { renderLines, span } from '../report/lines.ts';
import type { Plan } from '../scenario/plan.ts';
import { wantsColor } from './terminal.ts';
import type { Terminal } from './terminal.ts';

const REFRESH_MILLIS = 200;
const COLUMNS_MAX = 120;
const UP_AND_CLEAR = (lines: number): string => `\u001b[${lines}A\r\u001b[J`;

export class LiveChart {
  readonly #terminal: Terminal;
  readonly #plan: Plan;
  readonly #clock: VirtualClock;
  readonly #endMicros: number;
  readonly #color: boolean;
  #lines = 0;
  #shownMillis = -Infinity;

  constructor(terminal: Terminal, plan: Plan, color: boolean) {
    this.#color = color;
    this.#terminal = terminal;
    this.#plan = plan;
    this.#endMicros = plan.duration_micros + plan.settle_micros;
    this.#clock = new VirtualClock(plan.start, this.#endMicros);
  }

  /** Null where it is not asked for, or nobody would see it. */
  static of(terminal: Terminal, plan: Plan, asked: { noColor: boolean } | null): LiveChart | null {
    const { err, environment } = terminal;
    return asked === null || !err.isTerminal || environment.TERM === 'dumb'
      ? null
      : new LiveChart(terminal, plan, wantsColor(terminal, err, asked.noColor));
  }

  /** The series until now; asked for only when it is drawn. */
  show(look: () => Series, micros: number): void {
    const millis = this.#terminal.now();
    if (millis - this.#shownMillis < REFRESH_MILLIS) return;
    this.#shownMillis = millis;
    const text = this.#text(look(), micros);
    this.#terminal.err.write((this.#lines > 0 ? UP_AND_CLEAR(this.#lines) : '') + text);
    this.#lines = text.split('\n').length - 1;
  }

  clear(): void {
    if (this.#lines > 0) this.#terminal.err.write(UP_AND_CLEAR(this.#lines));
    this.#lines = 0;
    this.#shownMillis = -Infinity;
  }

  #text(series: Series, micros: number): string {
    const { err } = this.#terminal;
    const columns = Math.min(err.columns ?? COLUMNS_MAX, COLUMNS_MAX) - 1;
    const options = { columns, color: this.#color };
    const chart = drawChart(series, this.#endMicros, { columns, clock: this.#clock });
    const last = (column: string): number => series.columns[column]?.at(-1) ?? 0;
    const now = `${this.#clock.moment(micros)} · ${Math.floor((micros / this.#endMicros) * 100)} %`;
    const counts = `differ ${formatCount(last('divergent_copies'))} · wrong ${formatCount(last('wrong_copies'))}`;
    const head = [span(` ${now}`, 'bold'), `   ${counts} · hints ${formatCount(last('hints_pending'))}`];
    const name = [span(` ${this.#plan.name.replaceAll(/\s+/g, ' ')}`, 'dim')];
    return renderLines([name, head, ...(chart === null ? [] : [...chart.lines, ...chart.legend])], options);
  }
}
