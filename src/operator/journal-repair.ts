/**
 * Repair commands as nodes and nodetool write them (cassandra.j6 to j8): one trail for each command with the lines of its
 * standard output, and the coordinator's lines about the command and its sessions in the log. What happens within a session:
 * `journal-jobs.ts`. Wording by version: `repair-words.ts`.
 */
import { RECORD } from '../data/records.ts';
import type { TokenRange } from '../data/tokens.ts';
import { isAtLeast } from '../dialect/cassandra/versions.ts';
import type { World } from '../run/world.ts';
import { isIncremental } from '../scenario/entry-kinds.ts';
import { durationWords, javaList } from './java-text.ts';
import { JobJournal } from './journal-jobs.ts';
import type { CommandTrail, JournalOptions, LogLine, RareRecord, SessionTrail } from './journal-types.ts';
import { previewText } from './preview-words.ts';
import {
  failureLines,
  logPrefix,
  progressPercent,
  rangesText,
  sessionFailedText,
  startText,
  successLines,
} from './repair-words.ts';

export class RepairJournal {
  /** By number of the world's command, in the order of their start. */
  readonly trails = new Map<number, CommandTrail>();
  readonly #o: JournalOptions;
  readonly #log: (line: LogLine) => void;
  readonly #jobs: JobJournal;
  readonly #numbers: number[];
  readonly #sessions = new Map<number, SessionTrail>();

  constructor(options: JournalOptions, log: (line: LogLine) => void) {
    this.#o = options;
    this.#log = log;
    this.#jobs = new JobJournal(options, log);
    this.#numbers = options.plan.nodes.map(() => 0);
  }

  uuidOf(command: number): string {
    return this.trails.get(command)?.uuid ?? '?';
  }

  rangesOf(command: number, node: number): readonly TokenRange[] {
    const trail = this.trails.get(command);
    if (trail === undefined) return [];
    const plans = trail.command.plans.value;
    return plans
      .filter(({ neighbours }) => node === trail.command.node || neighbours.includes(node))
      .flatMap(({ ranges }) => ranges);
  }

  /** What has changed without a record of its own. */
  look(world: World, { micros, kind }: Pick<RareRecord, 'micros' | 'kind'>): void {
    this.#jobs.look(world, micros, COMPARING.has(kind));
  }

  finish(world: World): void {
    this.#jobs.finish(world);
  }

  take(world: World, record: RareRecord): void {
    const { kind, node, a } = record;
    // cassandra.j7: the commands of a node are counted from the start of its process.
    if (kind === RECORD.nodeStarted) this.#numbers[node] = 0;
    else if (kind === RECORD.nodeCrashed || kind === RECORD.nodeStopped) this.#connectionClosed(record);
    else if (kind === RECORD.repairStarted) this.#started(world, record);
    else if (kind === RECORD.repairPrepared) this.#prepared(record);
    else if (kind === RECORD.repairFinished || kind === RECORD.repairFailed) this.#ended(record);
    else if (SESSION_KINDS.has(kind)) {
      this.#openSessions(world, a, record.micros);
      const session = this.#sessions.get(a);
      if (session === undefined) return;
      this.#jobs.take(world, record, session);
      if (kind === RECORD.sessionFinished) this.#sessionFinished(session, record.micros);
      else if (kind === RECORD.sessionFailed) this.#sessionFailed(session, record.micros);
    }
  }

  // ---------------------------------------------------------------- a command

