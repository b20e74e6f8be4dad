/**
 * The layers: which folder of `src` may import which (docs/architecture.md, "Folders"). A folder absent from a list is forbidden.
 * `types` names what may be imported for its types alone (docs/decisions/0005): such an import leaves no trace in the program.
 */
const LAYERS = {
  base: { may: [] },
  kernel: { may: ['base'] },
  device: { may: ['base', 'kernel'] },
  data: { may: ['base'] },
  replica: { may: ['base', 'kernel', 'device', 'data'] },
  repair: { may: ['base', 'kernel', 'device', 'data', 'replica'] },
  dialect: { may: ['base', 'kernel', 'device', 'data', 'replica', 'repair'] },
  scenario: { may: ['base', 'data'] },
  observe: { may: ['base', 'data'], types: ['kernel'] },
  run: { may: ['base', 'kernel', 'device', 'data', 'replica', 'repair', 'dialect', 'scenario', 'observe'] },
  operator: {
    may: ['base', 'kernel', 'device', 'data', 'replica', 'repair', 'dialect', 'scenario', 'observe', 'run'],
  },
  studies: { may: ['base', 'kernel', 'data', 'run', 'scenario', 'observe'] },
  report: { may: ['base'], types: ['data', 'observe', 'studies'] },
  /** The page: whatever is pure, as the core runs in it too. */
  viewer: {
    may: [
      ...['base', 'kernel', 'device', 'data', 'replica', 'repair', 'dialect', 'scenario', 'observe', 'run'],
      ...['operator', 'studies', 'report'],
    ],
  },
};

/** Single files that are open to more folders than their own folder is. */
const CONTRACTS = '^src/(scenario/(plan|plan-expectation|plan-points|dialect-rules)|observe/result)[.]ts$';
const DRAWING = '^src/kernel/(random|distributions|zipf)[.]ts$';
/** Which kinds of plan entries belong together; it knows nothing but the plan. */
const ENTRY_FAMILIES = '^src/scenario/entry-kinds[.]ts$';

const folders = (names) => `^src/(${names.join('|')})/`;

/** What a folder may import at run time: itself, what stands below it, and single files that are open to it. */
function mayImport(name, { may }) {
  const allowed = [folders([name, ...may])];
  if (name === 'scenario') allowed.push(DRAWING);
  if (name === 'dialect') allowed.push(ENTRY_FAMILIES);
  return allowed;
}

const layerRules = Object.entries(LAYERS).flatMap(([name, layer]) => {
  const values = mayImport(name, layer);
  const types = [...values, CONTRACTS, ...(layer.types ? [folders(layer.types)] : [])];
  return [
    {
      name: `${name}-imports`,
      severity: 'error',
      comment: `src/${name} may import ${layer.may.join(', ') || 'nothing'}`,
      from: { path: `^src/${name}/` },
      to: { path: '^src/', pathNot: values, dependencyTypesNot: ['type-only'] },
    },
    {
      name: `${name}-imports-types`,
      severity: 'error',
      comment: `src/${name} may import types from ${[...layer.may, ...(layer.types ?? [])].join(', ') || 'nothing'}`,
      from: { path: `^src/${name}/` },
      to: { path: '^src/', pathNot: types, dependencyTypes: ['type-only'] },
    },
  ];
});

module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'strategies-stand-alone',
      severity: 'error',
      comment: 'Adding a strategy touches its file, its registration and its test.',
      from: { path: '^src/repair/strategies/([^/]+)[.]ts$' },
      to: { path: '^src/repair/strategies/', pathNot: '^src/repair/strategies/$1[.]ts$' },
    },
    {
      name: 'nothing-imports-the-entries',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/(index[.]ts$|cli/)' },
    },
    {
      name: 'machine-only-in-cli',
      severity: 'error',
      comment: 'Only cli touches node: the core also runs in a browser.',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'yargs-only-in-cli',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: 'node_modules/yargs/' },
    },
    {
      name: 'colours-only-where-text-is-made',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli|report)/' },
      to: { path: 'node_modules/picocolors/' },
    },
    {
      name: 'no-development-packages',
      severity: 'error',
      comment: 'The page is built into one file: what it uses is in it.',
      from: { path: '^src/', pathNot: '^src/viewer/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'A file that nothing reaches is dead.',
      from: {
        path: '^src/',
        orphan: true,
        pathNot: '^src/(index|cli/main|base/mistake-codes)[.]ts$|^src/viewer/main[.]tsx$|[.]d[.]ts$',
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
