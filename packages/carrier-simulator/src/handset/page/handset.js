/* global document, window, history, location, EventSource */
import { Composer } from './composer.js';
import { ConversationView } from './conversation-view.js';
import { FaultsForm, showMagicNumbers } from './faults-form.js';
import { formatPhoneNumber, hueOf, inventPhoneNumber, readPhoneNumber } from './phone-number.js';
import { PhonesView } from './phones-view.js';

const byId = (id) => document.getElementById(id);
const setup = JSON.parse(byId('setup').textContent);

const state = { phone: '', business: '' };
let events = null;

const conversation = new ConversationView(byId('conversation'));
const phones = new PhonesView(byId('phone-list'), pickUp);
const composer = new Composer(byId('composer'), sendText);
const faults = new FaultsForm(byId('faults'), byId('carrier-button'));

function start() {
  const address = new URLSearchParams(location.search);
  // A plus sign typed into the address bar arrives as a space.
  const named = (name) => readPhoneNumber((address.get(name) ?? '').replace(/^ /, '+'));
  fillBusinesses();
  showPhones(setup.phones);
  const business = setup.businesses.find(({ phoneNumber }) => phoneNumber === named('business'));
  const latest = setup.phones[0];
  choose({
    phone: named('phone') ?? latest?.phoneNumber ?? inventPhoneNumber(),
    business: business?.phoneNumber ?? latest?.business ?? setup.businesses[0].phoneNumber,
  });
  showMagicNumbers(setup.magic, { list: byId('magic'), twilioList: byId('magic-twilio'), onPick: pickUp });
  void faults.load();
  listen();
  tick();
  write();
}

/** Puts the cursor into the text field, unless that would bring up a keyboard over half the screen. */
function write() {
  if (window.matchMedia('(hover: hover)').matches) composer.focus();
}

function listen() {
  byId('business').addEventListener('change', (event) => choose({ business: event.target.value }));
  byId('someone-new').addEventListener('click', () => pickUp(inventPhoneNumber()));
  byId('new-phone').addEventListener('submit', usePhone);
  byId('suggestions').addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (button) void sendText({ body: button.textContent, pictures: [] }).catch(() => undefined);
  });
  byId('reset').addEventListener('click', () => void forgetEverything());
  byId('notice').addEventListener('click', (event) => {
    choose({ business: event.currentTarget.dataset.business });
    write();
  });
}

/** Changes the phone, the business or both, and follows with everything that hangs on them. */
function choose(choice) {
  const phoneChanged = choice.phone !== undefined && choice.phone !== state.phone;
  Object.assign(state, choice);
  const { phone, business } = state;
  history.replaceState(null, '', `/handset?${new URLSearchParams({ phone, business })}`);
  const { label } = setup.businesses.find(({ phoneNumber }) => phoneNumber === business) ?? {};
  document.title = `${formatPhoneNumber(phone)} · Handset`;
  byId('business').value = business;
  byId('peer-number').textContent = formatPhoneNumber(business);
  byId('own-number').textContent = `You are ${formatPhoneNumber(phone)}`;
  byId('peer-avatar').textContent = initials(label);
  byId('peer-avatar').style.setProperty('--hue', hueOf(business));
  byId('notice').hidden = true;
  phones.choose(phone);
  void loadConversation();
  if (phoneChanged) follow();
}

/** Takes another phone into the hand. */
function pickUp(phone) {
  choose({ phone });
  for (const sheet of document.querySelectorAll('.sheet:popover-open')) sheet.hidePopover();
  write();
}

function usePhone(event) {
  event.preventDefault();
  const input = byId('new-phone-number');
  const problem = byId('new-phone-problem');
  const phone = readPhoneNumber(input.value);
  const isBusiness = setup.businesses.some(({ phoneNumber }) => phoneNumber === phone);
  problem.textContent = isBusiness
    ? 'That is the business itself. Use a customer’s number.'
    : 'That is not a phone number. Try one like (312) 555-0142.';
  problem.hidden = phone !== null && !isBusiness;
  input.setAttribute('aria-invalid', String(!problem.hidden));
  if (!problem.hidden) {
    input.focus();
    return;
  }
  input.value = '';
  pickUp(phone);
}

