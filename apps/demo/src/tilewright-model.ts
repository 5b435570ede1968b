import { isTilewrightError } from '@tilewright/kernels';
import { denseVariant } from '@tilewright/models/variants';
import { checkSettings } from './attributes.ts';
import { adapterText, bitsText, bytesText, fallbackTexts, rateText } from './facts.ts';
import { type LoadedVariant, type ModelHost, openModelHost } from './model-host.ts';
import { problemOf } from './problem.ts';
import { createView, type Settings, type View } from './view.ts';
import { type Step, writeText } from './write-text.ts';

type CheckedSettings = ReturnType<typeof checkSettings>;

const defaults: Settings = { variant: denseVariant.name, prompt: 'ROMEO:\n', temperature: 0.8, seed: 1 };

/**
 * `<tilewright-model src="…">`: a language model that writes in the page it stands in. Attributes: `src`, the address of
 * a model folder; `variant`, `prompt`, `temperature`, `seed`, `max-tokens`; `autoplay`. Events: `tilewright-finish` with
 * `{ text, tokens, tokensPerSecond }`, `tilewright-error` with `{ error }`.
 */
export class TilewrightModel extends HTMLElement {
  static readonly observedAttributes: readonly string[] = ['src', ...Object.keys(defaults)];

  readonly #view: View = createView(this.attachShadow({ mode: 'open' }), () => void this.#press());
  #host: ModelHost | undefined;
  #running: AbortController | undefined;

  connectedCallback(): void {
    for (const [name, value] of Object.entries(defaults))
      if (!this.hasAttribute(name)) this.#view.set({ [name]: value });
    this.#view.say('Nothing is fetched until you press Write.');
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (this.hasAttribute('autoplay') && !still) void this.#press();
  }

  disconnectedCallback(): void {
    this.#close();
  }

  attributeChangedCallback(name: string, before: string | null, value: string | null): void {
    if (value === before) return;
    if (name === 'src') this.#close();
    else this.#view.set({ [name]: value ?? defaults[name as keyof Settings] });
  }

  /** The address of the model folder, seen from the page. */
  get src(): string {
    return new URL(this.getAttribute('src') ?? '.', this.baseURI).href;
  }

  async #press(): Promise<void> {
    if (this.#running) {
      this.#running.abort();
      return;
    }
    const running = new AbortController();
    const view = this.#view;
    this.#running = running;
    view.setBusy(true);
    view.complain(undefined);
    try {
      const settings = checkSettings(view.settings(), (name) => this.getAttribute(name));
      await this.#write(settings, running.signal);
    } catch (error) {
      if (this.#running === running) this.#fail(error);
    } finally {
      // After #close, another press may be under way.
      if (this.#running === running) {
        this.#running = undefined;
        view.setBusy(false);
      }
    }
  }

  async #write(settings: CheckedSettings, signal: AbortSignal): Promise<void> {
    const view = this.#view;
    const options = {
      signal,
      onProgress: (what: string, part?: number) => {
        if (!signal.aborted) view.say(`${what} …`, part);
      },
    };
    view.write(settings.prompt, '');
    view.forget('speed', 'weights', 'bits', 'dispatches', 'moved');
    const host = this.#host ?? (await this.#open(options));
    const variant = await host.use(settings.variant, options);
    view.show({
      weights: bytesText(variant.weightBytes),
      bits: bitsText(variant.bitsPerWeight),
      adapter: adapterText(host.device),
      fallbacks: fallbackTexts(host.device, variant),
    });
    await this.#stream(host, variant, settings, signal);
  }

  async #open(options: Parameters<typeof openModelHost>[1]): Promise<ModelHost> {
    const host = await openModelHost(new URL(this.src), options);
    if (options.signal.aborted) {
      host.dispose();
      options.signal.throwIfAborted();
    }
    this.#host = host;
    void host.device.lost.then((error) => {
      if (this.#host !== host) return;
      this.#fail(error);
    });
    return host;
  }

  async #stream(
    host: ModelHost,
    variant: LoadedVariant,
    settings: CheckedSettings,
    signal: AbortSignal,
  ): Promise<void> {
    const view = this.#view;
    let last: Step | undefined;
    view.say('Writing …');
    try {
      for await (const step of writeText(host, variant, { ...settings, signal })) {
        last = step;
        view.write(step.given, step.text);
        view.say('Writing …', step.part);
        if (step.counted)
          view.show({
            speed: `${rateText(step.tokensPerSecond)} tokens/s`,
            dispatches: `${step.counted.dispatches} dispatches`,
            moved: bytesText(step.counted.movedBytes),
          });
      }
    } catch (error) {
      if (!isAborted(error)) throw error;
    }
    // Closed meanwhile: nobody waits for this any more.
    if (this.#host !== host) return;
    const { text = '', tokens = [], tokensPerSecond = 0 } = last ?? {};
    const why = signal.aborted ? 'Stopped after' : 'Done:';
    view.say(`${why} ${tokens.length} tokens, ${rateText(tokensPerSecond)} a second.`);
    this.dispatchEvent(new CustomEvent('tilewright-finish', { detail: { text, tokens, tokensPerSecond } }));
  }

  #fail(error: unknown): void {
    if (isAborted(error)) {
      this.#view.say('Stopped.');
      return;
    }
    // The next press needs a new device, or the room that this one holds.
    if (isTilewrightError(error) && /^(device-lost|out-of-memory)$/.test(error.code)) this.#close();
    this.#view.say('It did not work.');
    this.#view.complain(problemOf(error, this.src));
    this.dispatchEvent(new CustomEvent('tilewright-error', { detail: { error } }));
  }

  /** Stops whatever is under way, silently, and lets go of the device; the next press begins anew. */
  #close(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.#host?.dispose();
    this.#host = undefined;
    this.#view.forget();
    this.#view.setBusy(false);
  }
}

const isAborted = (error: unknown): boolean =>
  isTilewrightError(error)
    ? error.code === 'aborted'
    : error instanceof DOMException && error.name === 'AbortError';
