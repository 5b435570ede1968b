// The table of docs/coverage.md: which kernel runs with which storage and formats on which adapters. Made from the registry, so
// that it says what the checks cover.
import {
  type Capabilities,
  defaultLimits,
  type Feature,
  type KernelCheck,
  type WeightFormat,
} from '@tilewright/kernels';
import { kernelFolders } from './files.mjs';

const features: ReadonlySet<Feature> = new Set(['shader-f16', 'subgroups', 'subgroup_id']);
const device = (more: Partial<Capabilities>): Capabilities => ({
  features,
  limits: defaultLimits,
  subgroupMinSize: 0,
  subgroupMaxSize: 0,
  software: false,
  vendor: '',
  architecture: '',
  ...more,
});

/** Adapters that differ in what they allow; all with default limits. */
const adapters: Readonly<Record<string, Capabilities>> = {
  'no features': device({ features: new Set() }),
  SwiftShader: device({
    features: new Set(['subgroups', 'subgroup_id']),
    subgroupMinSize: 4,
    subgroupMaxSize: 4,
    software: true,
  }),
  lavapipe: device({ subgroupMinSize: 8, subgroupMaxSize: 8, software: true }),
  'GPU, subgroups of 32': device({ subgroupMinSize: 32, subgroupMaxSize: 32 }),
  'GPU, subgroups of 8 to 32': device({ subgroupMinSize: 8, subgroupMaxSize: 32 }),
};

/** docs/coverage.md as the registry has it. */
export function coverageTable(registry: readonly KernelCheck[]): string {
  const head = ['kernel', 'storage', 'weight formats checked', ...Object.keys(adapters)];
  const folders = new Map(kernelFolders().map(({ name, path }) => [name, path]));
  const rows = registry.map((check) => {
    const { kernel } = check;
    const { name, dtypes } = kernel.definition;
    return [
      `[${name}](../packages/kernels/src/${folders.get(name)}/README.md)`,
      dtypes.join(', '),
      formatsOf(check).join(', ') || '',
      ...Object.values(adapters).map((capabilities) => variantsOn(check, capabilities)),
    ];
  });
  return `# What runs where

Made from the registry of kernels by a test (\`npx vitest run tooling/src/docs.test.ts -u\` writes it anew). For each adapter: the
variants that come first for the cases of the kernel's check, f32 and f16 storage alike, and how many cases have none, where some do. All adapters
have default limits. \`npx tilewright doctor\` says what the adapter at hand allows.

${[head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}
`;
}

function formatsOf({ kernel, cases, workloads }: KernelCheck): string[] {
  if (!Object.values(kernel.inputs).some(({ dtype }) => dtype === 'weight')) return [];
  const given = [...cases, ...workloads].map(
    ({ formats = {} }): WeightFormat | undefined => Object.values(formats)[0],
  );
  return [...new Set(given.map((format) => format?.name ?? 'f32'))].sort();
}

/** `subgroups, baseline (2 of 14 cases: none)`. */
function variantsOn({ kernel, cases }: KernelCheck, capabilities: Capabilities): string {
  const floats = Object.entries({ ...kernel.inputs, ...kernel.outputs })
    .filter(([, { dtype = 'float' }]) => dtype === 'float')
    .map(([name]) => name);
  const firsts = cases.flatMap((input) =>
    kernel.definition.dtypes.map((dtype) => {
      const { axes, options, scalars, formats, slots, dtypes } = input;
      const all = Object.fromEntries(floats.map((name) => [name, dtype]));
      const problem = kernel.problem({
        axes,
        ...(options && { options }),
        ...(scalars && { scalars }),
        ...(formats && { formats }),
        ...(slots && { slots }),
        dtypes: { ...all, ...dtypes },
      });
      return kernel.plans(problem, capabilities)[0]?.variant;
    }),
  );
  const names = [...new Set(firsts)].filter((name) => name !== undefined).sort();
  const none = firsts.filter((name) => name === undefined).length;
  return names.join(', ') + (none > 0 ? ` (${none} of ${firsts.length} cases: none)` : '');
}
