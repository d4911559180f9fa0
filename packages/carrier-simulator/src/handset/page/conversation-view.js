/* global document, ResizeObserver */

const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'short', month: 'short', day: 'numeric' });

/** Texts further apart than this get a time between them, in milliseconds. */
const pauseMs = 20 * 60_000;

/** The bubbles of one conversation, kept in step with what the carrier says. */
export class ConversationView {
  #list;
  #bubbles = new Map();

  /** Whether the newest text is in view, and is to stay there when something above it grows. */
  #atEnd = true;

  constructor(list) {
    this.#list = list;
    list.addEventListener('scroll', () => (this.#atEnd = this.#isAtEnd()), { passive: true });
    // Pictures and fonts take their room late; `load` does not bubble, but it can be captured.
    list.addEventListener('load', () => this.#atEnd && this.#scrollToEnd('instant'), true);
    new ResizeObserver(() => this.#atEnd && this.#scrollToEnd('instant')).observe(list);
  }

  show(bubbles) {
    this.#bubbles = new Map(bubbles.map((bubble) => [bubble.sid, bubble]));
    this.#render();
    this.#scrollToEnd('instant');
  }

  /** Adds a bubble or brings it up to date. */
  put(bubble) {
    const isNew = !this.#bubbles.has(bubble.sid);
    this.#bubbles.set(bubble.sid, bubble);
    this.#render(isNew ? bubble.sid : undefined);
    if (this.#atEnd || bubble.side === 'mine') this.#scrollToEnd('smooth');
  }

  #render(arrived) {
    const bubbles = [...this.#bubbles.values()].sort((one, other) => one.at - other.at);
    const lastMine = bubbles.findLast(({ side }) => side === 'mine');
    const known = new Map([...this.#list.children].map((item) => [item.dataset.key, item]));
    const items = [];
    for (const [index, bubble] of bubbles.entries()) {
      const before = bubbles[index - 1];
      if (!before || bubble.at - before.at > pauseMs) items.push(timeItem(bubble.at));
      const after = bubbles[index + 1];
      const ends = after?.side !== bubble.side || after.at - bubble.at > 60_000;
      items.push(
        bubbleItem(bubble, { ends, showStatus: bubble === lastMine, arrived: bubble.sid === arrived }, known),
      );
    }
    this.#list.replaceChildren(...(items.length > 0 ? items : [emptyItem()]));
  }

  #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#list;
    return scrollHeight - scrollTop - clientHeight < 80;
  }

  #scrollToEnd(behavior) {
    this.#atEnd = true;
    this.#list.scrollTo({ top: this.#list.scrollHeight, behavior });
  }
}

/** An item already on the page is kept while it says the same, so that pictures and animations do not start anew. */
function bubbleItem(bubble, { ends, showStatus, arrived }, known) {
  const key = JSON.stringify([bubble, ends, showStatus]);
  const present = known.get(key);
  if (present) return present;
  const item = element('li', `bubble ${bubble.side} ${progress(bubble)}`);
  item.dataset.key = key;
  item.classList.toggle('ends', ends);
  item.classList.toggle('arrived', arrived);
  item.title = `${day.format(bubble.at)}, ${clock.format(bubble.at)}`;
  const speaker = element('span', 'hidden');
  speaker.textContent = { mine: 'You: ', theirs: 'Business: ', carrier: 'Carrier: ' }[bubble.side];
  item.append(speaker, ...bubble.media.map(picture));
  if (bubble.body !== '') {
    const text = element('p', bubbleSize(bubble));
    text.textContent = bubble.body;
    item.append(text);
  }
  const caption = captionOf(bubble, showStatus);
  if (caption) {
    const note = element('small', caption.isProblem ? 'caption problem' : 'caption');
    note.textContent = caption.text;
    item.append(note);
  }
  return item;
}

function progress({ side, status, settled }) {
  if (side === 'mine') return settled ? 'arrived-there' : 'on-its-way';
  if (status === 'undelivered' || status === 'failed') return 'lost';
  return status === 'delivered' || side === 'carrier' ? 'here' : 'on-its-way';
}

function captionOf({ side, status, errorCode, errorMessage, settled, webhookStatus }, showStatus) {
  if (side === 'carrier') return { text: 'Automatic answer from the carrier' };
  if (side === 'theirs') {
    if (status === 'queued' || status === 'accepted') return { text: 'Leaving the business…' };
    if (status === 'sending' || status === 'sent') return { text: 'On its way…' };
    return status === 'delivered'
      ? null
      : { text: `Never arrived: ${errorMessage} (${errorCode})`, isProblem: true };
  }
  if (!settled) return { text: 'Sending…' };
  if (webhookStatus === null) return { text: 'The business has no webhook', isProblem: true };
  if (webhookStatus === 0) return { text: 'The business does not answer', isProblem: true };
  if (webhookStatus >= 300) return { text: `The business answered ${webhookStatus}`, isProblem: true };
  return showStatus ? { text: 'Delivered' } : null;
}

/** One or two emoji alone are shown large, as phones do. */
function bubbleSize({ body, media }) {
  return media.length === 0 &&
    /^(\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?\s?){1,3}$/u.test(body)
    ? 'text emoji'
    : 'text';
}

function picture({ url, contentType }) {
  if (!contentType.startsWith('image/') && contentType !== 'application/octet-stream') {
    const link = element('a', 'file');
    Object.assign(link, { href: url, target: '_blank', rel: 'noreferrer', textContent: contentType });
    return link;
  }
  const image = element('img', 'picture');
  Object.assign(image, { src: url, alt: 'Picture', loading: 'lazy' });
  image.addEventListener('error', () => image.replaceWith(fallback()), { once: true });
  return image;
}

function fallback() {
  const note = element('span', 'file');
  note.textContent = 'Picture not available';
  return note;
}

function timeItem(at) {
  const item = element('li', 'time');
  item.dataset.key = `time ${at}`;
  const today = new Date(at).toDateString() === new Date().toDateString();
  item.textContent = today ? `Today ${clock.format(at)}` : `${day.format(at)}, ${clock.format(at)}`;
  return item;
}

function emptyItem() {
  const item = element('li', 'empty');
  item.textContent = 'No texts yet. Say hello.';
  return item;
}

function element(name, className) {
  const made = document.createElement(name);
  made.className = className;
  return made;
}