/** Listens to what happens to this phone. */
function follow() {
  events?.close();
  events = new EventSource(`/handset/events?${new URLSearchParams({ phone: state.phone })}`);
  // Said on every connection: whatever was missed while there was none is fetched.
  events.addEventListener('hello', () => void Promise.all([loadConversation(), loadPhones()]));
  events.addEventListener('phones', (event) => showPhones(JSON.parse(event.data)));
  events.addEventListener('bubble', (event) => receive(JSON.parse(event.data)));
  events.addEventListener('reset', () => {
    void Promise.all([loadConversation(), loadPhones(), faults.load()]);
  });
}

/** How long a notice hides the header, in milliseconds. */
const noticeMs = 8000;

let noticeEnds = 0;
let phonesDue = 0;

function receive(bubble) {
  if (bubble.business === state.business) conversation.put(bubble);
  else if (bubble.side === 'theirs' && bubble.status === 'delivered') announce(bubble);
  clearTimeout(phonesDue);
  phonesDue = setTimeout(() => void loadPhones(), 300);
}

/** A text from another business slides in at the top, as on a phone. */
function announce({ business, body }) {
  const { label } = setup.businesses.find(({ phoneNumber }) => phoneNumber === business) ?? {};
  const notice = byId('notice');
  const name = document.createElement('strong');
  name.textContent = label || formatPhoneNumber(business);
  const text = document.createElement('span');
  text.textContent = body || 'Picture';
  notice.replaceChildren(name, text);
  notice.dataset.business = business;
  notice.hidden = false;
  clearTimeout(noticeEnds);
  noticeEnds = setTimeout(() => (notice.hidden = true), noticeMs);
}

async function loadConversation() {
  const { phone, business } = state;
  const answer = await fetch(`/handset/conversation?${new URLSearchParams({ phone, business })}`);
  const bubbles = await answer.json();
  if (phone === state.phone && business === state.business) conversation.show(bubbles);
}

async function loadPhones() {
  showPhones(await (await fetch('/handset/phones')).json());
}

function showPhones(listed) {
  const businesses = new Set(setup.businesses.map(({ phoneNumber }) => phoneNumber));
  const customers = listed.filter(({ phoneNumber }) => !businesses.has(phoneNumber));
  byId('recent-title').hidden = customers.length === 0;
  phones.show(customers);
}

async function sendText({ body, pictures }) {
  const { phone: from, business: to } = state;
  const text = { from, to, body, ...(pictures.length > 0 && { mediaUrls: pictures }) };
  const answer = await fetch('/control/inbound', { method: 'POST', body: JSON.stringify(text) }).catch(
    () => null,
  );
  if (!answer) throw new Error('The carrier is not running.');
  if (!answer.ok) throw new Error((await answer.json()).error);
}

async function forgetEverything() {
  if (!window.confirm('Forget all texts, faults and opt-outs of this carrier?')) return;
  await fetch('/control/reset', { method: 'POST' });
}

function fillBusinesses() {
  const select = byId('business');
  for (const { phoneNumber, label, carrier } of setup.businesses) {
    const name = label || formatPhoneNumber(phoneNumber);
    select.add(new window.Option(carrier ? `${name} (${carrier})` : name, phoneNumber));
  }
}

function initials(label = '') {
  const words = label.match(/[\p{L}\d]+/gu) ?? ['#'];
  return words
    .slice(0, 2)
    .map((word) => word[0].toUpperCase())
    .join('');
}

function tick() {
  byId('clock').textContent = new Intl.DateTimeFormat('en', {
    hour: 'numeric',
    minute: '2-digit',
    hour12: false,
  }).format();
  setTimeout(tick, 15_000);
}

start();
