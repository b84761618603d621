/**
 * Where code may reach. Each comment is what a contributor reads when the rule fails: it says where the code belongs.
 * @type {import('dependency-cruiser').IConfiguration}
 */
const meetInCompose = (folder, uses = []) => ({
  name: `${folder}-meets-the-others-in-compose`,
  severity: 'error',
  comment:
    `src/${folder} may import ${['itself', 'src/core', ...uses.map((used) => `src/${used}`)].join(', ')} only. What it needs of ` +
    'another folder is a port in src/core/ports.ts, ' +
    'and src/app/compose.ts joins the two: so each side can be run and tested without the other.',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: `^src/(${[folder, 'core', ...uses].join('|')})/` },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Two files that need each other are one file, or both need a third.',
      from: {},
      to: { circular: true, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'core-is-pure',
      severity: 'error',
      comment:
        'src/core decides: values in, values out. It imports nothing else of ours and no SDK, file or network module; ' +
        'an act belongs in a shell (consumer, loaders, aws), its port in src/core/ports.ts.',
      from: { path: '^src/core/' },
      to: { pathNot: ['^src/core/', '^node_modules/zod/', '^(node:)?crypto$'] },
    },
    meetInCompose('consumer'),
    // What is pure is called directly: there is nothing to put in its place.
    meetInCompose('loaders', ['datasets', 'reader', 'sql']),
    meetInCompose('look', ['sql']),
    meetInCompose('sql'),
    meetInCompose('schema', ['sql']),
    meetInCompose('doctor', ['loaders', 'schema', 'sql']),
    meetInCompose('backfill'),
    meetInCompose('observe'),
    meetInCompose('datasets'),
    meetInCompose('reader'),
    meetInCompose('aws'),
    {
      name: 'settings-read-anything',
      severity: 'error',
      comment:
        'src/settings reads settings for the service and the stack and knows none of them: a setting of the service is ' +
        'in src/app/settings.ts, one of the stack in infra/settings.',
      from: { path: '^src/settings/' },
      to: { pathNot: ['^src/settings/', '^node_modules/zod/'] },
    },
    {
      name: 'aws-sdk-at-the-edge',
      severity: 'error',
      comment: 'An AWS call is a method on a port in src/core/ports.ts and an adapter in src/aws.',
      from: { path: '^src/', pathNot: '^src/aws/' },
      to: { path: '^node_modules/@aws-sdk/' },
    },
    {
      name: 'pino-and-prom-client-in-observe',
      severity: 'error',
      comment: 'Emit an event (src/core/events.ts); src/observe turns events into log lines and metrics.',
      from: { path: '^src/', pathNot: '^src/observe/' },
      to: { path: '^node_modules/(pino|prom-client)/' },
    },
    {
      name: 'packages-stand-alone',
      severity: 'error',
      comment:
        'packages/ is the other side of the wire: it speaks HTTP and imports nothing of the service, so that a mistake ' +
        "in the service's COPY builder is not mirrored by the same mistake in the COPY parser.",
      from: { path: '^packages/' },
      to: { path: '^(src|infra|bench|simulation|mutation)/' },
    },
    {
      name: 'redshift-local-stands-alone',
      severity: 'error',
      comment:
        'packages/redshift-local is a package for everybody: with its tests, it imports only itself and what npm installs.',
      from: { path: '^packages/redshift-local/' },
      to: { pathNot: ['^packages/redshift-local/', '^node_modules/'], dependencyTypesNot: ['core'] },
    },
    {
      name: 'packages-meet-at-their-entry',
      severity: 'error',
      comment: 'Import another package by its name: what its entry does not export is not for others. Export it there.',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/', pathNot: ['^packages/$1/', '^packages/[^/]+/src/index\\.ts$'] },
    },
    {
      name: 'service-meets-packages-at-two-commands',
      severity: 'error',
      comment:
        'The same program runs on AWS and on the embedded stack; only endpoints differ. Only the commands that start the ' +
        'embedded stack (local, demo) import it, and by its name.',
      from: { path: '^src/', pathNot: '^src/(demo/|cli/commands/(local|demo)\\.ts$)' },
      to: { path: '^packages/' },
    },
    {
      name: 'service-imports-local-stack-by-name',
      severity: 'error',
      comment: 'The packed program finds packages by their names only.',
      from: { path: '^src/' },
      to: { path: '^packages/', pathNot: '^packages/local-stack/src/index\\.ts$' },
    },
    {
      name: 'no-folder-cycles',
      severity: 'error',
      comment:
        'Two folders that need each other are one folder, or both need a third. What the inner folders of a room share is ' +
        'in one of them, not beside them.',
      scope: 'folder',
      from: { path: '^(packages|src|infra)/' },
      to: { circular: true },
    },
    {
      name: 'cli-on-top',
      severity: 'error',
      comment: 'src/cli is the outermost layer; what others need of it belongs in a folder below.',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'pulumi-in-infra',
      severity: 'error',
      comment: 'The image of the service carries no Pulumi; what makes the stack is in infra/.',
      from: { pathNot: '^(infra|test/infra)/' },
      to: { path: '^node_modules/(@pulumi|pulumi)/' },
    },
    {
      name: 'plans-are-pure',
      severity: 'error',
      comment:
        'What a stack is made of is decided in pure files: values in, values out. What creates resources is in a file ' +
        'create-*.ts beside them; only the files that join the topics know Pulumi too.',
      from: { path: '^infra/', pathNot: ['^infra/(context|outputs|program)\\.ts$', '/create-[^/]+\\.ts$'] },
      to: { path: '^node_modules/@pulumi/' },
    },
    {
      name: 'infra-knows-settings-only',
      severity: 'error',
      comment:
        'The stack shares with the service how settings are read, the settings of the service and their checks, and ' +
        'nothing else: it must plan without starting any of it. And the service does not know how it was brought up.',
      from: { path: '^infra/' },
      to: {
        path: '^src/',
        pathNot: ['^src/settings/', '^src/(app/(config|settings|stack-outputs)|core/sql/sql-literal)\\.ts$'],
      },
    },
    {
      name: 'service-does-not-know-infra',
      severity: 'error',
      comment: 'What the stack tells the service is settings: src/app/stack-outputs.ts lists them.',
      from: { path: '^src/' },
      to: { path: '^infra/' },
    },
    {
      name: 'no-test-in-product',
      severity: 'error',
      comment: 'The product does not know that it is tested.',
      from: { path: '^(src|bench|infra)/' },
      to: { path: '^test/', pathNot: '^test/support/' },
    },
    {
      name: 'no-test-support-in-product',
      severity: 'error',
      comment: 'The product does not know that it is tested.',
      from: { path: '^(src|packages/[^/]+/src)/' },
      to: { path: ['^test/', '^packages/[^/]+/test/'] },
    },
    {
      name: 'no-dev-dependency-in-service',
      severity: 'error',
      comment: 'The image, and whoever installs a package, has production dependencies only.',
      from: { path: '^(src|packages/[^/]+/src)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'declared-dependencies',
      severity: 'error',
      comment: 'Add the package to package.json: what is only there because another package brought it can go any day.',
      from: { path: '^(src|packages|test|bench)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'] },
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'This import leads nowhere.',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^packages/[^/]+/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
