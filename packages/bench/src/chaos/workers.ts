import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ChildHost } from '@threadline/local-stack/child-host';
import { signalGroup } from '@threadline/local-stack/child';
import { startWorker, type RunningWorker, type WorkerEnvironment } from '../rig/worker.ts';
import type { Journal } from './journal.ts';

/** Imported by a worker before all else, it makes its clock wrong by SKEW_MS. */
const skewedClock = resolve(import.meta.dirname, '../../../../worker/tests/support/skewed-clock.ts');

/** Several workers that are killed without warning and started again. */
export class Workers {
  readonly #host: ChildHost;
  readonly #environment: WorkerEnvironment;
  readonly #journal: Journal;
  readonly #places: (RunningWorker | null)[];
  readonly #restarts = new Set<Promise<void>>();
  readonly #killed: number[] = [];
  /** Process ids of workers that stand still. */
  readonly #still = new Set<number>();
  readonly #skewMinutes: number;
  #started = 0;

  constructor(
    host: ChildHost,
    { workers, skewMinutes }: { workers: number; skewMinutes: number },
    environment: WorkerEnvironment,
    journal: Journal,
  ) {
    this.#host = host;
    this.#environment = environment;
    this.#journal = journal;
    this.#skewMinutes = skewMinutes;
    this.#places = Array.from({ length: workers }, () => null);
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

  /** The process stands still, as in a virtual machine that is moved, and goes on as if nothing had been. */
  standStill(place: number, seconds: number): void {
    const worker = this.#places[place];
    if (!worker || this.#still.has(worker.child.pid)) return;
    const { pid } = worker.child;
    // Without one that goes on, nobody would take over what the others hold.
    const standing = this.#places.filter((other) => other && !this.#still.has(other.child.pid));
    if (standing.length <= 1) return;
    this.#still.add(pid);
    signalGroup(pid, 'SIGSTOP');
    this.#journal.note(`worker ${place + 1} stands still for ${seconds} s (process ${pid})`);
    const goOn = () => {
      this.#still.delete(pid);
      if (!worker.child.running()) return;
      signalGroup(pid, 'SIGCONT');
      this.#journal.note(`worker ${place + 1} goes on (process ${pid})`);
    };
    void pause(seconds * 1000, undefined, { ref: false }).then(goOn);
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
    this.#places[place] = await startWorker(this.#host, `worker-${place + 1}-${this.#started}`, {
      ...this.#environment,
      ...this.#clockOf(place),
    });
  }
  /** By turns ahead and behind. */
  #clockOf(place: number): Partial<WorkerEnvironment> {
    if (this.#skewMinutes === 0) return {};
    const skewMs = this.#skewMinutes * 60_000 * (place % 2 === 0 ? 1 : -1);
    return { NODE_OPTIONS: `--import=${skewedClock}`, SKEW_MS: String(skewMs) };
  }
}
