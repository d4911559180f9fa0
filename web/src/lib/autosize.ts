/** An attachment that makes a textarea as tall as its text, up to its max-height; `text` makes it look again. */
export function autosize(text: () => string): (textarea: HTMLTextAreaElement) => void {
  return (textarea) => {
    text();
    textarea.style.height = 'auto';
    textarea.style.height = `${textarea.scrollHeight}px`;
  };
}
