/**
 * The methods paragraph of a study, as one would put it into a paper: every number comes from its manifest and from the runs
 * that ended, so it says what was done and not what was meant.
 */
import { formatShare, plural } from '../base/human.ts';
import type { StudySummary } from '../studies/sweep/summary.ts';
import type { Axis, Manifest, StudyResults } from '../studies/sweep/study.ts';

export function methodsText(manifest: Manifest, summary: StudySummary, results: StudyResults | null): string {
  const { name, version, model_hash: model, database, scenario, cells, seeds } = manifest;
  const { done, seedsUsed: used } = summary;
  const failed = summary.failed.length;
  const sentences = [
    `Runs were simulated with Reconverge ${version} (program ${model.slice(0, 16)}) as ${database}, from the scenario ${scenario.file}.`,
    `${factorsText(manifest)} This gives ${plural(cells.length, 'cell')}.`,
    `Each cell was repeated with ${used} of ${plural(seeds.length, 'seed')} (${seedsText(seeds.slice(0, used))}), the same in every cell: ${plural(done, 'run')} ended${failed === 0 ? '' : ` and ${failed} failed and are left out`}.`,
    variedText(manifest),
    stopText(manifest, summary.looks),
    results === null ? '' : `The fingerprint of all runs is ${results.fingerprint}.`,
    repeatsText(manifest, results),
    'Intervals are Student’s t of the mean over seeds, at 95 %; below five seeds none is given.',
  ];
  const notModelled = manifest.not_modelled.map((text) => `- ${text}`);
  return [
    `# Methods: ${name}`,
    sentences.filter(Boolean).join(' '),
    ...(notModelled.length === 0 ? [] : ['Not modelled:', notModelled.join('\n')]),
    'The manifest study.json holds the study, the scenario and every file that it reads: `reconverge sweep study.json` repeats it.\n',
  ].join('\n\n');
}

function repeatsText({ repeats }: Manifest, results: StudyResults | null): string {
  if (repeats === undefined) return '';
  const { version, model_hash: model, results: before } = repeats;
  const text = `The study had been done before with Reconverge ${version} (program ${model.slice(0, 16)})`;
  if (before === null || results === null) return `${text}; whether its runs were the same is not known.`;
  const isSame = before.runs === results.runs && before.fingerprint === results.fingerprint;
  return `${text}: its runs were ${isSame ? 'the same' : 'not the same'}.`;
}

function factorsText({ axes, cells }: Manifest): string {
  const repairs = [...new Set(cells.map((cell) => cell.repairs).filter((id) => id !== null))];
  const crossed = axes
    .filter(({ isSampled }) => !isSampled)
    .map(({ path, values }) => `${path} (${values.length} values)`);
  const sampled = axes.filter(({ isSampled }) => isSampled);
  const parts = [
    ...(repairs.length === 0 ? [] : [`repairs (${repairs.join(', ')})`]),
    ...crossed,
    ...(sampled.length === 0 ? [] : [latinText(sampled)]),
  ];
  return parts.length === 0 ? 'Nothing was varied but the seed.' : `Varied were ${parts.join(' × ')}.`;
}

function latinText(sampled: readonly Axis[]): string {
  return `a Latin hypercube of ${sampled[0].values.length} points over ${sampled.map(({ path }) => path).join(', ')}`;
}

function seedsText(seeds: readonly string[]): string {
  return seeds.length < 4 ? seeds.join(', ') : `${seeds[0]}, ${seeds[1]}, … ${seeds[seeds.length - 1]}`;
}

function variedText({ held, seeds }: Manifest): string {
  if (held.length === 0) return '';
  return `The draws for ${held.join(', ')} were those of seed ${seeds[0]} in all runs.`;
}

function stopText({ stop, measures }: Manifest, looks: StudySummary['looks']): string {
  if (stop === null) return 'The number of seeds was fixed before.';
  const width = stop.isShare ? `${formatShare(stop.halfWidth)} of the mean` : String(stop.halfWidth);
  const rule = `The study was to end at the first look at which the half width of the interval of ${measures[stop.measure].metric} was at most ${width} in every cell, at ${formatShare(stop.confidence)} shared by Bonferroni among ${plural(stop.looks.length, 'look')} (after ${stop.looks.join(', ')} seeds).`;
  const last = looks.at(-1);
  if (last === undefined) return `${rule} No look was taken yet.`;
  const found = last.isEnough ? 'it ended there' : `${plural(last.wide, 'cell')} still wider`;
  return `${rule} ${plural(looks.length, 'look')} ${looks.length === 1 ? 'was' : 'were'} taken, the last after ${last.seeds} seeds: ${found}.`;
}
