/* global document, window */
import { formatPhoneNumber } from './phone-number.js';

const reasons = [
  [21612, 'Cannot be routed'],
  [21610, 'Recipient opted out'],
  [21211, 'Number is not valid'],
  [21614, 'Not a mobile number'],
  [20003, 'Sign-in fails'],
  [20500, 'Carrier breaks down (500)'],
  [63038, 'Daily limit reached'],
  [30003, 'Later: phone is off'],
  [30005, 'Later: not in service'],
  [30006, 'Later: landline'],
  [30007, 'Later: filtered as spam'],
  [30008, 'Later: no reason given'],
];

const twilioMeanings = {
  21211: 'Number is not valid',
  21612: 'Cannot be routed',
  21408: 'Region is switched off',
  21610: 'Recipient opted out',
  21614: 'Not a mobile number',
};

/** The levers of the carrier. Moving one takes effect at once. */
export class FaultsForm {
  #form;
  #state;
  #button;

  constructor(form, button) {
    this.#form = form;
    this.#state = form.querySelector('#faults-state');
    this.#button = button;
    const select = form.elements.error;
    for (const [code, reason] of reasons) select.add(new window.Option(`${reason} (${code})`, String(code)));
    form.addEventListener('input', () => this.#describe());
    form.addEventListener('change', () => void this.#apply());
    form.addEventListener('submit', (event) => event.preventDefault());
    form.querySelector('#faults-off').addEventListener('click', () => void this.clear());
  }

  async load() {
    this.#fill(await (await fetch('/control/faults')).json());
  }

  async clear() {
    await this.#put({});
  }

  async #apply() {
    const settings = {};
    for (const slider of this.#form.querySelectorAll('input[type=range]')) {
      if (Number(slider.value) > 0) settings[slider.name] = Number(slider.value);
    }
    if (settings.rejectRate) settings.error = Number(this.#form.elements.error.value);
    const { seed } = this.#form.elements;
    if (seed.value !== '') settings.seed = Number(seed.value);
    await this.#put(settings);
  }

  async #put(settings) {
    const answer = await fetch('/control/faults', { method: 'PUT', body: JSON.stringify(settings) });
    const body = await answer.json();
    if (answer.ok) this.#fill(body, settings.seed);
    else this.#state.textContent = body.error;
  }

  #fill(faults, chosenSeed) {
    for (const slider of this.#form.querySelectorAll('input[type=range]')) slider.value = faults[slider.name];
    const { error, seed } = this.#form.elements;
    if (![...error.options].some(({ value }) => value === String(faults.error))) {
      error.add(new window.Option(String(faults.error), String(faults.error)));
    }
    error.value = String(faults.error);
    seed.value = chosenSeed ?? '';
    this.#state.dataset.seed = faults.seed;
    this.#describe();
  }

  #describe() {
    let active = 0;
    for (const slider of this.#form.querySelectorAll('input[type=range]')) {
      const value = Number(slider.value);
      if (value > 0) active += 1;
      const output = slider.closest('label').querySelector('output');
      output.textContent =
        value === 0 ? 'off' : slider.name.endsWith('Ms') ? seconds(value) : `${Math.round(value * 100)} %`;
      output.classList.toggle('on', value > 0);
      slider.style.setProperty('--share', value / Number(slider.max));
    }
    this.#button.classList.toggle('active', active > 0);
    this.#state.textContent =
      active === 0
        ? 'Everything works.'
        : `${active === 1 ? 'One fault' : `${active} faults`} on, seed ${this.#state.dataset.seed}.`;
  }
}

function seconds(milliseconds) {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${milliseconds / 1000} s`;
}

/** Lists the numbers that fail on purpose; ours can be picked up, Twilio's belong to nobody. */
export function showMagicNumbers({ ours, twilio }, { list, twilioList, onPick }) {
  for (const { phoneNumber, code, meaning } of ours) {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(
      part('span', formatPhoneNumber(phoneNumber)),
      part('span', meaning),
      part('code', code ?? '–'),
    );
    button.addEventListener('click', () => onPick(phoneNumber));
    list.append(inItem(button));
  }
  for (const { phoneNumber, code } of twilio) {
    const row = document.createElement('div');
    row.append(
      part('span', formatPhoneNumber(phoneNumber)),
      part('span', twilioMeanings[code] ?? ''),
      part('code', code),
    );
    twilioList.append(inItem(row));
  }
}

function part(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function inItem(content) {
  const item = document.createElement('li');
  item.append(content);
  return item;
}
