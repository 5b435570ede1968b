// What the element shows: the only file that knows its markup. Everything here keeps its size while text comes.
import type { Problem } from './problem.ts';
import css from './style.css';
import { variants } from '@tilewright/models/variants';
import html from './view.html';

/** What the form says. */
export interface Settings {
  readonly variant: string;
  readonly prompt: string;
  readonly temperature: number;
  readonly seed: number;
}

const factNames = ['speed', 'weights', 'bits', 'dispatches', 'moved', 'adapter', 'fallbacks'] as const;
type FactName = (typeof factNames)[number];
export type Facts = Readonly<Record<FactName, string | readonly string[]>>;

export interface View {
  readonly settings: () => Settings;
  readonly set: (settings: Partial<Settings>) => void;
  readonly setBusy: (busy: boolean) => void;
  /** A line for eyes and screen readers, and how far a long task is, from 0 to 1. */
  readonly say: (status: string, part?: number) => void;
  readonly write: (given: string, written: string) => void;
  readonly show: (facts: Partial<Facts>) => void;
  /** Takes back what was shown: these facts, or all. */
  readonly forget: (...names: FactName[]) => void;
  readonly complain: (problem: Problem | undefined) => void;
}

/** Fills `root`; `onPress` hears of the button, and of Enter in the form's fields. */
export function createView(root: ShadowRoot, onPress: () => void): View {
  root.innerHTML = `<style>${css}</style>${html}`;
  const find = <Kind extends Element>(selector: string): Kind => root.querySelector<Kind>(selector)!;
  const form = find<HTMLFormElement>('form');
  const button = find<HTMLButtonElement>('button');
  const variant = find<HTMLSelectElement>('select');
  const prompt = find<HTMLTextAreaElement>('textarea');
  const temperature = find<HTMLInputElement>('[name=temperature]');
  const seed = find<HTMLInputElement>('[name=seed]');
  const status = find('.status');
  const gauge = find<HTMLElement>('.gauge div');
  const text = find('.text');
  const given = find('.given');
  const written = find('.written');
  const problem = find('.problem');

  variant.append(...variants.map(({ name, label }) => new Option(`${name}: ${label}`, name)));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    onPress();
  });
  prompt.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit(button);
  });
  const show = (facts: Partial<Facts>): void => {
    for (const [name, value] of Object.entries(facts)) {
      const lines = typeof value === 'string' ? [value] : value;
      find(`.${name}`).replaceChildren(
        ...lines.map((line) => Object.assign(document.createElement('p'), { textContent: line })),
      );
    }
  };
  const forget = (...names: FactName[]): void =>
    show(Object.fromEntries((names.length > 0 ? names : factNames).map((name) => [name, '–'])));
  forget();

  return {
    settings: () => ({
      variant: variant.value,
      prompt: prompt.value,
      temperature: temperature.valueAsNumber,
      seed: seed.valueAsNumber,
    }),
    set(settings) {
      if (settings.variant !== undefined) variant.value = settings.variant;
      if (settings.prompt !== undefined) prompt.value = settings.prompt;
      if (settings.temperature !== undefined) temperature.value = String(settings.temperature);
      if (settings.seed !== undefined) seed.value = String(settings.seed);
    },
    setBusy(busy) {
      button.textContent = busy ? 'Stop' : 'Write';
      button.classList.toggle('stop', busy);
      button.formNoValidate = busy;
      // Told once when it is done, not word by word.
      text.setAttribute('aria-busy', String(busy));
    },
    say(line, part = 0) {
      if (status.textContent !== line) status.textContent = line;
      gauge.style.transform = `scaleX(${part})`;
    },
    write(before, after) {
      const atEnd = text.scrollHeight - text.scrollTop - text.clientHeight < 48;
      given.textContent = before;
      written.textContent = after;
      if (atEnd) text.scrollTop = text.scrollHeight;
    },
    show,
    forget,
    complain(found) {
      problem.replaceChildren();
      if (!found) return;
      const details = document.createElement('details');
      details.innerHTML = '<summary>What the library says</summary><p></p>';
      details.lastElementChild!.textContent = found.detail;
      problem.append(found.sentence, details);
    },
  };
}
