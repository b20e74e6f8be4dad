/** The whole scenario file. What it means beyond shapes is checked where the plan is drawn. */
import { z } from 'zod';
import { cluster, data } from './cluster.ts';
import { expectation, model, observe, variant } from './expect.ts';
import { fault, repair } from './faults.ts';
import { operation } from './operations.ts';
import { duration, id, seedText, text } from './leaves.ts';
import { probe, workload } from './workload.ts';
import type { PointWorkload, TableWorkload } from './workload.ts';

const seeds = z.strictObject({
  faults: seedText.optional(),
  workload: seedText.optional(),
  tokens: seedText.optional(),
  network: seedText.optional(),
  rest: seedText.optional(),
});

export const scenario = z.strictObject({
  format: z.literal(1).describe('the format of this file: 1'),
  name: text.optional(),
  story: text.describe('Markdown, shown in the report').optional(),
  tags: z.array(text).optional(),
  extends: text.describe('a scenario that this one changes, its path relative to this file').optional(),
  database: text.describe('a database and its version, such as cassandra@4.1'),
  seed: seedText.optional(),
  seeds: seeds.describe('seeds of what is drawn apart, instead of seed').optional(),
  start: text.describe('an ISO instant: the clock time of time 0').optional(),
  duration,
  settle: duration.describe('how long messages in flight may land after the clients stopped').optional(),
  cluster,
  data,
  workload: z.record(id, workload).optional(),
  faults: z.record(id, fault).optional(),
  operations: z.record(id, operation).optional(),
  repairs: z.record(id, repair).optional(),
  probes: z.record(id, probe).optional(),
  observe: observe.optional(),
  expect: z.record(id, expectation).optional(),
  variants: z.record(id, variant).optional(),
  model: model.optional(),
});

/** A scenario whose shape holds, its leaves read. */
export type Scenario = z.output<typeof scenario>;
export type ScenarioFault = NonNullable<Scenario['faults']>[string];
export type ScenarioRepair = NonNullable<Scenario['repairs']>[string];
export type ScenarioRepairOf<K extends ScenarioRepair['repair']> = Extract<ScenarioRepair, { repair: K }>;
export type ScenarioOperation = NonNullable<Scenario['operations']>[string];
export type ScenarioWorkload = TableWorkload;
export type ScenarioPoints = PointWorkload;
export type ScenarioProbe = NonNullable<Scenario['probes']>[string];
export type ScenarioExpectation = NonNullable<Scenario['expect']>[string];
export type ScenarioTable = Scenario['data']['tables'][string];
