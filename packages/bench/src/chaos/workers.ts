import { setTimeout as pause } from 'node:timers/promises';
import type { ChildHost } from '@threadline/local-stack/child-host';
import { signalGroup } from '@threadline/local-stack/child';
import { startWorker, type RunningWorker, type WorkerEnvironment } from '../rig/worker.ts';
import type { Journal } from './journal.ts';

/** Several workers that are killed without warning and started again. */
export class Workers {
  readonly #host: ChildHost;
  readonly #environment: WorkerEnvironment;
  readonly #journal: Journal;
  readonly #places: (RunningWorker | null)[];
  readonly #restarts = new Set<Promise<void>>();
  readonly #killed: number[] = [];
  #started = 0;

  constructor(host: ChildHost, count: number, environment: WorkerEnvironment, journal: Journal) {
    this.#host = host;
    this.#environment = environment;
    this.#journal = journal;
    this.#places = Array.from({ length: count }, () => null);
  }

  /** Process ids of workers that were killed: whatever they still hold, nobody will finish. */
  get killed(): readonly number[] {
    return this.#killed;
  }

  async startAll(): Promise<void> {
    await Promise.all(this.#places.map((_, place) => this.#start(place)));
  }

  /** kill -9, and a new one after a while. A place whose worker is just being started again is left alone. */
  async kill(place: number, restartMs: number): Promise<void> {
    const worker = this.#places[place];
    if (!worker) return;
    this.#places[place] = null;
    await this.#end(worker, place);
    const restart = pause(restartMs).then(() => this.#start(place));
    this.#restarts.add(restart);
    void restart.finally(() => this.#restarts.delete(restart));
  }

  async killAll(): Promise<void> {
    await Promise.all(this.#restarts);
    for (const [place, worker] of this.#places.entries()) {
      if (worker) await this.#end(worker, place);
      this.#places[place] = null;
    }
  }

  async #end({ child }: RunningWorker, place: number): Promise<void> {
    this.#killed.push(child.pid);
    signalGroup(child.pid, 'SIGKILL');
    await child.exited;
    this.#journal.note(`killed worker ${place + 1} (process ${child.pid})`);
  }

  async #start(place: number): Promise<void> {
    this.#started += 1;
    this.#places[place] = await startWorker(
      this.#host,
      `worker-${place + 1}-${this.#started}`,
      this.#environment,
    );
  }
}
