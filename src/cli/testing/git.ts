/** Files of a git revision, by `git show`: what it holds, and clear words where there is no repository or no such revision. */
import { spawnSync } from 'node:child_process';
import { dirname, relative } from 'node:path';
import { commandMistake } from '../command-mistake.ts';

const OUTPUT_BYTES_MAX = 300e6;

interface Answer {
  ok: boolean;
  text: string;
}

/** One revision of the repositories that files lie in. */
export type RevisionOf = (absolute: string) => Revision;

/** The revision of that name in the repository of each file; git is asked once for each folder. */
export function revisions(name: string): RevisionOf {
  const byFolder = new Map<string, Revision>();
  return (absolute) => {
    const folder = dirname(absolute);
    const revision = byFolder.get(folder) ?? new Revision(name, folder);
    byFolder.set(folder, revision);
    return revision;
  };
}

export class Revision {
  readonly name: string;
  readonly #top: string;
  readonly #commit: string;

  /** @throws MistakeError outside a repository, without git, and where the revision is unknown */
  constructor(name: string, folder: string) {
    const top = git(folder, ['rev-parse', '--show-toplevel']);
    if (!top.ok)
      throw commandMistake('C112', `${folder} is not in a git repository`, {
        expected: 'scenarios under git, to compare them with --against',
        found: top.text.split('\n')[0],
      });
    const commit = git(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
    if (!commit.ok && !git(folder, ['rev-parse', '--verify', '--quiet', 'HEAD']).ok)
      throw commandMistake('C113', `the repository of ${folder} has no commit yet`, {
        expected: 'a commit to compare with: git commit first',
        found: name,
      });
    if (!commit.ok)
      throw commandMistake('C113', `${name} is no revision of this repository`, {
        expected: 'a branch, a tag or a commit, such as origin/main',
        notes: ['in CI the history must be there: fetch-depth: 0, or git fetch origin main'],
      });
    this.name = name;
    this.#top = top.text.trim();
    this.#commit = commit.text.trim();
  }

  /** Null where the revision does not hold the file. */
  textOf(absolute: string): string | null {
    const path = relative(this.#top, absolute).replaceAll('\\', '/');
    const shown = git(this.#top, ['show', `${this.#commit}:${path}`]);
    return shown.ok ? shown.text : null;
  }

  /** Those of the files that were changed and not committed. */
  dirtyAmong(absolute: readonly string[]): string[] {
    const status = git(this.#top, ['status', '--porcelain', '-z', '--', ...absolute]);
    return status.text.split('\0').flatMap((line) => (line.length > 3 ? [line.slice(3)] : []));
  }
}

function git(folder: string, words: readonly string[]): Answer {
  const options = { cwd: folder, encoding: 'utf8', maxBuffer: OUTPUT_BYTES_MAX } as const;
  const { status, stdout, stderr, error } = spawnSync('git', [...words], options);
  if (error !== undefined && 'code' in error && error.code === 'ENOENT')
    throw commandMistake('C112', 'git is not installed', { expected: 'the program git, for --against' });
  return { ok: status === 0, text: status === 0 ? stdout : stderr.trim() };
}
