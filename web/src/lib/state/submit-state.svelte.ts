import type { SubmitFunction } from '$app/forms';

/** A form on its way to the server. What was typed stays in its fields, whatever the answer. */
export class SubmitState {
  #isBusy = $state(false);

  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** For `use:enhance`. */
  readonly submit: SubmitFunction = () => {
    this.#isBusy = true;
    return async ({ update }) => {
      await update({ reset: false });
      this.#isBusy = false;
    };
  };
}
