/* global document, FileReader, createImageBitmap */

/** Twilio takes ten files of 5 MB in all; phones shrink what they took with the camera. */
const mostPictures = 10;
const largestUntouched = 900_000;
const longestEdge = 1600;

/** Where a text is written and pictures are added. */
export class Composer {
  #form;
  #text;
  #attachments;
  #problem;
  #send;
  #pictures = [];

  /** @param onSend called with `{ body, pictures }`; a rejection puts everything back */
  constructor(form, onSend) {
    this.#form = form;
    this.#text = form.querySelector('textarea');
    this.#attachments = form.querySelector('#attachments');
    this.#problem = form.querySelector('.problem');
    this.#send = form.querySelector('.send');
    this.#listen(onSend);
  }

  focus() {
    this.#text.focus({ preventScroll: true });
  }

  #listen(onSend) {
    this.#text.addEventListener('input', () => this.#update());
    this.#text.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#form.requestSubmit();
    });
    this.#text.addEventListener('paste', (event) => {
      const files = [...event.clipboardData.files].filter(isPicture);
      if (files.length === 0) return;
      event.preventDefault();
      void this.#add(files);
    });
    const input = this.#form.querySelector('#pictures');
    input.addEventListener('change', () => {
      void this.#add([...input.files].filter(isPicture)).then(() => (input.value = ''));
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#submit(onSend);
    });
  }

  async #submit(onSend) {
    const draft = { body: this.#text.value.trim(), pictures: this.#pictures };
    if (draft.body === '' && draft.pictures.length === 0) return;
    this.#restore({ body: '', pictures: [] });
    try {
      await onSend(draft);
      this.#complain('');
    } catch (error) {
      this.#restore(draft);
      this.#complain(error.message);
    }
  }

  #restore({ body, pictures }) {
    this.#text.value = body;
    this.#pictures = pictures;
    this.#update();
  }

  async #add(files) {
    const room = mostPictures - this.#pictures.length;
    this.#complain(files.length > room ? `A text carries at most ${mostPictures} pictures.` : '');
    try {
      this.#pictures = [...this.#pictures, ...(await Promise.all(files.slice(0, room).map(readPicture)))];
    } catch {
      this.#complain('That picture could not be read.');
    }
    this.#update();
    this.focus();
  }

  #update() {
    this.#send.disabled = this.#text.value.trim() === '' && this.#pictures.length === 0;
    this.#text.style.height = 'auto';
    this.#text.style.height = `${Math.min(this.#text.scrollHeight, 132)}px`;
    this.#attachments.hidden = this.#pictures.length === 0;
    this.#attachments.replaceChildren(...this.#pictures.map((url, index) => this.#thumbnail(url, index)));
  }

  #thumbnail(url, index) {
    const item = document.createElement('li');
    const image = document.createElement('img');
    Object.assign(image, { src: url, alt: `Picture ${index + 1}` });
    const remove = document.createElement('button');
    Object.assign(remove, { type: 'button', textContent: '×', ariaLabel: `Remove picture ${index + 1}` });
    remove.addEventListener('click', () => {
      this.#pictures = this.#pictures.toSpliced(index, 1);
      this.#update();
      this.focus();
    });
    item.append(image, remove);
    return item;
  }

  #complain(text) {
    this.#problem.textContent = text;
    this.#problem.hidden = text === '';
  }
}

function isPicture(file) {
  return file.type.startsWith('image/');
}

/** A data URL; photographs are brought down to what a carrier takes. */
async function readPicture(file) {
  if (file.size <= largestUntouched || file.type === 'image/gif') return readDataUrl(file);
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, longestEdge / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext('2d').drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/jpeg', 0.85);
}

function readDataUrl(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