  #started(world: World, { micros, node, a: id }: RareRecord): void {
    const command = world.repairs.state.commands.get(id);
    if (command === undefined) return;
    const { plan, line, names } = this.#o;
    const { keyspace } = plan.tables[command.tables[0]];
    const layout = world.host.holdersOf(command.tables[0]);
    const trail: CommandTrail = {
      ...{ command, keyspace, number: 0, uuid: names.timeUuid(micros, id, node), output: [] },
      ...{ sessions: new Map(), preparedMicros: micros, sessionsEnded: 0, isOver: false },
    };
    this.trails.set(id, trail);
    if (world.cluster.running[node] === 0) {
      this.#print(trail, micros, refusedText(names.addresses[node]), true);
      trail.isOver = true;
    } else if (layout.copies < 2) {
      // cassandra.b2: there is no command.
      this.#print(trail, micros, `Replication factor is 1. No repair is needed for keyspace '${keyspace}'`);
      trail.isOver = true;
    } else {
      this.#numbers[node] += 1;
      trail.number = this.#numbers[node];
      const text = startText({ plan, line, command, layout, keyspace, number: trail.number, uuid: trail.uuid });
      this.#both(trail, micros, text);
    }
  }

  #prepared({ micros, a: id }: RareRecord): void {
    const trail = this.trails.get(id);
    if (trail === undefined) return;
    trail.preparedMicros = micros;
    if (!this.#isConsistent(trail)) return;
    const of = `of incremental repair session ${trail.uuid}`;
    this.#tell(trail, micros, `Beginning coordination ${of}`, COORDINATOR);
    this.#tell(trail, micros, `Beginning prepare phase ${of}`, COORDINATOR);
  }

  #ended({ micros, kind, a: id }: RareRecord): void {
    const trail = this.trails.get(id);
    if (trail === undefined || trail.isOver) return;
    trail.isOver = true;
    const { line } = this.#o;
    const { command, number, uuid } = trail;
    const { preview } = command.asked.value.options;
    const words = { line, number, preview, duration: durationWords(micros - command.startMicros) };
    const isWell = kind === RECORD.repairFinished;
    if (this.#isConsistent(trail) && command.isPrepared) this.#tellOutcome(trail, micros, isWell);
    if (isWell && preview !== 'none') {
      for (const text of previewText({ preview, syncs: this.#jobs.syncsOf(id), options: this.#o }))
        this.#both(trail, micros, text);
    }
    const isBefore = trail.sessions.size === 0;
    const reason = this.#reasonOf(trail);
    if (!isWell && isBefore) this.#tell(trail, micros, `Repair ${uuid} failed:`, this.#commandFile, 'ERROR');
    const lines = isWell ? successLines(words) : failureLines(words, isBefore ? reason : null);
    for (const text of lines) this.#print(trail, micros, text);
    const last = lines.find((text) => text.startsWith(`Repair command #${number} finished`));
    if (last !== undefined) this.#tell(trail, micros, last, this.#commandFile);
  }

  #tellOutcome(trail: CommandTrail, micros: number, isWell: boolean): void {
    const { uuid } = trail;
    const lines = isWell
      ? [
          `Finalization proposal for repair session ${uuid} accepted by all participants.`,
          `Committing finalization of repair session ${uuid}`,
          `Incremental repair session ${uuid} completed`,
        ]
      : [`Incremental repair session ${uuid} failed`];
    for (const text of lines) this.#tell(trail, micros, text, COORDINATOR);
  }

  /** The process of a coordinator has ended: nodetool loses its connection. */
  #connectionClosed({ micros, node }: RareRecord): void {
    for (const trail of this.trails.values()) {
      if (trail.isOver || trail.command.node !== node) continue;
      trail.isOver = true;
      const of = `JMX connection closed. You should check server log for repair status of keyspace ${trail.keyspace}`;
      const text = `error: [${this.#o.clock.stamp(micros)}] ${of}(Subsequent keyspaces are not going to be repaired).`;
      this.#print(trail, micros, text, true);
    }
  }

  // ---------------------------------------------------------------- its sessions

  /** At the first word of one of them: all were opened together. */
  #openSessions(world: World, id: number, micros: number): void {
    if (this.#sessions.has(id)) return;
    const { sessions } = world.repairs.state;
    const trail = this.trails.get(sessions.get(id)?.command ?? 0);
    if (trail === undefined) return;
    const isConsistent = this.#isConsistent(trail);
    const opened = isConsistent ? micros : trail.preparedMicros;
    if (isConsistent)
      this.#tell(trail, opened, `Incremental repair session ${trail.uuid} successfully prepared.`, COORDINATOR);
    const own = [...sessions.values()].filter(({ command }) => command === trail.command.id);
    for (const session of own.sort((left, right) => left.id - right.id)) {
      const uuid = this.#o.names.timeUuid(opened, session.id, trail.command.node);
      const known = { session, uuid, trail };
      trail.sessions.set(session.id, known);
      this.#sessions.set(session.id, known);
      this.#tell(trail, opened, this.#newSessionText(known), 'RepairSession.java');
    }
  }

  #newSessionText({ session, uuid, trail }: SessionTrail): string {
    const { plan, line, names } = this.#o;
    const { command } = trail;
    const neighbours = session.replicas.slice(0, -1).map((node) => names.endpoint(node));
    const all = [names.endpoint(command.node), ...neighbours].join(', ');
    const tables = javaList(command.tables.map((table) => plan.tables[table].name));
    const ranges = rangesText(line, session.ranges.value);
    const of = (range: string): string =>
      `new session: will sync ${all} on range ${range} for ${trail.keyspace}.${tables}`;
    const prefix = logPrefix(command.asked.value.options.preview, uuid);
    if (!isAtLeast(line, '4.0')) return `${prefix} ${of(ranges)}`;
    const skipped = command.hasSkippedReplicas;
    const common = `CommonRange{endpoints=${javaList(neighbours)}, transEndpoints=[], ranges=${ranges}, hasSkippedReplicas=${skipped}}`;
    return `${prefix} parentSessionId = ${trail.uuid}: ${of(common)}`;
  }

  #sessionFinished({ session, uuid, trail }: SessionTrail, micros: number): void {
    const { line } = this.#o;
    const { preview } = trail.command.asked.value.options;
    const word = isAtLeast(line, '2.2') ? 'Session' : 'session';
    this.#tell(trail, micros, `${logPrefix(preview, uuid)} ${word} completed successfully`, 'RepairSession.java');
    const text = `Repair session ${uuid} for range ${rangesText(line, session.ranges.value)} finished`;
    trail.sessionsEnded += 1;
    this.#tell(trail, micros, text, this.#commandFile);
    this.#print(trail, micros, text + this.#progress(trail));
    // cassandra.c3: the last of them, if all went well, is followed at once by the proposal.
    const isLast = trail.sessionsEnded === trail.sessions.size && trail.command.failures === 0;
    if (isLast && this.#isConsistent(trail))
      this.#tell(trail, micros, `Proposing finalization of repair session ${trail.uuid}`, COORDINATOR);
  }

  #sessionFailed({ session, uuid, trail }: SessionTrail, micros: number): void {
    const { line } = this.#o;
    const { preview } = trail.command.asked.value.options;
    const reason = this.#reasonOf(trail);
    const isDead = reason.startsWith('Cannot proceed on repair');
    const word = isAtLeast(line, '2.2') ? 'Session' : 'session';
    const why = isDead ? reason : `${word} completed with the following error`;
    this.#tell(trail, micros, `${logPrefix(preview, uuid)} ${why}`, 'RepairSession.java', 'ERROR');
    const text = `Repair session ${uuid} for range ${rangesText(line, session.ranges.value)} failed with error ${reason}`;
    trail.sessionsEnded += 1;
    this.#tell(trail, micros, text, this.#commandFile, 'ERROR');
    const printed = sessionFailedText(line, trail.number, text);
    this.#print(trail, micros, isAtLeast(line, '4.0') ? printed : printed + this.#progress(trail));
  }

  #progress({ command, sessionsEnded }: CommandTrail): string {
    const ranges = command.plans.value.reduce((sum, plan) => sum + plan.ranges.length, 0);
    const percent = progressPercent(this.#o.line, sessionsEnded, ranges);
    return percent === null ? '' : ` (progress: ${percent}%)`;
  }

  // ---------------------------------------------------------------- words

  /** Of an incremental repair since 4.0 (cassandra.c2). */
  #isConsistent({ command }: CommandTrail): boolean {
    return isAtLeast(this.#o.line, '4.0') && isIncremental(command.asked.value.options);
  }

  get #commandFile(): string {
    if (!isAtLeast(this.#o.line, '2.2')) return 'StorageService.java';
    return isAtLeast(this.#o.line, '5.0') ? 'RepairCoordinator.java' : 'RepairRunnable.java';
  }

  #reasonOf({ command, uuid }: CommandTrail): string {
    const { lastFailure } = command;
    if (lastFailure === '') return `Incremental repair session ${uuid} has failed`;
    const withUuids = lastFailure.replace(
      /(session (?:with session id )?\(?)(\d+)/g,
      (_all, before: string, id: string) => {
        return before + this.uuidOf(Number(id));
      },
    );
    return this.#o.names.withEndpoints(withUuids);
  }

  #both(trail: CommandTrail, micros: number, text: string): void {
    this.#tell(trail, micros, text, this.#commandFile);
    this.#print(trail, micros, text);
  }

  #print({ output }: CommandTrail, micros: number, text: string, isBare = false): void {
    output.push({ micros, text, isBare });
  }

  #tell({ command }: CommandTrail, micros: number, text: string, file: string, level: LogLine['level'] = 'INFO'): void {
    this.#log({ micros, node: command.node, level, file, text });
  }
}

const COORDINATOR = 'CoordinatorSession.java';

const SESSION_KINDS: ReadonlySet<number> = new Set([
  RECORD.validationRequested,
  RECORD.validationStarted,
  RECORD.validationFinished,
  RECORD.treeReceived,
  RECORD.treesCompared,
  RECORD.streamStarted,
  RECORD.streamFinished,
  RECORD.sessionFinished,
  RECORD.sessionFailed,
]);

const COMPARING: ReadonlySet<number> = new Set([RECORD.treesCompared, RECORD.treesVisited, RECORD.rangeDiffered]);

/** What any nodetool says to a process that does not run. */
export function refusedText(address: string): string {
  return `nodetool: Failed to connect to '${address}:7199' - ConnectException: 'Connection refused (Connection refused)'.`;
}
