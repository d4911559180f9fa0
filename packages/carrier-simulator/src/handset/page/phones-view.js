/* global document */
import { formatPhoneNumber, hueOf } from './phone-number.js';

const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });

/** The phones that can be picked up, latest first. */
export class PhonesView {
  #list;
  #onPick;
  #phones = [];
  #current = '';
  /** When each phone was last looked at; a later text makes it unread. */
  #seen = new Map();

  constructor(list, onPick) {
    this.#list = list;
    this.#onPick = onPick;
    list.addEventListener('click', (event) => {
      const phone = event.target.closest('button')?.dataset.phone;
      if (phone) this.#onPick(phone);
    });
  }

  show(phones) {
    // What was there before the page was opened counts as read.
    if (this.#phones.length === 0) for (const { phoneNumber, at } of phones) this.#seen.set(phoneNumber, at);
    this.#phones = phones;
    this.#render();
  }

  choose(phone) {
    this.#current = phone;
    this.#render();
  }

  #render() {
    const listed = this.#phones.some(({ phoneNumber }) => phoneNumber === this.#current);
    const fresh = { phoneNumber: this.#current, preview: 'A new phone', at: 0 };
    const phones = listed || this.#current === '' ? this.#phones : [fresh, ...this.#phones];
    this.#list.replaceChildren(...phones.map((phone) => this.#item(phone)));
  }

  #item({ phoneNumber, preview, at }) {
    const isCurrent = phoneNumber === this.#current;
    if (isCurrent) this.#seen.set(phoneNumber, at);
    const item = document.createElement('li');
    const button = document.createElement('button');
    button.type = 'button';
    button.dataset.phone = phoneNumber;
    if (isCurrent) button.setAttribute('aria-current', 'true');
    button.append(
      part('span', 'avatar', phoneNumber.slice(-2)),
      part('span', 'number', formatPhoneNumber(phoneNumber)),
      part('time', 'faint', at ? clock.format(at) : ''),
      part('span', 'preview faint', preview),
    );
    button.firstElementChild.style.setProperty('--hue', hueOf(phoneNumber));
    button.firstElementChild.ariaHidden = 'true';
    if (at > (this.#seen.get(phoneNumber) ?? 0)) button.append(part('span', 'unread', 'New'));
    item.append(button);
    return item;
  }
}

function part(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
