// Installs Mesa's CPU driver through apt. Runs only when the user asked for it.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TilewrightError } from '@tilewright/kernels';

/** One file under `/etc/apt`. */
export interface AptSource {
  readonly path: string;
  readonly text: string;
}

/** Where the source of backports lies, but for what apt wants behind the name. */
const ownSource = '/etc/apt/sources.list.d/tilewright-backports';

/** Debian releases whose own Mesa is too old for Dawn. */
const needBackports = new Set(['bookworm']);

/**
 * Installs lavapipe: `mesa-vulkan-drivers`, from backports where the release's own is too old. The apt source for that
 * is there while apt works, and removed again.
 *
 * Throws `no-adapter` without apt, without root, or when apt fails, with apt's last words.
 */
export function installLavapipe(log: (line: string) => void): void {
  if (!existsSync('/usr/bin/apt-get'))
    throw refused('Mesa cannot be installed without apt-get', `${byHand} with the packages of this system`);
  if (process.getuid?.() !== 0)
    throw refused('only root may install packages', `run this as root, or ${byHand} yourself`);
  const codename = /^VERSION_CODENAME=(\S+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
  const backports = needBackports.has(codename);
  const added = backports ? backportsSource(readAptSources(), codename) : undefined;
  const release = backports ? ['-t', `${codename}-backports`] : [];
  log('adapter: installing mesa-vulkan-drivers with apt, as --system says');
  withSource(added, log, () => {
    apt(['update']);
    apt(['install', '-y', '--no-install-recommends', ...release, 'libvulkan1', 'mesa-vulkan-drivers']);
  });
}

/** Runs `install` while apt knows a source that it does not know otherwise; undefined adds none. */
export function withSource(
  source: AptSource | undefined,
  log: (line: string) => void,
  install: () => void,
): void {
  if (source === undefined) return install();
  log(`adapter: adding ${source.path} for this installation`);
  // Ctrl-C ends apt, which is told of it too, and not this process before the source is gone.
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const wait = (): void => {};
  for (const signal of signals) process.on(signal, wait);
  try {
    writeFileSync(source.path, source.text);
    install();
  } finally {
    rmSync(source.path, { force: true });
    log(`adapter: removed ${source.path}`);
    for (const signal of signals) process.off(signal, wait);
  }
}

/**
 * The apt source to add so that `<codename>-backports` is known, copied from the configured source of `codename`
 * itself, so that mirrors, snapshots and keys stay the user's own. Undefined where backports are configured already,
 * or where no source names the release.
 */
export function backportsSource(sources: readonly AptSource[], codename: string): AptSource | undefined {
  const wanted = `${codename}-backports`;
  let found: AptSource | undefined;
  for (const { path, text } of sources) {
    // What an installation that was killed left behind is ours to write and to remove again.
    if (path.startsWith(ownSource)) continue;
    const entries = path.endsWith('.sources') ? text.split(/\n\s*\n/) : text.split('\n');
    for (const entry of entries) {
      const oneLine = /^deb\s+(\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s/.exec(entry.trim());
      const suites = oneLine === null ? field(entry, 'Suites').split(/\s+/) : [oneLine[3] ?? ''];
      if (oneLine === null && (!path.endsWith('.sources') || /^no$/i.test(field(entry, 'Enabled')))) continue;
      if (suites.includes(wanted)) return undefined;
      if (!suites.includes(codename) || found !== undefined) continue;
      found =
        oneLine === null
          ? {
              path: `${ownSource}.sources`,
              text: `${entry.trim().replace(/^Suites:.*$/m, `Suites: ${wanted}`)}\n`,
            }
          : {
              path: `${ownSource}.list`,
              text: `deb ${oneLine[1] ?? ''}${oneLine[2]} ${wanted} main\n`,
            };
    }
  }
  return found;
}

const field = (stanza: string, name: string): string =>
  new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(stanza)?.[1]?.trim() ?? '';

function readAptSources(): readonly AptSource[] {
  const folder = '/etc/apt/sources.list.d';
  const listed = existsSync(folder) ? readdirSync(folder).map((file) => join(folder, file)) : [];
  return ['/etc/apt/sources.list', ...listed]
    .filter((path) => /\.(list|sources)$/.test(path) && existsSync(path))
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }));
}

function apt(args: readonly string[]): void {
  const { status, stderr, error } = spawnSync('apt-get', ['-q', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (status === 0) return;
  const words = error?.message ?? stderr.trim().split('\n').slice(-3).join(' ');
  throw refused(`apt-get ${args.join(' ')} failed: ${words}`, `${byHand} yourself`);
}

const byHand = 'install mesa-vulkan-drivers';

const refused = (problem: string, fix: string): TilewrightError =>
  new TilewrightError('no-adapter', { subject: 'adapter', problem, fix });
