import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backportsSource, installLavapipe, withSource } from './system-packages.ts';

const list = (text: string) => ({ path: '/etc/apt/sources.list', text });
const sources = (text: string) => ({ path: '/etc/apt/sources.list.d/debian.sources', text });

test('the backports source copies the one-line source of the release, options and all', () => {
  const text =
    '# deb http://old.example/debian bookworm main\n' +
    'deb http://mirror.example/debian-security bookworm-security main\n' +
    'deb [signed-by=/usr/share/keyrings/k.gpg] http://mirror.example/debian bookworm main contrib\n';
  expect(backportsSource([list(text)], 'bookworm')).toEqual({
    path: '/etc/apt/sources.list.d/tilewright-backports.list',
    text: 'deb [signed-by=/usr/share/keyrings/k.gpg] http://mirror.example/debian bookworm-backports main\n',
  });
});

test('the backports source copies the deb822 stanza of the release, key and all', () => {
  const text =
    'Types: deb\nURIs: http://mirror.example/security\nSuites: bookworm-security\nComponents: main\n\n' +
    'Types: deb\nURIs: http://off.example/debian\nSuites: bookworm\nComponents: main\nEnabled: no\n\n' +
    'Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\nSigned-By:\n -----BEGIN\n .\n x\n';
  expect(backportsSource([sources(text)], 'bookworm')).toEqual({
    path: '/etc/apt/sources.list.d/tilewright-backports.sources',
    text: 'Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm-backports\nComponents: main\nSigned-By:\n -----BEGIN\n .\n x\n',
  });
});

test('nothing is added where backports are configured or the release is not', () => {
  const bookworm = 'deb http://mirror.example/debian bookworm main\n';
  const backports =
    'Types: deb\nURIs: http://b.example/debian\nSuites: bookworm-backports\nComponents: main\n';
  expect(backportsSource([list(bookworm), sources(backports)], 'bookworm')).toBeUndefined();
  expect(backportsSource([list(bookworm)], 'trixie')).toBeUndefined();
});

test('what a killed installation left behind is written anew, and so removed', () => {
  const bookworm = 'deb http://mirror.example/debian bookworm main\n';
  const left = {
    path: '/etc/apt/sources.list.d/tilewright-backports.list',
    text: 'deb http://mirror.example/debian bookworm-backports main\n',
  };
  expect(backportsSource([list(bookworm), left], 'bookworm')).toEqual(left);
});

test('a source is there while packages are installed, named, and gone afterwards, also where that fails', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-apt-'));
  const source = { path: join(folder, 'backports.list'), text: 'deb http://mirror.example x main\n' };
  const lines: string[] = [];
  const log = (line: string): void => void lines.push(line);
  let seen = '';
  const listeners = process.listenerCount('SIGINT');
  withSource(source, log, () => {
    seen = readFileSync(source.path, 'utf8');
    expect(process.listenerCount('SIGINT')).toBe(listeners + 1);
  });
  expect(process.listenerCount('SIGINT')).toBe(listeners);
  expect(seen).toBe(source.text);
  expect(existsSync(source.path)).toBe(false);
  const broken = (): void => {
    throw new Error('the mirror has none');
  };
  expect(() => withSource(source, log, broken)).toThrow('the mirror has none');
  expect(existsSync(source.path)).toBe(false);
  const both = [`adapter: adding ${source.path} for this installation`, `adapter: removed ${source.path}`];
  expect(lines).toEqual([...both, ...both]);
  withSource(undefined, log, () => (seen = 'installed'));
  expect(seen).toBe('installed');
  expect(lines).toHaveLength(4);
  rmSync(folder, { recursive: true });
});

test('without root nothing is installed', () => {
  const { getuid } = process;
  process.getuid = () => 1000;
  try {
    expect(() => installLavapipe(() => {})).toThrow(
      /^\[adapter\] (only root may install packages\. Fix: run this as root, or install mesa-vulkan-drivers yourself|Mesa cannot be installed without apt-get\. Fix: install mesa-vulkan-drivers with the packages of this system)\.$/,
    );
  } finally {
    if (getuid !== undefined) process.getuid = getuid;
  }
});
